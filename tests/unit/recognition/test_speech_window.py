"""SpeechWindow: committed words in, what is heard again out."""

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.recognition.speech_window import SpeechWindow
from dragoman.recognition.tuning import RecognitionTuning


def open_window(previous_text: str = "") -> SpeechWindow:
    return SpeechWindow(language=Language("en"), previous_text=previous_text, tuning=RecognitionTuning())


def word(text: str, start_s: float, end_s: float, probability: float = 0.9) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, probability=probability)


GOOD, MORNING, ALL = word("Good", 0.2, 0.5), word("morning.", 0.5, 1.0), word("All", 1.4, 1.7)


def test_words_leave_with_their_audio_at_a_gap_well_behind_the_speaker() -> None:
    window = open_window()

    window.commit([GOOD, MORNING], [ALL], heard_s=2.6)

    assert window.start == round(1.2 * RECOGNITION_RATE)
    assert window.words == ()
    assert window.previous_text == "Good morning."


def test_words_just_spoken_stay_in_the_window() -> None:
    window = open_window()

    window.commit([GOOD, MORNING], [ALL], heard_s=2.4)

    assert window.start == 0
    assert window.words == (GOOD, MORNING)


def test_nothing_is_cut_between_words_that_touch() -> None:
    window = open_window()
    touching = word("morning", 0.5, 1.4)

    window.commit([GOOD, touching], [ALL], heard_s=4.0)

    assert window.start == 0


def test_a_window_that_grew_too_long_is_cut_at_its_widest_gap() -> None:
    window = open_window()
    words = [word("one", 0.0, 1.0), word("two", 1.01, 2.0), word("three", 2.05, 3.0), word("four", 3.0, 4.0)]

    window.commit(words, [word("five", 4.01, 5.0)], heard_s=6.1)

    assert window.words == tuple(words[2:])
    assert 2.0 < window.start_s < 2.05


def test_nothing_is_cut_before_it_is_known_what_follows() -> None:
    window = open_window()

    window.commit([GOOD], [], heard_s=9.0)

    assert window.start == 0


def test_unlikely_words_do_not_lead_the_next_ones() -> None:
    window = open_window("Said before.")

    window.commit([word("Mourning.", 0.2, 0.8, probability=0.3)], [ALL], heard_s=3.0)

    assert window.start > 0
    assert window.previous_text == ""


def test_what_was_said_before_leads_along_with_what_was_cut() -> None:
    window = open_window("Said before.")

    window.commit([GOOD, MORNING], [ALL], heard_s=3.0)

    assert window.previous_text == "Said before. Good morning."


def test_all_that_was_said_leads_the_next_part_of_one_breath() -> None:
    window = open_window("Before.")

    window.commit([GOOD, MORNING], [ALL], heard_s=2.4)

    assert window.lead_on([ALL]) == "Before. Good morning. All"


def test_a_part_that_is_likely_wrong_does_not_lead_the_next_one() -> None:
    window = open_window("Before.")

    window.commit([word("Goo", 0.2, 0.5, probability=0.3), MORNING], [ALL], heard_s=2.4)

    assert window.lead_on([word("all", 1.4, 1.7, probability=0.2)]) == ""


def test_a_part_without_a_word_lets_lead_what_led_it() -> None:
    assert open_window("Before.").lead_on([]) == "Before."
