"""What an utterance took is what its last word took, whether that came early or with the end."""

import pytest

from dragoman.ground.events import UtteranceRecognized, WordsCommitted
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.interpreting.utterance_lags import UtteranceLags

VI = Language("vi")
ORIGIN_S = 100.0


def word(text: str, end_s: float) -> Word:
    return Word(text=text, start_s=end_s - 0.2, end_s=end_s)


def event(
    state: WordState, *words: Word, utterance: int = 1, speech_end_s: float = 2.0, failure: str | None = None
) -> RecognitionEvent:
    return RecognitionEvent(
        utterance=utterance,
        state=state,
        words=words,
        language=VI,
        audio_time_s=speech_end_s,
        speech_end_s=speech_end_s,
        endpoint_s=speech_end_s + 0.5 if state is WordState.FINAL else None,
        failure=failure,
    )


def test_of_an_utterance_that_ends_without_new_words_the_last_committed_word_counts() -> None:
    lags = UtteranceLags("an")

    lags.push(event(WordState.COMMITTED, word("xin", 1.0)), origin_s=ORIGIN_S, now_s=101.4)
    lags.push(event(WordState.COMMITTED, word("chào", 1.9)), origin_s=ORIGIN_S, now_s=102.2)
    told = lags.push(event(WordState.FINAL), origin_s=ORIGIN_S, now_s=102.6)

    [whole] = told
    assert isinstance(whole, UtteranceRecognized)
    assert (whole.words, whole.endpoint_lag_ms) == (2, 0.0)
    assert whole.audio_s == pytest.approx(1.1)
    assert whole.lag_ms == pytest.approx(300)


def test_words_that_come_with_the_end_waited_for_the_pause() -> None:
    lags = UtteranceLags("an")

    lags.push(event(WordState.COMMITTED, word("xin", 1.0)), origin_s=ORIGIN_S, now_s=101.4)
    told = lags.push(event(WordState.FINAL, word("chào", 1.9)), origin_s=ORIGIN_S, now_s=102.6)

    committed, whole = told
    assert isinstance(committed, WordsCommitted)
    assert committed.lags_ms == pytest.approx((700,))
    assert isinstance(whole, UtteranceRecognized)
    assert whole.words == 2
    assert whole.endpoint_lag_ms == pytest.approx(500)
    assert whole.lag_ms == pytest.approx(600)


def test_every_committed_word_has_its_own_lag_and_words_that_may_change_have_none() -> None:
    lags = UtteranceLags("an")

    shown = lags.push(event(WordState.PROVISIONAL, word("xin", 1.0)), origin_s=ORIGIN_S, now_s=101.2)
    told = lags.push(event(WordState.COMMITTED, word("xin", 1.0), word("chào", 1.3)), origin_s=ORIGIN_S, now_s=101.5)

    assert shown == []
    assert [it.lags_ms for it in told if isinstance(it, WordsCommitted)] == [pytest.approx((500, 200))]


def test_an_utterance_does_not_count_the_words_of_the_one_before_it() -> None:
    lags = UtteranceLags("an")

    lags.push(event(WordState.FINAL, word("xin", 1.0)), origin_s=ORIGIN_S, now_s=102.6)
    nothing = lags.push(event(WordState.FINAL, utterance=2), origin_s=ORIGIN_S, now_s=104.0)

    assert nothing == []


def test_an_utterance_that_failed_is_not_counted_as_recognised() -> None:
    lags = UtteranceLags("an")

    lags.push(event(WordState.COMMITTED, word("xin", 1.0)), origin_s=ORIGIN_S, now_s=101.4)
    told = lags.push(event(WordState.FINAL, failure="engine_crashed"), origin_s=ORIGIN_S, now_s=102.6)

    assert told == []
