"""The promises of ``ground/rooms.py``, kept by every room. Each test runs in virtual time: it takes milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence
from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import (
    MicrophoneOpened,
    Notice,
    NoticeKind,
    Participant,
    ParticipantChanged,
    Room,
    RoomEvent,
)
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.audio_file import measure_recording
from dragoman.rooms.wav_room import RoomObservers, WavRoom, name_speakers
from dragoman.testing.rooms import FakeRoom

T = TypeVar("T")
EN, ES = Language("en"), Language("es")
SPOKEN_S = 1.52
"""Seconds that "an" says in each room: not a whole number of frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUnderTest:
    """A room with the speaker "an" (English) and at least one listener of Spanish."""

    room: Room
    shown: list[tuple[Caption, frozenset[str]]]
    end: Callable[[], Awaitable[None]]


OpenRoom = Callable[[Path], AbstractAsyncContextManager[RoomUnderTest]]


def say_something() -> Audio:
    samples = 0.2 * np.sin(2 * np.pi * 300 * np.arange(round(SPOKEN_S * RECOGNITION_RATE)) / RECOGNITION_RATE)
    return Audio(samples=samples.astype(np.float32), sample_rate=RECOGNITION_RATE)


@asynccontextmanager
async def wav(folder: Path) -> AsyncIterator[RoomUnderTest]:
    path = folder / "an.wav"
    soundfile.write(path, say_something().samples, RECOGNITION_RATE)
    shown: list[tuple[Caption, frozenset[str]]] = []
    room = WavRoom.open(
        name="room",
        speakers=name_speakers([measure_recording(path)], [EN]),
        targets=[ES],
        work_folder=folder,
        observers=RoomObservers(on_caption=lambda caption, readers: shown.append((caption, readers))),
    )

    async def end() -> None:
        room.end()

    async with room:
        yield RoomUnderTest(room=room, shown=shown, end=end)
    room.record.close()


@asynccontextmanager
async def fake(folder: Path) -> AsyncIterator[RoomUnderTest]:
    room = FakeRoom("room")
    room.join(Participant(identity="listener", name="Eva", speaks=None, reads=ES, listens=ES))
    room.join(Participant(identity="an", name="An", speaks=EN, reads=None, listens=None))
    room.open_microphone("an")

    async def talk() -> None:
        await room.say("an", say_something())
        await room.end()

    async with asyncio.TaskGroup() as tasks:
        talking = tasks.create_task(talk(), name="talk")
        yield RoomUnderTest(room=room, shown=PublishedPairs(room), end=room.end)
        talking.cancel()


class PublishedPairs(list[tuple[Caption, frozenset[str]]]):
    """What a ``FakeRoom`` has published, in the form that the tests compare."""

    def __init__(self, room: FakeRoom) -> None:
        super().__init__()
        self._room = room

    def __eq__(self, other: object) -> bool:
        return [(item.caption, item.readers) for item in self._room.published] == other

    __hash__ = None


ROOMS: list[OpenRoom] = [wav, fake]
every_room = pytest.mark.parametrize("open_room", ROOMS, ids=lambda case: case.__name__)


def in_room(open_room: OpenRoom, folder: Path, body: Callable[[RoomUnderTest], Awaitable[T]]) -> T:
    async def main() -> T:
        async with open_room(folder) as under_test:
            return await body(under_test)

    return run_in_virtual_time(main)


