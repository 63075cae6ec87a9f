"""VieNeu-TTS v3 in small, Nano and Turbo: their graphs with their names and shapes, which hum as long as the text is.

Run by the real package ``vieneu`` with its own voices and phonemes; what is heard says nothing of the words.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

RATE = 24_000
HOP = 1536
"""Samples per frame: 256 of the codec, six of its frames at once."""
SECONDS_PER_PHONEME = 0.05
TONE_HZ = 440.0
WIDTH, STYLES, SPEAKER, LATENT = 256, 50, 192, 144

_VOCABULARY = [
    chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x400), *range(0x1E00, 0x1F00), *range(0x2010, 0x2070))
]

Tensor = tuple[str, int, Sequence[int | str]]

_float, _int, _bool = int(TensorProto.FLOAT), int(TensorProto.INT64), int(TensorProto.BOOL)
_CONTEXT: Tensor = ("ctx", _float, [1, "phonemes", WIDTH])
_MASK: Tensor = ("ctx_mask", _bool, [1, "phonemes"])
_SPEAKER: Tensor = ("spk", _float, [1, SPEAKER])
_STYLE: Tensor = ("style", _float, [1, STYLES, WIDTH])
_LATENT: Tensor = ("x", _float, [1, LATENT, "frames"])


def make_vieneu_nano(folder: Path) -> Path:
    """Write the model's six files; give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    make = helper.make_node
    _write(
        folder / "text_encoder.onnx",
        [("ids", _int, [1, "phonemes"]), _STYLE],
        [("context", _float, [1, "phonemes", WIDTH])],
        [
            make("Cast", ["ids"], ["numbers"], to=_float),
            make("Unsqueeze", ["numbers", "last"], ["column"]),
            make("Mul", ["column", "row"], ["context"]),
        ],
        {"last": np.array([2]), "row": np.full((1, 1, WIDTH), 1 / WIDTH, np.float32)},
    )
    _write(
        folder / "duration_predictor.onnx",
        [_CONTEXT, _MASK, _SPEAKER],
        [("log_seconds", _float, [1])],
        [
            make("Cast", ["ctx_mask"], ["ones"], to=_float),
            make("ReduceSum", ["ones", "last"], ["phonemes"], keepdims=0),
            make("Mul", ["phonemes", "each"], ["seconds"]),
            make("Log", ["seconds"], ["log_seconds"]),
        ],
        {"last": np.array([1]), "each": np.float32(SECONDS_PER_PHONEME)},
    )
    _write(
        folder / "vector_estimator.onnx",
        [_LATENT, ("t", _float, [1]), _CONTEXT, _MASK, _SPEAKER, _STYLE],
        [("v", _float, [1, LATENT, "frames"])],
        [make("Neg", ["x"], ["v"])],
        {},
    )
    _write(
        folder / "codec_decoder.onnx",
        [_LATENT],
        [("wav", _float, [1, 1, "samples"])],
        [
            make("Shape", ["x"], ["frames"], start=2, end=3),
            make("Mul", ["frames", "hop"], ["length_1"]),
            make("Squeeze", ["length_1"], ["length"]),
            make("Range", ["zero", "length", "one"], ["times"]),
            make("Cast", ["times"], ["times_float"], to=_float),
            make("Mul", ["times_float", "pace"], ["phases"]),
            make("Sin", ["phases"], ["sines"]),
            make("Mul", ["sines", "level"], ["tone"]),
            make("Reshape", ["tone", "shape"], ["wav"]),
        ],
        {
            "hop": np.array([HOP]),
            "zero": np.int64(0),
            "one": np.int64(1),
            "pace": np.float32(2 * np.pi * TONE_HZ / RATE),
            "level": np.float32(0.3),
            "shape": np.array([1, 1, -1]),
        },
    )
    vocabulary = {char: number + 3 for number, char in enumerate(_VOCABULARY)}
    config = {"vocab": vocabulary, "bos_id": 1, "eos_id": 2, "pad_id": 0, "flow_fps": RATE / HOP}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    np.savez(
        folder / "constants.npz",
        null_spk=np.zeros(SPEAKER, np.float32),
        null_style=np.zeros((STYLES, WIDTH), np.float32),
    )
    return folder


