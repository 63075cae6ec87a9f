"""Speak a clause by the best voice that sounds, of all engines of a process. From room_voices.py and services/saying/.

A voice that fails is asked once more, then the next engine speaks, as long as nothing has sounded yet; a voice that
cannot read the text gives way at once. The text is put in words first (``spoken_text/``); what comes back is looked
after in ``clause.py``.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech, Voice
from dragoman.ground.errors import (
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    LanguageNotSupported,
    NothingToSpeak,
    TextNotReadable,
)
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.voicing.casting import Cast
from dragoman.voicing.checks import VoiceCheck
from dragoman.voicing.clause import Clause
from dragoman.voicing.levelling import ClauseLeveller, VoiceLevel
from dragoman.voicing.planner import Offer, VoicePlanner, tier_of
from dragoman.voicing.room_voices import RoomVoices
from dragoman.voicing.spoken_text.normalise import as_spoken
from dragoman.voicing.stock_pitches import StockPitches
from dragoman.voicing.watermark import Watermark

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
    """Over the engines of one process; the local ``VoiceRoute``."""

    def __init__(
        self,
        *,
        engines: Sequence[TextToSpeech],
        pool: EnginePool,
        observer: Observer,
        watermark: Watermark | None = None,
        planner: VoicePlanner | None = None,
        pitches: StockPitches | None = None,
    ) -> None:
        """``pitches`` None: the stock voices are not heard beforehand, and given in the engines' order."""
        self.engines = engines
        self.planner = planner or VoicePlanner()
        self.pitches = pitches
        self.pool = pool
        self._observer = observer
        self._watermark = watermark
        self._levels: dict[tuple[str, Language, Voice], VoiceLevel] = {}

    def can_speak(self, language: Language) -> bool:
        return any(language in engine.info.languages for engine in self.engines)

    def languages(self) -> list[Language]:
        return sorted({language for engine in self.engines for language in engine.info.languages})

    def in_room(self) -> RoomVoices:
        return RoomVoices(self)

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
        """Speak by the first engine that can, or only by the one with the label ``engine``, if one is named.

        An engine without ``voice`` uses its default one; ``target_lufs`` None is what suits a room. What is said in a
        call goes before these texts.
        """
        casts = [
            Cast(
                engine=each,
                voice=voice if voice in each.voices(language) else DEFAULT_VOICE,
                offer=Offer(engine=each.info.label, tier=tier_of(each.info)),
            )
            for each in self._able(language, engine)
        ]
        async for cast, audio in self.speak_as(
            text,
            casts,
            language=language,
            speed=speed,
            deadline_s=deadline_s,
            target_lufs=target_lufs,
            urgency=Urgency.RECORDING,
        ):
            yield SpokenPiece(audio=audio, engine=cast.engine.info.label)

    async def speak_as(
        self,
        text: str,
        casts: Sequence[Cast],
        *,
        language: Language,
        speed: float,
        deadline_s: float,
        target_lufs: float | None,
        urgency: Urgency = Urgency.FINAL,
    ) -> AsyncGenerator[tuple[Cast, Audio], None]:
        """Speak by the first of ``casts`` that sounds; the first piece comes within ``deadline_s`` seconds, and each
        that follows within as long again.

        As long as others stand behind it, one may take half of the time that is left. Who is late is not asked again:
        that would be late too, and the next one needs the time. Nor is who cannot read the text, which is no failure
        of that voice. Raises the last one's ``EngineError`` when none could, or when one broke off: nothing is said
        twice.
        """
        spoken = as_spoken(text, language)
        if not any(character.isalnum() for character in spoken):
            raise NothingToSpeak("there is nothing to speak in this text: it has no letter and no figure")
        failure: EngineError = EngineTimeout("no time was left for a voice")
        until_s = _now_s() + deadline_s
        for place, cast in enumerate(casts):
            for tries in range(1, TRIES + 1):
                left_s = until_s - _now_s()
                if left_s <= 0:
                    raise failure
                first_within_s = left_s if place == len(casts) - 1 else left_s / 2
                sounded_s = took_s = 0.0
                try:
                    pieces = self._pool_pieces(cast, spoken, language, speed, target_lufs, urgency)
                    timed = self._in_time(pieces, cast.engine.info.label, first_within_s, deadline_s)
                    async for audio, waited_s in timed:
                        took_s += waited_s
                        sounded_s += audio.duration_s
                        yield cast, audio
                except EngineError as error:
                    failure = error
                    if tries == 1 and not isinstance(error, TextNotReadable):
                        self.planner.failed(cast.offer, language=language, at_s=_now_s())
                    if sounded_s:
                        raise
                    if isinstance(error, EngineTimeout | TextNotReadable):
                        break
                else:
                    self.planner.spoke(cast.offer, language=language, took_s=took_s, sounded_s=sounded_s, at_s=_now_s())
                    return
        raise failure

    def _pool_pieces(
        self,
        cast: Cast,
        spoken: str,
        language: Language,
        speed: float,
        target_lufs: float | None,
        urgency: Urgency,
    ) -> AsyncIterator[Audio]:
        """Begin one attempt; its sound is made and looked after in the pool."""
        engine, label = cast.engine, cast.engine.info.label
        engine_speed = speed if engine.info.honours_speed else 1.0
        clause = Clause(
            check=VoiceCheck(spoken, engine=label, speed=engine_speed),
            leveller=ClauseLeveller(self._level(label, language, cast.voice), target_lufs=target_lufs),
            stretch_by=speed / engine_speed,
        )
        start = partial(engine.speak, spoken, language=language, voice=cast.voice, speed=engine_speed)
        sounds: Callable[[], Iterator[Audio]] = partial(clause.sounds, start)
        if self._watermark is not None:
            sounds = partial(self._watermark.mark, sounds, engine=label)
        return self.pool.iterate(Stage.VOICE, engine, sounds, urgency=urgency)

    def _able(self, language: Language, label: str) -> list[TextToSpeech]:
        """Give the engines that speak the language. Raises ``EngineUnavailable`` and ``LanguageNotSupported``."""
        named = [engine for engine in self.engines if label in ("", engine.info.label)]
        if not named:
            known = ", ".join(engine.info.label for engine in self.engines) or "none"
            raise EngineUnavailable(f"no engine {label[:80]!r} here; there are: {known}")
        able = [engine for engine in named if language in engine.info.languages]
        if not able:
            spoken = sorted({each for engine in named for each in engine.info.languages})
            raise LanguageNotSupported(
                f"nothing here speaks {language_name(language)}; there is: {describe_languages(spoken)}"
            )
        # What is too slow for calls speaks if it is named, or if nothing else can.
        return [engine for engine in able if not engine.info.jobs_only] or able

    def _level(self, label: str, language: Language, voice: Voice) -> VoiceLevel:
        key = (label, language, voice)
        if key not in self._levels and len(self._levels) >= MAX_LEVELS:
            del self._levels[next(iter(self._levels))]
        return self._levels.setdefault(key, VoiceLevel())

    async def _in_time(
        self, pieces: AsyncIterator[Audio], label: str, first_within_s: float, next_within_s: float
    ) -> AsyncIterator[tuple[Audio, float]]:
        """Give each piece and how long it was waited for, which is at most as long as is said here.

        What the pool cannot know, a voice that comes too late, is reported here.
        """
        within_s = first_within_s
        while True:
            asked_at_s = _now_s()
            try:
                async with asyncio.timeout(within_s):
                    audio = await anext(pieces, None)
            except TimeoutError as error:
                late = EngineTimeout(f"{label} took longer than {within_s:.1f} s")
                self._observer.observe(EngineFailed(stage=Stage.VOICE, engine=label, code=late.code, detail=str(late)))
                raise late from error
            if audio is None:
                return
            yield audio, _now_s() - asked_at_s
            within_s = next_within_s


def _now_s() -> float:
    return asyncio.get_running_loop().time()
