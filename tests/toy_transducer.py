"""The smallest streaming transducers that sherpa-onnx runs, made here: they read text that is sounded as tones.

Every letter is one tone, the beginning of a word another. The encoder measures the bands of these tones and scores a
letter where its tone ends; decoder and joiner add nothing to it. Inputs, outputs, states and metadata are those of the
published models: ``write_zipformer`` those of icefall's streaming Zipformer, ``write_nemotron`` those of NVIDIA's
multilingual Nemotron.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from dragoman.ground.audio import RECOGNITION_RATE, Audio

WORD_BEGINS = "▁"
SYMBOLS = WORD_BEGINS + ascii_lowercase

TONE_S, GAP_S = 0.08, 0.10
"""In every gap a whole block of 40 ms is quiet, wherever blocks begin."""
LEVEL = 0.2

_LOWEST_HZ, _STEP = 700.0, 1.075
"""Tones a tone and a quarter apart: the highest is at 4.6 kHz."""
_BLOCK = 4
"""Feature frames of 10 ms that give one frame of the encoder."""
_LOUD_KALDI, _LOUD_LIBROSA = 0.0, -2.0
"""Log energy of a band in which a tone sounds; silence has -16, a tone of ``LEVEL`` 3 with Kaldi's bands and -1 to 2
with librosa's."""
_STRICT = 100.0
_NEVER = 1000.0

Weights = NDArray[np.float32] | NDArray[np.int64]


def tone_hz(symbol: str) -> float:
    return float(_LOWEST_HZ * _STEP ** SYMBOLS.index(symbol))


def say_in_letters(text: str, *, level: float = LEVEL) -> Audio:
    """Sound lower-case ``text`` at 16 kHz, five or six letters a second."""
    symbols = "".join(WORD_BEGINS + word for word in text.split())
    return sound_chords([{symbol: level} for symbol in symbols])


def sound_chords(chords: Sequence[Mapping[str, float]]) -> Audio:
    """Sound letters at their levels, several at once where the speaker mumbles."""
    times = np.arange(round(TONE_S * RECOGNITION_RATE)) / RECOGNITION_RATE
    edge = np.clip(np.minimum(times, times[::-1]) / 0.004, 0.0, 1.0)
    gap = np.zeros(round(GAP_S * RECOGNITION_RATE))
    pieces = []
    for chord in chords:
        tone = sum(level * np.sin(2 * np.pi * tone_hz(symbol) * times) for symbol, level in chord.items())
        pieces += [edge * tone, gap]
    return Audio(samples=np.concatenate(pieces).astype(np.float32), sample_rate=RECOGNITION_RATE)


