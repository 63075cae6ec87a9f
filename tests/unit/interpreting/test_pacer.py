"""Pacer: faster when voice piles up, then skipped, never more than eight seconds waiting."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import Language
from dragoman.interpreting.pacer import MAX_BACKLOG_S, MAX_SPEED, Behind, Pacer, Plan, Waiting

SENTENCE = "this is a sentence that takes about three seconds"


def _pacer() -> Pacer:
    return Pacer(language=Language("en"))


def _plan(*texts: str, unplayed_s: float = 0, waited_s: float = 0) -> Plan:
    return _pacer().plan([Waiting(text=text, waited_s=waited_s) for text in texts], unplayed_s=unplayed_s)


def test_a_dub_that_is_not_late_is_spoken_at_its_own_speed() -> None:
    plan = _plan(SENTENCE)

    assert (plan.speed, plan.skip) == (1.0, ())


def test_a_dub_is_faster_the_longer_it_has_waited_but_never_more_than_a_third() -> None:
    speeds = [_plan(SENTENCE, waited_s=waited_s).speed for waited_s in (1, 2, 3, 8)]

    assert speeds == sorted(speeds)
    assert speeds[0] == 1.0
    assert speeds[-1] == MAX_SPEED


def test_what_waits_behind_it_makes_a_dub_faster() -> None:
    assert _plan(SENTENCE[:30], SENTENCE).speed > 1.1


def test_the_oldest_waiting_segments_are_skipped_and_the_newest_kept() -> None:
    plan = _plan(*[SENTENCE] * 4)

    assert plan.skip == (0, 1, 2)


def test_fillers_go_first() -> None:
    plan = _plan(SENTENCE, "uh huh", SENTENCE)

    assert 1 in plan.skip


def test_a_segment_longer_than_every_limit_is_still_spoken_when_nothing_else_waits() -> None:
    assert _plan(SENTENCE * 5).skip == ()


def test_it_learns_how_fast_a_voice_really_speaks() -> None:
    pacer = _pacer()

    for _ in range(30):
        pacer.learn(SENTENCE, duration_s=6.0, speed=1.0)

    assert abs(pacer.estimate_s(SENTENCE) - 6.0) < 0.1


@given(st.lists(st.text(min_size=1, max_size=200), max_size=20), st.floats(min_value=0, max_value=8, allow_nan=False))
def test_never_more_than_eight_seconds_wait_behind_what_sounds(waiting: list[str], unplayed_s: float) -> None:
    pacer = _pacer()

    plan = pacer.plan([Waiting(text=text) for text in waiting], unplayed_s=unplayed_s)

    kept = [text for place, text in enumerate(waiting) if place not in plan.skip]
    backlog_s = unplayed_s + sum(pacer.estimate_s(text) for text in kept)
    assert backlog_s <= MAX_BACKLOG_S or (unplayed_s == 0 and len(kept) == 1)
    assert 1.0 <= plan.speed <= MAX_SPEED


def test_what_one_person_said_in_a_row_is_spoken_in_one_breath_once_much_waits() -> None:
    def together(*speakers: str, unplayed_s: float) -> int:
        waiting = [Waiting(text="so we shall see", speaker=speaker) for speaker in speakers]
        return _pacer().plan(waiting, unplayed_s=unplayed_s).together

    assert together("an", "an", unplayed_s=0) == 1
    assert together("an", "an", unplayed_s=2.8) == 2
    assert together("an", "an", "ben", unplayed_s=2.8) == 2
    assert together("an", "ben", "an", unplayed_s=2.8) == 1


def test_a_speaker_is_told_once_that_others_still_listen_and_once_that_they_have_caught_up() -> None:
    behind = Behind()

    told = [behind.look("an", backlog_s=backlog_s) for backlog_s in (3.0, 4.5, 5.0, 3.0, 2.0, 1.0, 0.0)]

    assert told == [None, True, None, None, None, False, None]
