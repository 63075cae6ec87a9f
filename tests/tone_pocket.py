"""A Pocket TTS model whose pieces of words are tones, with recorded voices. See ``tone_voice.py``."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
from onnx import helper
from tests.tone_graphs import BASE_HZ, FLOAT, INT64, LEVEL, RATE, STEP_HZ, SYMBOL_SAMPLES, constant, save_graph, tones

POCKET_RATE = 24_000
POCKET_PIECES = (*"▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"-()", "▁the")
"""Pieces of words, and before the bytes of everything else."""
_WIDTH, _LATENT = 1024, 32
_SILENT = -round(BASE_HZ / STEP_HZ)
"""The symbol whose tone has 0 Hz; sounds after the end."""


def make_tone_pocket(
    folder: Path, *, voices: Mapping[str, int] | None = None, symbol_samples: int = SYMBOL_SAMPLES
) -> Path:
    """Write a Pocket model and recordings of ``voices``, whose lengths are in seconds; give its folder.

    The voice raises every tone by one step for each second of its recording. The language model keeps what it was
    given as its state, says a piece in each frame, and then ends; its flow leads from any noise straight to the piece.
    """
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    pieces = [*POCKET_PIECES, *(f"<0x{byte:02X}>" for byte in range(256))]
    (folder / "vocab.json").write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}))
    (folder / "token_scores.json").write_text(json.dumps({piece: -10.0 / len(piece) for piece in pieces}))
    for name, seconds in ({"ann": 3} if voices is None else voices).items():
        hum = LEVEL * np.sin(2 * np.pi * 150 * np.arange(seconds * RATE) / RATE)
        soundfile.write(folder / "voices" / f"{name}.wav", hum, RATE)
    _write_readers(folder)
    _write_language_model(folder)
    _write_sound(folder, samples=symbol_samples * POCKET_RATE // RATE)
    return folder


def hear_pieces(numbers: list[int], *, raised: int) -> str:
    """Give the text of what ``hear_symbols`` heard of a voice that is ``raised`` by so many steps, silence left out."""
    text = "".join(POCKET_PIECES[number - raised] for number in numbers if number != _SILENT)
    return text.replace("▁", " ").strip()


def _write_readers(folder: Path) -> None:
    """Write what makes rows of text, the piece in their first column, and of a recording, its length in the second."""
    make = helper.make_node
    save_graph(
        folder / "text_conditioner.onnx",
        [
            make("Cast", ["token_ids"], ["numbers"], to=FLOAT),
            make("Unsqueeze", ["numbers", "last"], ["column"]),
            make("Pad", ["column", "others"], ["embeddings"]),
        ],
        [("token_ids", INT64, [1, "pieces"])],
        [("embeddings", FLOAT, [1, "pieces", _WIDTH])],
        [constant("last", np.array([2])), constant("others", np.array([0, 0, 0, 0, 0, _WIDTH - 1]))],
    )
    save_graph(
        folder / "encoder.onnx",
        [
            make("Shape", ["audio"], ["samples"], start=2, end=3),
            make("Cast", ["samples"], ["samples_float"], to=FLOAT),
            make("Div", ["samples_float", "rate"], ["seconds_float"]),
            make("Round", ["seconds_float"], ["seconds"]),
            make("Reshape", ["seconds", "single"], ["column"]),
            make("Pad", ["column", "others"], ["latents"]),
        ],
        [("audio", FLOAT, [1, 1, "samples"])],
        [("latents", FLOAT, [1, 1, _WIDTH])],
        [
            constant("rate", np.float32(POCKET_RATE)),
            constant("single", np.array([1, 1, 1])),
            constant("others", np.array([0, 0, 1, 0, 0, _WIDTH - 2])),
        ],
    )


def _write_language_model(folder: Path) -> None:
    """Write the model whose state is the rows so far (one of zeros, the voice, the text) and the frames so far."""
    make = helper.make_node
    save_graph(
        folder / "lm_main.onnx",
        [
            make("Slice", ["text_embeddings", "zero_1", "two_1", "two_1"], ["new_rows"]),
            make("Concat", ["state_0", "new_rows"], ["out_state_0"], axis=1),
            make("Shape", ["sequence"], ["new_frames"], start=1, end=2),
            make("Add", ["state_1", "new_frames"], ["out_state_1"]),
            make("Add", ["state_1", "two_1"], ["wanted"]),
            make("Shape", ["out_state_0"], ["count"], start=1, end=2),
            make("Sub", ["count", "one_1"], ["final"]),
            make("Min", ["wanted", "final"], ["place"]),
            make("Gather", ["out_state_0", "place"], ["row"], axis=1),
            make("Slice", ["row", "zero_1", "one_1", "two_1"], ["piece"]),
            make("ReduceMax", ["out_state_0"], ["most"], axes=[1], keepdims=1),
            make("Slice", ["most", "one_1", "two_1", "two_1"], ["raise_by"]),
            make("Add", ["piece", "raise_by"], ["tone"]),
            make("Greater", ["wanted", "final"], ["ended"]),
            make("Where", ["ended", "silent", "tone"], ["spoken"]),
            make("Where", ["ended", "sure", "unlikely"], ["eos"]),
            make("Reshape", ["eos", "flat"], ["eos_logit"]),
            make("Reshape", ["spoken", "flat"], ["column"]),
            make("Pad", ["column", "others"], ["conditioning"]),
        ],
        [
            ("sequence", FLOAT, [1, "new_frames", _LATENT]),
            ("text_embeddings", FLOAT, [1, "new_rows", _WIDTH]),
            ("state_0", FLOAT, [1, "rows", 2]),
            ("state_1", INT64, [1]),
        ],
        [
            ("conditioning", FLOAT, [1, _WIDTH]),
            ("eos_logit", FLOAT, [1, 1]),
            ("out_state_0", FLOAT, [1, "rows_after", 2]),
            ("out_state_1", INT64, [1]),
        ],
        [
            *(constant(f"{name}_1", np.array([value])) for value, name in enumerate(("zero", "one", "two"))),
            constant("silent", np.float32(_SILENT)),
            constant("sure", np.float32(10)),
            constant("unlikely", np.float32(-10)),
            constant("flat", np.array([1, 1])),
            constant("others", np.array([0, 0, 0, _WIDTH - 1])),
        ],
    )
    save_graph(
        folder / "lm_flow.onnx",
        [
            make("Slice", ["c", "from", "width", "columns"], ["wanted"]),
            make("Sub", ["wanted", "x"], ["way"]),
            make("Sub", ["end", "s"], ["time_left"]),
            make("Div", ["way", "time_left"], ["flow_dir"]),
        ],
        [("c", FLOAT, [1, _WIDTH]), ("s", FLOAT, [1, 1]), ("t", FLOAT, [1, 1]), ("x", FLOAT, [1, _LATENT])],
        [("flow_dir", FLOAT, [1, _LATENT])],
        [
            constant("from", np.array([0])),
            constant("width", np.array([_LATENT])),
            constant("columns", np.array([1])),
            constant("end", np.float32(1)),
        ],
    )


def _write_sound(folder: Path, *, samples: int) -> None:
    make = helper.make_node
    nodes, constants = tones("numbers", "samples", rate=POCKET_RATE)
    save_graph(
        folder / "decoder.onnx",
        [
            make("Gather", ["latent", "zero"], ["first"], axis=2),
            make("Round", ["first"], ["numbers"]),
            *nodes,
            make("Reshape", ["tones", "shape"], ["audio_frame"]),
            make("Identity", ["state_0"], ["out_state_0"]),
        ],
        [("latent", FLOAT, [1, "frames", _LATENT]), ("state_0", FLOAT, [1, 1])],
        [("audio_frame", FLOAT, [1, 1, "samples"]), ("out_state_0", FLOAT, [1, 1])],
        [*constants, constant("samples", np.float32(samples)), constant("shape", np.array([1, 1, -1]))],
    )
