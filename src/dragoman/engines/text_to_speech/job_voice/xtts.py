"""XTTS v2 by way of ``coqui-tts``: seventeen languages, no Vietnamese, not for commercial use. See ``engine.py``."""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from dragoman.engines.text_to_speech.job_voice.engine import JobLibrary, JobVoice, open_job_voice
from dragoman.engines.text_to_speech.voice_worker import Emit, serve
from dragoman.ground.errors import EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

LIBRARY: Final = JobLibrary(
    name="xtts",
    package="TTS",
    worker="dragoman.engines.text_to_speech.job_voice.xtts",
    files=("config.json", "model.pth", "vocab.json"),
    languages=tuple(map(Language, "en es fr de it pt ru ar zh ko ja hi".split())),
    codes={Language("zh"): "zh-cn"},
    licence="LicenseRef-Coqui-Public-Model-License-1.0.0",
    commercial=False,
    attribution="XTTS v2 by Coqui",
    honours_speed=True,
)


class XttsVoice:
    """The model; of each recording the voice is found once."""

    def __init__(self, header: Header) -> None:
        os.environ["OMP_NUM_THREADS"] = str(header.get("threads", 1))  # read when PyTorch is imported
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts

        folder = Path(str(header["folder"]))
        config = XttsConfig()
        config.load_json(str(folder / "config.json"))
        self._model = Xtts.init_from_config(config)
        self._model.load_checkpoint(config, checkpoint_dir=str(folder))
        self._sample_rate = int(config.model_args.output_sample_rate)
        self._voices: dict[str, Any] = {}

    @property
    def facts(self) -> Header:
        return {"sample_rate": self._sample_rate}

    def speak(self, request: Header, emit: Emit) -> None:
        reference, speed = str(request.get("reference") or ""), request.get("speed")
        if not reference:
            raise EngineUnavailable("XTTS has no voice without a recording")
        if reference not in self._voices:
            self._voices[reference] = self._model.get_conditioning_latents(audio_path=[reference])
        latents, speaker = self._voices[reference]
        for piece in self._model.inference_stream(
            str(request.get("text")),
            str(request.get("language")),
            latents,
            speaker,
            speed=float(speed) if isinstance(speed, int | float) else 1.0,
        ):
            if not emit(np.asarray(piece.cpu().numpy(), np.float32).reshape(-1)):
                return


def open_engine(model: Path | None, *, threads: int) -> JobVoice:
    """Open XTTS with the model in the folder ``model``."""
    return open_job_voice(LIBRARY, model, threads)


if __name__ == "__main__":
    serve(XttsVoice)
