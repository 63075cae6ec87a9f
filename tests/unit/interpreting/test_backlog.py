"""Backlog: what is owed is kept in order, bounded, and nothing holds it up for good."""

from dragoman.ground.languages import Language
from dragoman.interpreting.backlog import TRIES, Backlog, Backlogs
from dragoman.interpreting.spoken import SpokenSegment

EN, VI = Language("en"), Language("vi")


def _spoken(number: int) -> SpokenSegment:
    return SpokenSegment(
        id=f"an.{number}",
        speaker="an",
        language=VI,
        text=f"cau {number}",
        start_s=number,
        end_s=number + 1,
        ended_at_s=number + 1,
        known_at_s=number + 1,
    )


def _drained(backlog: Backlog) -> list[str]:
    ids = []
    while backlog:
        ids.append(backlog.first.id)
        assert backlog.translated(backlog.first)
    return ids


def test_what_is_owed_comes_in_the_order_in_which_it_was_said() -> None:
    backlog = Backlog(10)
    for number in range(3):
        backlog.add(_spoken(number))

    assert _drained(backlog) == ["an.0", "an.1", "an.2"]


def test_beyond_the_limit_the_oldest_stay_as_they_are() -> None:
    backlog = Backlog(2)
    for number in range(4):
        backlog.add(_spoken(number))

    assert _drained(backlog) == ["an.2", "an.3"]


def test_what_nothing_can_translate_holds_up_the_others_only_for_a_while() -> None:
    backlog = Backlog(10)
    backlog.add(_spoken(0))
    backlog.add(_spoken(1))

    for _ in range(TRIES):
        assert backlog.failed(backlog.first)

    assert _drained(backlog) == ["an.1"]


def test_a_booth_that_opens_again_finds_what_was_owed() -> None:
    backlogs = Backlogs()
    backlogs.of("an", EN, most=5).add(_spoken(0))

    assert len(backlogs.of("an", EN, most=5)) == 1
    assert len(backlogs.of("ben", EN, most=5)) == 0


def test_of_who_is_forgotten_nothing_is_owed_in_any_language_and_of_the_others_everything() -> None:
    backlogs = Backlogs()
    for speaker, language in (("an", EN), ("an", VI), ("ben", EN)):
        backlogs.of(speaker, language, most=5).add(_spoken(0))

    backlogs.forget("an")

    assert [len(backlogs.of("an", language, most=5)) for language in (EN, VI)] == [0, 0]
    assert len(backlogs.of("ben", EN, most=5)) == 1


def test_what_one_booth_has_done_or_given_up_another_takes_nothing_for() -> None:
    backlog = Backlog(10)
    first, second = _spoken(0), _spoken(1)
    backlog.add(first)
    backlog.add(second)
    assert backlog.translated(first)

    again = (backlog.translated(first), *(backlog.failed(first) for _ in range(TRIES)))

    assert not any(again)
    assert _drained(backlog) == [second.id]
    assert not backlog.translated(second)
