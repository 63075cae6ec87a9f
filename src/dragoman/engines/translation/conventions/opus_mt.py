"""OPUS-MT: two tokenizers, one pair; models of several targets want ``>>vie<<`` in front of the source."""

import re
from collections.abc import Sequence
from pathlib import Path

from dragoman.engines.ctranslate2_files import require_files
from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.folder_files import (
    adds_end_itself,
    read_tokenizer,
    read_vocabulary,
)
from dragoman.engines.translation.statement import read_statement
from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelIncomplete, UnknownLanguage
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, parse_language

TOKENIZERS = ("source.spm", "target.spm")

_OPUS_NAME = re.compile(r"opus[-_]mt[-_](?:tc[-_][a-z]+[-_])*([a-z]{2,3})[-_]([a-z]{2,3})(?:[-_.]|$)")


def read_opus_mt(folder: Path, vocabulary: frozenset[str]) -> Convention:
    """Read the model in ``folder``. Raises a ``ModelError``."""
    require_files(folder, TOKENIZERS)
    statement = read_statement(folder)
    pairs = statement.pairs or pairs_of_name(folder)
    return Convention(
        id=statement.id or folder.resolve().name,
        pairs=pairs,
        licence=statement.licence or "unknown",
        commercial=statement.commercial and bool(statement.licence),
        source_tokenizer=read_tokenizer(folder / TOKENIZERS[0], vocabulary),
        target_tokenizer=read_tokenizer(folder / TOKENIZERS[1], read_vocabulary(folder, "target")),
        source_vocabulary=vocabulary,
        codes=_opus_codes(folder, vocabulary, [target for _, target in pairs]),
        names_source=False,
        adds_end=not adds_end_itself(folder),
    )


def _opus_codes(
    folder: Path, vocabulary: frozenset[str], targets: Sequence[Language]
) -> dict[Language, tuple[str, ...]]:
    """Find each target's token (``>>vie<<``) in models of several targets; models of one have none."""
    tokens = sorted(token for token in vocabulary if token.startswith(">>") and token.endswith("<<"))
    codes: dict[Language, tuple[str, ...]] = {}
    for target in targets if tokens else ():
        choices = _tokens_for(target)
        code = next((choice for choice in choices if choice in tokens), None)
        if code is None:
            raise ModelIncomplete(
                f"{folder} has no token {choices[0]}; it translates into: {', '.join(tokens[:20])}. "
                f"State its languages: dragoman models add {folder} --languages SOURCE:TARGET"
            )
        codes[target] = (code,)
    return codes


def _tokens_for(target: Language) -> list[str]:
    """List how models name a target: ``>>vie<<``, ``>>cmn_Hans<<``, ``>>ara<<``, the most precise first."""
    entry, script = LANGUAGES[target], LANGUAGES[target].flores[4:]
    family = LANGUAGES[Language(target.partition("-")[0])]
    names = dict.fromkeys([entry.flores[:3], *entry.also, *family.also, target])
    precise = [f">>{name}_{script}<<" for name in names]
    # Of Chinese without a script nobody knows which one comes; it is taken for the commoner.
    return precise if entry is not family else [*precise, *(f">>{name}<<" for name in names)]


def pairs_of_name(folder: Path) -> frozenset[LanguagePair]:
    """Read the pair from a name such as ``opus-mt-en-vi``. Raises ``ModelIncomplete`` for one that has none."""
    match = _OPUS_NAME.search(folder.resolve().name.lower())
    try:
        if match:
            return frozenset({(parse_language(match[1]), parse_language(match[2]))})
    except UnknownLanguage:
        pass  # A group of languages, such as "mul": which ones are meant must be stated.
    raise ModelIncomplete(
        f"{folder} does not say what it translates; state it: dragoman models add {folder} --languages en:vi "
        f"(languages: {describe_languages(LANGUAGES)})"
    )
