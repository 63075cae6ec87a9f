"""``WS /api/v1/interpret`` with real models and a real server; and clients that misbehave."""

import asyncio
import json
import re
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from tests.api_house import EN, VI, FakeCalls, listening, make_parts, running
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from dragoman.engines.pool import EnginePool
from dragoman.engines.registry import open_speech_to_text, open_text_to_speech, open_translator, open_voice_activity
from dragoman.ground.audio import RECOGNITION_RATE, Audio, from_pcm16
from dragoman.ground.engines import EngineChoice, RecognitionContext, SpeechToText
from dragoman.ground.rooms import Room
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.services.api.app import make_app
from dragoman.services.api.parts import JOIN_BURST, RunInterpreter
from dragoman.services.api.signalling import MESSAGE_BYTES, QUEUED_MESSAGES
from dragoman.testing.observers import RecordingObserver
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter
from dragoman.wire.frames import Header, unpack_frame

FIXTURES = Path(__file__).parents[1] / "fixtures"
SPEECH = FIXTURES / "speech"
DOC = Path(__file__).parents[2] / "docs" / "howto" / "interpret-over-a-websocket.md"
OPENING = {"speaks": "vi", "reads": ["en", "vi"], "listens": ["en"]}


@pytest.fixture(scope="module")
def whisper() -> Iterator[SpeechToText]:
    choice = EngineChoice(name="faster_whisper", model=str(FIXTURES / "whisper-pico"))
    engine = open_speech_to_text(choice, find_model=Path, threads=1)
    engine.warm_up()
    yield engine
    engine.close()


@contextmanager
def real_engines(whisper: SpeechToText) -> Iterator[RunInterpreter]:
    """Interpret with the small models and espeak."""
    observer = RecordingObserver()
    translator = open_translator(
        EngineChoice(name="ctranslate2", model=str(FIXTURES / "mt-pico")), find_model=Path, threads=1
    )
    voice = open_text_to_speech(EngineChoice(name="espeak"), find_model=Path)
    silero = open_voice_activity(EngineChoice(name="silero"), find_model=Path)
    with EnginePool(workers=3, observer=observer) as pool:

        async def interpret(room: Room) -> None:
            await Interpreter(
                room=room,
                recognizer=UtteranceRecognizer(
                    engines=[whisper], voice_activity=silero, pool=pool, tuning=RecognitionTuning()
                ),
                translation=TranslationRouter(engines=[translator], pool=pool, observer=observer),
                voices=VoiceRouter(engines=[voice], pool=pool, observer=observer),
                admission=Admission(cores=8, costs=Costs(recognition=0.2, voice=0.1)),
                observer=observer,
                tuning=InterpretingTuning(),
            ).run()

        yield interpret
    for engine in (translator, voice, silero):
        engine.close()


async def be_deaf(room: Room) -> None:
    """Interpret nothing, but take every frame."""
    async for _ in room.microphone("speaker"):
        pass


@asynccontextmanager
async def server(interpret: RunInterpreter | None, *, password: str | None = None) -> AsyncIterator[str]:
    with listening() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parts = make_parts(FakeCalls(), origins=frozenset({origin}), interpret=interpret, host_password=password)
        async with asyncio.timeout(90), running(make_app(parts), listener) as address:
            yield f"ws://{address}/api/v1/interpret"


def pcm_of(name: str) -> bytes:
    with wave.open(str(SPEECH / f"{name}.wav")) as recording:
        return bytes(recording.readframes(recording.getnframes()))


def words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


async def collect(socket: ClientConnection) -> tuple[list[Header], np.ndarray]:
    """Read to the end: events, and the dubbed voice as one stretch."""
    events, dubs = [], []
    async for message in socket:
        if isinstance(message, str):
            events.append(json.loads(message))
        else:
            header, payload = unpack_frame(message)
            assert (header["type"], header["sample_rate"]) == ("dub", 24_000)
            dubs.append(from_pcm16(payload))
    return events, np.concatenate(dubs) if dubs else np.zeros(0, np.float32)


def finals(events: list[Header], language: str) -> list[Header]:
    return [it for it in events if it["type"] == "caption" and it["final"] and it["language"] == language]


async def test_vietnamese_speech_comes_back_as_english_captions_and_an_english_voice(whisper: SpeechToText) -> None:
    expected = json.loads((SPEECH / "vi-1.json").read_text())

    with real_engines(whisper) as interpret:
        async with server(interpret) as url, connect(url, proxy=None) as socket:
            await socket.send(json.dumps(OPENING))
            await socket.send(pcm_of("vi-1"))
            await socket.send(json.dumps({"type": "finish"}))
            events, dub = await collect(socket)

    assert socket.close_code == 1000
    assert (events[0]["type"], events[-1]["type"]) == ("opened", "end")
    read = " ".join(str(it["text"]) for it in finals(events, "en"))
    assert words(read) == words(expected["translation"])
    assert words(" ".join(str(it["text"]) for it in finals(events, "vi"))) == words(expected["text"])
    seqs = [int(str(it["seq"])) for it in events if it["type"] == "caption" and it["final"]]
    assert sorted(seqs) == list(range(1, len(seqs) + 1))
    assert 0 < min(float(str(it["start_s"])) for it in finals(events, "en")) < 2
    heard = soxr.resample(dub, 24_000, RECOGNITION_RATE)
    again = whisper.transcribe(
        Audio(samples=heard, sample_rate=RECOGNITION_RATE), language=EN, context=RecognitionContext()
    )
    right = set(words(expected["translation"]))
    assert len(right & set(words(again.text))) >= 0.7 * len(right), again.text


