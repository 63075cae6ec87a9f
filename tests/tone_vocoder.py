"""Vocoders that make a tone of each frame of a spectrogram, for Matcha and ZipVoice. See ``tone_voice.py``.

Of what Vocos gives, a spectrum, sherpa-onnx makes the sound by an inverse short-time Fourier transform: one line of it
is a tone. HiFi-GAN gives the sound.
"""

from pathlib import Path

import numpy as np
from onnx import helper
from tests.tone_graphs import BASE_HZ, FLOAT, LEVEL, RATE, STEP_HZ, constant, save_graph, stretched, waves

WINDOW = round(RATE / STEP_HZ)
"""Samples, so that the lines of the spectrum are as far apart as the symbols."""
HOP = WINDOW // 4
"""Samples of one frame."""
LINES = WINDOW // 2 + 1


def write_tone_vocos(path: Path, *, mels: int, rate: int = RATE) -> None:
    """Write a Vocos vocoder of frames whose loudest of ``mels`` bands is the number of the symbol."""
    metadata: dict[str, str | int] = {"model_type": "vocos", "sample_rate": rate, "pad_mode": "reflect"}
    metadata |= {"n_fft": WINDOW, "hop_length": HOP, "win_length": WINDOW, "window_type": "hann"}
    metadata |= {"center": 1, "normalized": 0}
    make = helper.make_node
    # A sine in every frame: what the windows (Hann, overlapping fourfold) take from it, 2 / 1.5, is put back.
    amplitude = LEVEL * WINDOW / 2 * 0.75
    save_graph(
        path,
        [
            make("Slice", ["mels", "last", "end", "time"], ["last_frame"]),
            make("Concat", ["mels", "last_frame"], ["frames"], axis=2),  # of n + 1 frames n * HOP samples are made
            make("ReduceMax", ["frames"], ["loudest"], axes=[1], keepdims=1),
            make("Round", ["loudest"], ["numbers"]),
            make("Add", ["numbers", "base"], ["line"]),
            make("Sub", ["lines", "line"], ["off"]),
            make("Equal", ["off", "nothing"], ["is_line"]),
            make("Cast", ["is_line"], ["ones"], to=FLOAT),
            make("Mul", ["ones", "amplitude"], ["mag"]),
            make("Shape", ["frames"], ["count_1"], start=2, end=3),
            make("Squeeze", ["count_1"], ["count"]),
            make("Range", ["zero", "count", "one"], ["places"]),
            make("Cast", ["places"], ["places_float"], to=FLOAT),
            make("Mul", ["places_float", "quarter_turn"], ["turns"]),
            make("Mul", ["lines", "turns"], ["since_start"]),
            make("Cos", ["since_start"], ["x"]),
            make("Sin", ["since_start"], ["y"]),
        ],
        [("mels", FLOAT, [1, mels, "frames"])],
        [("mag", FLOAT, [1, LINES, "made"]), ("x", FLOAT, [1, LINES, "made"]), ("y", FLOAT, [1, LINES, "made"])],
        [
            constant("last", np.array([-1])),
            constant("end", np.array([2**62])),
            constant("time", np.array([2])),
            constant("base", np.float32(BASE_HZ / STEP_HZ)),
            constant("lines", np.arange(LINES, dtype=np.float32).reshape(1, LINES, 1)),
            constant("nothing", np.float32(0)),
            constant("amplitude", np.float32(amplitude)),
            constant("zero", np.int64(0)),
            constant("one", np.int64(1)),
            constant("quarter_turn", np.float32(np.pi / 2)),
        ],
        metadata,
    )


def write_tone_hifigan(path: Path, *, mels: int, rate: int = RATE) -> None:
    """Write a HiFi-GAN vocoder of the same frames."""
    make = helper.make_node
    nodes, constants = waves("spread", "audio")
    save_graph(
        path,
        [
            make("ReduceMax", ["mel"], ["loudest"], axes=[1], keepdims=1),
            make("Round", ["loudest"], ["numbers"]),
            make("Shape", ["mel"], ["count_1"], start=2, end=3),
            make("Squeeze", ["count_1"], ["count"]),
            make("Mul", ["count", "hop"], ["length"]),
            *stretched("numbers", "length", "spread"),
            *nodes,
        ],
        [("mel", FLOAT, [1, mels, "frames"])],
        [("audio", FLOAT, [1, 1, "samples"])],
        [*constants, constant("hop", np.int64(HOP)), constant("zero", np.int64(0)), constant("one", np.int64(1))],
        {"model_type": "hifigan", "sample_rate": rate},
    )