def write_zipformer(folder: Path, *, capitals: bool = False, hot_words: bool = False) -> Path:
    """Write a Zipformer transducer into ``folder``; with ``hot_words`` its pieces' scores too."""
    folder.mkdir(parents=True, exist_ok=True)
    # Chunks of 320 ms, as the published models with "chunk-16" in their names.
    chunk, window, layer = 32, 45, _ZipformerLayer()
    states: list[tuple[str, list[int | str]]] = [
        ("cached_key_0", [layer.left, "N", layer.keys]),
        ("cached_nonlin_attn_0", [1, "N", layer.left, 3 * layer.width // 4]),
        ("cached_val1_0", [layer.left, "N", layer.values]),
        ("cached_val2_0", [layer.left, "N", layer.values]),
        ("cached_conv1_0", ["N", layer.width, layer.kernel // 2]),
        ("cached_conv2_0", ["N", layer.width, layer.kernel // 2]),
        ("embed_states", ["N", 128, 3, 19]),
    ]
    graph = _Graph()
    scores = graph.score_letters("x", bands=_bands_of_kaldi(), loud=_LOUD_KALDI, blocks=chunk // _BLOCK, alone=False)
    graph.call("Identity", [scores], "encoder_out")
    inputs = [_tensor("x", ["N", window, 80])]
    outputs = [_tensor("encoder_out", ["N", chunk // _BLOCK, len(SYMBOLS) + 1])]
    for name, shape in states:
        graph.call("Identity", [name], f"new_{name}")
        inputs.append(_tensor(name, shape))
        outputs.append(_tensor(f"new_{name}", shape))
    graph.call("Identity", ["processed_lens"], "new_processed_lens")
    inputs.append(_tensor("processed_lens", ["N"], TensorProto.INT64))
    outputs.append(_tensor("new_processed_lens", ["N"], TensorProto.INT64))
    metadata = {
        "model_type": "zipformer2",
        "version": "1",
        "T": window,
        "decode_chunk_len": chunk,
        "num_encoder_layers": 1,
        "encoder_dims": layer.width,
        "cnn_module_kernels": layer.kernel,
        "left_context_len": layer.left,
        "query_head_dims": layer.keys,
        "value_head_dims": layer.values,
        "num_heads": 1,
    }
    graph.save(folder / "encoder-epoch-1-avg-1.int8.onnx", inputs, outputs, metadata)

    graph = _Graph()
    graph.call("Cast", ["y"], "context", to=TensorProto.FLOAT)
    graph.call("ReduceMean", ["context"], "mean", axes=[1], keepdims=1)
    graph.call("MatMul", ["mean", graph.constant(np.zeros((1, len(SYMBOLS) + 1), np.float32))], "decoder_out")
    graph.save(
        folder / "decoder-epoch-1-avg-1.onnx",
        [_tensor("y", ["N", 2], TensorProto.INT64)],
        [_tensor("decoder_out", ["N", len(SYMBOLS) + 1])],
        {"context_size": 2, "vocab_size": len(SYMBOLS) + 1},
    )

    graph = _Graph()
    graph.call("Add", ["encoder_out", "decoder_out"], "logit")
    vector: list[int | str] = ["N", len(SYMBOLS) + 1]
    graph.save(
        folder / "joiner-epoch-1-avg-1.int8.onnx",
        [_tensor("encoder_out", vector), _tensor("decoder_out", vector)],
        [_tensor("logit", vector)],
        {"joiner_dim": len(SYMBOLS) + 1},
    )
    letters = SYMBOLS.upper() if capitals else SYMBOLS
    _write_tokens(folder, ["<blk>", *letters])
    if hot_words:
        pieces = "".join(f"{piece}\t{-number}\n" for number, piece in enumerate(["<unk>", *letters]))
        (folder / "bpe.vocab").write_text(pieces, encoding="utf-8")
    return folder


def write_nemotron(folder: Path, *, prompts: Mapping[str, int] | None = None) -> Path:
    """Write a multilingual NeMo transducer into ``folder``: told Vietnamese, it takes the tone of "d" for "đ".

    As its decoder only knows the letter before, it cannot write the same one twice in a row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prompts = {"en-US": 0, "vi-VN": 1, "auto": 101} if prompts is None else prompts
    # Chunks of 560 ms, as one of the published models; four feature frames, not eight, give one frame.
    shift, window = 56, 65
    symbols = [*SYMBOLS, "đ"]
    d = symbols.index("d")
    told = np.zeros((max(prompts.values()) + 1, 1, len(symbols) + 1), np.float32)
    told[:, 0, symbols.index("đ")] = -_NEVER
    told[prompts.get("vi-VN", 1), 0, [d, symbols.index("đ")]] = -_NEVER, 0.0

    graph = _Graph()
    graph.call("Transpose", ["audio_signal"], "features", perm=[0, 2, 1])
    bands = _bands_of_librosa()
    bands.append(bands[d])
    scores = graph.score_letters("features", bands=bands, loud=_LOUD_LIBROSA, blocks=shift // _BLOCK, alone=True)
    graph.call("Gather", [graph.constant(told), "prompt_index"], "told", axis=0)
    graph.call("Add", [scores, "told"], "answered")
    graph.call("Transpose", ["answered"], "outputs", perm=[0, 2, 1])
    caches: list[tuple[str, list[int | str], int]] = [
        ("cache_last_channel", ["N", 1, 4, 2], TensorProto.FLOAT),
        ("cache_last_time", ["N", 1, 2, 2], TensorProto.FLOAT),
        ("cache_last_channel_len", ["N"], TensorProto.INT64),
    ]
    lengths = _tensor("length", ["N"], TensorProto.INT64)
    for name, _, _ in caches:
        graph.call("Identity", [name], f"{name}_next")
    graph.call("Identity", ["length"], "encoded_lengths")
    graph.save(
        folder / "encoder.int8.onnx",
        [
            _tensor("audio_signal", ["N", 80, "T"]),
            lengths,
            *(_tensor(*cache) for cache in caches),
            _tensor("prompt_index", ["N"], TensorProto.INT64),
        ],
        [
            _tensor("outputs", ["N", len(symbols) + 1, "S"]),
            _tensor("encoded_lengths", ["N"], TensorProto.INT64),
            *(_tensor(f"{name}_next", shape, kind) for name, shape, kind in caches),
        ],
        {
            "model_type": "EncDecRNNTBPEModelWithPrompt",
            "vocab_size": len(symbols),
            "window_size": window,
            "chunk_shift": shift,
            "subsampling_factor": _BLOCK,
            "normalize_type": "NA",
            "pred_rnn_layers": 1,
            "pred_hidden": 2,
            "cache_last_channel_dim1": 1,
            "cache_last_channel_dim2": 4,
            "cache_last_channel_dim3": 2,
            "cache_last_time_dim1": 1,
            "cache_last_time_dim2": 2,
            "cache_last_time_dim3": 2,
            "prompt_dictionary": json.dumps(prompts),
        },
    )

    graph = _Graph()
    not_again = -_NEVER * np.eye(len(symbols) + 1, dtype=np.float32)
    not_again[-1] = 0.0
    graph.call("Gather", [graph.constant(not_again), "targets"], "rows", axis=0)
    graph.call("Transpose", ["rows"], "decoder_output", perm=[0, 2, 1])
    states = ["states.1", "states.2"]
    for name in ("target_length", *states):
        graph.call("Identity", [name], f"{name}_next")
    hidden: list[int | str] = [1, "N", 2]
    graph.save(
        folder / "decoder.int8.onnx",
        [
            _tensor("targets", ["N", 1], TensorProto.INT32),
            _tensor("target_length", ["N"], TensorProto.INT32),
            *(_tensor(name, hidden) for name in states),
        ],
        [
            _tensor("decoder_output", ["N", len(symbols) + 1, 1]),
            _tensor("target_length_next", ["N"], TensorProto.INT32),
            *(_tensor(f"{name}_next", hidden) for name in states),
        ],
        {},
    )

    graph = _Graph()
    graph.call("Add", ["encoder_outputs", "decoder_outputs"], "outputs")
    vector: list[int | str] = ["N", len(symbols) + 1, 1]
    graph.save(
        folder / "joiner.int8.onnx",
        [_tensor("encoder_outputs", vector), _tensor("decoder_outputs", vector)],
        [_tensor("outputs", vector)],
        {},
    )
    _write_tokens(folder, [*symbols, "<blk>"])
    return folder


class _ZipformerLayer:
    """Sizes of the one layer; they carry states and compute nothing."""

    width, keys, values, kernel, left = 4, 2, 2, 3, 4


class _Graph:
    """Nodes and weights of one model."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def call(self, kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> str:
        self._nodes.append(helper.make_node(kind, list(inputs), [output], None, None, None, None, **attributes))
        return output

    def constant(self, value: Weights) -> str:
        name = f"constant_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(value, name))
        return name

    def score_letters(self, features: str, *, bands: Sequence[int], loud: float, blocks: int, alone: bool) -> str:
        """Score letters in ``features`` (batch, frames, bands), which hold one block more than is answered.

        A letter's score is the log energy of its band in the last loud block before a quiet one; blank is first.
        ``alone`` is for those that write down several tokens of a frame: only the loudest has a score above the blank,
        which stands last.
        """
        frames = self._slice(features, 1, 0, (blocks + 1) * _BLOCK)
        shape = self.constant(np.array([0, blocks + 1, _BLOCK, -1], np.int64))
        self.call("Reshape", [frames, shape], "blocks")
        self.call("ReduceMax", ["blocks"], "peaks", axes=[2], keepdims=0)
        self.call("Gather", ["peaks", self.constant(np.array(bands, np.int64))], "letters", axis=2)
        self.call("ReduceMax", ["letters"], "loudness", axes=[2], keepdims=1)
        limit, strict = self.constant(np.array(loud, np.float32)), self.constant(np.array(_STRICT, np.float32))
        self.call("Sub", [self._slice("loudness", 1, 1, blocks + 1), limit], "over_next")
        self.call("Sub", [limit, self._slice("loudness", 1, 0, blocks)], "under_now")
        self.call("Relu", ["over_next"], "goes_on")
        self.call("Relu", ["under_now"], "is_quiet")
        self.call("Add", ["goes_on", "is_quiet"], "wrong")
        self.call("Mul", ["wrong", strict], "penalty")
        self.call("Sub", [self._slice("letters", 1, 0, blocks), "penalty"], "fair")
        self.call("Sub", ["letters", "loudness"], "behind")
        stress = self.constant(np.array(_STRICT if alone else 0.0, np.float32))
        self.call("Mul", [self._slice("behind", 1, 0, blocks), stress], "stressed")
        self.call("Add", ["fair", "stressed"], "scores")
        self.call("Mul", ["wrong", self.constant(np.array(0.0, np.float32))], "nothing")
        self.call("Add", ["nothing", limit], "blank")
        return self.call("Concat", ["scores", "blank"] if alone else ["blank", "scores"], "scored", axis=2)

    def save(
        self,
        file: Path,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
        metadata: Mapping[str, object],
    ) -> None:
        graph = helper.make_graph(self._nodes, file.stem, list(inputs), list(outputs), self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
        onnx.checker.check_model(model)
        onnx.save(model, file)

    def _slice(self, source: str, axis: int, begin: int, end: int) -> str:
        bounds = [self.constant(np.array([value], np.int64)) for value in (begin, end, axis)]
        return self.call("Slice", [source, *bounds], f"{source}_{axis}_{begin}_{end}")


def _tensor(name: str, shape: Sequence[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def _bands_of_kaldi() -> list[int]:
    """Number of the feature in which each tone sounds loudest: 80 bands of equal mel width from 20 to 7600 Hz."""
    return [_nearest(tone_hz(symbol), 20.0, RECOGNITION_RATE / 2 - 400.0, 80) for symbol in SYMBOLS]


def _nearest(hz: float, low_hz: float, high_hz: float, count: int) -> int:
    low, high, at = (math.log1p(value / 700) for value in (low_hz, high_hz, hz))
    return round((at - low) / (high - low) * (count + 1)) - 1


def _bands_of_librosa() -> list[int]:
    """The same of 80 bands from 0 to 8000 Hz, of equal width below 1000 Hz and in equal ratios above (Slaney)."""
    places = [15 + 27 * math.log(max(tone_hz(symbol), 1000.0) / 1000) / math.log(6.4) for symbol in SYMBOLS]
    below = [tone_hz(symbol) * 3 / 200 for symbol in SYMBOLS]
    highest = 15 + 27 * math.log(8.0) / math.log(6.4)
    return [round(min(pair) / highest * 81) - 1 for pair in zip(places, below, strict=True)]


def _write_tokens(folder: Path, tokens: Sequence[str]) -> None:
    lines = "".join(f"{token} {number}\n" for number, token in enumerate(tokens))
    (folder / "tokens.txt").write_text(lines, encoding="utf-8")