async def test_languages_change_in_the_middle_of_a_stream(whisper: SpeechToText) -> None:
    before = words(json.loads((SPEECH / "vi-2.json").read_text())["text"])

    with real_engines(whisper) as interpret:
        async with server(interpret) as url, connect(url, proxy=None) as socket:
            await socket.send(json.dumps({**OPENING, "reads": ["vi"], "listens": []}))
            await socket.send(pcm_of("vi-2"))
            said: list[Header] = []
            while words(" ".join(str(it["text"]) for it in finals(said, "vi"))) != before:
                said.append(json.loads(await socket.recv()))
            changed = {"type": "languages", "speaks": "en", "reads": ["vi"], "listens": []}
            await socket.send(json.dumps(changed))
            await socket.send(pcm_of("en-1"))
            await socket.send(json.dumps({"type": "finish"}))
            events, dub = await collect(socket)

    expected = json.loads((SPEECH / "en-1.json").read_text())["translation"]
    read = " ".join(str(it["text"]) for it in finals(events, "vi") if it["source_language"] == EN)
    assert words(read) == words(expected)
    assert not len(dub)


async def test_the_example_of_the_documentation_runs(whisper: SpeechToText, tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    assert found is not None
    script, dub = tmp_path / "interpret.py", tmp_path / "dub.wav"
    script.write_text(found[1])

    with real_engines(whisper) as interpret:
        async with server(interpret) as url:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(script),
                url.removesuffix("/api/v1/interpret"),
                str(SPEECH / "en-2.wav"),
                "en",
                "vi",
                str(dub),
                stdout=asyncio.subprocess.PIPE,
            )
            printed, _ = await process.communicate()

    expected = json.loads((SPEECH / "en-2.json").read_text())
    read = " ".join(re.findall(r"^\d+ vi: (.*)$", printed.decode(), re.MULTILINE))
    assert process.returncode == 0
    assert words(read) == words(expected["translation"])
    samples, rate = soundfile.read(dub, dtype="float32")
    assert rate == 24_000
    assert len(samples) > 24_000
    assert np.abs(samples).max() > 0.05


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ([b"\x00\x00"], 1003, "out_of_order"),
        (["hello"], 1007, "wire_error"),
        (["[1]"], 1007, "wire_error"),
        (["[" * 100_000], 1007, "wire_error"),
        ([{"speaks": "vi"}], 1007, "wire_error"),
        ([{**OPENING, "speaks": 7}], 1007, "wire_error"),
        ([{**OPENING, "surprise": 1}], 1007, "wire_error"),
        ([{**OPENING, "type": "finish"}], 1007, "wire_error"),
        ([{**OPENING, "reads": ["en"] * 9}], 1007, "wire_error"),
        ([{**OPENING, "speaks": "xx"}], 4422, "unknown_language"),
        ([{**OPENING, "speaks": "eu"}], 4422, "choice_not_possible"),
        ([{**OPENING, "listens": ["es"]}], 4422, "choice_not_possible"),
        ([{**OPENING, "resume": "never-was"}], 1008, "room_not_found"),
        ([OPENING, b"\x00"], 1007, "wire_error"),
        ([OPENING, {"type": "sing"}], 1007, "wire_error"),
        ([OPENING, OPENING], 1007, "wire_error"),
        ([OPENING, {"type": "languages", "speaks": "vi"}], 1007, "wire_error"),
        ([OPENING, b"x" * ((1 << 20) + 2)], 1009, ""),
    ],
)
async def test_a_client_that_misbehaves_is_told_why_and_the_next_one_is_served(
    messages: list[bytes | str | dict[str, object]], code: int, reason: str
) -> None:
    async with server(be_deaf) as url:
        async with connect(url, proxy=None) as socket:
            for message in messages:
                await socket.send(json.dumps(message) if isinstance(message, dict) else message)
            with pytest.raises(ConnectionClosed):
                while True:
                    last = await socket.recv()
        async with connect(url, proxy=None) as other:
            await other.send(json.dumps(OPENING))
            opened = json.loads(await other.recv())

    assert socket.close_code == code
    if reason:
        assert socket.close_reason == reason
        told = json.loads(last)
        assert (told["type"], told["code"]) == ("error", reason)
        assert told["message"]
    assert opened["type"] == "opened"
    assert opened["ai_generated"] is True


async def test_sound_after_finish_is_refused() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def take_long(room: Room) -> None:
        started.set()
        await ended.wait()

    async with server(take_long) as url, connect(url, proxy=None) as socket:
        await socket.send(json.dumps(OPENING))
        await started.wait()
        await socket.send(json.dumps({"type": "finish"}))
        await socket.send(b"\x00\x00")
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()

    assert (socket.close_code, socket.close_reason) == (1003, "out_of_order")


