"""Find the models of Firefox Translations in a folder: one pair each, a few files told apart by their names.

    model.enes.intgemm.alphas.bin        the weights, in Marian's binary format
    vocab.enes.spm                       or srcvocab.enja.spm and trgvocab.enja.spm
    lex.50.50.enes.s2t.bin               the words that are likely for each source word; makes it quicker

``firefox.py`` has them run.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from dragoman.engines.translation.statement import STATEMENT, read_statement
from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelNotFound, UnknownLanguage
from dragoman.ground.languages import LANGUAGES, describe_languages, parse_language

LICENCE = "MPL-2.0"
"""Of the weights that Mozilla publishes, and of the program."""

_MARIAN_VERSION = (1).to_bytes(8, "little")
_SHORTLIST_MAGIC = (0xF11A48D5013417F5).to_bytes(8, "little")
"""Of Marian's ``data/shortlist.h``."""
_FILE_NAME = re.compile(r"\.(?P<source>[a-z]{2,3}?)(?P<target>[a-z]{2,3})\.(?!bin$)")
_FOLDER_NAME = re.compile(r"(?:^|[._-])(?P<source>[a-z]{2,3})-(?P<target>[a-z]{2,3})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirefoxModel:
    """The files of one pair."""

    pair: LanguagePair
    id: str
    model: Path
    source_vocabulary: Path
    target_vocabulary: Path
    shortlist: Path | None
    licence: str = LICENCE
    commercial: bool = True
    tokenizer: sentencepiece.SentencePieceProcessor
    """Of the source, to measure how long a sentence is for the model."""

    @property
    def files(self) -> list[str | None]:
        """Name what the worker loads: the model, both vocabularies, the shortlist."""
        shortlist = None if self.shortlist is None else str(self.shortlist)
        return [str(self.model), str(self.source_vocabulary), str(self.target_vocabulary), shortlist]

    def pieces(self, text: str) -> int:
        """Count the pieces in which the model sees ``text``."""
        return len(self.tokenizer.encode(text))

    def knows_any(self, text: str) -> bool:
        """Say whether the model has seen at least one piece of ``text``, a lone space aside."""
        lone_space, unknown = self.tokenizer.piece_to_id("▁"), self.tokenizer.unk_id()
        return any(piece not in {lone_space, unknown} for piece in self.tokenizer.encode(text))


def find_models(folder: Path) -> list[FirefoxModel]:
    """Read the model in ``folder``, or those in the folders inside it.

    Raises ``ModelNotFound``, ``ModelIncomplete`` when files or the pair of languages are missing, ``ModelCorrupt``
    when a file is not what it should be.
    """
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give one that holds model.*.bin and vocab.*.spm")
    if _matching(folder, "model*.bin"):
        return [_read_model(folder)]
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and _matching(path, "model*.bin"))
    if not inside:
        raise ModelIncomplete(f"{folder} holds no model*.bin, and neither do folders inside it; fetch the model again")
    return [_read_model(path) for path in inside]


def by_pair(models: Iterable[FirefoxModel]) -> Mapping[LanguagePair, FirefoxModel]:
    """Map each pair to its model, the first one of two for the same pair."""
    found: dict[LanguagePair, FirefoxModel] = {}
    for model in models:
        found.setdefault(model.pair, model)
    return found


def _read_model(folder: Path) -> FirefoxModel:
    model = _only(folder, "model*.bin")
    shared = _matching(folder, "vocab*.spm")
    source, target = (
        (_only(folder, "vocab*.spm"),) * 2
        if shared
        else (_only(folder, "srcvocab*.spm"), _only(folder, "trgvocab*.spm"))
    )
    shortlists = _matching(folder, "lex*.bin")
    _require_start(model, _MARIAN_VERSION, "binary model")
    for path in shortlists:
        # The engine takes any bytes for a shortlist, and then answers wrongly.
        _require_start(path, _SHORTLIST_MAGIC, "binary shortlist")
    statement = read_statement(folder)
    return FirefoxModel(
        pair=_pair_of(statement.pairs, folder, model),
        id=statement.id or folder.resolve().name,
        model=model,
        source_vocabulary=source,
        target_vocabulary=target,
        shortlist=shortlists[0] if shortlists else None,
        licence=statement.licence or LICENCE,
        commercial=statement.commercial if statement.licence else True,
        tokenizer=_read_tokenizer(source),
    )


def _pair_of(stated: Collection[LanguagePair], folder: Path, model: Path) -> LanguagePair:
    """Take the pair from the statement, else from the folder's name (``vi-en``), else from the file's (``.vien.``)."""
    if len(stated) == 1:
        return next(iter(stated))
    if stated:
        raise ModelCorrupt(f'{folder / STATEMENT} should name one pair: {{"pairs": [["vi", "en"]]}}')
    try:
        for found in (_FOLDER_NAME.search(folder.resolve().name.lower()), _FILE_NAME.search(model.name.lower())):
            if found:
                return parse_language(found["source"]), parse_language(found["target"])
    except UnknownLanguage as error:
        raise ModelIncomplete(f"{folder} translates what we do not know: {error}") from error
    raise ModelIncomplete(
        f"{folder} does not say what it translates; name the folder vi-en, or state it: "
        f"dragoman models add {folder} --languages vi:en (languages: {describe_languages(LANGUAGES)})"
    )


def _read_tokenizer(path: Path) -> sentencepiece.SentencePieceProcessor:
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelCorrupt(f"{path} is no SentencePiece model: {error}; fetch the model again") from error


def _require_start(path: Path, start: bytes, kind: str) -> None:
    with path.open("rb") as file:
        if file.read(len(start)) != start:
            raise ModelCorrupt(f"{path} is no {kind} of Marian; unpack it, or fetch the model again")


def _only(folder: Path, pattern: str) -> Path:
    found = _matching(folder, pattern)
    if not found:
        raise ModelIncomplete(f"{folder} lacks {pattern}; fetch the model again, or copy all of its files")
    if len(found) > 1:
        raise ModelIncomplete(f"{folder} holds {', '.join(path.name for path in found)}; give each pair its own folder")
    return found[0]


def _matching(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_file() and path.stat().st_size)