TURBO_RATE, TURBO_HOP = 48_000, 3840
HIDDEN, CODEBOOKS, CODES = 8, 16, 1024
PHONEMES_PER_FRAME = 3
_SPECIAL = {"unknown": 0, "audio_pad": 1, "prompt_start": 2, "prompt_end": 3, "begin": 4, "end": 5, "reference": 6}
_STYLE_TOKEN = 16
"""As the package has it by default."""
_FIRST_PHONEME = 32
_COUNT, _ALWAYS, _IS_PHONEME = 0, 1, 2
"""What three of the hidden numbers mean here: frames so far less phonemes, one, and one for each phoneme."""


def make_vieneu_turbo(folder: Path) -> Path:
    """Write the model and its codec, which stop after a frame of 80 ms for three phonemes; give their folder."""
    graphs, codec = folder / "onnx_update", folder / "codec"
    graphs.mkdir(parents=True, exist_ok=True)
    codec.mkdir(exist_ok=True)
    _write_turbo_graphs(graphs)
    _write_turbo_tables(graphs)
    _write_codec(codec)
    return folder


def _write_turbo_graphs(folder: Path) -> None:
    make = helper.make_node
    cache: list[int | str] = [1, 1, 1, 1]
    count = [
        make("Mul", ["present_k_0", "at_count"], ["counted"]),
        make("Add", ["counted", "at_always"], ["hidden_4d"]),
        make("Squeeze", ["hidden_4d", "first"], ["hidden_3d"]),
    ]
    at = {
        "at_count": _one_hot(_COUNT).reshape(1, 1, 1, HIDDEN),
        "at_always": _one_hot(_ALWAYS).reshape(1, 1, 1, HIDDEN),
        "first": np.array([0]),
    }
    _write(
        folder / "vieneu_prefill.onnx",
        [("inputs_embeds", _float, [1, "rows", HIDDEN])],
        [("hidden", _float, [1, "rows", HIDDEN]), ("present_k_0", _float, cache), ("present_v_0", _float, cache)],
        [
            make("Gather", ["inputs_embeds", "which"], ["marks"], axis=2),
            make("ReduceSum", ["marks", "rows"], ["phonemes"], keepdims=0),
            make("Neg", ["phonemes"], ["less"]),
            make("Reshape", ["less", "cache"], ["present_k_0"]),
            make("Identity", ["present_k_0"], ["present_v_0"]),
            *count,
            make("Mul", ["inputs_embeds", "nothing"], ["zeros"]),
            make("Add", ["zeros", "hidden_3d"], ["hidden"]),
        ],
        {
            "which": np.array([_IS_PHONEME]),
            "rows": np.array([1, 2]),
            "cache": np.array([1, 1, 1, 1]),
            "nothing": np.float32(0),
            **at,
        },
    )
    _write(
        folder / "vieneu_decode_step.onnx",
        [
            ("inputs_embeds", _float, [1, 1, HIDDEN]),
            ("position_ids", _int, [1, 1]),
            ("past_k_0", _float, cache),
            ("past_v_0", _float, cache),
        ],
        [("hidden", _float, [1, 1, HIDDEN]), ("present_k_0", _float, cache), ("present_v_0", _float, cache)],
        [
            make("Add", ["past_k_0", "one"], ["present_k_0"]),
            make("Identity", ["past_v_0"], ["present_v_0"]),
            *count,
            make("Identity", ["hidden_3d"], ["hidden"]),
        ],
        {"one": np.float32(PHONEMES_PER_FRAME), **at},
    )
    heads: list[int | str] = [1, 1, "past", HIDDEN]
    _write(
        folder / "vieneu_acoustic_cached.onnx",
        [
            ("token_emb", _float, [1, "tokens", HIDDEN]),
            ("position_ids", _int, [1, "tokens"]),
            ("past_k_0", _float, heads),
            ("past_v_0", _float, heads),
        ],
        [("hidden", _float, [1, "tokens", HIDDEN]), ("present_k_0", _float, heads), ("present_v_0", _float, heads)],
        [
            make("Identity", ["token_emb"], ["hidden"]),
            make("Identity", ["past_k_0"], ["present_k_0"]),
            make("Identity", ["past_v_0"], ["present_v_0"]),
        ],
        {},
    )
    (folder / "vieneu_backbone_shared.data").write_bytes(b"the weights are in the graphs")


