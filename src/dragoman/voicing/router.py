"""Speak a clause by the best voice that sounds: the local ``VoiceRoute``. To interpreting/dub_channel.py.

A voice that fails is asked once more, then the next engine speaks, as long as nothing has sounded yet. The text is put
in words first (``spoken_text/``); what comes back is checked, trimmed and brought to one loudness.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech, Voice
from dragoman.ground.errors import (
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    LanguageNotSupported,
)
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.voicing.checks import VoiceCheck
from dragoman.voicing.levelling import ClauseLeveller, VoiceLevel
from dragoman.voicing.spoken_text.normalise import as_spoken
from dragoman.voicing.trimming import SilenceTrimmer

TRIES = 2
"""Of each engine."""
MAX_LEVELS = 1024
"""Voices whose loudness is remembered; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenPiece:
    """Sound, and the engine that made it."""

    audio: Audio
    engine: str
    """Its label."""


class VoiceRouter:
    """Over the engines of one process."""

    def __init__(self, *, engines: Sequence[TextToSpeech], pool: EnginePool, observer: Observer) -> None:
        self._engines = engines
        self._pool = pool
        self._observer = observer
        self._voices: dict[tuple[str, Language], Voice] = {}
        self._levels: dict[tuple[str, Language, Voice], VoiceLevel] = {}

    def can_speak(self, language: Language) -> bool:
        return any(language in engine.info.languages for engine in self._engines)

    def languages(self) -> list[Language]:
        return sorted({language for engine in self._engines for language in engine.info.languages})

    def voice_for(self, speaker: str, language: Language) -> Voice:
        """Give each speaker of a room another voice while there are enough, and keep it."""
        key = (speaker, language)
        if key not in self._voices:
            offered = next(
                (engine.voices(language) for engine in self._engines if language in engine.info.languages), ()
            )
            taken = {voice for (_, spoken), voice in self._voices.items() if spoken == language}
            free = [voice for voice in offered if voice not in taken]
            self._voices[key] = (free or [_by_name(speaker, offered)])[0]
        return self._voices[key]

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        voice: Voice,
        speed: float,
        deadline_s: float,
        target_lufs: float | None = None,
    ) -> AsyncIterator[Audio]:
        """See ``VoiceRoute``. ``target_lufs`` is how loud the speaker is, None for what suits a room."""
        pieces = self.speak_pieces(
            text, language=language, voice=voice, speed=speed, deadline_s=deadline_s, target_lufs=target_lufs
        )
        async for piece in pieces:
            yield piece.audio

    async def speak_pieces(
        self,
        text: str,
        *,
        language: Language,
        voice: Voice,
        speed: float,
        deadline_s: float,
        engine: str = "",
        target_lufs: float | None = None,
    ) -> AsyncGenerator[SpokenPiece, None]:
        """Speak as ``speak`` does, and say who spoke; only the engine with the label ``engine``, if one is named."""
        able = self._able(language, engine)
        spoken = as_spoken(text, language)
        if not any(character.isalnum() for character in spoken):
            raise EngineOutputInvalid("there is nothing to speak in this text: it has no letter and no figure")
        failure: EngineError = EngineTimeout("no time was left for a voice")
        until_s = asyncio.get_running_loop().time() + deadline_s
        for speaking in [each for each in able for _ in range(TRIES)]:
            left_s = until_s - asyncio.get_running_loop().time()
            if left_s <= 0:
                break
            sounded = False
            chosen = voice if voice in speaking.voices(language) else DEFAULT_VOICE
            label = speaking.info.label
            leveller = ClauseLeveller(self._level(label, language, chosen), target_lufs=target_lufs)
            clause = _Clause(check=VoiceCheck(spoken, engine=label, speed=speed), leveller=leveller)
            try:
                start = self._call(speaking, spoken, language, chosen, speed)
                pieces = self._pool.iterate(Stage.VOICE, speaking, partial(clause.sounds, start))
                async for audio in self._in_time(pieces, label, left_s):
                    sounded = True
                    yield SpokenPiece(audio=audio, engine=label)
            except EngineError as error:
                failure = error
                if sounded:
                    raise
            else:
                return
        raise failure

    def _able(self, language: Language, label: str) -> list[TextToSpeech]:
        """Give the engines that speak the language. Raises ``EngineUnavailable`` and ``LanguageNotSupported``."""
        named = [engine for engine in self._engines if label in ("", engine.info.label)]
        if not named:
            known = ", ".join(engine.info.label for engine in self._engines) or "none"
            raise EngineUnavailable(f"no engine {label[:80]!r} here; there are: {known}")
        able = [engine for engine in named if language in engine.info.languages]
        if not able:
            spoken = sorted({each for engine in named for each in engine.info.languages})
            raise LanguageNotSupported(
                f"nothing here speaks {language_name(language)}; there is: {describe_languages(spoken)}"
            )
        return able

    def _level(self, label: str, language: Language, voice: Voice) -> VoiceLevel:
        key = (label, language, voice)
        if key not in self._levels and len(self._levels) >= MAX_LEVELS:
            del self._levels[next(iter(self._levels))]
        return self._levels.setdefault(key, VoiceLevel())

    def _call(
        self, engine: TextToSpeech, text: str, language: Language, voice: Voice, speed: float
    ) -> Callable[[], Iterator[Audio]]:
        return lambda: engine.speak(text, language=language, voice=voice, speed=speed)

    async def _in_time(self, pieces: AsyncIterator[Audio], label: str, deadline_s: float) -> AsyncIterator[Audio]:
        """Wait so long for each piece; what the pool cannot know, a voice that comes too late, is reported here."""
        while True:
            try:
                async with asyncio.timeout(deadline_s):
                    audio = await anext(pieces, None)
            except TimeoutError as error:
                late = EngineTimeout(f"{label} took longer than {deadline_s:.1f} s")
                self._observer.observe(EngineFailed(stage=Stage.VOICE, engine=label, code=late.code, detail=str(late)))
                raise late from error
            if audio is None:
                return
            yield audio


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clause:
    """Looks after the sound of one clause, in the thread in which it is made."""

    check: VoiceCheck
    leveller: ClauseLeveller

    def sounds(self, start: Callable[[], Iterator[Audio]]) -> Iterator[Audio]:
        """Pass on what sounds like speech, at its level and without the silence around it, once it is believed."""
        trimmer = SilenceTrimmer()
        sample_rate = 0
        held: list[Audio] = []
        for audio in start():
            self.check.push(audio)
            sample_rate = audio.sample_rate
            sound = trimmer.push(audio)
            if sound is not None:
                held.append(sound)
            if held and self.check.believed:
                yield self.leveller.push(join_audio(held, sample_rate))
                held = []
        self.check.end()
        rest = trimmer.end(sample_rate)
        if rest is not None:
            held.append(rest)
        if held:
            yield self.leveller.push(join_audio(held, sample_rate))
        self.leveller.end()


def _by_name(speaker: str, offered: Sequence[Voice]) -> Voice:
    if not offered:
        return DEFAULT_VOICE
    return offered[zlib.crc32(speaker.encode()) % len(offered)]
