"""What a text-to-speech service does when nobody waits: better voices asked for, then phrases that people say often.

``run`` is a task of who serves the app (``serve.py``); without it, what is asked for later stays waiting.
"""

import asyncio
import math
from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

import structlog

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import DragomanError, EngineCrashed
from dragoman.ground.marking import describe_synthetic
from dragoman.services.saying.cache import Speech
from dragoman.services.saying.desk import SpeechDesk
from dragoman.services.saying.later import LaterLimits, LaterQueue, LaterSpeech
from dragoman.services.saying.phrases import common_wishes
from dragoman.services.saying.sound_files import SoundFormat, encode
from dragoman.services.saying.tiers import JOB_PIECE_WITHIN_S, Quality, quality_of
from dragoman.services.saying.wishes import Wish
from dragoman.voicing.router import SpokenPiece

log = structlog.get_logger()

IDLE_S: Final = 10.0
"""Without a request, before a phrase is spoken that nobody has asked for."""
_PHRASE_WITHIN_S: Final = 20.0
_AGAIN_S: Final = 3600.0
"""Before a phrase is tried again that could not be spoken, or not be kept."""
_RESTS: Final = 9.0
"""Between phrases, times what the last one took: recognition may be busy while nobody is spoken to."""
_ASSUMED_COST: Final = {Quality.PLAIN: 0.05, Quality.NATURAL: 0.5, Quality.PREMIUM: 3.0}
"""Of engines that were not measured here: seconds for a second of speech."""


class Backroom:
    """Of one service; its queue, and the one task that works it off."""

    def __init__(
        self,
        desk: SpeechDesk,
        *,
        costs: Mapping[str, float] | None = None,
        limits: LaterLimits | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        """``costs`` are seconds per second of speech by engine label, as measured on this machine."""
        self.queue = LaterQueue(limits or LaterLimits())
        self._desk = desk
        self._costs = costs or {}
        self._idle_s = idle_s
        self._asked = asyncio.Event()
        self._in_vain_at_s: dict[Wish, float] = {}
        """When phrases were tried that the cache does not have."""

    def ask(self, wish: Wish, sound_format: SoundFormat, better: TextToSpeech) -> LaterSpeech:
        """Have ``wish`` spoken later, its engine being ``better``. Raises what ``LaterQueue.add`` raises."""
        cost = self._costs.get(better.info.label, _ASSUMED_COST[quality_of(better.info)])
        speech = self.queue.add(wish, sound_format, cost=cost)
        self._asked.set()
        return speech

    def kept_for(self, wish: Wish) -> Wish | None:
        """See ``SpeechDesk.kept_for``."""
        return self._desk.kept_for(wish)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._asked.clear()
            speech = self.queue.next()
            if speech is not None:
                await self._speak_later(speech)
                continue
            if not await self._is_asked_within(self._idle_s):
                self._desk.forget_old()
                await self._prepare()

    async def _speak_later(self, speech: LaterSpeech) -> None:
        result: bytes | DragomanError
        try:
            spoken = self._desk.find(speech.wish) or await self._speak_whole(speech)
            mark = describe_synthetic(engines=[spoken.engine], voice=speech.wish.voice.name)
            result = await asyncio.to_thread(encode, spoken.audio, speech.sound_format, mark=mark)
            speech.duration_s = spoken.audio.duration_s
        except DragomanError as error:
            log.warning("later_voice_failed", engine=speech.wish.engine, code=error.code, detail=str(error))
            result = error
        except Exception as error:  # the service goes on, and whoever asked is told
            log.exception("later_voice_defect", engine=speech.wish.engine)
            result = EngineCrashed(f"{speech.wish.engine} failed: {type(error).__name__}; ask for it without 'better'")
        self.queue.end(speech, result, now_s=_now_s())

    async def _speak_whole(self, speech: LaterSpeech) -> Speech:
        made: list[SpokenPiece] = []
        async with aclosing(self._desk.speak(speech.wish, within_s=JOB_PIECE_WITHIN_S)) as pieces:
            async for piece in pieces:
                made.append(piece)
                speech.spoken_s += piece.audio.duration_s
        return self._desk.keep(speech.wish, made)

    async def _prepare(self) -> None:
        """Speak the phrases that the cache does not have, as long as nobody asks for anything.

        Looked through from the first one each time: what was cut short, grew old or was cleared away comes again.
        """
        for wish in common_wishes(self._desk.engines):
            if wish in self._desk.cache or _now_s() - self._in_vain_at_s.get(wish, -math.inf) < _AGAIN_S:
                continue
            if not (self._is_idle() and self._desk.has_room_to_prepare()):
                return
            began_s = _now_s()
            if not await self._speak_phrase(wish):
                return
            await self._is_asked_within(_RESTS * (_now_s() - began_s))

    async def _speak_phrase(self, wish: Wish) -> bool:
        """Speak a phrase for the cache; False if somebody asks meanwhile, whose the engine is then."""
        made: list[SpokenPiece] = []
        try:
            async with aclosing(self._desk.speak(wish, within_s=_PHRASE_WITHIN_S)) as pieces:
                async for piece in pieces:
                    made.append(piece)
                    if not self._is_idle():
                        return False
        except DragomanError as error:
            log.warning("phrase_not_prepared", language=wish.language, code=error.code)
        else:
            self._desk.keep(wish, made, prepared=True)
        self._in_vain_at_s.pop(wish, None)
        if wish not in self._desk.cache:
            self._in_vain_at_s[wish] = _now_s()
        return True

    async def _is_asked_within(self, limit_s: float) -> bool:
        try:
            async with asyncio.timeout(limit_s):
                return await self._asked.wait()
        except TimeoutError:
            return False

    def _is_idle(self) -> bool:
        return not self._asked.is_set() and self._desk.idle_s >= self._idle_s


def _now_s() -> float:
    return asyncio.get_running_loop().time()
