"""AudioSeal in ONNX: makes a watermark that nobody hears, and finds it with the 16 bits in it.

A folder holds the generator, the detector, or both, as they were exported from the 16-bit base models. What a file
takes and gives is read from its graph and tried once when it is opened, because exports differ: the message in whole
or floating numbers, the detection as one row or as two. All sound is mono float32 at 16 kHz.

Source: San Roman et al., Proactive Detection of Voice Cloning with Localized Watermarking, ICML 2024.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

# As in voice_activity/silero.py: before onnxruntime is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from dragoman.engines.watermark.detection import HOP, WINDOW, Detection
from dragoman.ground.audio import Samples
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, EngineUnavailable, ModelWrongFamily

PAYLOAD_BITS: Final = 16
MARKED: Final = 0.5
"""Probability from which a sample counts as marked, and a bit as set."""
_PROBE: Final = 10 * HOP
_GENERATORS, _DETECTORS = ("*generator*.onnx", "encoder.onnx"), ("*detector*.onnx", "decoder.onnx")
_NUMBERS: Final = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def open_audioseal(folder: Path, *, threads: int = 1) -> "AudioSeal":
    """Open what ``folder`` holds. Raises ``EngineUnavailable`` or ``ModelWrongFamily``, naming what would work."""
    generator, detector = _only(folder, _GENERATORS), _only(folder, _DETECTORS)
    if generator is None and detector is None:
        raise EngineUnavailable(
            f"{folder} holds no AudioSeal: a file named *generator*.onnx marks speech, one named *detector*.onnx finds "
            "the mark; dragoman models pull audioseal"
        )
    return AudioSeal(generator, detector, threads=threads)


class AudioSeal:
    """Generator and detector; either may be missing. Safe in several threads."""

    def __init__(self, generator: Path | None, detector: Path | None, *, threads: int = 1) -> None:
        self._generator = None if generator is None else _Generator(generator, threads)
        self._detector = None if detector is None else _Detector(detector, threads)

    @property
    def marks(self) -> bool:
        return self._generator is not None

    @property
    def detects(self) -> bool:
        return self._detector is not None

    def watermark(self, samples: Samples, *, payload: int) -> Samples:
        """Give what is to be added to ``samples``, of the same length.

        Raises ``EngineUnavailable`` without a generator, ``EngineCrashed`` and ``EngineOutputInvalid``.
        """
        if self._generator is None:
            raise EngineUnavailable("there is no watermark generator here: dragoman models pull audioseal")
        made = [self._generator.run(window, payload) for window in _windows(samples)]
        watermark = np.concatenate([np.zeros(0, np.float32), *made])[: len(samples)]
        if not np.isfinite(watermark).all():
            raise EngineOutputInvalid("the watermark generator gave numbers that are none")
        return watermark

    def detect(self, samples: Samples) -> Detection:
        """Look for the mark in at most ``WINDOW`` samples; longer sound is looked through piece by piece.

        Raises ``EngineUnavailable`` without a detector, and ``EngineCrashed``.
        """
        if self._detector is None:
            raise EngineUnavailable("there is no watermark detector here: dragoman models pull audioseal")
        if not 0 < len(samples) <= WINDOW:
            raise ValueError(f"1 to {WINDOW} samples are looked at at once, not {len(samples)}")
        probabilities, bits = self._detector.run(next(_windows(samples)))
        return Detection(
            probability=float(np.mean(probabilities[: len(samples)] > MARKED)),
            payload=None if bits is None else _whole(bits),
        )


def _whole(bits: NDArray[np.float32]) -> int:
    return sum(1 << place for place in range(PAYLOAD_BITS) if bits[place] > MARKED)


class _Generator:
    def __init__(self, file: Path, threads: int) -> None:
        self._file = file
        self._session = _load(file, threads)
        inputs = self._session.get_inputs()
        if len(inputs) != 2:
            raise _other_kind(file, "audio [1, 1, samples] and message [1, 16]", inputs)
        sound, message = sorted(inputs, key=lambda each: -len(each.shape))
        _require_sound(file, sound, inputs)
        if len(message.shape) != 2 or (_is_fixed(message.shape[1]) and message.shape[1] != PAYLOAD_BITS):
            raise _other_kind(file, "a message of 16 bits, [1, 16]", inputs)
        if message.type not in _NUMBERS:
            raise _other_kind(file, f"a message in {', '.join(_NUMBERS)}", inputs)
        self._sound, self._message, self._number = sound.name, message.name, _NUMBERS[message.type]
        self.run(np.zeros(_PROBE, np.float32), 0)

    def run(self, window: Samples, payload: int) -> Samples:
        bits = np.array([[payload >> place & 1 for place in range(PAYLOAD_BITS)]], self._number)
        (watermark, *_) = _run(self._session, {self._sound: window[None, None], self._message: bits}, self._file)
        if watermark.shape != (1, 1, len(window)):
            raise ModelWrongFamily(
                f"{self._file} gives {watermark.shape} for {len(window)} samples: a watermark is as long as its sound"
            )
        return np.asarray(watermark[0, 0], np.float32)


class _Detector:
    def __init__(self, file: Path, threads: int) -> None:
        self._file = file
        self._session = _load(file, threads)
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise _other_kind(file, "audio [1, 1, samples] alone", inputs)
        _require_sound(file, inputs[0], inputs)
        self._sound = inputs[0].name
        self.run(np.zeros(_PROBE, np.float32))

    def run(self, window: Samples) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Give the probability of each sample, and of each bit that it is set."""
        found = _run(self._session, {self._sound: window[None, None]}, self._file)
        length = len(window)
        bits = next((each[0] for each in found if each.shape == (1, PAYLOAD_BITS)), None)
        for each in found:
            if each.shape == (1, length):
                return each[0], bits
            if each.shape == (1, 2, length):  # not marked, and marked
                return each[0, 1], bits
        shapes = ", ".join(str(each.shape) for each in found)
        raise ModelWrongFamily(
            f"{self._file} gives {shapes} for {length} samples: a detector gives a probability for each of them"
        )