def _write_turbo_tables(folder: Path) -> None:
    """Write configuration, tokenizer and embeddings: the end is likeliest once the count has passed 0."""
    vocabulary = {"[UNK]": 0} | {char: number + _FIRST_PHONEME for number, char in enumerate(_VOCABULARY)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106  no password
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    text = np.zeros((_FIRST_PHONEME + len(_VOCABULARY), HIDDEN), np.float32)
    text[_FIRST_PHONEME:, _IS_PHONEME] = 1
    text[_SPECIAL["end"], _COUNT] = 1
    np.savez(
        folder / "vieneu_v3_heads.npz",
        text_emb=text,
        audio_emb=np.zeros((CODEBOOKS, CODES, HIDDEN), np.float32),
        xvec_w=np.zeros((HIDDEN, SPEAKER), np.float32),
        xvec_b=np.zeros(HIDDEN, np.float32),
        xvec_ln_w=np.zeros(HIDDEN, np.float32),
        xvec_ln_b=np.zeros(HIDDEN, np.float32),
        xvec_ln_eps=np.float32(1e-5),
    )
    config = {
        "n_vq": CODEBOOKS,
        "hidden_size": HIDDEN,
        "num_hidden_layers": 1,
        "local_num_hidden_layers": 1,
        "local_num_attention_heads": 1,
        "audio_pad_token_id": _SPECIAL["audio_pad"],
        "text_prompt_start_token_id": _SPECIAL["prompt_start"],
        "text_prompt_end_token_id": _SPECIAL["prompt_end"],
        "speech_generation_start_token_id": _SPECIAL["begin"],
        "speech_generation_end_token_id": _SPECIAL["end"],
        "audio_ref_slot_token_id": _SPECIAL["reference"],
        "text_vocab_size": len(text),
        "default_style_token_id": _STYLE_TOKEN,
        "use_speaker_embedding": True,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def _write_codec(folder: Path) -> None:
    make = helper.make_node
    frames: Tensor = ("audio_codes", TensorProto.INT32, [1, "frames", CODEBOOKS])
    lengths: Tensor = ("audio_code_lengths", TensorProto.INT32, [1])
    audio: Tensor = ("audio", _float, [1, 2, "samples"])
    sounded: Tensor = ("audio_lengths", TensorProto.INT32, [1])
    offset: Tensor = ("offset", TensorProto.INT32, [1])
    hum = [
        make("Mul", ["audio_code_lengths", "hop"], ["audio_lengths"]),
        make("Mul", ["offset", "hop"], ["begin_1"]),
        make("Add", ["begin_1", "audio_lengths"], ["end_1"]),
        make("Squeeze", ["begin_1"], ["begin"]),
        make("Squeeze", ["end_1"], ["end"]),
        make("Range", ["begin", "end", "one"], ["times"]),
        make("Cast", ["times"], ["times_float"], to=_float),
        make("Mul", ["times_float", "pace"], ["phases"]),
        make("Sin", ["phases"], ["sines"]),
        make("Mul", ["sines", "level"], ["tone"]),
        make("Reshape", ["tone", "shape"], ["mono"]),
        make("Concat", ["mono", "mono"], ["audio"], axis=1),
    ]
    constants: dict[str, np.generic | NDArray[np.generic]] = {
        "hop": np.array([TURBO_HOP], np.int32),
        "one": np.int32(1),
        "pace": np.float32(2 * np.pi * TONE_HZ / TURBO_RATE),
        "level": np.float32(0.3),
        "shape": np.array([1, 1, -1]),
    }
    whole = constants | {"offset": np.array([0], np.int32)}
    _write(folder / "moss_audio_tokenizer_decode_full.onnx", [frames, lengths], [audio, sounded], hum, whole)
    _write(
        folder / "moss_audio_tokenizer_decode_step.onnx",
        [frames, lengths, offset],
        [audio, sounded, ("next_offset", TensorProto.INT32, [1])],
        [*hum, make("Add", ["offset", "audio_code_lengths"], ["next_offset"])],
        constants,
    )
    (folder / "moss_audio_tokenizer_decode_shared.data").write_bytes(b"the weights are in the graphs")
    streaming = {
        "transformer_offsets": [{"input_name": "offset", "shape": [1], "output_name": "next_offset"}],
        "attention_caches": [],
    }
    (folder / "codec_browser_onnx_meta.json").write_text(json.dumps({"streaming_decode": streaming}))


def _one_hot(place: int) -> NDArray[np.float32]:
    vector = np.zeros(HIDDEN, np.float32)
    vector[place] = 1
    return vector


def _write(
    path: Path,
    inputs: Sequence[Tensor],
    outputs: Sequence[Tensor],
    nodes: list[onnx.NodeProto],
    constants: Mapping[str, np.generic | NDArray[np.generic]],
) -> None:
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(*tensor) for tensor in inputs],
        [helper.make_tensor_value_info(*tensor) for tensor in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path))