async def test_more_sessions_than_the_server_carries_are_refused_until_one_ends() -> None:
    async with server(be_deaf) as url:
        sockets = [await connect(url, proxy=None) for _ in range(4)]
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, proxy=None)
        await sockets[0].close()
        async with connect(url, proxy=None) as next_one:
            await next_one.send(json.dumps(OPENING))
            opened = json.loads(await next_one.recv())
        for socket in sockets[1:]:
            await socket.close()

    assert refused.value.response.status_code == 503
    assert json.loads(refused.value.response.body)["code"] == "capacity_exhausted"
    assert opened["type"] == "opened"


async def test_an_address_that_opens_socket_after_socket_has_to_wait() -> None:
    statuses = []
    async with server(be_deaf) as url:
        for _ in range(JOIN_BURST + 1):
            try:
                async with connect(url, proxy=None):
                    statuses.append(101)
            except InvalidStatus as refused:
                statuses.append(refused.response.status_code)
                told = json.loads(refused.response.body)

    assert statuses == [101] * JOIN_BURST + [429]
    assert told["code"] == "too_many_requests"
    assert "try again in" in told["detail"]


async def test_sound_that_comes_faster_than_it_sounds_is_held_back_and_takes_no_memory() -> None:
    sent = 0
    async with server(be_deaf) as url, connect(url, proxy=None) as socket:
        await socket.send(json.dumps(OPENING))
        await socket.recv()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                for _ in range(200):
                    await socket.send(bytes(MESSAGE_BYTES))
                    sent += 1
        socket.transport.abort()

    # What lies in the server's queue, in the room, and between the two: 16 messages and some.
    assert sent < 2 * QUEUED_MESSAGES


async def test_the_host_password_guards_the_socket_too() -> None:
    async with server(be_deaf, password="let me in") as url:  # noqa: S106
        async with connect(url, proxy=None) as socket:
            await socket.send(json.dumps(OPENING))
            with pytest.raises(ConnectionClosed):
                while True:
                    await socket.recv()
        async with connect(url, proxy=None) as right:
            await right.send(json.dumps({**OPENING, "password": "let me in"}))
            opened = json.loads(await right.recv())

    assert (socket.close_code, socket.close_reason) == (1008, "not_allowed")
    assert opened["type"] == "opened"


async def test_a_page_of_another_origin_gets_no_interpreter() -> None:
    async with server(be_deaf) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, proxy=None, origin=Origin("https://evil.example"))

    assert refused.value.response.status_code == 403


async def test_a_session_that_broke_off_is_taken_up_and_no_final_is_lost(whisper: SpeechToText) -> None:
    with real_engines(whisper) as interpret:
        async with server(interpret) as url:
            async with connect(url, proxy=None) as socket:
                await socket.send(json.dumps({**OPENING, "reads": ["vi"], "listens": []}))
                code = json.loads(await socket.recv())["resume"]
                await socket.send(pcm_of("vi-1") + bytes(64_000))
                while not finals([event := json.loads(await socket.recv())], VI):
                    pass
            async with connect(url, proxy=None) as again:
                await again.send(json.dumps({**OPENING, "reads": ["vi"], "listens": [], "resume": code}))
                await again.send(pcm_of("vi-2"))
                await again.send(json.dumps({"type": "finish"}))
                events, _ = await collect(again)

    resumed = finals(events, VI)
    assert resumed[0] == event
    assert [it["seq"] for it in resumed] == list(range(1, len(resumed) + 1))
    assert len({it["segment"] for it in resumed}) == len(resumed)


async def test_a_session_is_taken_up_while_the_server_still_believes_its_connection_alive() -> None:
    async with server(be_deaf) as url, connect(url, proxy=None) as lost:
        await lost.send(json.dumps(OPENING))
        code = json.loads(await lost.recv())["resume"]
        async with connect(url, proxy=None) as again:
            await again.send(json.dumps({**OPENING, "resume": code}))
            opened = json.loads(await again.recv())
        with pytest.raises(ConnectionClosed):
            while True:
                await lost.recv()

    assert opened["type"] == "opened"
    assert (lost.close_code, lost.close_reason) == (1008, "replaced")


async def test_a_client_that_never_heard_of_its_new_session_takes_it_up_by_the_code_of_before() -> None:
    async with server(be_deaf) as url, connect(url, proxy=None) as lost:
        await lost.send(json.dumps(OPENING))
        code = json.loads(await lost.recv())["resume"]
        async with connect(url, proxy=None) as broken:
            await broken.send(json.dumps({**OPENING, "resume": code}))
            unheard = json.loads(await broken.recv())
            async with connect(url, proxy=None) as again:
                await again.send(json.dumps({**OPENING, "resume": code}))
                opened = json.loads(await again.recv())
                await broken.wait_closed()

    assert (unheard["type"], opened["type"]) == ("opened", "opened")
    assert (broken.close_code, broken.close_reason) == (1008, "replaced")
