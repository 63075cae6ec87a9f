"""The process in which sherpa-onnx speaks: it ends its process over a model that it does not like. For ``sherpa.py``.

load   {"family": ..., "arguments": {...}, "threads": n}
speak  {"text": ..., "phonemes": [text, ...] or null, "number": voice, "speed": s, "language": code, "reference": file,
        "reference_text": ...}
"""

from typing import Any, Final

import numpy as np
import sherpa_onnx
import soundfile

from dragoman.engines.text_to_speech.recorded_voices import LONGEST_RECORDING_S
from dragoman.engines.text_to_speech.voice_worker import Emit, serve
from dragoman.ground.audio import Samples
from dragoman.ground.errors import EngineUnavailable
from dragoman.wire.frames import Header

_FAMILIES: Final = {
    "vits": sherpa_onnx.OfflineTtsVitsModelConfig,
    "kokoro": sherpa_onnx.OfflineTtsKokoroModelConfig,
    "matcha": sherpa_onnx.OfflineTtsMatchaModelConfig,
    "zipvoice": sherpa_onnx.OfflineTtsZipvoiceModelConfig,
    "pocket": sherpa_onnx.OfflineTtsPocketModelConfig,
    "supertonic": sherpa_onnx.OfflineTtsSupertonicModelConfig,
}
_SUPERTONIC_STEPS: Final = 8
"""Of 5 to 12: fewer are faster and rougher."""
_SEED: Final = 0
"""The same words sound the same every time, where the model can be told."""


class SherpaVoice:
    """One model, loaded."""

    def __init__(self, header: Header) -> None:
        self._family = str(header.get("family"))
        arguments = header.get("arguments")
        if self._family not in _FAMILIES or not isinstance(arguments, dict):
            raise EngineUnavailable(f"sherpa-onnx knows no family {self._family!r}")
        model = _FAMILIES[self._family](**arguments)
        config = sherpa_onnx.OfflineTtsConfig(
            model=sherpa_onnx.OfflineTtsModelConfig(
                **{self._family: model}, num_threads=_whole(header.get("threads"), 1), provider="cpu"
            ),
            max_num_sentences=1,
        )
        if not config.validate():
            raise EngineUnavailable(f"sherpa-onnx does not take this {self._family} model; fetch it again")
        self._model = sherpa_onnx.OfflineTts(config)

    @property
    def facts(self) -> Header:
        return {"sample_rate": self._model.sample_rate, "speakers": self._model.num_speakers}

    def speak(self, request: Header, emit: Emit) -> None:
        def take(samples: Samples, _progress: float) -> int:
            # What sherpa-onnx gives is its own memory, and gone when this returns.
            return int(emit(np.array(samples, np.float32)))

        self._model.generate(str(request.get("text")), self._wishes(request), callback=take)

    def _wishes(self, request: Header) -> Any:  # sherpa-onnx has no types
        wishes = sherpa_onnx.GenerationConfig()
        wishes.sid = _whole(request.get("number"), 0)
        speed = request.get("speed")
        wishes.speed = float(speed) if isinstance(speed, int | float) else 1.0
        phonemes = request.get("phonemes")
        if isinstance(phonemes, list):
            wishes.phoneme_codepoints = [[ord(symbol) for symbol in str(piece)] for piece in phonemes]
        reference = request.get("reference")
        if isinstance(reference, str) and reference:
            samples, rate = soundfile.read(reference, dtype="float32", always_2d=True)
            wishes.reference_audio = samples.mean(axis=1)[: LONGEST_RECORDING_S * rate].tolist()
            wishes.reference_sample_rate = rate
            wishes.reference_text = str(request.get("reference_text") or "")
        if self._family == "supertonic":
            wishes.num_steps = _SUPERTONIC_STEPS
            wishes.extra = {"lang": str(request.get("language")), "seed": str(_SEED)}
        elif self._family == "pocket":
            wishes.extra = {"max_reference_audio_len": str(LONGEST_RECORDING_S), "seed": str(_SEED)}
        return wishes


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


if __name__ == "__main__":
    serve(SherpaVoice)
