"""How high the stock voices speak: each is heard once per machine, saying a few figures, then remembered.

For casting.py; from room_voices.py. Blocks: called in the engine pool.
"""

import hashlib
import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import structlog

from dragoman.ground.audio import FRAME_S, Audio
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.voicing.pitch import HIGHEST_HZ, LOWEST_HZ, frame_pitch, median_pitch
from dragoman.voicing.spoken_text.normalise import as_spoken

log = structlog.get_logger()

PROBE = "1234, 5678."
"""Put in words of the language before it is spoken."""
MOST_VOICES = 14
"""Of each language that are heard, the first ones: more than people in a room."""
_MAX_FILE_BYTES = 64 << 10


class StockPitches:
    """Of all engines; what was measured lies below ``cache``, a file for each engine and language."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "pitches"
        self._known: dict[tuple[str, Language], dict[Voice, float]] = {}
        self._turn = threading.Lock()

    def known(self, engine: str, language: Language) -> dict[Voice, float]:
        """Give the pitch of each voice in hertz, as far as they were measured; never waits."""
        return self._known.get((engine, language), {})

    def measure(self, engine: TextToSpeech, language: Language) -> None:
        """Hear the voices of ``language`` that nobody has heard on this machine. Blocks, a few seconds at most.

        A voice that fails stays unknown: casting takes it last.
        """
        key = (engine.info.label, language)
        with self._turn:
            if key in self._known:
                return
            file = self._folder / f"{hashlib.sha256('|'.join(key).encode()).hexdigest()[:24]}.json"
            stock = [voice for voice in engine.voices(language) if voice.owner is None]
            voices = stock[:MOST_VOICES]
            remembered = _read(file)
            found = {voice: remembered[voice.name] for voice in voices if voice.name in remembered}
            for voice in voices:
                if voice not in found and (pitch_hz := _pitch_of(engine, language, voice)) is not None:
                    found[voice] = pitch_hz
            if set(found) - {voice for voice in voices if voice.name in remembered}:
                _write(file, {voice.name: round(pitch_hz, 1) for voice, pitch_hz in found.items()})
            self._known[key] = found


def _pitch_of(engine: TextToSpeech, language: Language, voice: Voice) -> float | None:
    pitches: list[float] = []
    try:
        for audio in engine.speak(as_spoken(PROBE, language), language=language, voice=voice, speed=1.0):
            pitches.extend(_pitches(audio))
    except EngineError as error:
        log.info("voice_not_measured", engine=engine.info.label, language=language, code=error.code)
    return median_pitch(pitches)


def _pitches(audio: Audio) -> list[float]:
    length = round(FRAME_S * audio.sample_rate)
    starts = range(0, len(audio.samples) - length + 1, length // 2)
    frames = (audio.samples[first : first + length] for first in starts)
    return [pitch for frame in frames if (pitch := frame_pitch(frame, audio.sample_rate)) is not None]


def _read(file: Path) -> dict[str, float]:
    """Give what was remembered; what cannot be is measured anew."""
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            return {}
        stored = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {
        name: float(pitch_hz)
        for name, pitch_hz in stored.items()
        if isinstance(pitch_hz, int | float) and LOWEST_HZ <= pitch_hz <= HIGHEST_HZ
    }


def _write(file: Path, pitches: dict[str, float]) -> None:
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(pitches))
        temporary.replace(file)
    except OSError as error:
        log.info("pitches_not_kept", detail=str(error))
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
