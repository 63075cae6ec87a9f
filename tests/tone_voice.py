"""Voice models whose every symbol is a tone, so that a test reads the spoken text back from the sound.

Real ONNX models of exact shape, a few hundred bytes each, which sherpa-onnx loads as any other: VITS
(``make_tone_voice``), Kokoro (``make_tone_kokoro``) and Supertonic (``make_tone_supertonic``). ``hear_symbols`` reads
them, after Opus too. Matcha, ZipVoice and Pocket are in ``tone_matcha.py``, ``tone_zipvoice.py``, ``tone_pocket.py``.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from tests.tone_graphs import (
    BASE_HZ,
    FLOAT,
    RATE,
    STEP_HZ,
    SYMBOL_SAMPLES,
    Tensor,
    constant,
    save,
    stretched,
    tones,
    write_lexicon,
    write_tokens,
)

from dragoman.ground.audio import Audio

IPA = "abcdefghijklmnopqrstuvwxyzæçðøħŋœǀɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʝʰʲˈˌːˑˤ̩̪̃̆ᵻβθχ^"
MARKS = " !',-.:;?"
DIGITS = "0123456789"
SYMBOLS = ("_", "^", "$", *MARKS, *DIGITS, *(symbol for symbol in IPA if symbol != "^"))
"""Of the voices here; pad, begin and end come first, as in Piper's."""

KOKORO_SYMBOLS = ("$", *SYMBOLS[3:])
"""Its one mark for pad, begin and end is number 0."""

SUPERTONIC_SYMBOLS = (
    "<>/ .,:;!?'-()\"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZđĐ"
    "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
)
"""Letters and the marks that decomposed ones carry; what Vietnamese needs."""


