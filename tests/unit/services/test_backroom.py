"""The service's idle hours, in virtual time: phrases come again, and a promise that cannot be kept costs no sound."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.saying.backroom import Backroom
from dragoman.services.saying.cache import SpeechCache
from dragoman.services.saying.desk import SayingLimits, SpeechDesk
from dragoman.services.saying.later import LaterLimits
from dragoman.services.saying.later_http import promise_better
from dragoman.services.saying.phrases import common_wishes
from dragoman.services.saying.sound_files import SoundFormat
from dragoman.services.saying.wishes import Wish
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.voicing.router import VoiceRouter

EN = Language("en")
IDLE_S = 10.0
DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    backroom: Backroom
    desk: SpeechDesk

    def holds_all(self) -> bool:
        return all(wish in self.desk.cache for wish in common_wishes(self.desk.engines))


class OneVoice(FakeTextToSpeech):
    """Has only its default voice: a third of the phrases."""

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return ()


def play(scene: Callable[[Room], Awaitable[None]], *engines: TextToSpeech) -> None:
    """Run ``scene`` beside a backroom over ``engines``."""

    async def whole() -> None:
        limits = SayingLimits()
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=RecordingObserver())
            cache = SpeechCache(max_bytes=limits.cache_bytes, max_age_s=DAY_S)
            desk = SpeechDesk(engines=engines, router=router, cache=cache, limits=limits)
            backroom = Backroom(desk, idle_s=IDLE_S, limits=LaterLimits(waiting=1))
            task = asyncio.create_task(backroom.run())
            await scene(Room(backroom=backroom, desk=desk))
            task.cancel()

    run_in_virtual_time(whole)


def test_phrases_that_grew_old_are_spoken_again() -> None:
    engine = OneVoice(languages=(EN,))

    async def scene(room: Room) -> None:
        await asyncio.sleep(DAY_S / 2)
        assert room.holds_all()
        once = len(engine.spoken)

        await asyncio.sleep(DAY_S)
        assert room.holds_all()
        assert len(engine.spoken) == 2 * once

    play(scene, engine)


def test_phrases_that_were_cleared_away_are_spoken_again() -> None:
    async def scene(room: Room) -> None:
        await asyncio.sleep(3600)
        cleared = room.desk.cache.clear()

        await asyncio.sleep(3600)
        assert cleared
        assert room.holds_all()

    play(scene, OneVoice(languages=(EN,)))


def test_a_phrase_that_somebody_interrupted_is_spoken_later() -> None:
    asking: list[Callable[[], object]] = []

    class Interrupted(OneVoice):
        def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
            if asking:
                asking.pop()()
            yield from super().speak(text, language=language, voice=voice, speed=speed)

    engine = Interrupted(languages=(EN,))

    async def scene(room: Room) -> None:
        asking.append(partial(asyncio.get_running_loop().call_soon_threadsafe, room.desk.touch))
        await asyncio.sleep(3600)
        assert not asking
        assert room.holds_all()

    play(scene, engine)


def test_a_phrase_that_cannot_be_spoken_is_not_tried_again_at_once() -> None:
    gone = Fail(error=EngineCrashed("gone"))
    engine = OneVoice(languages=(EN,), outcomes=[gone] * 2)

    async def scene(room: Room) -> None:
        await asyncio.sleep(1800)
        assert not room.holds_all()
        within_the_hour = len(engine.spoken)

        await asyncio.sleep(3600)
        assert room.holds_all()
        assert len(engine.spoken) == within_the_hour + 1

    play(scene, engine)


def test_a_queue_that_filled_up_meanwhile_leaves_the_sound_without_a_promise() -> None:
    engines = [
        FakeTextToSpeech(name="premium", languages=(EN,), jobs_only=True),
        FakeTextToSpeech(name="espeak", languages=(EN,)),
    ]
    wish = Wish(text="we start", language=EN)

    async def whole() -> None:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=RecordingObserver())
            cache = SpeechCache(max_bytes=1 << 20, max_age_s=DAY_S)
            desk = SpeechDesk(engines=engines, router=router, cache=cache, limits=SayingLimits())
            backroom = Backroom(desk, limits=LaterLimits(waiting=1))
            mine, theirs = (promise_better(wish, engines, backroom) for _ in range(2))

            kept, late = theirs.keep(SoundFormat.WAV), mine.keep(SoundFormat.WAV)

        assert kept.fields["request_id"]
        assert late.fields["request_id"] is None
        assert "1 texts wait for the better voice" in str(late.fields["better"])
        assert late.headers == {"X-Better": "none"}

    run_in_virtual_time(whole)
