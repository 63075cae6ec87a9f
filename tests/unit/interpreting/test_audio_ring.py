"""What a recogniser that takes over hears again, and what is lost."""

import numpy as np
import pytest

from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.languages import Language
from dragoman.interpreting.audio_ring import AudioRing

VI = Language("vi")
FRAME = 800


def frame(level: float = 0.5) -> Audio:
    return Audio(samples=np.full(FRAME, level, np.float32), sample_rate=RECOGNITION_RATE)


def ring_of(frames: int, *, keep_s: float = 30.0, level: float = 0.5) -> AudioRing:
    ring = AudioRing(keep_s=keep_s)
    for number in range(1, frames + 1):
        ring.push(frame(level), language=VI, now_s=100 + number * 0.05)
    return ring


def read_all(ring: AudioRing) -> list[float]:
    """Read everything; give where each frame began."""
    begins = []
    while (read := ring.peek()) is not None:
        begins.append(round(read.starts_s, 4))
        ring.advance()
    return begins


def test_frames_are_read_once_and_again_after_a_rewind() -> None:
    ring = ring_of(3)

    first, nothing = read_all(ring), read_all(ring)
    ring.rewind()

    assert first == [0.0, 0.05, 0.1]
    assert nothing == []
    assert read_all(ring) == first


def test_what_is_settled_is_not_read_again_to_the_sample() -> None:
    ring = ring_of(4)
    read_all(ring)

    ring.settle(0.07)
    ring.rewind()
    first = ring.peek()

    assert first is not None
    assert first.starts_s == pytest.approx(0.07)
    assert len(first.audio.samples) == round(0.03 * RECOGNITION_RATE)
    assert read_all(ring) == [0.07, 0.1, 0.15]


def test_settling_all_of_it_leaves_nothing_whatever_the_fractions() -> None:
    for frames in range(1, 50):
        ring = ring_of(frames)
        read_all(ring)

        ring.settle(ring.ends_s)
        ring.rewind()

        assert ring.peek() is None


def test_settling_while_reading_keeps_the_place() -> None:
    ring = ring_of(4)
    ring.advance()
    ring.advance()

    ring.settle(0.05)

    assert read_all(ring) == [0.1, 0.15]


def test_the_oldest_goes_when_it_is_full_and_is_lost_if_nobody_has_read_it() -> None:
    ring = ring_of(30, keep_s=1.0)

    lost = ring.take_lost()

    assert lost is not None
    assert (lost.start_s, lost.language) == (0.0, VI)
    assert lost.end_s == pytest.approx(0.5)
    assert ring.take_lost() is None
    assert ring.kept_s == pytest.approx(1.0)


def test_what_was_read_and_is_old_is_not_lost() -> None:
    ring = ring_of(15, keep_s=1.0)
    read_all(ring)

    for number in range(15):
        ring.push(frame(), language=VI, now_s=200 + number * 0.05)

    assert ring.take_lost() is None


def test_lost_silence_is_no_loss() -> None:
    ring = ring_of(30, keep_s=1.0, level=0.001)

    assert ring.take_lost() is None


def test_what_is_given_up_is_lost_and_not_read_again() -> None:
    ring = ring_of(4)
    read_all(ring)

    ring.give_up(0.1)
    ring.rewind()
    lost = ring.take_lost()

    assert lost is not None
    assert lost.end_s == pytest.approx(0.1)
    assert read_all(ring) == [0.1, 0.15]


def test_sound_that_waited_for_its_reader_is_dated_to_when_it_was_said() -> None:
    ring = AudioRing()
    for _ in range(20):  # a second that comes at once
        ring.push(frame(), language=VI, now_s=11.0)

    ring.push(frame(), language=VI, now_s=11.3)  # and one frame late

    assert ring.started_at_s == pytest.approx(10.0)


def test_somebody_speaks_from_the_first_loud_frame_until_all_of_it_is_settled() -> None:
    ring = AudioRing()
    for number in range(20):
        ring.push(frame(0.0 if number < 5 else 0.5), language=VI, now_s=number * 0.05)
        if number == 8:
            early = ring.speaking_since_s()

    since = ring.speaking_since_s()
    ring.settle(1.0)

    assert early is None
    assert since == pytest.approx(0.25)
    assert ring.speaking_since_s() is None
