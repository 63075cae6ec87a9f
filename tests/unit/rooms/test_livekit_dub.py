"""A dubbed track hands its sound to LiveKit in pieces of 100 to 200 ms, to the very end of each clause."""

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from livekit import rtc

from dragoman.ground.audio import Audio, Samples
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.livekit_dub import DUB_RATE, LiveKitDubTrack
from dragoman.rooms.livekit_dub_tracks import DubTracks
from dragoman.rooms.livekit_errors import RoomUnavailable


class Source:
    """Stands for ``rtc.AudioSource``: takes frames as long as its queue has room, and plays them in the loop's time."""

    def __init__(self, sample_rate: int, channels: int, queue_size_ms: int) -> None:
        self.frames: list[Samples] = []
        self._queue_s = queue_size_ms / 1000
        self._played_at_s = 0.0

    @property
    def queued_duration(self) -> float:
        return max(0.0, self._played_at_s - asyncio.get_running_loop().time())

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        duration_s = frame.samples_per_channel / DUB_RATE
        await asyncio.sleep(max(0.0, self.queued_duration + duration_s - self._queue_s))
        self.frames.append(np.array(frame.data, np.float32) / np.float32(32768))
        self._played_at_s = asyncio.get_running_loop().time() + self.queued_duration + duration_s

    def clear_queue(self) -> None: ...

    async def aclose(self) -> None: ...


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[Samples], list[bool]]]:
    """Play pieces with pauses between them; give the frames that LiveKit got, and when the dub began and ended."""
    monkeypatch.setattr(rtc, "AudioSource", Source)

    def run(*pieces: Audio, pause_s: float = 0.0) -> tuple[list[Samples], list[bool]]:
        sounding: list[bool] = []

        async def unpublish() -> None: ...

        async def scene() -> list[Samples]:
            track = LiveKitDubTrack(sounding=sounding.append, unpublish=unpublish)
            task = asyncio.create_task(track.run())
            for piece in pieces:
                await track.play(piece)
                if pause_s:
                    await track.wait_until_played()
                    await asyncio.sleep(pause_s)
            await track.wait_until_played()
            await asyncio.sleep(0.1)
            await track.close()
            await task
            source = track.source
            assert isinstance(source, Source)
            return source.frames

        return run_in_virtual_time(_timed(scene)), sounding

    return run


def _timed(
    scene: Callable[[], Coroutine[None, None, list[Samples]]],
) -> Callable[[], Coroutine[None, None, list[Samples]]]:
    async def within_a_minute() -> list[Samples]:
        async with asyncio.timeout(60):
            return await scene()

    return within_a_minute


def tone(duration_s: float, rate: int) -> Audio:
    samples = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(duration_s * rate)) / rate)
    return Audio(samples=samples.astype(np.float32), sample_rate=rate)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100])
@pytest.mark.parametrize("chunk_ms", [100, 125, 170, 200])
def test_livekit_gets_pieces_of_a_tenth_to_a_fifth_of_a_second(
    play: Callable[..., tuple[list[Samples], list[bool]]], rate: int, chunk_ms: int
) -> None:
    frames, sounding = play(*[tone(chunk_ms / 1000, rate)] * 10)

    sizes_ms = [len(frame) / DUB_RATE * 1000 for frame in frames]
    assert all(100 <= size <= 200 for size in sizes_ms[:-1]), sizes_ms
    assert sizes_ms[-1] <= 200
    assert sounding == [True, False]


def test_what_waits_is_cut_in_equal_parts(play: Callable[..., tuple[list[Samples], list[bool]]]) -> None:
    frames, _ = play(tone(0.25, DUB_RATE))

    assert [len(frame) for frame in frames] == [3000, 3000]


@pytest.mark.parametrize("duration_s", [0.02, 0.1, 0.75])
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 24_000])
def test_the_end_of_a_clause_is_heard_before_the_pause(
    play: Callable[..., tuple[list[Samples], list[bool]]], rate: int, duration_s: float
) -> None:
    clause = tone(duration_s, rate)

    frames, sounding = play(clause, clause, pause_s=2.0)

    heard = np.concatenate(frames)
    said = np.concatenate([tone(duration_s, DUB_RATE).samples] * 2)
    assert abs(len(heard) - len(said)) <= 2
    half = len(heard) // 2
    last = slice(half - round(0.01 * DUB_RATE), half)
    assert np.sqrt(np.mean(heard[last] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    assert sounding == [True, False, True, False]


def test_a_voice_of_another_rate_takes_nothing_from_the_one_before(
    play: Callable[..., tuple[list[Samples], list[bool]]],
) -> None:
    frames, _ = play(tone(0.3, 22_050), tone(0.3, 44_100), tone(0.3, DUB_RATE))

    assert abs(sum(map(len, frames)) - round(0.9 * DUB_RATE)) <= 4


class BrokenSource(Source):
    """LiveKit takes nothing any more."""

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        raise RuntimeError("the connection is gone")


class Me:
    """Stands for ``rtc.LocalParticipant``: publishes and unpublishes, and keeps what is published."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self._number = 0

    async def publish_track(self, track: object, options: rtc.TrackPublishOptions) -> SimpleNamespace:
        self._number += 1
        self.published.append(f"TR_{self._number}")
        return SimpleNamespace(sid=f"TR_{self._number}")

    async def unpublish_track(self, sid: str) -> None:
        self.published.remove(sid)

    def set_track_subscription_permissions(self, **permissions: object) -> None: ...


def test_a_track_that_livekit_takes_no_more_of_says_so_and_once_closed_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = [BrokenSource, Source]

    def make_source(sample_rate: int, channels: int, queue_size_ms: int) -> Source:
        return sources.pop(0)(sample_rate, channels, queue_size_ms)

    monkeypatch.setattr(rtc, "AudioSource", make_source)
    monkeypatch.setattr(rtc.LocalAudioTrack, "create_audio_track", lambda name, source: source)

    async def scene() -> tuple[list[list[str]], float]:
        me, published = Me(), []
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            dubs = DubTracks(me=cast(rtc.LocalParticipant, me), tasks=tasks, sounding=lambda *told: None)

            async def open_dub() -> LiveKitDubTrack:
                dub = await dubs.open(
                    speaker="an", language=Language("en"), listeners=frozenset({"ben"}), wish=VoiceWish.NATURAL
                )
                published.append(list(me.published))
                return dub

            failing = await open_dub()
            await failing.play(tone(0.2, DUB_RATE))
            await failing.wait_until_played()
            with pytest.raises(RoomUnavailable, match="open it anew"):
                await failing.play(tone(0.2, DUB_RATE))
            await failing.close()
            await failing.close()
            published.append(list(me.published))
            sound = await open_dub()
            await sound.play(tone(0.2, DUB_RATE))
            queued_s = sound.queued_s
            await sound.close()
            published.append(list(me.published))
        return published, queued_s

    published, queued_s = run_in_virtual_time(scene)

    assert published == [["TR_1"], [], ["TR_2"], []]
    assert queued_s == pytest.approx(0.2)


def test_what_is_handed_to_a_track_after_the_end_of_the_room_is_dropped_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rtc, "AudioSource", Source)

    async def scene() -> float:
        async def unpublish() -> None: ...

        track = LiveKitDubTrack(sounding=lambda begins: None, unpublish=unpublish)
        track.stop()
        await track.play(tone(0.2, DUB_RATE))
        return track.queued_s

    assert run_in_virtual_time(scene) == 0.0
