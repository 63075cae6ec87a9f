"""Speak a clause by the best voice that sounds: the local ``VoiceRoute``. To interpreting/dub_channel.py.

A voice that fails is asked once more, then the next engine speaks, as long as nothing has sounded yet.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech, Voice
from dragoman.ground.errors import EngineError, EngineOutputInvalid, EngineTimeout, LanguageNotSupported
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.voicing.checks import VoiceCheck
from dragoman.voicing.trimming import SilenceTrimmer

TRIES = 2
"""Of each engine."""


class VoiceRouter:
    """Over the engines of one process."""

    def __init__(self, *, engines: Sequence[TextToSpeech], pool: EnginePool, observer: Observer) -> None:
        self._engines = engines
        self._pool = pool
        self._observer = observer
        self._voices: dict[tuple[str, Language], Voice] = {}

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
        self, text: str, *, language: Language, voice: Voice, speed: float, deadline_s: float
    ) -> AsyncIterator[Audio]:
        able = [engine for engine in self._engines if language in engine.info.languages]
        if not able:
            raise LanguageNotSupported(
                f"nothing here speaks {language_name(language)}; there is: {describe_languages(self.languages())}"
            )
        failure: EngineError = EngineTimeout("no time was left for a voice")
        until_s = asyncio.get_running_loop().time() + deadline_s
        for engine in [engine for engine in able for _ in range(TRIES)]:
            left_s = until_s - asyncio.get_running_loop().time()
            if left_s <= 0:
                break
            sounded = False
            chosen = voice if voice in engine.voices(language) else DEFAULT_VOICE
            try:
                pieces = self._pool.iterate(Stage.VOICE, engine, self._call(engine, text, language, chosen, speed))
                check = VoiceCheck(text, engine=engine.info.label, speed=speed)
                async for audio in self._checked(pieces, check, engine.info.label, left_s):
                    sounded = True
                    yield audio
            except EngineError as error:
                failure = error
                if sounded:
                    raise
            else:
                return
        raise failure

    def _call(
        self, engine: TextToSpeech, text: str, language: Language, voice: Voice, speed: float
    ) -> Callable[[], Iterator[Audio]]:
        return lambda: engine.speak(text, language=language, voice=voice, speed=speed)

    async def _checked(
        self, pieces: AsyncIterator[Audio], check: VoiceCheck, label: str, deadline_s: float
    ) -> AsyncIterator[Audio]:
        """Pass on what sounds like speech, without the silence around it."""
        trimmer = SilenceTrimmer()
        sample_rate = 0
        while True:
            try:
                async with asyncio.timeout(deadline_s):
                    audio = await anext(pieces, None)
                if audio is None:
                    check.end()
                    break
                check.push(audio)
            except TimeoutError as error:
                raise self._reported(EngineTimeout(f"{label} took longer than {deadline_s:.1f} s"), label) from error
            except EngineOutputInvalid as error:
                raise self._reported(error, label) from error
            sample_rate = audio.sample_rate
            sound = trimmer.push(audio)
            if sound is not None:
                yield sound
        rest = trimmer.end(sample_rate)
        if rest is not None:
            yield rest

    def _reported(self, error: EngineError, label: str) -> EngineError:
        """Report what the pool cannot know: a voice that came too late, or that is none."""
        self._observer.observe(EngineFailed(stage=Stage.VOICE, engine=label, code=error.code, detail=str(error)))
        return error


def _by_name(speaker: str, offered: Sequence[Voice]) -> Voice:
    if not offered:
        return DEFAULT_VOICE
    return offered[zlib.crc32(speaker.encode()) % len(offered)]
