"""Chatterbox Multilingual: 23 languages, MIT, its own inaudible watermark in everything. See ``engine.py``."""

import os
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.engines.text_to_speech.job_voice.engine import JobLibrary, JobVoice, open_job_voice
from dragoman.engines.text_to_speech.voice_worker import Emit, serve
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

LIBRARY: Final = JobLibrary(
    name="chatterbox",
    package="chatterbox",
    worker="dragoman.engines.text_to_speech.job_voice.chatterbox",
    files=("ve.pt", "s3gen.pt", "t3_mtl23ls_v2.safetensors", "grapheme_mtl_merged_expanded_v1.json", "conds.pt"),
    languages=tuple(map(Language, "en zh ja ko fr de es it pt ru ar hi ms".split())),
    licence="MIT",
    commercial=True,
    attribution="Chatterbox Multilingual by Resemble AI",
    built_in_voice="chatterbox",
)


class ChatterboxVoice:
    """The model."""

    def __init__(self, header: Header) -> None:
        os.environ["OMP_NUM_THREADS"] = str(header.get("threads", 1))  # read when PyTorch is imported
        os.environ["HF_HUB_OFFLINE"] = "1"
        from chatterbox.mtl_tts import ChatterboxMultilingualTTS

        self._model = ChatterboxMultilingualTTS.from_local(str(header["folder"]), "cpu")
        self._built_in = self._model.conds

    @property
    def facts(self) -> Header:
        return {"sample_rate": int(self._model.sr)}

    def speak(self, request: Header, emit: Emit) -> None:
        reference = request.get("reference") or None
        if reference is None:
            self._model.conds = self._built_in  # a recording used before has taken its place
        samples = self._model.generate(
            str(request.get("text")),
            language_id=str(request.get("language")),
            audio_prompt_path=reference,
            # A recording in another language would lend its accent.
            cfg_weight=0.0 if reference else 0.5,
        )
        emit(np.asarray(samples.cpu().numpy(), np.float32).reshape(-1))


def open_engine(model: Path | None, *, threads: int) -> JobVoice:
    """Open Chatterbox with the model in the folder ``model``."""
    return open_job_voice(LIBRARY, model, threads)


if __name__ == "__main__":
    serve(ChatterboxVoice)
