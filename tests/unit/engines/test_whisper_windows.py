"""Windows of live speech through Whisper: what is committed stays, and what follows is found with its times."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile

from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper, open_engine
from dragoman.engines.speech_to_text.whisper_gate import compression_ratio, mean_logprob, token_budget
from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import Window, WindowSpeechToText, pick_words

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
EN, VI = Language("en"), Language("vi")
TALKS = [("en-1", EN), ("en-4", EN), ("vi-1", VI), ("vi-4", VI)]


@pytest.fixture(scope="module")
def engine() -> Iterator[FasterWhisper]:
    engine = open_engine(FIXTURES / "whisper-pico", threads=1)
    yield engine
    engine.close()


def load(name: str) -> Audio:
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    return Audio(samples=samples, sample_rate=rate)


def window(audio: Audio, *, committed: tuple[Word, ...] = (), last: bool = False) -> Window:
    return Window(audio=audio, committed=committed, context=RecognitionContext(), last=last)


def test_it_hears_windows(engine: FasterWhisper) -> None:
    assert isinstance(engine, WindowSpeechToText)


@pytest.mark.parametrize(("name", "language"), TALKS)
def test_behind_committed_words_it_goes_on_where_they_end(engine: FasterWhisper, name: str, language: Language) -> None:
    audio = load(name)
    whole = pick_words(engine.hypothesize(window(audio), language=language).words)

    rest = pick_words(engine.hypothesize(window(audio, committed=whole[:4]), language=language).words)

    assert [word.text for word in rest] == [word.text for word in whole[4:]]
    assert rest[0].start_s >= whole[3].end_s


def test_when_all_is_committed_it_invents_nothing(engine: FasterWhisper) -> None:
    audio = load("en-1")
    whole = pick_words(engine.hypothesize(window(audio), language=EN).words)

    hypothesis = engine.hypothesize(window(audio, committed=whole, last=True), language=EN)

    assert hypothesis.words == ()
    assert not hypothesis.doubtful


def test_words_settle_in_order_and_never_before_they_ended(engine: FasterWhisper) -> None:
    words = engine.hypothesize(window(load("vi-1")), language=VI).words

    assert all(one.settled_s <= other.settled_s for one, other in pairwise(words))
    assert all(word.settled_s >= word.word.end_s - 0.001 for word in words)


def test_silence_holds_no_word(engine: FasterWhisper) -> None:
    hypothesis = engine.hypothesize(window(silence(2.0, RECOGNITION_RATE), last=True), language=EN)

    assert hypothesis.words == ()


def test_more_text_than_the_sound_can_hold_is_doubted(engine: FasterWhisper) -> None:
    second = Audio(samples=load("en-1").samples[:RECOGNITION_RATE], sample_rate=RECOGNITION_RATE)
    far_too_many = tuple(Word(text="well", start_s=0.0, end_s=0.1) for _ in range(40))

    hypothesis = engine.hypothesize(window(second, committed=far_too_many), language=EN)

    assert hypothesis.doubtful


def test_another_rate_or_language_is_refused_and_so_is_a_closed_engine() -> None:
    engine = open_engine(FIXTURES / "whisper-pico", threads=1)

    with pytest.raises(ValueError, match="16000"):
        engine.hypothesize(window(silence(1.0, 8000)), language=EN)
    with pytest.raises(LanguageNotSupported):
        engine.hypothesize(window(silence(1.0, RECOGNITION_RATE)), language=Language("eo"))
    engine.close()
    with pytest.raises(EngineUnavailable):
        engine.hypothesize(window(silence(1.0, RECOGNITION_RATE)), language=EN)


def test_vietnamese_may_need_more_tokens_a_second_than_english() -> None:
    assert [token_budget(2.0, Language(code)) for code in ("en", "vi", "ja")] == [21, 30, 34]


def test_a_text_that_repeats_itself_compresses_well() -> None:
    assert compression_ratio("I see, I see, " * 10) > 2.4
    assert compression_ratio("We have ten minutes left to print the video.") < 2.4


def test_nothing_said_is_nothing_doubted() -> None:
    assert mean_logprob([]) == 0.0
    assert mean_logprob([1.0, 1.0]) == 0.0
    assert mean_logprob([0.1, 0.1]) == pytest.approx(-2.3026, abs=0.001)


@pytest.mark.parametrize("samples", [0, 1, 159, 160])
def test_a_window_of_next_to_nothing_is_heard_without_a_complaint(engine: FasterWhisper, samples: int) -> None:
    audio = Audio(samples=load("en-1").samples[8000 : 8000 + samples], sample_rate=RECOGNITION_RATE)

    engine.hypothesize(window(audio, last=True), language=EN)
