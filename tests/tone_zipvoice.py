"""A ZipVoice model whose symbols are tones, with its vocoder and a recorded voice. See ``tone_voice.py``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from onnx import helper
from tests.tone_graphs import (
    FLOAT,
    INT64,
    LEVEL,
    RATE,
    SYMBOL_SAMPLES,
    constant,
    save_graph,
    stretched,
    write_lexicon,
    write_tokens,
)
from tests.tone_vocoder import HOP, WINDOW, write_tone_vocos
from tests.tone_voice import SYMBOLS

_BANDS = 100
_SCALE = 0.1
"""What sherpa-onnx divides the spectrogram by before the vocoder sees it."""
REFERENCE_TEXT = "hello"


def make_tone_zipvoice(
    folder: Path,
    *,
    lexicon: dict[str, str],
    symbols: Sequence[str] = SYMBOLS,
    names: Sequence[str] = ("ann",),
    symbol_samples: int = SYMBOL_SAMPLES,
) -> Path:
    """Write a ZipVoice model of the words of ``lexicon``, which has ``REFERENCE_TEXT``, and voices of ``names``.

    The decoder's velocity leads from any noise straight to the text, as a trained one's would.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tokens(folder, symbols)
    write_lexicon(folder / "lexicon.txt", lexicon)
    make = helper.make_node
    zero, one = constant("zero", np.int64(0)), constant("one", np.int64(1))
    save_graph(
        folder / "encoder.onnx",
        [
            make("Shape", ["tokens"], ["count_1"], start=1, end=2),
            make("Cast", ["count_1"], ["count"], to=FLOAT),
            make("Mul", ["count", "frames_each"], ["frames_at_1"]),
            make("Div", ["frames_at_1", "speed"], ["frames_float"]),
            make("Round", ["frames_float"], ["frames_round"]),
            make("Cast", ["frames_round"], ["frames_1"], to=INT64),
            make("Squeeze", ["frames_1"], ["frames"]),
            make("Squeeze", ["prompt_features_len"], ["prompt_frames"]),
            make("Unsqueeze", ["tokens", "first"], ["tokens_3d"]),
            make("Unsqueeze", ["prompt_tokens", "first"], ["prompt_3d"]),
            *stretched("tokens_3d", "frames", "spoken"),
            make("ReduceMin", ["prompt_3d"], ["prompt_number"], axes=[2], keepdims=1),
            make("Reshape", ["prompt_features_len", "first"], ["prompt_frames_1"]),
            make("Concat", ["first", "first", "prompt_frames_1"], ["prompt_shape"], axis=0),
            make("Expand", ["prompt_number", "prompt_shape"], ["prompt"]),
            make("Concat", ["prompt", "spoken"], ["both"], axis=2),
            make("Cast", ["both"], ["both_float"], to=FLOAT),
            make("Mul", ["both_float", "scale"], ["scaled"]),
            make("Transpose", ["scaled"], ["frames_first"], perm=[0, 2, 1]),
            make("Expand", ["frames_first", "all_bands"], ["text_condition"]),
        ],
        [
            ("tokens", INT64, [1, "symbols"]),
            ("prompt_tokens", INT64, [1, "prompt_symbols"]),
            ("prompt_features_len", INT64, [1]),
            ("speed", FLOAT, [1]),
        ],
        [("text_condition", FLOAT, [1, "frames", _BANDS])],
        [
            zero,
            one,
            constant("first", np.array([1])),
            constant("frames_each", np.float32(symbol_samples / HOP)),
            constant("scale", np.float32(_SCALE)),
            constant("all_bands", np.array([1, 1, _BANDS])),
        ],
        {"version": 1, "use_espeak": 1, "use_pinyin": 1},
    )
    frames: list[int | str] = [1, "frames", _BANDS]
    save_graph(
        folder / "decoder.onnx",
        [
            make("Sub", ["text_condition", "x"], ["way"]),
            make("Sub", ["end", "t"], ["time_left"]),
            make("Div", ["way", "time_left"], ["v"]),
        ],
        [
            ("t", FLOAT, [1]),
            ("x", FLOAT, frames),
            ("text_condition", FLOAT, frames),
            ("speech_condition", FLOAT, frames),
            ("guidance_scale", FLOAT, [1]),
        ],
        [("v", FLOAT, frames)],
        [constant("end", np.float32(1))],
        {"version": 1, "feat_dim": _BANDS, "sample_rate": RATE, "n_fft": WINDOW, "hop_length": HOP}
        | {"window_length": WINDOW, "num_mels": _BANDS},
    )
    write_tone_vocos(folder / "vocos_16khz.onnx", mels=_BANDS)
    (folder / "voices").mkdir(exist_ok=True)
    for name in names:
        hum = LEVEL * np.sin(2 * np.pi * 150 * np.arange(RATE) / RATE)
        soundfile.write(folder / "voices" / f"{name}.wav", hum, RATE)
        (folder / "voices" / f"{name}.txt").write_text(REFERENCE_TEXT)
    return folder
