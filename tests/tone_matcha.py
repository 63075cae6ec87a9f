"""A Matcha model whose symbols are tones, with its vocoder. See ``tone_voice.py``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from onnx import helper
from tests.tone_graphs import (
    FLOAT,
    INT64,
    RATE,
    SYMBOL_SAMPLES,
    Tensor,
    constant,
    save_graph,
    stretched,
    waves,
    write_lexicon,
    write_tokens,
)
from tests.tone_vocoder import HOP, write_tone_hifigan, write_tone_vocos
from tests.tone_voice import SYMBOLS

_MELS = 80


def make_tone_matcha(
    folder: Path,
    *,
    symbols: Sequence[str] = SYMBOLS,
    lexicon: dict[str, str] | None = None,
    vocoder: Literal["vocos", "hifigan", "inside"] = "vocos",
    scales: bool = False,
    symbol_samples: int = SYMBOL_SAMPLES,
) -> Path:
    """Write an English Matcha model that takes phonemes of espeak-ng, or a Chinese one that takes the words of
    ``lexicon``; give its folder.

    A symbol is as many frames of its spectrogram as ``symbol_samples`` need; with its vocoder ``inside`` it gives
    sound. With ``scales`` it takes noise and length in one tensor, as models do that icefall did not make.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tokens(folder, symbols)
    metadata: dict[str, str | int] = {"model_type": "matcha-tts", "sample_rate": RATE, "version": 1, "n_speakers": 1}
    if lexicon is None:
        metadata |= {"language": "English", "voice": "en-us", "has_espeak": 1, "jieba": 0}
    else:
        metadata |= {"language": "Chinese", "has_espeak": 0, "jieba": 1}
        write_lexicon(folder / "lexicon.txt", lexicon)
    metadata |= {"pad_id": 0, "use_eos_bos": int(lexicon is None)}
    make = helper.make_node
    pick = [make("Gather", ["scales", "one"], ["length_scale"])] if scales else []
    output: Tensor
    if vocoder == "inside":
        nodes, constants = waves("spread", "audio_output")
        output = ("audio_output", FLOAT, [1, 1, "samples"])
    else:
        nodes = [make("Cast", ["spread"], ["numbers"], to=FLOAT), make("Expand", ["numbers", "all_bands"], ["mel"])]
        constants = [constant("all_bands", np.array([1, _MELS, 1]))]
        output = ("mel", FLOAT, [1, _MELS, "frames"])
    apart = [("noise_scale", FLOAT, [1]), ("length_scale", FLOAT, [1])]
    save_graph(
        folder / "model-steps-3.onnx",
        [
            *pick,
            make("Cast", ["x_length"], ["count"], to=FLOAT),
            make("Mul", ["count", "frames_each"], ["frames_at_1"]),
            make("Mul", ["frames_at_1", "length_scale"], ["frames_float"]),
            make("Round", ["frames_float"], ["frames_round"]),
            make("Cast", ["frames_round"], ["frames_1"], to=INT64),
            make("Squeeze", ["frames_1"], ["frames"]),
            make("Unsqueeze", ["x", "channel"], ["x_3d"]),
            *stretched("x_3d", "frames", "spread"),
            *nodes,
        ],
        [("x", INT64, [1, "symbols"]), ("x_length", INT64, [1]), *([("scales", FLOAT, [2])] if scales else apart)],
        [output],
        [
            *constants,
            constant("frames_each", np.float32(symbol_samples / (1 if vocoder == "inside" else HOP))),
            constant("channel", np.array([1])),
            constant("zero", np.int64(0)),
            constant("one", np.int64(1)),
        ],
        metadata,
    )
    if vocoder == "vocos":
        write_tone_vocos(folder / "vocos-16khz-univ.onnx", mels=_MELS)
    elif vocoder == "hifigan":
        write_tone_hifigan(folder / "hifigan_v2.onnx", mels=_MELS)
    return folder
