"""Which pairs of languages a translator serves, directly or by way of a third language. For all local translators."""

from collections.abc import Collection, Iterable

from dragoman.ground.engines import EngineInfo, LanguagePair
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name

Chain = tuple[LanguagePair, ...]
"""The pairs that a sentence goes through: one, or two with a language between them."""


def find_chains(
    pairs: Iterable[LanguagePair], *, by_way_of: Language | None = None, apart: Collection[Language] = ()
) -> dict[LanguagePair, Chain]:
    """Say how each pair is translated: by itself, else by two of ``pairs`` over a third language.

    Only over ``by_way_of``, if it is given; without it over the first that fits, in the order of ``pairs``. Languages
    that are ``apart`` are not translated into each other over a third.
    """
    direct = list(pairs)
    chains: dict[LanguagePair, Chain] = {pair: (pair,) for pair in direct}
    for source, middle in direct:
        for start, target in direct:
            both_apart = source in apart and target in apart
            if start == middle and source != target and not both_apart and by_way_of in {None, middle}:
                chains.setdefault((source, target), ((source, middle), (middle, target)))
    return chains


def chain_name(chain: Chain) -> str:
    """Name a chain as ``model_used`` does: ``en-es+es-fr``."""
    return "+".join(f"{source}-{target}" for source, target in chain)


def require_pair(info: EngineInfo, source: Language, target: Language) -> None:
    """Raise ``LanguageNotSupported``, which names what is possible, unless the engine translates the pair."""
    if (source, target) not in info.pairs:
        choices = [target for start, target in sorted(info.pairs) if start == source]
        possible = f"from there it translates into {describe_languages(choices)}" if choices else "it does not read it"
        named = f"{language_name(source)} into {language_name(target)}"
        raise LanguageNotSupported(f"{info.label} does not translate {named}; {possible}")
