"""EchoGuard: the loudspeaker is told from its owner."""

from dragoman.ground.languages import Language
from dragoman.interpreting.echo import EchoGuard

EN = Language("en")
DUBBED = "The meeting starts at nine in the big room."


def _guard() -> EchoGuard:
    guard = EchoGuard(window_s=10)
    guard.dubbed(DUBBED, language=EN, listeners=frozenset({"ben"}), start_s=100, end_s=103)
    return guard


def _is_echo(text: str, *, listener: str = "ben", start_s: float = 101, end_s: float = 104) -> bool:
    return _guard().is_echo(text, language=EN, listener=listener, start_s=start_s, end_s=end_s)


def test_the_same_words_are_an_echo_whatever_case_and_marks_say() -> None:
    assert _is_echo("the meeting starts at nine in the big room")


def test_an_echo_that_was_heard_badly_or_in_part_is_still_one() -> None:
    assert _is_echo("meeting starts at nine in a big room")
    assert _is_echo("starts at nine in the")


def test_an_answer_is_none() -> None:
    assert not _is_echo("I thought it starts at ten, not at nine")


def test_what_others_heard_is_none() -> None:
    assert not _is_echo(DUBBED, listener="eva")


def test_after_ten_seconds_it_is_none() -> None:
    assert _is_echo(DUBBED, start_s=112, end_s=115)
    assert not _is_echo(DUBBED, start_s=114, end_s=117)


def test_a_short_answer_in_the_words_of_the_dub_is_none_once_it_has_ended() -> None:
    assert _is_echo("nine", start_s=102, end_s=103)
    assert not _is_echo("nine", start_s=104, end_s=105)