@every_room
def test_participants_are_told_before_microphones(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> list[RoomEvent]:
        events = []
        async for event in case.room.events():
            events.append(event)
            if isinstance(event, MicrophoneOpened):
                break
        return events

    events = in_room(open_room, tmp_path, body)

    assert events[-1] == MicrophoneOpened(identity="an")
    told = [event.participant for event in events if isinstance(event, ParticipantChanged)]
    assert {participant.identity for participant in told} > {"an"}
    assert any(participant.reads == participant.listens == ES for participant in told)


@every_room
def test_a_microphone_gives_contiguous_frames_of_50_ms_at_16_khz(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> list[Audio]:
        return [frame async for frame in case.room.microphone("an")]

    frames = in_room(open_room, tmp_path, body)

    assert {(frame.sample_rate, len(frame.samples), frame.samples.dtype) for frame in frames} == {
        (RECOGNITION_RATE, 800, np.dtype(np.float32))
    }
    heard = np.concatenate([frame.samples for frame in frames])
    expected = say_something().samples
    assert len(frames) == 31
    np.testing.assert_allclose(heard[: len(expected)], expected, atol=1e-4)
    assert not heard[len(expected) :].any()


@every_room
def test_a_frame_comes_when_its_last_sample_has_been_spoken(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> list[float]:
        loop = asyncio.get_running_loop()
        return [loop.time() - case.room.opened_at_s async for _ in case.room.microphone("an")]

    came_at_s = in_room(open_room, tmp_path, body)

    due_s = 0.05 * np.arange(1, 32)
    assert np.all(came_at_s >= due_s - 0.001)
    assert np.all(came_at_s < due_s + 0.04)


@every_room
def test_a_reader_that_was_late_gets_every_frame(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> int:
        frames = case.room.microphone("an")
        count = 0
        async for _ in frames:
            count += 1
            if count == 3:
                await asyncio.sleep(1.0)
        return count

    assert in_room(open_room, tmp_path, body) == 31


@every_room
def test_microphones_and_events_end_when_the_room_ends(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        count = 0
        async for _ in case.room.microphone("an"):
            count += 1
            if count == 4:
                await case.end()
        ended_at_s = loop.time()
        async with asyncio.timeout(30):
            async for _ in case.room.events():
                pass
        return count, loop.time() - ended_at_s

    count, waited_s = in_room(open_room, tmp_path, body)

    assert count <= 5
    assert waited_s < 3.0


@every_room
def test_events_end_soon_after_the_last_speaker(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> float:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            async for event in case.room.events():
                if isinstance(event, MicrophoneOpened):
                    tasks.create_task(drain(case.room, event.identity), name="drain")
        return asyncio.get_running_loop().time() - case.room.opened_at_s

    lasted_s = in_room(open_room, tmp_path, body)

    assert SPOKEN_S <= lasted_s < SPOKEN_S + 2.5


@every_room
def test_the_microphone_of_somebody_unknown_gives_nothing(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> list[Audio]:
        return [frame async for frame in case.room.microphone("nobody")]

    assert in_room(open_room, tmp_path, body) == []


@every_room
def test_captions_reach_their_readers_alone(open_room: OpenRoom, tmp_path: Path) -> None:
    partial = a_caption("Hola", final=False)
    final = a_caption("Hola, Eva.", final=True)

    async def body(case: RoomUnderTest) -> bool:
        await case.room.publish(partial, readers=frozenset({"one"}))
        await case.room.publish(final, readers=frozenset({"one", "two"}))
        return case.shown == [(partial, frozenset({"one"})), (final, frozenset({"one", "two"}))]

    assert in_room(open_room, tmp_path, body)


@every_room
def test_a_dub_takes_the_next_audio_when_a_fifth_of_a_second_waits(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> tuple[list[float], float]:
        loop = asyncio.get_running_loop()
        track = await case.room.open_dub(speaker="an", language=ES, listeners=frozenset({"eva"}))
        waiting_before = []
        started_s = loop.time()
        for _ in range(5):
            queued_before_s = track.queued_s
            before_s = loop.time()
            await track.play(silence(0.3, 22_050))
            waiting_before.append(queued_before_s - (loop.time() - before_s))
        await track.wait_until_played()
        lasted_s = loop.time() - started_s
        await track.close()
        return waiting_before, lasted_s

    waiting_before, lasted_s = in_room(open_room, tmp_path, body)

    assert max(waiting_before) <= 0.201
    assert waiting_before[1] > 0.15
    assert lasted_s == pytest.approx(1.5, abs=0.05)


@every_room
def test_a_dub_closes_twice_and_at_once(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> float:
        track = await case.room.open_dub(speaker="an", language=ES, listeners=frozenset({"eva"}))
        await track.play(silence(5.0, 16_000))
        before_s = asyncio.get_running_loop().time()
        await track.close()
        await track.close()
        await track.wait_until_played()
        return asyncio.get_running_loop().time() - before_s

    assert in_room(open_room, tmp_path, body) < 0.5


@every_room
def test_a_closed_dub_can_be_opened_again(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> float:
        for _ in range(2):
            track = await case.room.open_dub(speaker="an", language=ES, listeners=frozenset({"eva"}))
            await track.play(silence(0.1, 16_000))
            await track.wait_until_played()
            await track.close()
        return track.queued_s

    assert in_room(open_room, tmp_path, body) == 0


@every_room
def test_words_about_unknown_tracks_and_segments_are_ignored(open_room: OpenRoom, tmp_path: Path) -> None:
    async def body(case: RoomUnderTest) -> None:
        await case.room.set_listeners(speaker="nobody", language=ES, listeners=frozenset({"eva"}))
        await case.room.mark_unvoiced(segment="none", language=ES)
        await case.room.tell(
            Notice(kind=NoticeKind.LADDER, speaker="nobody", language=None, level=3, reason="voice_gone")
        )

    in_room(open_room, tmp_path, body)


async def drain(room: Room, identity: str) -> None:
    async for _ in room.microphone(identity):
        pass


def a_caption(text: str, *, final: bool) -> Caption:
    return Caption(
        segment="s1",
        speaker="an",
        language=ES,
        source_language=EN,
        text=text,
        start_s=0.0,
        end_s=1.0,
        final=final,
        seq=1 if final else 0,
    )
