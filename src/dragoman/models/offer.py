"""Say which directions work now, and which models would add more for how many megabytes. For ``dragoman doctor``.

Plain functions over values; store.py gives the models, the engines that are built in say what they can.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from dragoman.ground.engines import LanguagePair
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.models.families import RECOGNISERS, VOICES
from dragoman.models.store import StoredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a machine can do, by language."""

    recognised: frozenset[Language] = frozenset()
    pairs: frozenset[LanguagePair] = frozenset()
    """Source and target that a translator takes in one call; chains through a third language only if listed."""
    voices: frozenset[Language] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOnOffer:
    """A model as this page needs it."""

    id: str
    languages: tuple[Language, ...] = ()
    """Recognised."""
    pairs: tuple[LanguagePair, ...] = ()
    voices: tuple[Language, ...] = ()
    """Spoken."""
    download_bytes: int
    installed: bool
    recommended: bool = True
    """Only these are proposed; an installed one counts in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Somebody speaks ``source``; somebody else reads, and perhaps hears, ``target``."""

    source: Language
    target: Language
    voice: bool
    """Dubbed as well; otherwise captions only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The cheapest models that make conversations possible."""

    conversations: tuple[LanguagePair, ...]
    """Pairs of languages that would work both ways."""
    models: tuple[str, ...]
    download_bytes: int

    @property
    def download_mb(self) -> int:
        return round(self.download_bytes / 1e6)

    @property
    def command(self) -> str:
        return f"dragoman models pull {' '.join(self.models)}"


def on_offer(models: Iterable[StoredModel]) -> tuple[ModelOnOffer, ...]:
    """Take from the store's list what matters here."""
    return tuple(
        ModelOnOffer(
            id=model.id,
            languages=model.languages if model.engine in RECOGNISERS else (),
            pairs=model.pairs,
            voices=model.languages if model.engine in VOICES else (),
            download_bytes=model.size_bytes,
            installed=model.usable,
            recommended=model.recommended,
        )
        for model in models
    )


def with_models(built_in: Abilities, models: Iterable[ModelOnOffer]) -> Abilities:
    """Add what the installed ``models`` can to what is built in."""
    installed = [model for model in models if model.installed]
    return Abilities(
        recognised=built_in.recognised.union(*(model.languages for model in installed)),
        pairs=built_in.pairs.union(*(model.pairs for model in installed)),
        voices=built_in.voices.union(*(model.voices for model in installed)),
    )


def works_now(abilities: Abilities) -> tuple[Direction, ...]:
    """List every direction that can be recognised and translated, in the order of the table of languages."""
    usable = (pair for pair in abilities.pairs if pair[0] in abilities.recognised and pair[0] != pair[1])
    return tuple(
        Direction(source=source, target=target, voice=target in abilities.voices)
        for source, target in sorted(usable, key=_table_order)
    )


def cheapest_models(
    one: Language, other: Language, *, abilities: Abilities, models: Collection[ModelOnOffer]
) -> Offer | None:
    """Find the least download after which ``one`` and ``other`` understand each other.

    None if they do already, or if no models would do it. Every set of needs is settled by its cheapest set of
    models, smallest sets first (dynamic programming; there are at most four needs).
    """
    needs = _needs(one, other, abilities)
    if not needs:
        return None
    best: dict[frozenset[object], tuple[int, tuple[str, ...]]] = {frozenset(): (0, ())}
    for model in models:
        met = needs & {*model.languages, *model.pairs}
        if model.installed or not model.recommended or not met:
            continue
        for have, (cost, ids) in list(best.items()):
            now = have | met
            candidate = (cost + model.download_bytes, (*ids, model.id))
            if now not in best or candidate[0] < best[now][0]:
                best[now] = candidate
    if needs not in best:
        return None
    cost, ids = best[needs]
    return Offer(conversations=((one, other),), models=ids, download_bytes=cost)


def offers(*, abilities: Abilities, models: Collection[ModelOnOffer]) -> tuple[Offer, ...]:
    """List what could be added, cheapest first; pairs that need the same models stand in one offer."""
    by_models: dict[tuple[str, ...], list[Offer]] = {}
    for one, other in combinations(LANGUAGES, 2):
        offer = cheapest_models(one, other, abilities=abilities, models=models)
        if offer:
            by_models.setdefault(offer.models, []).append(offer)
    merged = [
        Offer(
            conversations=tuple(offer.conversations[0] for offer in same),
            models=ids,
            download_bytes=same[0].download_bytes,
        )
        for ids, same in by_models.items()
    ]
    return tuple(sorted(merged, key=lambda offer: (offer.download_bytes, offer.models)))


def _needs(one: Language, other: Language, abilities: Abilities) -> frozenset[object]:
    """Languages to recognise and pairs to translate that are still missing."""
    languages: frozenset[object] = frozenset({one, other}) - abilities.recognised
    return languages | (frozenset({(one, other), (other, one)}) - abilities.pairs)


def _table_order(pair: LanguagePair) -> tuple[int, int]:
    order = list(LANGUAGES)
    return order.index(pair[0]), order.index(pair[1])
