"""What the engine services and their clients promise each other when something goes wrong."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from websockets.asyncio.server import ServerConnection, serve

from dragoman.engines.pool import EnginePool
from dragoman.engines.remote_session import RemoteRecognizer, RemoteSession, connect_websocket
from dragoman.engines.text_to_speech.remote import RemoteTextToSpeech
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.audio import RECOGNITION_RATE, silence
from dragoman.ground.engines import DEFAULT_VOICE, RecognitionContext
from dragoman.ground.errors import (
    CapacityExhausted,
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    TextNotReadable,
)
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, WordState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.services.translation import translation_app
from dragoman.services.web import MAX_BODY_BYTES
from dragoman.testing.asgi import AsgiWebSocket
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.script import Fail, Hang
from dragoman.testing.tones import say_as_tones
from dragoman.wire.frames import pack_frame, unpack_frame

EN, ES = Language("en"), Language("es")
SECRET = "-".join(["open", "sesame"])
ERRORS = [EngineTimeout, EngineCrashed, EngineOutputInvalid, EngineUnavailable, TextNotReadable]


@pytest.fixture
def pool() -> Iterator[EnginePool]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        yield pool


def translate(client: httpx2.Client, *, timeout_s: float = 10.0) -> str:
    (translation,) = RemoteTranslator(client, timeout_s=timeout_s).translate(["hello"], source=EN, target=ES)
    return translation.text


@pytest.mark.parametrize("kind", ERRORS)
def test_an_engine_error_arrives_as_the_error_it_was(pool: EnginePool, kind: type[EngineError]) -> None:
    engine = FakeTranslator(outcomes=[Fail(error=kind("ask again"))])

    with pytest.raises(kind, match="ask again"):
        translate(TestClient(translation_app([engine], pool=pool)))


def test_a_hanging_engine_is_a_timeout_within_the_deadline_and_the_next_call_is_well(pool: EnginePool) -> None:
    hang = Hang()
    client = TestClient(translation_app([FakeTranslator(outcomes=[hang])], pool=pool))

    with pytest.raises(EngineTimeout):
        translate(client, timeout_s=0.1)
    hang.until.set()

    assert translate(client) == "es:hello"


def test_an_error_in_the_middle_of_speech_follows_the_pieces_before_it(pool: EnginePool) -> None:
    engine = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=2)])
    remote = RemoteTextToSpeech(TestClient(text_to_speech_app([engine], pool=pool)))
    pieces = remote.speak("one two three", language=EN, voice=DEFAULT_VOICE, speed=1.0)

    assert next(pieces).duration_s > 0
    assert next(pieces).duration_s > 0
    with pytest.raises(EngineCrashed, match="gone"):
        next(pieces)


def test_a_remote_engine_says_that_it_is_remote_and_which_of_several_it_is(pool: EnginePool) -> None:
    client = TestClient(translation_app([FakeTranslator(name="one"), FakeTranslator(name="two")], pool=pool))

    info = RemoteTranslator(client, engine="two").info

    assert (info.name, info.remote) == ("two", True)
    with pytest.raises(EngineUnavailable, match="one, two"):
        RemoteTranslator(client, engine="three").warm_up()


@pytest.mark.parametrize("given", [None, "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x"])
def test_without_the_right_token_only_health_answers(pool: EnginePool, given: str | None) -> None:
    app = translation_app([FakeTranslator()], pool=pool, token=SECRET)
    client = TestClient(app, headers={} if given is None else {"Authorization": given})

    assert client.get("/info").status_code == 401
    assert client.get("/health/live").status_code == 200
    with pytest.raises(EngineUnavailable, match="token"):
        translate(client)


def test_with_the_right_token_everything_answers(pool: EnginePool) -> None:
    app = translation_app([FakeTranslator()], pool=pool, token=SECRET)

    assert translate(TestClient(app, headers={"Authorization": f"Bearer {SECRET}"})) == "es:hello"


def test_readiness_is_told_apart_from_life(pool: EnginePool) -> None:
    client = TestClient(translation_app([FakeTranslator()], pool=pool, is_ready=lambda: False))

    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503


def test_a_service_says_what_it_is(pool: EnginePool) -> None:
    about = TestClient(translation_app([FakeTranslator()], pool=pool)).get("/").json()

    assert about["name"] == "translation"
    assert about["version"]
    assert {"/info", "/translate", "/health/live", "/health/ready"} <= set(about["endpoints"])


@pytest.mark.parametrize("body", [b"", b"junk", pack_frame({"type": "speak"}), pack_frame({"type": "translate"})])
def test_a_request_that_does_not_parse_is_400_with_a_reason(pool: EnginePool, body: bytes) -> None:
    answer = TestClient(translation_app([FakeTranslator()], pool=pool)).post("/translate", content=body)

    header, _ = unpack_frame(answer.content)
    assert answer.status_code == 400
    assert header["code"] == "wire_error"


@pytest.mark.parametrize("deadline", ["", "-5", "0", "1.5", "soon", "9" * 20])
def test_a_deadline_that_is_none_is_400(pool: EnginePool, deadline: str) -> None:
    client = TestClient(translation_app([FakeTranslator()], pool=pool))

    answer = client.post("/translate", content=b"", headers={"dragoman-deadline-ms": deadline})

    assert answer.status_code == 400


def test_a_body_over_the_limit_is_413(pool: EnginePool) -> None:
    client = TestClient(translation_app([FakeTranslator()], pool=pool))

    assert client.post("/translate", content=bytes(MAX_BODY_BYTES + 1)).status_code == 413


def test_a_service_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client, pytest.raises(EngineUnavailable):
        translate(client)


def test_a_service_that_never_answers_is_a_timeout() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        httpx2.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client,
        pytest.raises(EngineTimeout),
    ):
        translate(client, timeout_s=0.1)


@pytest.mark.parametrize("path", ["/translate", "/nowhere"])
def test_a_program_that_is_no_service_of_ours_is_a_crash(path: str) -> None:
    with pytest.raises(EngineCrashed):
        translate(TestClient(Starlette(), base_url=f"http://testserver{path}"))


@contextmanager
def recognizing(
    recognizer: FakeRecognizer, *, token: str | None = None
) -> Iterator[tuple[RemoteRecognizer, list[AsgiWebSocket]]]:
    sockets: list[AsgiWebSocket] = []
    with EnginePool(workers=1, observer=RecordingObserver()) as pool:
        app = speech_to_text_app([], recognizer, pool=pool, token=token)

        async def connect() -> AsgiWebSocket:
            sockets.append(await AsgiWebSocket.connect(app, "/recognize"))
            return sockets[-1]

        yield RemoteRecognizer(connect), sockets


async def open_session(recognizer: RemoteRecognizer) -> RemoteSession:
    return await recognizer.open(language=EN, context=RecognitionContext(hot_words=("Thảo",)))


def test_a_dropped_connection_is_one_final_event_with_the_reason_and_the_end() -> None:
    async def whole() -> list[RecognitionEvent]:
        fake = FakeRecognizer()
        with recognizing(fake) as (recognizer, sockets):
            session = await open_session(recognizer)
            await session.push(say_as_tones("one two three"))
            heard = aiter(session)
            events = [await anext(heard), await anext(heard)]
            sockets[0].drop()
            events += [event async for event in heard]
            await session.push(say_as_tones("four"))
            await session.close()
            assert fake.sessions[0].closed
            return events

    events = run_in_virtual_time(whole)

    last = events[-1]
    assert (last.utterance, last.state, last.words, last.failure) == (1, WordState.FINAL, (), "engine_crashed")
    assert [event.state for event in events].count(WordState.FINAL) == 1


def test_an_error_of_the_recognizer_is_one_final_event_with_its_code() -> None:
    async def whole() -> list[RecognitionEvent]:
        fake = FakeRecognizer()
        with recognizing(fake) as (recognizer, _):
            session = await open_session(recognizer)
            await fake.sessions[0].break_off(EngineTimeout("too slow"))
            events = [event async for event in session]
            await session.close()
            return events

    assert [event.failure for event in run_in_virtual_time(whole)] == ["engine_timeout"]


def test_the_context_of_a_session_arrives_and_a_refusal_is_raised_by_open() -> None:
    async def whole() -> FakeRecognizer:
        fake = FakeRecognizer()
        with recognizing(fake) as (recognizer, _):
            await (await open_session(recognizer)).close()
            fake.refusal = CapacityExhausted("come back later")
            with pytest.raises(CapacityExhausted, match="later"):
                await open_session(recognizer)
        return fake

    assert run_in_virtual_time(whole).sessions[0].context.hot_words == ("Thảo",)


def test_pushing_waits_while_thirty_seconds_are_not_taken_and_gives_up_in_the_end() -> None:
    async def whole() -> float:
        fake = FakeRecognizer()
        with recognizing(fake) as (recognizer, _):
            session = await open_session(recognizer)
            fake.sessions[0].stall()
            pushed_s = 0.0
            # Nobody iterates, so that no acknowledgement is ever read.
            with pytest.raises(EngineTimeout):
                while True:
                    await session.push(silence(1.0, RECOGNITION_RATE))
                    pushed_s += 1.0
            await session.close()
            return pushed_s

    assert run_in_virtual_time(whole) == 30.0


def test_a_session_without_the_token_is_refused_before_it_opens() -> None:
    async def whole() -> None:
        with recognizing(FakeRecognizer(), token=SECRET) as (recognizer, _), pytest.raises(EngineUnavailable):
            await open_session(recognizer)

    run_in_virtual_time(whole)


async def test_frames_travel_over_a_real_websocket_and_its_end_is_a_connection_error() -> None:
    async def echo_once(connection: ServerConnection) -> None:
        await connection.send(await connection.recv(decode=False))

    async with serve(echo_once, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        websocket = await connect_websocket(f"ws://127.0.0.1:{port}/recognize", token=SECRET)
        await websocket.send_bytes(b"frame")

        assert await websocket.receive_bytes() == b"frame"
        with pytest.raises(ConnectionError):
            await websocket.receive_bytes()
        with pytest.raises(ConnectionError):
            await websocket.send_bytes(b"late")
        await websocket.close()


async def test_a_recognizer_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async with asyncio.timeout(10):
        with pytest.raises(EngineUnavailable):
            await connect_websocket(f"ws://127.0.0.1:{port}/recognize")
