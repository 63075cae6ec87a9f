"""Endpointer: windows of 32 ms in, decisions out."""

from dragoman.recognition.endpointing import (
    Decision,
    Endpointer,
    UtteranceEnded,
    UtterancePaused,
    UtteranceResumed,
    UtteranceSplit,
    UtteranceStarted,
)
from dragoman.recognition.tuning import RecognitionTuning

WINDOW = 512
RATE = 16_000


def _endpointer() -> Endpointer:
    return Endpointer(window_samples=WINDOW, tuning=RecognitionTuning())


def _feed(endpointer: Endpointer, *runs: tuple[float, float], level: float = 0.01) -> list[Decision]:
    """Push runs of (probability, seconds)."""
    decisions: list[Decision] = []
    for probability, seconds in runs:
        for _ in range(round(seconds * RATE / WINDOW)):
            decisions += endpointer.push(probability, level)
    return decisions


def test_an_utterance_starts_with_a_pre_roll_before_its_first_voiced_window() -> None:
    endpointer = _endpointer()

    decisions = _feed(endpointer, (0.0, 1.024), (0.9, 0.5))

    assert decisions == [UtteranceStarted(start=round(1.024 * RATE) - round(0.48 * RATE))]


def test_a_click_opens_no_utterance() -> None:
    assert _feed(_endpointer(), (0.0, 1.0), (0.9, 0.064), (0.0, 1.0)) == []


def test_an_utterance_pauses_and_ends_in_silence_and_knows_where_speech_ended() -> None:
    decisions = _feed(_endpointer(), (0.9, 0.96), (0.1, 0.96))

    assert [type(decision) for decision in decisions] == [UtteranceStarted, UtterancePaused, UtteranceEnded]
    ended = decisions[-1]
    assert isinstance(ended, UtteranceEnded)
    assert ended.speech_end == round(0.96 * RATE)
    assert 0.48 <= (ended.at - ended.speech_end) / RATE < 0.48 + 0.032


def test_an_ended_utterance_knows_how_much_of_it_was_voiced() -> None:
    decisions = _feed(_endpointer(), (0.9, 0.96), (0.1, 0.32), (0.9, 0.64), (0.1, 0.96))

    ended = decisions[-1]
    assert isinstance(ended, UtteranceEnded)
    assert ended.voiced_s == 0.96 + 0.64


def test_a_short_pause_resumes() -> None:
    decisions = _feed(_endpointer(), (0.9, 0.96), (0.1, 0.32), (0.9, 0.96))

    assert [type(decision) for decision in decisions] == [UtteranceStarted, UtterancePaused, UtteranceResumed]


def test_the_next_utterance_reaches_back_into_the_pause_but_never_into_the_words_before() -> None:
    decisions = _feed(_endpointer(), (0.9, 0.96), (0.1, 0.512), (0.9, 0.5))

    ended, started = decisions[-2:]
    assert isinstance(ended, UtteranceEnded)
    assert isinstance(started, UtteranceStarted)
    assert ended.speech_end + round(0.2 * RATE) <= started.start < ended.at


def test_a_long_utterance_is_split_at_the_first_dip_behind_the_soft_limit() -> None:
    decisions = _feed(_endpointer(), (0.9, 8.32), (0.1, 0.128), (0.9, 1.0))

    split = decisions[1]
    assert isinstance(split, UtteranceSplit)
    assert 8.32 <= split.at / RATE <= 8.32 + 0.128


def test_the_silence_that_ends_a_long_utterance_is_no_part_of_its_own() -> None:
    for voiced_s in (8.32, 11.968):
        decisions = _feed(_endpointer(), (0.9, voiced_s), (0.1, 1.0))

        assert [type(decision) for decision in decisions] == [UtteranceStarted, UtterancePaused, UtteranceEnded]


def test_a_pause_in_a_long_utterance_splits_it_when_the_voice_comes_back() -> None:
    decisions = _feed(_endpointer(), (0.9, 8.32), (0.1, 0.32), (0.9, 1.0))

    assert [type(decision) for decision in decisions[1:]] == [UtterancePaused, UtteranceResumed, UtteranceSplit]
    split = decisions[-1]
    assert isinstance(split, UtteranceSplit)
    assert 8.32 <= split.at / RATE <= 8.32 + 0.32


def test_behind_a_split_there_is_voice_before_the_utterance_ends() -> None:
    decisions = _feed(_endpointer(), (0.9, 8.32), (0.1, 0.128), (0.9, 0.032), (0.1, 1.0))

    split, ended = decisions[1], decisions[-1]
    assert isinstance(split, UtteranceSplit)
    assert isinstance(ended, UtteranceEnded)
    assert split.at < ended.speech_end
    assert ended.voiced_s == 0.032


def test_a_silence_may_split_only_what_is_long_enough_and_only_while_it_lasts() -> None:
    endpointer = _endpointer()

    may_split = []
    for run in [(0.9, 3.2), (0.1, 0.128), (0.9, 5.12), (0.1, 0.128), (0.9, 0.032), (0.9, 1.0), (0.1, 0.48)]:
        _feed(endpointer, run)
        may_split.append(endpointer.may_split)

    assert may_split == [False, False, False, True, False, False, False]


def test_a_split_lies_in_the_middle_of_the_whole_silence() -> None:
    decisions = _feed(_endpointer(), (0.9, 8.32), (0.1, 0.32), (0.9, 0.032))

    assert decisions[-1] == UtteranceSplit(at=round((8.32 + 0.16) * RATE))


def test_speech_without_any_dip_is_split_at_its_quietest_place_at_the_hard_limit() -> None:
    endpointer = _endpointer()
    decisions = _feed(endpointer, (0.9, 9.984))
    decisions += _feed(endpointer, (0.9, 0.128), level=0.0001)
    decisions += _feed(endpointer, (0.9, 2.5))

    splits = [decision for decision in decisions if isinstance(decision, UtteranceSplit)]

    assert len(splits) == 1
    assert 9.984 <= splits[0].at / RATE <= 9.984 + 0.128


def test_voice_behind_a_split_that_lies_back_counts_for_the_part_behind_it() -> None:
    endpointer = _endpointer()
    decisions = _feed(endpointer, (0.9, 9.984))
    decisions += _feed(endpointer, (0.9, 0.128), level=0.0001)
    decisions += _feed(endpointer, (0.9, 2.5), (0.1, 1.0))

    split, ended = decisions[1], decisions[-1]
    assert isinstance(split, UtteranceSplit)
    assert isinstance(ended, UtteranceEnded)
    assert abs(ended.voiced_s - (ended.speech_end - split.at) / RATE) <= 0.032


def test_a_microphone_that_ends_ends_its_utterance() -> None:
    endpointer = _endpointer()
    _feed(endpointer, (0.9, 0.96))

    decisions = endpointer.flush()

    assert decisions == [UtteranceEnded(speech_end=round(0.96 * RATE), at=round(0.96 * RATE), voiced_s=0.96)]
    assert endpointer.flush() == []
