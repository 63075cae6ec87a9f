"""What the families of many languages share: one tokenizer, and a token for each language in the vocabulary."""

from collections.abc import Mapping
from pathlib import Path

from dragoman.engines.ctranslate2_files import require_files
from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.folder_files import adds_end_itself, read_tokenizer
from dragoman.engines.translation.statement import read_statement
from dragoman.ground.errors import ModelIncomplete
from dragoman.ground.languages import LANGUAGES, Language


def read_many_languages(
    folder: Path,
    vocabulary: frozenset[str],
    *,
    tokenizer: str,
    codes: Mapping[Language, str],
    names_source: bool,
    licence: str,
    commercial: bool,
) -> Convention:
    """Read a model that translates between all languages whose code is in its vocabulary, or between those stated.

    ``licence`` and ``commercial`` hold where nothing is stated. Raises a ``ModelError``.
    """
    known = {language: code for language, code in codes.items() if code in vocabulary}
    if len(known) < 2:
        examples = " and ".join([codes[Language("en")], codes[Language("vi")]])
        raise ModelIncomplete(f"the vocabulary of {folder} has no two language codes such as {examples}")
    require_files(folder, [tokenizer])
    pieces = read_tokenizer(folder / tokenizer, vocabulary)
    statement = read_statement(folder)
    possible = frozenset((source, target) for source in known for target in known if source != target)
    return Convention(
        id=statement.id or folder.resolve().name,
        pairs=possible & statement.pairs if statement.pairs else possible,
        licence=statement.licence or licence,
        commercial=statement.commercial if statement.licence else commercial,
        source_tokenizer=pieces,
        target_tokenizer=pieces,
        source_vocabulary=vocabulary,
        codes={language: (code,) for language, code in known.items()},
        names_source=names_source,
        adds_end=not adds_end_itself(folder),
    )


def codes_by(pattern: str) -> dict[Language, str]:
    """Write each language's two-letter code into ``pattern``; Chinese in its other script has none of its own."""
    return {language: pattern.format(language) for language in LANGUAGES if language != "zh-TW"}
