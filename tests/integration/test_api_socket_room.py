"""The room behind ``WS /interpret``: the pace of sound, and what happens to a client that reads slowly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import numpy as np
from tests.api_house import EN, ES, VI

from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence, to_pcm16
from dragoman.ground.captions import Caption
from dragoman.ground.rooms import MicrophoneOpened, ParticipantChanged, ParticipantLeft, RoomEvent
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.socket_room import SPEAKER, DubPiece, Outbox, RoomOutput, SocketRoom, Wishes

T = TypeVar("T")
WISHES = Wishes(speaks=VI, reads=frozenset({EN, VI}), listens=frozenset({EN}))


def in_room(body: Callable[[SocketRoom], Awaitable[T]]) -> T:
    async def main() -> T:
        async with asyncio.timeout(300):
            return await body(SocketRoom(name="room", wishes=WISHES))

    return run_in_virtual_time(main)


def a_caption(segment: str, text: str, *, seq: int = 0) -> Caption:
    return Caption(
        segment=segment,
        speaker=SPEAKER,
        language=EN,
        source_language=VI,
        text=text,
        start_s=0.0,
        end_s=1.0,
        final=bool(seq),
        seq=seq,
    )


async def everything(outbox: Outbox) -> list[RoomOutput]:
    found = []
    while (output := await outbox.next()) is not None:
        found.append(output)
    return found


def tone(duration_s: float) -> Audio:
    samples = 0.3 * np.sin(np.arange(round(duration_s * RECOGNITION_RATE)) / 8)
    return Audio(samples=samples.astype(np.float32), sample_rate=RECOGNITION_RATE)


def test_a_client_is_a_speaker_and_somebody_for_each_language() -> None:
    async def body(room: SocketRoom) -> list[RoomEvent]:
        room.choose(Wishes(speaks=VI, reads=frozenset({ES}), listens=frozenset({EN})))
        await room.hear(bytes(100))
        room.finish()
        return [event async for event in room.events()]

    events = in_room(body)

    named = [event.participant.identity for event in events if isinstance(event, ParticipantChanged)]
    assert named == ["client:en", "client:vi", SPEAKER, "client:en", "client:es"]
    assert ParticipantLeft(identity="client:vi") in events
    assert events[-1] == MicrophoneOpened(identity=SPEAKER)


def test_sound_sent_at_once_is_heard_at_its_own_pace_and_whole() -> None:
    sound = tone(1.52)

    async def body(room: SocketRoom) -> tuple[list[Audio], float]:
        await room.hear(to_pcm16(sound.samples))
        room.finish()
        began_s = asyncio.get_running_loop().time()
        frames = [frame async for frame in room.microphone(SPEAKER)]
        return frames, asyncio.get_running_loop().time() - began_s

    frames, lasted_s = in_room(body)

    assert {(len(frame.samples), frame.sample_rate) for frame in frames} == {(800, RECOGNITION_RATE)}
    heard = np.concatenate([frame.samples for frame in frames])
    np.testing.assert_allclose(heard[: len(sound.samples)], sound.samples, atol=1e-4)
    assert 1.5 <= lasted_s < 1.7


def test_a_client_that_sends_too_fast_is_held_back() -> None:
    async def body(room: SocketRoom) -> float:
        async def send() -> float:
            for _ in range(20):
                await room.hear(bytes(2 * RECOGNITION_RATE))
            return asyncio.get_running_loop().time() - room.opened_at_s

        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(send())
            sending.add_done_callback(lambda _: room.finish())
            async for _ in room.microphone(SPEAKER):
                pass
        return sending.result()

    assert 8.0 < in_room(body) < 11.0


def test_a_client_that_stops_sending_is_silent() -> None:
    async def body(room: SocketRoom) -> list[float]:
        await room.hear(to_pcm16(tone(0.5).samples))
        loudness = []
        async for frame in room.microphone(SPEAKER):
            loudness.append(float(np.abs(frame.samples).max()))
            if len(loudness) == 40:
                await room.hear(to_pcm16(tone(0.5).samples))
                room.finish()
        return loudness

    loudness = in_room(body)

    assert min(loudness[:10]) > 0.1
    assert max(loudness[10:40]) == 0.0
    assert min(loudness[40:50]) > 0.1


def test_a_client_whom_nobody_hears_can_still_finish() -> None:
    async def body(room: SocketRoom) -> list[RoomEvent]:
        sending = asyncio.create_task(room.hear(bytes(1 << 20)))
        await sending
        held = asyncio.create_task(room.hear(bytes(2)))
        await asyncio.sleep(1.0)
        room.finish()
        await held
        return [event async for event in room.events()]

    assert in_room(body)[-1] == MicrophoneOpened(identity=SPEAKER)


def test_of_partials_only_the_newest_waits_and_finals_go_first() -> None:
    async def body(room: SocketRoom) -> list[RoomOutput]:
        for text in ("good", "good mor", "good morning"):
            room.outbox.put(a_caption("1", text))
        room.outbox.put(a_caption("2", "how"))
        room.outbox.put(a_caption("0", "Hello.", seq=1))
        room.outbox.put(a_caption("2", "How are you?", seq=2))
        room.outbox.close()
        return await everything(room.outbox)

    texts = [output.text for output in in_room(body) if isinstance(output, Caption)]

    assert texts == ["Hello.", "How are you?", "good morning"]


def test_dubbed_voice_beyond_twenty_seconds_is_dropped_the_oldest_first() -> None:
    async def body(room: SocketRoom) -> list[RoomOutput]:
        for second in range(60):
            piece = DubPiece(language=EN, samples=np.zeros(24_000, np.float32), at_s=float(second))
            room.outbox.put(piece)
        room.outbox.close()
        return await everything(room.outbox)

    pieces = in_room(body)

    assert [piece.at_s for piece in pieces if isinstance(piece, DubPiece)] == [float(at) for at in range(40, 60)]


def test_a_final_without_a_place_ends_the_connection_instead_of_being_lost_silently() -> None:
    async def body(room: SocketRoom) -> tuple[bool, list[RoomOutput]]:
        for seq in range(1, 300):
            room.outbox.put(a_caption(str(seq), "Hello.", seq=seq))
        return room.outbox.overflowed, await everything(room.outbox)

    assert in_room(body) == (True, [])


def test_a_dub_sounds_at_its_pace_arrives_whole_at_24_khz_and_says_when() -> None:
    async def body(room: SocketRoom) -> tuple[list[RoomOutput], float]:
        track = await room.open_dub(speaker=SPEAKER, language=EN, listeners=frozenset({"client:en"}))
        for _ in range(4):
            await track.play(tone(0.3))
        before_end_s = track.queued_s
        await track.wait_until_played()
        await asyncio.sleep(1.0)
        await track.play(tone(0.3))
        await track.close()
        await track.close()
        room.outbox.close()
        return await everything(room.outbox), before_end_s

    outputs, queued_s = in_room(body)

    pieces = [output for output in outputs if isinstance(output, DubPiece)]
    assert abs(sum(len(piece.samples) for piece in pieces) - 1.5 * 24_000) < 10
    assert 0 < queued_s <= 0.51
    assert max(piece.at_s for piece in pieces) >= 2.19


def test_a_dub_nobody_hears_any_more_is_not_sent() -> None:
    async def body(room: SocketRoom) -> list[RoomOutput]:
        track = await room.open_dub(speaker=SPEAKER, language=EN, listeners=frozenset({"client:en"}))
        await room.set_listeners(speaker=SPEAKER, language=EN, listeners=frozenset())
        await track.play(silence(0.3, 24_000))
        await room.set_listeners(speaker=SPEAKER, language=ES, listeners=frozenset())
        room.outbox.close()
        return await everything(room.outbox)

    assert in_room(body) == []
