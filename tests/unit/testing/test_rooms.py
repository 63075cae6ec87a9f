"""The fake room keeps time as a real one does."""

import asyncio
from collections.abc import AsyncIterator

from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence
from dragoman.ground.languages import Language
from dragoman.ground.rooms import MicrophoneOpened, Participant, ParticipantChanged, ParticipantLeft
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.rooms import FakeRoom

ES = Language("es")
AN = Participant(identity="an", name="An", speaks=Language("vi"), reads=None, listens=None)


def test_a_microphone_gives_contiguous_frames_at_the_pace_of_speech_and_ends_on_mute() -> None:
    async def heard(microphone: AsyncIterator[Audio]) -> list[tuple[float, int]]:
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        return [(now_s() - started_s, len(frame.samples)) async for frame in microphone]

    async def whole() -> list[tuple[float, int]]:
        room = FakeRoom()
        room.open_microphone("an")
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(heard(room.microphone("an")))
            await room.say("an", silence(1.02, RECOGNITION_RATE))
            await room.mute("an")
        return hearing.result()

    frames = run_in_virtual_time(whole)

    assert [samples for _, samples in frames] == [800] * 21
    assert all(abs(at_s - 0.05 * number) < 0.04 for number, (at_s, _) in enumerate(frames, start=1))


def test_events_tell_of_those_already_there_first_and_end_with_the_room() -> None:
    async def whole() -> list[object]:
        room = FakeRoom()
        room.join(AN)
        room.open_microphone("an")
        await room.leave("an")
        await room.end()
        return [event async for event in room.events()]

    assert run_in_virtual_time(whole) == [
        ParticipantChanged(participant=AN),
        MicrophoneOpened(identity="an"),
        ParticipantLeft(identity="an"),
    ]


def test_a_track_plays_piece_after_piece_and_takes_no_more_than_a_little_ahead() -> None:
    async def whole() -> None:
        room = FakeRoom()
        track = await room.open_dub(speaker="an", language=ES, listeners=frozenset({"ben"}))
        for _ in range(3):
            await track.play(silence(1.0, 24_000))
        assert 1.0 < track.queued_s <= 1.2
        await track.wait_until_played()
        first, second, third = track.played
        assert (first.ends_s, second.ends_s) == (second.starts_s, third.starts_s)
        assert track.queued_s == 0.0
        await track.close()
        assert room.open_tracks == []

    run_in_virtual_time(whole)


def test_closing_a_track_cuts_what_has_not_sounded() -> None:
    async def whole() -> float:
        track = await FakeRoom().open_dub(speaker="an", language=ES, listeners=frozenset())
        await track.play(silence(1.0, 24_000))
        await asyncio.sleep(0.4)
        await track.close()
        await track.close()
        return sum(piece.audio.duration_s for piece in track.played)

    assert 0.4 <= run_in_virtual_time(whole) < 0.5
