from dragoman.ground.audio import FRAME_S
from dragoman.rooms.livekit_frame_clock import BEHIND_S, PATIENCE_S, FrameClock


def give(clock: FrameClock, times_s: list[float]) -> list[int]:
    """Give a frame at each time; say how many silent ones were put before it."""
    put = []
    for time_s in times_s:
        put.append(clock.missing(time_s))
        clock.gave()
    return put


def at_pace(first_s: float, count: int) -> list[float]:
    return [first_s + number * FRAME_S for number in range(count)]


def test_frames_that_come_at_their_pace_are_left_alone() -> None:
    clock = FrameClock(10.0)

    assert give(clock, at_pace(10.0, 400)) == [0] * 400


def test_jitter_is_no_gap() -> None:
    clock = FrameClock(10.0)

    assert give(clock, [time_s + (number % 3) * 0.06 for number, time_s in enumerate(at_pace(10.0, 400))]) == [0] * 400


def test_after_a_stall_of_the_process_its_burst_of_frames_fills_the_gap() -> None:
    clock = FrameClock(10.0)
    give(clock, at_pace(10.0, 20))
    burst = [12.0 + number * 0.001 for number in range(20)]

    assert give(clock, [*burst, *at_pace(12.05, 40)]) == [0] * 60


def test_what_never_comes_is_filled_with_silence_of_the_same_length() -> None:
    clock = FrameClock(10.0)
    give(clock, at_pace(10.0, 20))

    filled = sum(give(clock, at_pace(13.0, 100)))

    assert filled * FRAME_S == 2.0


def test_while_nothing_comes_silence_goes_on() -> None:
    clock = FrameClock(10.0)
    give(clock, at_pace(10.0, 20))
    nothing_since_s = 11.0

    put = [clock.missing(nothing_since_s + 0.1 * step) for step in range(51)]

    assert 5.0 - BEHIND_S - PATIENCE_S - 0.2 <= sum(put) * FRAME_S <= 5.0