def _run(
    session: onnxruntime.InferenceSession, inputs: dict[str, NDArray[np.generic]], file: Path
) -> list[NDArray[np.float32]]:
    try:
        return cast(list[NDArray[np.float32]], session.run(None, inputs))
    # onnxruntime has no base class of its errors.
    except Exception as error:
        raise EngineCrashed(f"{file.name} cannot compute this sound: {str(error)[:200]}") from error


def _load(file: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelWrongFamily(f"{file} is no ONNX model that can be loaded: {str(error)[:200]}") from error


def _windows(samples: Samples) -> Iterator[Samples]:
    """Cut into windows, the last one padded with silence."""
    for start in range(0, len(samples), WINDOW):
        window = samples[start : start + WINDOW]
        yield np.pad(np.asarray(window, np.float32), (0, -len(window) % HOP))


def _require_sound(file: Path, sound: onnxruntime.NodeArg, inputs: Sequence[onnxruntime.NodeArg]) -> None:
    if len(sound.shape) != 3 or _is_fixed(sound.shape[2]) or sound.type != "tensor(float)":
        raise _other_kind(file, "float audio [1, 1, samples] of any length", inputs)


def _is_fixed(size: object) -> bool:
    return isinstance(size, int)


def _other_kind(file: Path, wanted: str, inputs: Sequence[onnxruntime.NodeArg]) -> ModelWrongFamily:
    takes = ", ".join(f"{each.name} {each.shape} {each.type}" for each in inputs) or "nothing"
    return ModelWrongFamily(f"{file} is no AudioSeal of 16 bits: it takes {takes}, and {wanted} is needed")


def _only(folder: Path, patterns: Sequence[str]) -> Path | None:
    found = sorted({file for pattern in patterns for file in folder.glob(pattern)})
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        raise EngineUnavailable(f"{folder} holds {names}: leave the one that is to be used")
    return found[0] if found else None
