"""Microphone: no session of recognition stays open."""

import asyncio

from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence
from dragoman.ground.errors import CapacityExhausted, DragomanError
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.audio_ring import Lost
from dragoman.interpreting.microphone import HeardEvent, Microphone
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.rooms import FakeRoom


class SlowToTake:
    """A ``Listener`` that takes its time over being told that there is room again."""

    def __init__(self) -> None:
        self.told = asyncio.Event()

    def sounds(self, frame: Audio) -> None: ...

    async def heard(self, heard: HeardEvent) -> None: ...

    async def speaking(self, since_s: float, *, origin_s: float) -> None: ...

    async def failed(self, error: DragomanError, *, away: bool) -> None: ...

    async def admitted(self) -> None:
        self.told.set()
        await asyncio.sleep(60)

    async def lost(self, lost: Lost, *, origin_s: float) -> None: ...


def test_who_is_called_off_between_the_opening_of_a_session_and_its_first_sound_leaves_none_open() -> None:
    async def scene() -> list[bool]:
        room, recognizer, listener = FakeRoom(), FakeRecognizer(), SlowToTake()
        room.open_microphone("an")
        recognizer.refusal = CapacityExhausted("no room")
        microphone = Microphone(room=room, identity="an", language=Language("vi"), recognizer=recognizer)
        listening = asyncio.create_task(microphone.run(listener))
        await room.say("an", silence(0.5, RECOGNITION_RATE))
        recognizer.refusal = None
        async with asyncio.timeout(600):
            await listener.told.wait()
        listening.cancel()
        await asyncio.wait([listening])
        assert listening.cancelled()
        return [session.closed for session in recognizer.sessions]

    assert run_in_virtual_time(scene) == [True]
