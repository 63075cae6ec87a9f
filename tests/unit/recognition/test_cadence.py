"""Cadence: what looks take in, time between them out."""

import pytest

from dragoman.recognition.cadence import Cadence
from dragoman.recognition.tuning import RecognitionTuning

TUNING = RecognitionTuning(look_interval_s=0.2, look_load=1.5, max_look_interval_s=4.0)


def test_cheap_looks_come_as_often_as_is_allowed() -> None:
    cadence = Cadence(TUNING)

    cadence.took(0.03)

    assert cadence.interval_s == 0.2


def test_dear_looks_come_rarely() -> None:
    cadence = Cadence(TUNING)

    cadence.took(1.0)

    assert cadence.interval_s == pytest.approx(1.5)


def test_one_slow_look_does_not_decide_alone() -> None:
    cadence = Cadence(TUNING)
    for _ in range(20):
        cadence.took(0.1)

    cadence.took(2.0)

    assert 0.2 < cadence.interval_s < 1.5


def test_looks_never_cease() -> None:
    cadence = Cadence(TUNING)

    cadence.took(60.0)

    assert cadence.interval_s == 4.0


def test_looks_become_frequent_again_once_they_are_quick() -> None:
    cadence = Cadence(TUNING)
    cadence.took(60.0)

    for _ in range(30):
        cadence.took(0.02)

    assert cadence.interval_s == 0.2


def test_the_last_look_of_an_utterance_which_hears_most_makes_the_next_ones_no_rarer() -> None:
    cadence = Cadence(TUNING)
    cadence.took(0.6)

    for _ in range(30):
        cadence.took(2.0, last=True)

    assert cadence.interval_s == pytest.approx(0.9)


def test_where_nothing_but_last_looks_is_left_quick_ones_make_others_possible_again() -> None:
    cadence = Cadence(TUNING)
    cadence.took(60.0)

    for _ in range(30):
        cadence.took(0.02, last=True)

    assert cadence.interval_s == 0.2


def test_an_engine_that_hears_all_anew_is_asked_less_often() -> None:
    cadence = Cadence(TUNING, plain=True)

    cadence.took(0.03)

    assert cadence.interval_s == TUNING.plain_look_interval_s
