"""The priority of a room at the services: it travels as a header, orders what waits, and is believed with the token."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence

import pytest
from starlette.testclient import TestClient

from dragoman.engines.batches import Batches, Lost, Wanted
from dragoman.engines.pool import EnginePool
from dragoman.engines.remote_session import RemoteRecognizer
from dragoman.engines.text_to_speech.remote import RemoteTextToSpeech
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.audio import Audio
from dragoman.ground.engines import DEFAULT_VOICE, RecognitionContext, Voice
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language
from dragoman.ground.precedence import priority_now, working_for
from dragoman.services.room_priority import read_priority
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.services.translation import translation_app
from dragoman.testing.asgi import AsgiWebSocket
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.recognition import FakeRecognitionSession, FakeRecognizer
from dragoman.wire.requests import PRIORITY_HEADER

EN, VI, ES = Language("en"), Language("vi"), Language("es")
SECRET = "a-token-of-the-services"  # noqa: S105  # made up
BEARER = {"Authorization": f"Bearer {SECRET}"}
WITHIN_S = 20.0


@pytest.fixture
def pool() -> Iterator[EnginePool]:
    with EnginePool(workers=4, observer=Observers()) as pool:
        yield pool


class Order:
    """Holds the first call of an engine, and notes the order of the others."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def note(self, sentences: Sequence[str]) -> None:
        if not self.begun.is_set():
            self.begun.set()
            assert self.go_on.wait(WITHIN_S)
        self.texts += sentences


async def order_at_the_service(pool: EnginePool, token: str | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ask for four sentences while the engine is busy, by rooms of four plans."""
    order, came, push = Order(), threading.Semaphore(0), Batches.push

    def count(batches: Batches, wanted: Wanted, *, at_s: float) -> dict[Wanted, Lost]:
        came.release()
        return push(batches, wanted, at_s=at_s)

    monkeypatch.setattr(Batches, "push", count)
    app = translation_app([FakeTranslator(before_call=order.note)], pool=pool, token=token)
    with TestClient(app, headers=BEARER) as client:
        remote = RemoteTranslator(client, timeout_s=WITHIN_S)

        def ask(name: str, priority: int) -> None:
            with working_for(lambda: priority):
                # A prefix lets each be a call of its own.
                remote.translate([name], source=EN, target=ES, committed_prefix="es:")

        asked = [asyncio.create_task(asyncio.to_thread(ask, "running", 0))]
        await asyncio.to_thread(order.begun.wait, WITHIN_S)
        await asyncio.to_thread(came.acquire, timeout=WITHIN_S)
        for name, priority in {"free": 0, "premium": 10, "pro": 20, "other": 0}.items():
            asked.append(asyncio.create_task(asyncio.to_thread(ask, name, priority)))
            assert await asyncio.to_thread(came.acquire, timeout=WITHIN_S)
        order.go_on.set()
        await asyncio.gather(*asked)
    return order.texts


async def test_a_room_with_a_larger_plan_is_translated_first(pool: EnginePool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await order_at_the_service(pool, SECRET, monkeypatch) == ["running", "pro", "premium", "free", "other"]


async def test_a_service_without_a_token_believes_nobody(pool: EnginePool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await order_at_the_service(pool, None, monkeypatch) == ["running", "free", "premium", "pro", "other"]


@pytest.mark.parametrize(("token", "heard"), [(SECRET, 20), (None, 0)])
def test_what_is_spoken_for_a_room_is_spoken_with_its_priority(pool: EnginePool, token: str | None, heard: int) -> None:
    seen = list[int]()

    class Mouth(FakeTextToSpeech):
        def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
            seen.append(priority_now())
            return super().speak(text, language=language, voice=voice, speed=speed)

    app = text_to_speech_app([Mouth()], pool=pool, token=token)
    remote = RemoteTextToSpeech(TestClient(app, headers=BEARER))

    with working_for(lambda: 20):
        list(remote.speak("one two", language=EN, voice=DEFAULT_VOICE, speed=1.0))

    assert seen == [heard]


@pytest.mark.parametrize(("headers", "heard"), [(BEARER, 20), ({}, None)])
async def test_a_microphone_is_recognised_with_the_priority_of_its_handshake(
    pool: EnginePool, headers: Mapping[str, str], heard: int | None
) -> None:
    seen = list[int]()

    class Ears(FakeRecognizer):
        async def open(self, *, language: Language, context: RecognitionContext) -> FakeRecognitionSession:
            seen.append(priority_now())
            return await super().open(language=language, context=context)

    app = speech_to_text_app([], Ears(), pool=pool, token=SECRET)
    sent = {**headers, PRIORITY_HEADER: "20"}
    remote = RemoteRecognizer(lambda: AsgiWebSocket.connect(app, "/recognize", headers=sent))

    if heard is None:
        with pytest.raises(Exception, match="reached"):
            await remote.open(language=VI, context=RecognitionContext())
    else:
        session = await remote.open(language=VI, context=RecognitionContext())
        await session.close()

    assert seen == ([] if heard is None else [heard])


@pytest.mark.parametrize("text", ["", "-1", "101", "1e1", "²", "1000000000000", " 5", "high"])
def test_what_is_no_priority_is_an_ordinary_one(text: str) -> None:
    assert read_priority(text) == 0


def test_a_priority_is_read_from_0_to_100() -> None:
    assert [read_priority(text) for text in ("0", "7", "100")] == [0, 7, 100]
