"""What a folder with a streaming transducer holds, and whether sherpa-onnx can run it. To ``sherpa.py``.

Two families are known by the metadata of their encoders: those of icefall (Zipformer, Conformer, LSTM, E-Branchformer)
and those of NeMo (Nemotron, FastConformer). What is checked here would end the process inside sherpa-onnx.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.engines.onnx_header import read_onnx_header
from dragoman.engines.speech_to_text.model_card import read_model_card
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelWrongFamily, UnknownLanguage
from dragoman.ground.languages import Language, parse_language

TOKENS: Final = "tokens.txt"
PIECES: Final = "bpe.vocab"

_ICEFALL_ENTRIES: Final = {
    "zipformer2": (
        "encoder_dims query_head_dims value_head_dims num_heads num_encoder_layers cnn_module_kernels left_context_len"
    ),
    "zipformer": "encoder_dims attention_dims num_encoder_layers cnn_module_kernels left_context_len",
    "conformer": "num_encoder_layers left_context encoder_dim pad_length cnn_module_kernel",
    "lstm": "num_encoder_layers rnn_hidden_size d_model",
    "ebranchformer": (
        "num_hidden_layers hidden_size intermediate_size csgu_kernel_size merge_conv_kernel left_context_len num_heads "
        "head_dim"
    ),
}
_NEMO_ENTRIES: Final = (
    "vocab_size window_size chunk_shift subsampling_factor pred_rnn_layers pred_hidden cache_last_channel_dim1 "
    "cache_last_channel_dim2 cache_last_channel_dim3 cache_last_time_dim1 cache_last_time_dim2 cache_last_time_dim3"
)
_PROMPTS: Final = "prompt_dictionary"
"""Metadata of a NeMo model that is told the language: a JSON object of locales."""
_BLANKS: Final = frozenset({"<blk>", "<eps>", "<blank>"})
_CODE: Final = re.compile("[a-z]{2}")
_CJK: Final = re.compile("[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_FEATURE_S: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SherpaModel:
    """A folder that passed the checks."""

    info: EngineInfo
    tokens: Path
    encoder: Path
    decoder: Path
    joiner: Path
    pieces: Path | None
    """Scores of the pieces that words are spelt with, where hot words are cut into pieces by them."""
    hot_word_unit: str
    """What sherpa-onnx calls the unit that hot words are spelt in; empty where it takes none."""
    told_language: bool
    """Each stream is told the language that is spoken."""
    window_s: float
    """Sound that one step of the encoder needs: as much silence brings out the last words."""
    letters: frozenset[str]
    """All that its tokens can write."""

    @property
    def writes_capitals_only(self) -> bool:
        """Say whether the model knows no small letters, as those trained on LibriSpeech do not."""
        cased = [letter for letter in self.letters if letter.upper() != letter.lower()]
        return bool(cased) and all(letter == letter.upper() for letter in cased)


def read_sherpa_folder(folder: Path) -> SherpaModel:
    """Find the model in ``folder``.

    Raises ``ModelIncomplete``, ``ModelCorrupt`` or ``ModelWrongFamily`` with what would help.
    """
    tokens = folder / TOKENS
    if not tokens.is_file():
        raise ModelIncomplete(f"{folder} has no {TOKENS}; a streaming transducer has it beside its three .onnx files")
    encoder, decoder, joiner = (
        _find(folder, "encoder", small=True),
        _find(folder, "decoder", small=False),
        _find(folder, "joiner", small=True),
    )
    metadata = _read_metadata(encoder)
    _read_metadata(joiner)
    symbols = _read_tokens(tokens)
    if _has(metadata, _NEMO_ENTRIES):
        window = _number(metadata, "window_size", encoder)
        _require_nemo_tokens(symbols, _number(metadata, "vocab_size", encoder) + 1, tokens)
        unit, prompts = "", _PROMPTS in metadata
    else:
        _require_icefall(metadata, encoder)
        window = _number(metadata, "T", encoder)
        _require_icefall_tokens(symbols, _number(_read_metadata(decoder), "vocab_size", decoder), tokens)
        unit, prompts = _find_hot_word_unit(folder, symbols), False
    return SherpaModel(
        info=_describe(folder, metadata.get(_PROMPTS, "")),
        tokens=tokens,
        encoder=encoder,
        decoder=decoder,
        joiner=joiner,
        pieces=folder / PIECES if "bpe" in unit else None,
        hot_word_unit=unit,
        told_language=prompts,
        window_s=window * _FEATURE_S,
        letters=frozenset(letter for symbol in symbols for letter in symbol if not symbol.startswith("<")),
    )


def _read_metadata(file: Path) -> dict[str, str]:
    try:
        return read_onnx_header(file).metadata
    except OSError as error:
        raise ModelCorrupt(f"{file} cannot be read ({error.strerror}); fetch the model again") from error


def _find(folder: Path, part: str, *, small: bool) -> Path:
    """Find one of the three files. The decoder is tiny, so it is better whole; the others are quicker as int8."""
    found = sorted(folder.glob(f"{part}*.onnx"))
    if not found:
        raise ModelIncomplete(f"{folder} has no {part}*.onnx; a streaming transducer is encoder, decoder and joiner")
    return min(found, key=lambda path: ("int8" in path.name) != small)


def _read_tokens(file: Path) -> list[str]:
    """Give the symbols in the order of their numbers, which are without gaps."""
    symbols: dict[int, str] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelCorrupt(f"{file} is not UTF-8 text; fetch the model again") from error
    for line in lines:
        symbol, _, number = line.rstrip().rpartition(" ")
        if not number.isdecimal() or int(number) in symbols or len(symbol.split()) > 1:
            raise ModelCorrupt(f"{file}: {line[:40]!r} is not a symbol and its number; fetch the model again")
        symbols[int(number)] = symbol.strip()
    if sorted(symbols) != list(range(len(symbols))):
        raise ModelCorrupt(f"{file} leaves out numbers; fetch the model again")
    if _BLANKS.isdisjoint(symbols.values()):
        raise ModelCorrupt(f"{file} has no blank symbol ({', '.join(sorted(_BLANKS))}); is it of another model?")
    return [symbols[number] for number in range(len(symbols))]


def _require_icefall(metadata: dict[str, str], encoder: Path) -> None:
    kind = metadata.get("model_type", "")
    entries = _ICEFALL_ENTRIES.get(kind)
    if entries is None:
        raise ModelWrongFamily(
            f"{encoder} is no encoder of a streaming transducer (model_type {kind!r}); sherpa takes streaming "
            f"{', '.join(_ICEFALL_ENTRIES)} and NeMo models, not those for whole recordings"
        )
    lacking = [entry for entry in ("T", "decode_chunk_len", *entries.split()) if entry not in metadata]
    if lacking:
        raise ModelWrongFamily(
            f"{encoder} lacks {', '.join(lacking)} in its metadata: it is a {kind} for whole recordings, or was "
            "exported too long ago; take the streaming model"
        )


def _require_icefall_tokens(symbols: Sequence[str], wanted: int, file: Path) -> None:
    if len(symbols) < wanted:
        raise ModelCorrupt(f"{file} has {len(symbols)} symbols and the model {wanted}: they belong to different models")
    if symbols[0] not in _BLANKS:
        raise ModelCorrupt(f"{file} begins with {symbols[0]!r}; number 0 is the blank symbol of such a model")


def _require_nemo_tokens(symbols: Sequence[str], wanted: int, file: Path) -> None:
    if len(symbols) != wanted:
        raise ModelCorrupt(f"{file} has {len(symbols)} symbols and the model {wanted}: they belong to different models")
    if symbols[-1] != "<blk>":
        raise ModelCorrupt(f"{file} ends with {symbols[-1]!r}; the last symbol of a NeMo model is <blk>")


def _find_hot_word_unit(folder: Path, symbols: Sequence[str]) -> str:
    has_pieces = (folder / PIECES).is_file()
    if any(_CJK.search(symbol) for symbol in symbols):
        return "cjkchar+bpe" if has_pieces else "cjkchar"
    return "bpe" if has_pieces else ""


def _describe(folder: Path, prompts: str) -> EngineInfo:
    card = read_model_card(folder)
    languages = card.languages or _languages_of_prompts(prompts, folder) or _languages_of_name(folder.resolve().name)
    if not languages:
        raise ModelIncomplete(
            f"nothing says which languages {folder} hears; add it by dragoman models add --languages vi,en, or give "
            "the folder the name that the model was published under"
        )
    return EngineInfo(
        name="sherpa",
        kind=EngineKind.SPEECH_TO_TEXT,
        model=card.model,
        languages=languages,
        sample_rate=RECOGNITION_RATE,
        licence=card.licence,
        commercial=card.commercial,
        attribution="sherpa-onnx, k2-fsa",
        word_timestamps=True,
        streaming=True,
    )


def _languages_of_prompts(prompts: str, folder: Path) -> tuple[Language, ...]:
    if not prompts:
        return ()
    try:
        locales = list(json.loads(prompts))
    except (ValueError, TypeError) as error:
        raise ModelCorrupt(f"{folder} names its languages in no way we can read; fetch the model again") from error
    return _known(str(locale) for locale in locales)


def _languages_of_name(name: str) -> tuple[Language, ...]:
    """Read ``sherpa-onnx-streaming-zipformer-ar_en_id_ja_ru_th_vi_zh-2025-02-10`` and the like."""
    parts = [part.split("_") for part in name.split("-")]
    return _known(code for codes in parts if all(_CODE.fullmatch(code) for code in codes) for code in codes)


def _known(codes: Iterable[str]) -> tuple[Language, ...]:
    found: dict[Language, None] = {}
    for code in codes:
        try:
            found[parse_language(code)] = None
        except UnknownLanguage:
            continue
    return tuple(found)


def _has(metadata: dict[str, str], entries: str) -> bool:
    return all(entry in metadata for entry in entries.split())


def _number(metadata: dict[str, str], entry: str, file: Path) -> int:
    try:
        return int(metadata[entry])
    except (KeyError, ValueError) as error:
        raise ModelWrongFamily(
            f"{file} has no {entry} in its metadata: it is not part of a streaming transducer that sherpa takes"
        ) from error
