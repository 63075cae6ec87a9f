"""F5-TTS: English and Chinese, Vietnamese with other weights, not for commercial use. See ``engine.py``.

Beside the weights (``model.safetensors``, ``vocab.txt``) it wants its vocoder, Vocos at 24 kHz, in ``vocoder/``.
Weights of the first version need a file ``F5TTS_Base`` beside them, which says so; it may be empty.
"""

import os
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.engines.text_to_speech.job_voice.engine import JobLibrary, JobVoice, open_job_voice
from dragoman.engines.text_to_speech.voice_worker import Emit, serve
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

LIBRARY: Final = JobLibrary(
    name="f5",
    package="f5_tts",
    worker="dragoman.engines.text_to_speech.job_voice.f5",
    files=("model.safetensors", "vocab.txt", "vocoder/config.yaml"),
    languages=tuple(map(Language, ("en", "zh"))),
    licence="CC-BY-NC-4.0",
    commercial=False,
    attribution="F5-TTS by SWivid",
    honours_speed=True,
    needs_transcript=True,
)
_SEED: Final = 0
_FIRST_VERSION: Final = "F5TTS_Base"


class F5Voice:
    """The model."""

    def __init__(self, header: Header) -> None:
        os.environ["OMP_NUM_THREADS"] = str(header.get("threads", 1))  # read when PyTorch is imported
        os.environ["HF_HUB_OFFLINE"] = "1"
        from f5_tts.api import F5TTS

        folder = Path(str(header["folder"]))
        self._model = F5TTS(
            model=_FIRST_VERSION if (folder / _FIRST_VERSION).exists() else "F5TTS_v1_Base",
            ckpt_file=str(folder / "model.safetensors"),
            vocab_file=str(folder / "vocab.txt"),
            vocoder_local_path=str(folder / "vocoder"),
            device="cpu",
        )

    @property
    def facts(self) -> Header:
        return {"sample_rate": int(self._model.target_sample_rate)}

    def speak(self, request: Header, emit: Emit) -> None:
        speed = request.get("speed")
        samples, _, _ = self._model.infer(
            str(request.get("reference")),
            str(request.get("reference_text")),
            str(request.get("text")),
            speed=float(speed) if isinstance(speed, int | float) else 1.0,
            seed=_SEED,
        )
        emit(np.asarray(samples, np.float32).reshape(-1))


def open_engine(model: Path | None, *, threads: int) -> JobVoice:
    """Open F5-TTS with the model in the folder ``model``."""
    return open_job_voice(LIBRARY, model, threads)


if __name__ == "__main__":
    serve(F5Voice)
