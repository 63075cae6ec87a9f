"""What a translation model's folder says: its languages, its licence, and how its sentences are spelt in pieces.

Two calling conventions are told apart by their files: NLLB (one tokenizer, a code for each language in the vocabulary)
and OPUS-MT (two tokenizers, one pair). ctranslate2.py runs the model.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from dragoman.engines.ctranslate2_files import require_files
from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, UnknownLanguage
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, parse_language

NLLB_TOKENIZER = "sentencepiece.bpe.model"
OPUS_TOKENIZERS = ("source.spm", "target.spm")
STATEMENT = "dragoman.json"
"""Written beside the model by the model store: pairs, licence, commercial, id."""

_END = "</s>"
_NOT_TEXT = frozenset({"<s>", _END, "<pad>", "<unk>"})
_OPUS_NAME = re.compile(r"opus[-_]mt[-_](?:tc[-_][a-z]+[-_])*([a-z]{2,3})[-_]([a-z]{2,3})(?:[-_.]|$)")
_SAMPLED_PIECES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePieceFolder:
    """How to call the model of one folder."""

    id: str
    pairs: frozenset[LanguagePair]
    licence: str
    commercial: bool
    source_tokenizer: sentencepiece.SentencePieceProcessor
    target_tokenizer: sentencepiece.SentencePieceProcessor
    source_vocabulary: frozenset[str]
    codes: dict[Language, str]
    """Token of each language: in front of source and target with NLLB, of the source alone with OPUS; may be empty."""
    prefixes_target: bool
    """The target begins with its language's code (NLLB)."""
    adds_end: bool
    """The end of the source must be written by us, because the model's own configuration does not add it."""

    def pieces(self, sentence: str) -> list[str]:
        """Cut a sentence into the source's pieces; those that the model does not know are among them."""
        return [str(piece) for piece in self.source_tokenizer.encode(sentence, out_type=str)]

    def knows_any(self, pieces: Sequence[str]) -> bool:
        """Say whether the model has seen at least one of ``pieces``, a lone space aside."""
        return any(piece in self.source_vocabulary for piece in pieces if piece != "▁")

    def source_tokens(self, pieces: Sequence[str], *, source: Language, target: Language) -> list[str]:
        """Write the model's input: the code, the pieces, the end."""
        code = self.codes.get(source if self.prefixes_target else target)
        return [*([code] if code else []), *pieces, *([_END] if self.adds_end else [])]

    def target_prefix(self, *, target: Language, committed: str) -> list[str]:
        """Write what the model's output must begin with; empty for nothing."""
        code = [self.codes[target]] if self.prefixes_target else []
        return [*code, *(self.target_tokenizer.encode(committed, out_type=str) if committed else [])]

    def text(self, tokens: Sequence[str], *, target: Language) -> str:
        """Read the model's output."""
        if self.prefixes_target and tokens and tokens[0] == self.codes[target]:
            tokens = tokens[1:]
        return str(self.target_tokenizer.decode([token for token in tokens if token not in _NOT_TEXT]))


def read_folder(folder: Path) -> SentencePieceFolder:
    """Read how the translation model in ``folder`` is called.

    Raises ``ModelIncomplete`` when files or the pair of languages are missing, ``ModelCorrupt`` when a file does not
    parse or when tokenizer and model do not belong together.
    """
    source_vocabulary = _read_vocabulary(folder, "source")
    if (folder / NLLB_TOKENIZER).is_file():
        return _read_nllb(folder, source_vocabulary)
    if any((folder / name).is_file() for name in OPUS_TOKENIZERS):
        return _read_opus(folder, source_vocabulary)
    raise ModelIncomplete(
        f"{folder} holds neither {NLLB_TOKENIZER} (NLLB) nor {' and '.join(OPUS_TOKENIZERS)} (OPUS-MT); "
        "copy the tokenizer of the original model beside model.bin"
    )


def _read_nllb(folder: Path, vocabulary: frozenset[str]) -> SentencePieceFolder:
    codes = {language: entry.flores for language, entry in LANGUAGES.items() if entry.flores in vocabulary}
    if len(codes) < 2:
        raise ModelIncomplete(f"the vocabulary of {folder} has no two language codes such as eng_Latn and vie_Latn")
    require_files(folder, [NLLB_TOKENIZER])
    tokenizer = _read_tokenizer(folder / NLLB_TOKENIZER, vocabulary)
    statement = _read_statement(folder)
    known = frozenset((source, target) for source in codes for target in codes if source != target)
    return SentencePieceFolder(
        id=statement.id or folder.resolve().name,
        pairs=known & statement.pairs if statement.pairs else known,
        licence=statement.licence or "CC-BY-NC-4.0",
        commercial=statement.commercial and bool(statement.licence),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        source_vocabulary=vocabulary,
        codes=codes,
        prefixes_target=True,
        adds_end=not _adds_end_itself(folder),
    )


