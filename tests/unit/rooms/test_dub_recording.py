"""What dubbed tracks play lies on the room's time line, added and never overwritten."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from dragoman.ground.audio import Audio
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.dub_recording import DUB_RATE, DubRecording, DubSpool, RecordedDub

ES = Language("es")
EVA = frozenset({"eva"})


def constant(value: float, seconds: float, rate: int = DUB_RATE) -> Audio:
    return Audio(samples=np.full(round(seconds * rate), value, np.float32), sample_rate=rate)


def make_recording(folder: Path) -> DubRecording:
    return DubRecording(language=ES, spool=DubSpool(folder / "spool"))


def make_track(recording: DubRecording, speaker: str, listeners: frozenset[str] = EVA) -> RecordedDub:
    started_s = asyncio.get_running_loop().time()
    return RecordedDub(
        recording=recording,
        speaker=speaker,
        listeners=listeners,
        clock=lambda: asyncio.get_running_loop().time() - started_s,
        failed=lambda error: pytest.fail(f"the disk is not full: {error}"),
    )


def test_clauses_lie_where_they_sounded_with_silence_between(tmp_path: Path) -> None:
    recording = make_recording(tmp_path)

    async def main() -> None:
        track = make_track(recording, "an")
        await track.play(constant(0.5, 0.2))
        await track.play(constant(0.5, 0.3))
        await asyncio.sleep(2.0)
        await track.play(constant(0.25, 0.4))
        await track.close()

    run_in_virtual_time(main)
    heard = recording.spool.read(0, 3 * DUB_RATE)
    recording.spool.close()

    first, second = recording.intervals
    assert [first.start_s, first.end_s] == pytest.approx([0, 0.5], abs=0.02)
    assert [second.start_s, second.end_s] == pytest.approx([2.0, 2.4], abs=0.05)
    assert (first.speaker, first.language) == ("an", ES)
    begin = round(second.start_s * DUB_RATE)
    assert heard[DUB_RATE // 4] == pytest.approx(0.5, abs=1e-4)
    assert not heard[round(first.end_s * DUB_RATE) + 1 : begin - 1].any()
    assert heard[begin + 5] == pytest.approx(0.25, abs=1e-4)
    assert not heard[begin + round(0.4 * DUB_RATE) + 1 :].any()


def test_tracks_that_overlap_are_added(tmp_path: Path) -> None:
    recording = make_recording(tmp_path)

    async def main() -> None:
        an, ben = make_track(recording, "an"), make_track(recording, "ben")
        await an.play(constant(0.5, 1.0))
        await asyncio.sleep(0.5)
        await ben.play(constant(0.25, 1.0))
        await an.close()
        await ben.close()

    run_in_virtual_time(main)
    heard = recording.spool.read(0, 2 * DUB_RATE)
    recording.spool.close()

    at = [round(seconds * DUB_RATE) for seconds in (0.25, 0.75, 1.25)]
    np.testing.assert_allclose(heard[at], [0.5, 0.75, 0.25], atol=1e-4)
    assert [interval.speaker for interval in recording.intervals] == ["an", "ben"]


def test_a_sum_that_is_too_loud_is_limited_and_does_not_wrap(tmp_path: Path) -> None:
    spool = DubSpool(tmp_path / "spool")

    spool.mix_in(10, np.full(4, 0.9, np.float32))
    spool.mix_in(10, np.full(4, 0.9, np.float32))
    heard = spool.read(8, 8)
    spool.close()

    np.testing.assert_allclose(heard, [0, 0, 1, 1, 1, 1, 0, 0], atol=1e-4)


def test_pieces_of_another_rate_are_joined_without_a_click(tmp_path: Path) -> None:
    recording = make_recording(tmp_path)
    times = np.arange(22_050) / 22_050
    sine = (0.5 * np.sin(2 * np.pi * 200 * times)).astype(np.float32)

    async def main() -> None:
        track = make_track(recording, "an")
        for piece in np.array_split(sine, 10):
            await track.play(Audio(samples=piece, sample_rate=22_050))
        await track.close()

    run_in_virtual_time(main)
    heard = recording.spool.read(0, 2 * DUB_RATE)
    recording.spool.close()

    sounding = np.flatnonzero(np.abs(heard) > 1e-3)
    assert sounding[-1] - sounding[0] == pytest.approx(DUB_RATE, abs=40)
    middle = heard[sounding[0] + 500 : sounding[-1] - 500]
    assert np.abs(np.diff(middle)).max() < 1.05 * 0.5 * 2 * np.pi * 200 / DUB_RATE


def test_what_nobody_hears_takes_time_and_is_not_recorded(tmp_path: Path) -> None:
    recording = make_recording(tmp_path)

    async def main() -> float:
        track = make_track(recording, "an", listeners=frozenset())
        await track.play(constant(0.5, 1.0))
        await track.close()
        return track.queued_s

    queued_s = run_in_virtual_time(main)
    recording.spool.close()

    assert queued_s == pytest.approx(1.0, abs=0.05)
    assert recording.intervals == ()
    assert recording.spool.samples == 0
