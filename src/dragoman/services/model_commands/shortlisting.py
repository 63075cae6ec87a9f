"""Make a model quicker between a few languages: ``dragoman models shortlist``.

Counts the pieces of texts in those languages, and lets the model choose among the most frequent alone, and all single
characters of their scripts. To ``engines/translation/shortlist.py``, which says what is written. What is told of it is
measured with every tenth line left out: how much of a text that was never seen would be found.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.folder_files import read_vocabulary
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.engines.translation.shortlist import MAP_FILE, STATEMENT_FILE, write_shortlist
from dragoman.ground.errors import SettingsInvalid, UnknownLanguage
from dragoman.ground.languages import Language, describe_languages, language_name, parse_language
from dragoman.models.record import names_files, read_record

MOST_PIECES: Final = 10_000
"""Of one language, unless another number is asked for: choosing among fewer is what makes a model quicker."""
LONGEST_LINE: Final = 2000
"""Characters of a line that are counted."""
HELD_OUT: Final = 10
"""One line of so many is looked up first, and counted later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistWish:
    """What a person asks for."""

    folder: Path
    languages: tuple[Language, ...]
    texts: tuple[str, ...]
    """Files: ``vi=news.txt``, or a name that says its language, such as ``news.vi.txt``."""
    pieces: int = MOST_PIECES


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlisted:
    """What came of one language."""

    language: Language
    pieces: int
    found: float
    """Share of the pieces of lines that were left out which the shortlist of the others has."""


def make_shortlist(wish: ShortlistWish) -> tuple[list[Shortlisted], int]:
    """Write the shortlist beside the model. Gives what came of each language, and how many pieces the model has.

    Raises ``SettingsInvalid`` for what cannot be done with the languages or files, or with a shortlist that is there,
    and a ``ModelError`` for the folder.
    """
    convention = read_folder(wish.folder)
    _require_replaceable(wish.folder)
    pairs = _pairs(convention, wish)
    files = _by_language(wish)
    known = read_vocabulary(wish.folder, "target")
    allowed: set[str] = set()
    outcomes = []
    for language in wish.languages:
        counted, held_out = _count(files[language], convention)
        without = _choose(counted, known, wish.pieces)
        found = sum(count for piece, count in held_out.items() if piece in without)
        chosen = _choose(counted + held_out, known, wish.pieces)
        allowed |= chosen
        outcomes.append(Shortlisted(language=language, pieces=len(chosen), found=found / max(1, held_out.total())))
    for _, target in pairs:
        allowed.update(convention.target_prefix(target=target, committed=""))
    write_shortlist(wish.folder, allowed, languages=wish.languages)
    return outcomes, len(known)


def _require_replaceable(folder: Path) -> None:
    """Refuse to write over a shortlist that a model of the store was added with, and is held to."""
    if names_files(folder) and not {MAP_FILE, STATEMENT_FILE}.isdisjoint(it.path for it in read_record(folder).files):
        raise SettingsInvalid(
            f"the model in {folder} came with its shortlist and is held to it; make the new one in the folder that it "
            "was added from, and add that again"
        )


def _pairs(convention: Convention, wish: ShortlistWish) -> list[tuple[Language, Language]]:
    able = {language for pair in convention.pairs for language in pair}
    if unknown := [language for language in wish.languages if language not in able]:
        raise SettingsInvalid(
            f"the model does not know {describe_languages(unknown)}; it knows {describe_languages(sorted(able))}"
        )
    pairs = [pair for pair in sorted(convention.pairs) if set(pair) <= set(wish.languages)]
    if not pairs:
        raise SettingsInvalid("a shortlist is for two languages or more that the model goes between: --languages en,vi")
    return pairs


def _by_language(wish: ShortlistWish) -> dict[Language, list[Path]]:
    files: dict[Language, list[Path]] = {language: [] for language in wish.languages}
    for text in wish.texts:
        stated, equals, name = text.rpartition("=")
        path = Path(name)
        if not path.is_file():
            raise SettingsInvalid(f"there is no file {name}")
        language = parse_language(stated) if equals else _language_of(path, wish.languages)
        if language is None or language not in files:
            raise SettingsInvalid(
                f"{name} does not say in which of {describe_languages(wish.languages)} it is; write it in front: "
                f"--text {wish.languages[0]}={name}"
            )
        files[language].append(path)
    if missing := [language for language, found in files.items() if not found]:
        raise SettingsInvalid(
            f"no text in {language_name(missing[0])}: --text {missing[0]}=FILE, a few thousand sentences or more"
        )
    return files


def _language_of(path: Path, languages: Sequence[Language]) -> Language | None:
    """Read the language of ``news.vi.txt`` or ``vi.txt``."""
    for part in reversed(path.name.split(".")):
        try:
            language = parse_language(part)
        except UnknownLanguage:
            continue
        if language in languages:
            return language
    return None


def _count(files: Sequence[Path], convention: Convention) -> tuple[Counter[str], Counter[str]]:
    counted: Counter[str] = Counter()
    held_out: Counter[str] = Counter()
    for number, line in enumerate(_lines(files)):
        pieces = convention.target_tokenizer.encode(line, out_type=str)
        (held_out if number % HELD_OUT == HELD_OUT - 1 else counted).update(pieces)
    return counted, held_out


def _lines(files: Sequence[Path]) -> Iterator[str]:
    for path in files:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if text := line[:LONGEST_LINE].strip():
                    yield text


def _choose(counted: Counter[str], known: frozenset[str], most: int) -> frozenset[str]:
    """Take the most frequent pieces, and each single character of the scripts that are in them, digits and marks."""
    frequent = {piece for piece, _ in counted.most_common(most) if piece in known}
    scripts = {_script(character) for piece in frequent for character in piece if character.isalpha()}
    single = {
        piece
        for piece in known
        if len(bare := piece.removeprefix("▁")) <= 1 and (not bare.isalpha() or _script(bare) in scripts)
    }
    return frozenset(frequent | single)


def _script(character: str) -> str:
    """Name the script of a letter, as the first word of its name does: ``LATIN``, ``CJK``."""
    return unicodedata.name(character, "?").split(" ", 1)[0]