def _read_opus(folder: Path, vocabulary: frozenset[str]) -> SentencePieceFolder:
    require_files(folder, OPUS_TOKENIZERS)
    statement = _read_statement(folder)
    pairs = statement.pairs or _pairs_of_name(folder)
    return SentencePieceFolder(
        id=statement.id or folder.resolve().name,
        pairs=pairs,
        licence=statement.licence or "unknown",
        commercial=statement.commercial and bool(statement.licence),
        source_tokenizer=_read_tokenizer(folder / OPUS_TOKENIZERS[0], vocabulary),
        target_tokenizer=_read_tokenizer(folder / OPUS_TOKENIZERS[1], _read_vocabulary(folder, "target")),
        source_vocabulary=vocabulary,
        codes=_opus_codes(folder, vocabulary, [target for _, target in pairs]),
        prefixes_target=False,
        adds_end=not _adds_end_itself(folder),
    )


def _opus_codes(folder: Path, vocabulary: frozenset[str], targets: Sequence[Language]) -> dict[Language, str]:
    """Find each target's token (``>>vie<<``) in models of several targets; models of one have none."""
    tokens = sorted(token for token in vocabulary if token.startswith(">>") and token.endswith("<<"))
    codes = {}
    for target in targets if tokens else ():
        flores = LANGUAGES[target].flores
        choices = (f">>{flores[:3]}<<", f">>{flores}<<", f">>{target}<<")
        code = next((choice for choice in choices if choice in tokens), None)
        if code is None:
            raise ModelIncomplete(
                f"{folder} has no token {choices[0]}; it translates into: {', '.join(tokens[:20])}. "
                f"State its languages: dragoman models add {folder} --languages SOURCE:TARGET"
            )
        codes[target] = code
    return codes


def _pairs_of_name(folder: Path) -> frozenset[LanguagePair]:
    """Read the pair from a name such as ``opus-mt-en-vi``."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """What ``dragoman.json`` says; empty where it says nothing."""

    id: str = ""
    pairs: frozenset[LanguagePair] = frozenset()
    licence: str = ""
    commercial: bool = False


def _read_statement(folder: Path) -> _Statement:
    stated = _read_json_object(folder / STATEMENT)
    pairs = stated.get("pairs", [])
    advice = f'{folder / STATEMENT} should hold {{"pairs": [["en", "vi"]], ...}}'
    if not isinstance(pairs, list):
        raise ModelCorrupt(advice)
    try:
        parsed = frozenset((parse_language(source), parse_language(target)) for source, target in pairs)
    except (TypeError, ValueError, AttributeError, UnknownLanguage) as error:
        raise ModelCorrupt(f"{advice}: {error}") from error
    return _Statement(
        id=str(stated.get("id", "")),
        pairs=parsed,
        licence=str(stated.get("licence", "")),
        commercial=stated.get("commercial") is True,
    )


def _adds_end_itself(folder: Path) -> bool:
    return _read_json_object(folder / "config.json").get("add_source_eos") is True


def _read_json_object(path: Path) -> dict[str, object]:
    """Read a JSON object; a missing file is an empty one."""
    if not path.exists():
        return {}
    value = _read_json(path)
    if not isinstance(value, dict):
        raise ModelCorrupt(f"{path} should hold a JSON object; fetch the model again")
    return value


def _read_json(path: Path) -> object:
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{path} cannot be read: {error}; fetch the model again") from error
    return value


def _read_vocabulary(folder: Path, side: str) -> frozenset[str]:
    """Read the tokens of ``side`` (``source`` or ``target``), whether shared or not, JSON or one per line."""
    names = [f"{stem}_vocabulary.{ending}" for stem in ("shared", side) for ending in ("json", "txt")]
    require_files(folder, ["|".join(names)])
    path = next(folder / name for name in names if (folder / name).is_file())
    if path.suffix == ".txt":
        try:
            return frozenset(path.read_text(encoding="utf-8").split("\n"))
        except (OSError, ValueError) as error:
            raise ModelCorrupt(f"{path} cannot be read: {error}; fetch the model again") from error
    tokens = _read_json(path)
    if not isinstance(tokens, list):
        raise ModelCorrupt(f"{path} should hold a list of tokens; fetch the model again")
    return frozenset(str(token) for token in tokens)


def _read_tokenizer(path: Path, vocabulary: frozenset[str]) -> sentencepiece.SentencePieceProcessor:
    """Read a SentencePiece model, and check that its pieces are the vocabulary's."""
    try:
        tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(path))
        count = tokenizer.get_piece_size()
        sample = tokenizer.id_to_piece(list(range(0, count, max(1, count // _SAMPLED_PIECES))))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelCorrupt(f"{path} is no SentencePiece model: {error}; fetch the model again") from error
    known = sum(piece in vocabulary for piece in sample)
    if known < len(sample) / 2:
        # With a foreign tokenizer a model answers fluently and wrongly.
        raise ModelCorrupt(
            f"{path.name} and the vocabulary in {path.parent} do not belong together: {known} of {len(sample)} "
            "pieces are known; fetch the model again"
        )
    return tokenizer