def make_tone_voice(
    folder: Path,
    *,
    language: str = "en-us",
    symbols: Sequence[str] = SYMBOLS,
    lexicon: dict[str, str] | None = None,
    letters: bool = False,
    symbol_samples: int = SYMBOL_SAMPLES,
) -> Path:
    """Write a VITS model that takes phonemes of espeak-ng, or the words of ``lexicon``, or letters; give its folder."""
    metadata: dict[str, str | int] = {"sample_rate": RATE, "n_speakers": 1, "language": language, "voice": language}
    metadata |= {"comment": "coqui", "frontend": "characters"} if letters else {"comment": "piper"}
    folder.mkdir(parents=True, exist_ok=True)
    write_tokens(folder, symbols)
    if lexicon is not None:
        write_lexicon(folder / "lexicon.txt", lexicon)
    nodes, constants = tones("input", "samples")
    nodes = [
        helper.make_node("Gather", ["scales", "one"], ["length_scale"]),
        helper.make_node("Mul", ["full_samples", "length_scale"], ["samples"]),
        *nodes,
        helper.make_node("Reshape", ["tones", "shape"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tones",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "symbols"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])],
        [*constants, constant("full_samples", np.float32(symbol_samples)), constant("shape", np.array([1, 1, -1]))],
    )
    save(graph, folder / "tones.onnx", metadata)
    return folder


def make_tone_kokoro(
    folder: Path,
    *,
    names: Sequence[str],
    lexicon: dict[str, str] | None = None,
    symbol_samples: int = SYMBOL_SAMPLES,
) -> Path:
    """Write a Kokoro model whose voices are ``names``, each two tones higher than the one before.

    It takes phonemes of espeak-ng, as the first version did; with a ``lexicon`` it is one of several languages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tokens(folder, KOKORO_SYMBOLS)
    if lexicon is not None:
        write_lexicon(folder / "lexicon-us-en.txt", lexicon)
    longest, width = 510, 2
    styles = np.repeat(np.arange(len(names), dtype=np.float32), longest * width).reshape(len(names), longest, width)
    (folder / "voices.bin").write_bytes(styles.tobytes())
    metadata: dict[str, str | int] = {"model_type": "kokoro", "sample_rate": RATE, "n_speakers": len(names)}
    metadata |= {"has_espeak": 1, "version": 1 if lexicon is None else 2, "voice": "en-us"}
    metadata |= {"style_dim": f"{longest},1,{width}", "speaker_names": ",".join(names)}
    nodes, constants = tones("raised", "samples")
    nodes = [
        helper.make_node("Div", ["full_samples", "speed"], ["samples_1"]),
        helper.make_node("Squeeze", ["samples_1"], ["samples"]),
        helper.make_node("Gather", ["style", "zero"], ["row"], axis=0),
        helper.make_node("Gather", ["row", "zero"], ["voice"], axis=0),
        helper.make_node("Mul", ["voice", "octave"], ["raise_by"]),
        helper.make_node("Cast", ["raise_by"], ["raise_whole"], to=TensorProto.INT64),
        helper.make_node("Add", ["tokens", "raise_whole"], ["raised"]),
        *nodes,
        helper.make_node("Reshape", ["tones", "shape"], ["audio"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tones",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "symbols"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, width]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["samples"])],
        [
            *constants,
            constant("full_samples", np.float32(symbol_samples)),
            constant("octave", np.float32(2)),
            constant("shape", np.array([-1])),
        ],
    )
    save(graph, folder / "model.onnx", metadata)
    return folder


def make_tone_supertonic(folder: Path, *, voices: int = 10, symbol_samples: int = SYMBOL_SAMPLES) -> Path:
    """Write a Supertonic model whose letters are the first ones of ``SUPERTONIC_SYMBOLS``; give its folder.

    A symbol is a frame of its latent, which the vocoder makes sound; voices sound alike.
    """
    folder.mkdir(parents=True, exist_ok=True)
    make = helper.make_node
    ids: Tensor = ("text_ids", int(TensorProto.INT64), [1, "symbols"])
    mask: Tensor = ("text_mask", FLOAT, [1, 1, "symbols"])
    latent: Tensor = ("latent", FLOAT, [1, 1, "frames"])
    style: list[int | str] = [1, 1, 1]
    encoded: Tensor = ("text_emb", FLOAT, [1, 1, "symbols"])
    graphs: dict[str, tuple[list[onnx.NodeProto], list[Tensor], Tensor, list[onnx.TensorProto]]] = {
        "duration_predictor": (
            [
                make("ReduceSum", ["text_mask", "axes"], ["symbols"], keepdims=0),
                make("Mul", ["symbols", "each"], ["duration"]),
            ],
            [ids, ("style_dp", FLOAT, style), mask],
            ("duration", FLOAT, [1]),
            [constant("axes", np.array([1, 2])), constant("each", np.float32((symbol_samples + 0.01) / RATE))],
        ),
        "text_encoder": (
            [
                make("Cast", ["text_ids"], ["numbers"], to=FLOAT),
                make("Unsqueeze", ["numbers", "one"], ["text_emb"]),
            ],
            [ids, ("style_ttl", FLOAT, style), mask],
            encoded,
            [constant("one", np.array([1]))],
        ),
        "vector_estimator": (
            [
                make("Shape", ["noisy_latent"], ["frames_1"], start=2, end=3),
                make("Squeeze", ["frames_1"], ["frames"]),
                *stretched("text_emb", "frames", "denoised"),
            ],
            [
                ("noisy_latent", FLOAT, [1, 1, "frames"]),
                encoded,
                ("style_ttl", FLOAT, style),
                ("latent_mask", FLOAT, [1, 1, "frames"]),
                mask,
                ("current_step", FLOAT, [1]),
                ("total_step", FLOAT, [1]),
            ],
            ("denoised", FLOAT, [1, 1, "frames"]),
            [constant("zero", np.int64(0)), constant("one", np.int64(1))],
        ),
    }
    for name, (nodes, inputs, output, constants) in graphs.items():
        values = [helper.make_tensor_value_info(*tensor) for tensor in inputs]
        graph = helper.make_graph(nodes, name, values, [helper.make_tensor_value_info(*output)], constants)
        save(graph, folder / f"{name}.int8.onnx", {})
    nodes, constants = tones("numbers", "samples")
    vocoder = helper.make_graph(
        [
            make("Squeeze", ["latent", "one_1"], ["rounded"]),
            make("Round", ["rounded"], ["numbers"]),
            *nodes,
            make("Reshape", ["tones", "shape"], ["wav"]),
        ],
        "vocoder",
        [helper.make_tensor_value_info(*latent)],
        [helper.make_tensor_value_info("wav", FLOAT, [1, "samples"])],
        [
            *constants,
            constant("samples", np.float32(symbol_samples)),
            constant("one_1", np.array([1])),
            constant("shape", np.array([1, -1])),
        ],
    )
    save(vocoder, folder / "vocoder.int8.onnx", {})
    table = np.full(1 << 16, -1, np.int32)
    table[[ord(symbol) for symbol in SUPERTONIC_SYMBOLS]] = np.arange(len(SUPERTONIC_SYMBOLS))
    (folder / "unicode_indexer.bin").write_bytes(table.tobytes())
    (folder / "voice.bin").write_bytes(np.array([voices, 1, 1] * 2, np.int64).tobytes() + bytes(8 * voices))
    (folder / "tts.json").write_text(
        json.dumps(
            {
                "ae": {"sample_rate": RATE, "base_chunk_size": symbol_samples},
                "ttl": {"chunk_compress_factor": 1, "latent_dim": 1},
            }
        )
    )
    return folder


def hear_symbols(audio: Audio, *, symbol_samples: int = SYMBOL_SAMPLES, speed: float = 1.0) -> list[int]:
    """Read the number of the symbol in each stretch of ``symbol_samples / speed`` (at ``RATE``) from its start on."""
    length = round(symbol_samples / speed * audio.sample_rate / RATE)
    window = np.hanning(length)
    found = []
    for start in range(0, len(audio.samples) - length + 1, length):
        spectrum = np.abs(np.fft.rfft(audio.samples[start : start + length] * window, 8 * length))
        hertz = float(spectrum.argmax()) * audio.sample_rate / (8 * length)
        found.append(round((hertz - BASE_HZ) / STEP_HZ))
    return found


def number_of(symbol: str, symbols: Sequence[str] = SYMBOLS) -> int:
    """Give the number of ``symbol`` in the tone voices here."""
    return list(symbols).index(symbol)
