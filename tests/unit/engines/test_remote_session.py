"""When a speech-to-text service is taken for one that hangs, and when only for a slow one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dragoman.engines.remote_session import RemoteRecognizer, RemoteSession
from dragoman.ground.audio import RECOGNITION_RATE, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.wire.frames import Header, pack_frame
from dragoman.wire.messages import write_event, write_taken

EN = Language("en")


class ScriptedSocket:
    """A service that says only what the test lets it say."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.say({"type": "opened"})

    def say(self, header: Header) -> None:
        self._said.put_nowait(pack_frame(header))

    async def send_bytes(self, data: bytes) -> None:
        pass

    async def receive_bytes(self) -> bytes:
        said = await self._said.get()
        if said is None:
            raise ConnectionError("closed")
        return said

    async def close(self) -> None:
        self._said.put_nowait(None)


def event_at(audio_time_s: float) -> RecognitionEvent:
    return RecognitionEvent(
        utterance=1,
        state=WordState.PROVISIONAL,
        words=(Word(text="one", start_s=0.0, end_s=0.5),),
        language=EN,
        audio_time_s=audio_time_s,
        speech_end_s=audio_time_s,
    )


async def speak(session: RemoteSession, seconds: float) -> None:
    """Push silence in real time."""
    for _ in range(round(seconds / 0.05)):
        await asyncio.sleep(0.05)
        await session.push(silence(0.05, RECOGNITION_RATE))


def failed_after(
    act: Callable[[RemoteSession, ScriptedSocket], Awaitable[None]],
    *,
    socket_of: Callable[[], ScriptedSocket] = ScriptedSocket,
) -> float | None:
    """Play a scene; say after how long the session failed, None if it did not."""

    async def whole() -> float | None:
        socket = socket_of()

        async def connect() -> ScriptedSocket:
            return socket

        session = await RemoteRecognizer(connect).open(language=EN, context=RecognitionContext())
        loop = asyncio.get_running_loop()
        began_s = loop.time()

        async def listen() -> float | None:
            async for event in session:
                if event.failure is not None:
                    assert event.failure == "engine_timeout"
                    return loop.time() - began_s
            return None

        listening = asyncio.create_task(listen())
        await act(session, socket)
        await session.close()
        return await listening

    return run_in_virtual_time(whole)


def test_a_service_that_answers_nothing_while_it_is_spoken_to_hangs() -> None:
    after_s = failed_after(lambda session, socket: speak(session, 10))

    assert after_s == pytest.approx(5.0, abs=0.3)  # 2 s of audio that nobody acknowledged, then 3 s


def test_a_service_that_is_not_spoken_to_need_not_answer() -> None:
    async def say_a_word_and_wait(session: RemoteSession, socket: ScriptedSocket) -> None:
        await speak(session, 1)
        await asyncio.sleep(60)

    assert failed_after(say_a_word_and_wait) is None


def test_a_service_that_acknowledges_is_well_whatever_it_hears() -> None:
    async def take_every_second(session: RemoteSession, socket: ScriptedSocket) -> None:
        for second in range(1, 20):
            await speak(session, 1)
            socket.say(write_taken(float(second)))

    assert failed_after(take_every_second) is None


def test_a_service_that_is_far_behind_gets_more_time() -> None:
    async def fall_behind(session: RemoteSession, socket: ScriptedSocket) -> None:
        for second in range(1, 21):
            await speak(session, 1)
            socket.say(write_taken(float(second)))
        socket.say(write_event(event_at(5.0)))
        await speak(session, 20)

    assert failed_after(fall_behind) is None


def test_speech_that_comes_while_a_service_is_being_given_up_is_no_defect() -> None:
    class SlowToLetGo(ScriptedSocket):
        async def receive_bytes(self) -> bytes:
            try:
                return await super().receive_bytes()
            except asyncio.CancelledError:
                await asyncio.sleep(1.0)
                raise

    after_s = failed_after(lambda session, socket: speak(session, 10), socket_of=SlowToLetGo)

    assert after_s == pytest.approx(6.0, abs=0.3)
