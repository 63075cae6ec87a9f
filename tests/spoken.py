"""What tests of sherpa-onnx's voices share: open one, let it speak, read the text back. See ``tone_voice.py``."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from tests.tone_voice import SYMBOLS, hear_symbols

from dragoman.engines.text_to_speech.sherpa import SherpaTextToSpeech
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, Voice
from dragoman.ground.languages import Language

ENGLISH = Language("en")


@contextmanager
def opened(folder: Path, **limits: float) -> Iterator[SherpaTextToSpeech]:
    engine = SherpaTextToSpeech(folder, **limits)  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        engine.close()


def say(
    engine: SherpaTextToSpeech,
    text: str,
    *,
    language: Language = ENGLISH,
    voice: Voice = DEFAULT_VOICE,
    speed: float = 1.0,
) -> Audio:
    return join_audio(engine.speak(text, language=language, voice=voice, speed=speed), engine.info.sample_rate)


def heard(audio: Audio, symbols: Sequence[str] = SYMBOLS, *, speed: float = 1.0) -> str:
    return "".join(symbols[number] for number in hear_symbols(audio, speed=speed))


def without_pauses(spoken: str) -> str:
    return spoken.replace("_", "").removeprefix("^").removesuffix("$")


def through_opus(audio: Audio) -> Audio:
    """Encode and decode as a call does. libsndfile's encoder begins with silence, which is cut off."""
    packed = io.BytesIO()
    held = np.append(audio.samples, np.zeros(audio.sample_rate // 4, np.float32))
    soundfile.write(packed, held, audio.sample_rate, format="OGG", subtype="OPUS")
    packed.seek(0)
    samples, rate = soundfile.read(packed, dtype="float32")
    begin = int(np.argmax(np.abs(samples) > 0.05))
    length = round(audio.duration_s * rate)
    return Audio(samples=samples[begin : begin + length], sample_rate=rate)
