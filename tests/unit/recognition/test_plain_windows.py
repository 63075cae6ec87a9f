"""Windows for engines that only take whole stretches."""

from dragoman.ground.audio import RECOGNITION_RATE, join_audio, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import Window
from dragoman.recognition.plain_windows import hear_window, leave_out
from dragoman.testing.engines import FakeSpeechToText
from dragoman.testing.tones import hear_tones, say_as_tones


def word(text: str, start_s: float, end_s: float) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s)


def test_what_is_committed_is_not_found_again() -> None:
    audio = join_audio([say_as_tones("good morning everybody"), silence(0.5, RECOGNITION_RATE)], RECOGNITION_RATE)
    committed = hear_tones(audio)[:2]
    window = Window(audio=audio, committed=committed, context=RecognitionContext())

    hypothesis = hear_window(FakeSpeechToText(), window, language=Language("en"))

    assert [found.word.text for found in hypothesis.words] == ["everybody"]
    assert hypothesis.model_used == "fake"


def test_a_word_is_settled_where_the_next_one_begins() -> None:
    window = Window(audio=say_as_tones("good morning"), context=RecognitionContext())

    good, morning = hear_window(FakeSpeechToText(), window, language=Language("en")).words

    assert good.settled_s == morning.word.start_s
    assert morning.settled_s == morning.word.end_s


def test_words_repeated_because_their_time_moved_are_left_out() -> None:
    committed = (word("good", 0.0, 0.4), word("morning", 0.4, 0.8))
    found = (word("good", 0.1, 0.5), word("Morning,", 0.7, 1.1), word("all", 1.1, 1.5))

    assert leave_out(committed, found) == (found[2],)


def test_a_word_said_twice_is_kept() -> None:
    committed = (word("very", 0.0, 0.4),)
    found = (word("very", 0.0, 0.4), word("very", 0.5, 0.9), word("good", 1.0, 1.4))

    assert leave_out(committed, found) == found[1:]
