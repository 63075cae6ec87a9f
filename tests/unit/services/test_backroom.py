"""The service's idle hours, in virtual time: phrases come again, and a promise that cannot be kept costs no sound."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from starlette.requests import Request

from dragoman.engines.pool import EnginePool
from dragoman.engines.text_to_speech.job_voice.engine import PIECE_S
from dragoman.ground.audio import Audio, silence
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import BASE_LANGUAGES, Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.saying.backroom import Backroom
from dragoman.services.saying.cache import SpeechCache
from dragoman.services.saying.desk import SayingLimits, SpeechDesk
from dragoman.services.saying.later import LaterLimits
from dragoman.services.saying.later_http import later_speech, promise_better
from dragoman.services.saying.phrases import common_wishes
from dragoman.services.saying.sound_files import SoundFormat
from dragoman.services.saying.wishes import Wish
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.voicing.router import SpokenPiece, VoiceRouter

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
    """Has only its default voice: half of the phrases."""

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return ()


class FiveVoices(FakeTextToSpeech):
    """Has five voices of every language."""

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return tuple(Voice(name=f"{language}-{place}") for place in range(5))


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


def test_other_voices_than_the_default_one_have_phrases_under_default_limits() -> None:
    engine = FiveVoices(sample_rate=48_000)
    second, first = (Wish(text="Hello.", language=EN, voice=Voice(name=f"en-{n}"), engine="fake") for n in (1, 0))

    async def scene(room: Room) -> None:
        for wish in common_wishes([engine]):
            if room.desk.has_room_to_prepare():
                # About as fast as people speak, at the highest rate of our engines.
                spoken = silence(max(0.6, 0.08 * len(wish.text)), 48_000)
                room.desk.keep(wish, [SpokenPiece(audio=spoken, engine="fake")], prepared=True)

        assert {wish.language for wish in common_wishes([engine])} == set(BASE_LANGUAGES)
        assert room.desk.find(second) is not None
        # The default voice is the first one, whichever name it is asked by.
        assert room.desk.find(first) is not None
        assert "en-0" not in {wish.voice.name for wish in common_wishes([engine])}

    play(scene, engine)


def test_every_voice_has_its_phrases_where_the_cache_has_room_the_default_ones_first() -> None:
    class SevenVoices(FakeTextToSpeech):
        def voices(self, language: Language) -> tuple[Voice, ...]:
            return tuple(Voice(name=f"{language}-{place}") for place in range(7 if language == EN else 2))

    asked = list(common_wishes([SevenVoices()]))

    places = [int(each.voice.name.partition("-")[2] or 0) for each in asked]
    assert places == sorted(places)
    assert {each.voice.name for each in asked if each.language == EN} == {"", *(f"en-{n}" for n in range(1, 7))}
    assert {each.voice.name for each in asked if each.language == "vi"} == {"", "vi-1"}


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


def test_a_voice_for_background_jobs_has_the_time_for_a_sentence_that_it_takes_itself() -> None:
    engine = FakeTextToSpeech(name="premium", languages=(EN,), jobs_only=True)
    allowed_s: list[float] = []

    class Watched(SpeechDesk):
        def speak(self, wish: Wish, *, within_s: float) -> AsyncGenerator[SpokenPiece, None]:
            allowed_s.append(within_s)
            return super().speak(wish, within_s=within_s)

    async def whole() -> None:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=RecordingObserver())
            cache = SpeechCache(max_bytes=1 << 20, max_age_s=DAY_S)
            desk = Watched(engines=[engine], router=router, cache=cache, limits=SayingLimits())
            backroom = Backroom(desk)
            backroom.ask(Wish(text="we start", language=EN, engine="premium"), SoundFormat.WAV, engine)
            task = asyncio.create_task(backroom.run())
            await asyncio.sleep(1.0)
            task.cancel()

    run_in_virtual_time(whole)

    assert allowed_s[0] > PIECE_S


def test_a_failure_that_is_fetched_again_and_again_holds_on_to_no_request() -> None:
    engine = FakeTextToSpeech(name="premium", languages=(EN,), jobs_only=True)
    traces: list[int] = []

    async def scene(room: Room) -> None:
        queue = room.backroom.queue
        speech = queue.add(Wish(text="we start", language=EN, engine="premium"), SoundFormat.WAV, cost=1.0)
        failure = EngineCrashed("gone")
        queue.end(speech, failure, now_s=asyncio.get_running_loop().time())
        path = {"request_id": speech.request_id}
        for _ in range(5):
            with pytest.raises(EngineCrashed, match="gone"):
                await later_speech(Request({"type": "http", "query_string": b"", "path_params": path}), room.backroom)
            traces.append(len(list(traceback.walk_tb(failure.__traceback__))))

    play(scene, engine)

    assert len(set(traces)) == 1


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
