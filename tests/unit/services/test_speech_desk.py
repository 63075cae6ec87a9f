"""The desk where texts are spoken: who reads slowly, stops reading or leaves keeps nobody else from being spoken to."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.types import Message, Scope

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import CapacityExhausted, EngineCrashed
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.saying.cache import Speech, SpeechCache
from dragoman.services.saying.desk import MOST_UNREAD_BYTES, PIECE_S, OpenSpeech, SayingLimits, SpeechDesk
from dragoman.services.saying.wishes import Wish
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.voicing.router import VoiceRouter

EN = Language("en")
WITHIN_S = 30.0


@asynccontextmanager
async def one_at_once(engine: TextToSpeech, *, most_unread_bytes: int = MOST_UNREAD_BYTES) -> AsyncIterator[SpeechDesk]:
    limits = SayingLimits(at_once=1, most_unread_bytes=most_unread_bytes)
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = VoiceRouter(engines=[engine], pool=pool, observer=RecordingObserver())
        cache = SpeechCache(max_bytes=limits.cache_bytes, max_age_s=limits.cache_s)
        yield SpeechDesk(engines=[engine], router=router, cache=cache, limits=limits)


def wish(text: str) -> Wish:
    return Wish(text=text, language=EN)


async def test_a_reader_who_stops_does_not_keep_others_from_being_spoken_to() -> None:
    async with one_at_once(FakeTextToSpeech()) as desk:
        stopped = await desk.open(wish("this reader takes the first word only"), within_s=WITHIN_S)
        other = await desk.open(wish("we start"), within_s=WITHIN_S)
        spoken = await other.whole()
        late = await stopped.whole()

    assert spoken.audio.duration_s > 0
    assert late.audio.duration_s > spoken.audio.duration_s


async def test_who_reads_nothing_has_its_speech_kept_for_who_asks_again() -> None:
    async with one_at_once(FakeTextToSpeech()) as desk:
        unread = await desk.open(wish("we start"), within_s=WITHIN_S)
        await (await desk.open(wish("and another"), within_s=WITHIN_S)).whole()
        again = await desk.open(wish("we start"), within_s=WITHIN_S)
        await unread.close()

    assert again.cached


@pytest.mark.parametrize("cached", [False, True])
def test_while_too_much_speech_waits_to_be_read_the_next_is_asked_to_come_again(cached: bool) -> None:
    long = wish("a speech of quite a few words that nobody reads")

    async def scene() -> tuple[OpenSpeech, int, Speech]:
        async with one_at_once(FakeTextToSpeech(), most_unread_bytes=100_000) as desk:
            if cached:
                await (await desk.open(long, within_s=WITHIN_S)).whole()
            unread = await desk.open(long, within_s=WITHIN_S)
            await asyncio.sleep(WITHIN_S)
            held_bytes = unread.unread_bytes
            with pytest.raises(CapacityExhausted, match="try again"):
                await desk.open(wish("we start"), within_s=WITHIN_S)
            await unread.whole()
            return unread, held_bytes, await (await desk.open(wish("we start"), within_s=WITHIN_S)).whole()

    unread, held_bytes, spoken = run_in_virtual_time(scene)

    assert unread.cached == cached
    assert held_bytes > 100_000
    assert unread.unread_bytes == 0
    assert spoken.audio.duration_s > 0


def test_a_speech_that_many_read_slowly_out_of_the_cache_counts_once() -> None:
    long = wish("a speech of quite a few words that nobody reads")

    async def scene() -> tuple[list[OpenSpeech], Speech]:
        async with one_at_once(FakeTextToSpeech(), most_unread_bytes=600_000) as desk:
            await (await desk.open(long, within_s=WITHIN_S)).whole()
            readers = [await desk.open(long, within_s=WITHIN_S) for _ in range(20)]
            spoken = await (await desk.open(wish("we start"), within_s=WITHIN_S)).whole()
            return readers, spoken

    readers, spoken = run_in_virtual_time(scene)

    assert sum(each.unread_bytes for each in readers) > 2 * 600_000
    assert len({each.sound for each in readers}) == 1
    assert spoken.audio.duration_s > 0


async def test_a_speech_out_of_the_cache_comes_in_pieces_and_whole() -> None:
    text = wish(" ".join(["and on and on it goes"] * 12))

    async with one_at_once(FakeTextToSpeech()) as desk:
        made = await (await desk.open(text, within_s=WITHIN_S)).whole()
        kept = await desk.open(text, within_s=WITHIN_S)
        pieces = [piece.audio.duration_s async for piece in kept]
        again = await kept.whole()

    assert kept.cached
    assert len(pieces) > 1
    assert max(pieces) <= PIECE_S
    assert again.audio.duration_s == made.audio.duration_s


def test_a_file_that_waits_for_a_slow_reader_counts_as_unread() -> None:
    async def status_of(app: Starlette, made: asyncio.Event, read: asyncio.Event) -> int:
        body = b'{"input": "we start and go on and on", "voice": "en", "response_format": "flac"}'
        sent: list[Message] = []
        asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return asked.pop() if asked else await asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            if message.get("body"):
                made.set()
                await read.wait()
            sent.append(message)

        await app(HTTP, receive, send)
        return int(sent[0]["status"])

    async def scene() -> tuple[int, int]:
        made, go_on, reading = asyncio.Event(), asyncio.Event(), asyncio.Event()
        reading.set()
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            app = text_to_speech_app([FakeTextToSpeech()], pool=pool, limits=SayingLimits(most_unread_bytes=1_000))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(status_of(app, made, go_on))
                await made.wait()
                refused = await status_of(app, asyncio.Event(), reading)
                go_on.set()
            return refused, await status_of(app, asyncio.Event(), reading)

    assert asyncio.run(scene()) == (503, 200)


async def test_who_leaves_stops_the_voice_and_frees_its_turn() -> None:
    engine = Waiting()
    many_words = " ".join(["on"] * 40)

    async with one_at_once(engine) as desk:
        left = await desk.open(wish(many_words), within_s=WITHIN_S)
        await left.close()
        await left.close()
        engine.go_on.set()
        spoken = await (await desk.open(wish("we start"), within_s=WITHIN_S)).whole()

    assert spoken.audio.duration_s > 0
    assert engine.pieces < 20
    assert wish(many_words) not in desk.cache


async def test_a_voice_that_breaks_off_is_told_after_the_sound_that_it_made() -> None:
    broken = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=2)])

    async with one_at_once(broken) as desk:
        open_speech = await desk.open(wish("first second third"), within_s=WITHIN_S)
        heard_s = 0.0
        with pytest.raises(EngineCrashed):
            async for piece in open_speech:
                heard_s += piece.audio.duration_s
        await open_speech.close()
        spoken = await (await desk.open(wish("we start"), within_s=WITHIN_S)).whole()

    assert heard_s > 0
    assert spoken.audio.duration_s > 0


def test_a_client_that_takes_nothing_any_more_is_let_go() -> None:
    body = b'{"input": "we start and go on and on", "voice": "en", "response_format": "wav"}'
    sent: list[Message] = []

    async def ask() -> None:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            app = text_to_speech_app([FakeTextToSpeech()], pool=pool)
            asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

            async def receive() -> Message:
                return asked.pop() if asked else await asyncio.get_running_loop().create_future()

            async def send(message: Message) -> None:
                sent.append(message)
                if message["type"] == "http.response.body":
                    await asyncio.Event().wait()

            await app(HTTP, receive, send)

    run_in_virtual_time(ask)

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"]


def test_who_reads_slowly_and_steadily_gets_the_whole_of_a_speech_that_was_kept() -> None:
    text = " ".join(["and on and on it goes"] * 8)
    body = f'{{"input": "{text}", "voice": "en", "response_format": "wav"}}'.encode()
    bytes_per_s = 1_500

    async def ask(app: Starlette, wait: Callable[[int], Awaitable[None]]) -> list[Message]:
        sent: list[Message] = []
        asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return asked.pop() if asked else await asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            await wait(len(message.get("body", b"")))
            sent.append(message)

        await app(HTTP, receive, send)
        return sent

    async def scene() -> tuple[list[Message], list[Message]]:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            app = text_to_speech_app([FakeTextToSpeech()], pool=pool)
            quickly = await ask(app, lambda size: asyncio.sleep(0))
            return quickly, await ask(app, lambda size: asyncio.sleep(size / bytes_per_s))

    quickly, slowly = run_in_virtual_time(scene)

    first, second = (b"".join(each["body"] for each in sent[1:]) for sent in (quickly, slowly))
    assert (b"x-cached", b"true") in slowly[0]["headers"]
    assert len(second) > 60 * bytes_per_s
    assert second == first
    assert not slowly[-1]["more_body"]


HTTP: Scope = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/v1/audio/speech",
    "raw_path": b"/v1/audio/speech",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


class Waiting(FakeTextToSpeech):
    """Goes on after ten words when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.pieces = 0

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        for piece in super().speak(text, language=language, voice=voice, speed=speed):
            self.pieces += 1
            if self.pieces == 10:
                self.go_on.wait(WITHIN_S)
            yield piece
