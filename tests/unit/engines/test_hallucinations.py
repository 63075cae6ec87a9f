"""Words that nobody said are told from words that somebody did."""

import pytest

from dragoman.engines.speech_to_text.hallucinations import (
    Doubt,
    Evidence,
    HallucinationFilter,
    HallucinationLimits,
    PhantomPhrases,
    plain_text,
    read_phrases,
)
from dragoman.ground.languages import BASE_LANGUAGES, Language

EN, VI, ZH = Language("en"), Language("vi"), Language("zh")


def evidence(
    text: str,
    *,
    language: Language = EN,
    mean_logprob: float = -0.2,
    no_speech_probability: float = 0.0,
    voiced_s: float = 3.0,
) -> Evidence:
    return Evidence(
        words=text.split(),
        language=language,
        mean_logprob=mean_logprob,
        no_speech_probability=no_speech_probability,
        voiced_s=voiced_s,
    )


def test_what_was_said_is_believed() -> None:
    judge = HallucinationFilter()

    assert judge.doubt(evidence("The meeting starts at nine.")) is None
    assert judge.doubt(evidence("Cuộc họp bắt đầu lúc chín giờ.", language=VI)) is None


@pytest.mark.parametrize(
    ("no_speech_probability", "mean_logprob", "doubt"),
    [(0.9, -1.2, Doubt.NO_SPEECH), (0.9, -0.3, None), (0.2, -1.2, None), (0.2, -1.8, Doubt.GUESSED)],
)
def test_no_speech_counts_only_with_unlikely_words(
    no_speech_probability: float, mean_logprob: float, doubt: Doubt | None
) -> None:
    found = evidence("We are ready.", mean_logprob=mean_logprob, no_speech_probability=no_speech_probability)

    assert HallucinationFilter().doubt(found) is doubt


@pytest.mark.parametrize(
    ("voiced_s", "no_speech_probability", "doubt"),
    [(3.0, 0.1, None), (0.4, 0.1, Doubt.PHANTOM), (3.0, 0.5, Doubt.PHANTOM)],
)
def test_a_thank_you_is_believed_unless_the_sound_speaks_against_it(
    voiced_s: float, no_speech_probability: float, doubt: Doubt | None
) -> None:
    found = evidence("Thank you.", voiced_s=voiced_s, no_speech_probability=no_speech_probability)

    assert HallucinationFilter().doubt(found) is doubt


def test_a_phantom_phrase_counts_only_as_a_whole_utterance() -> None:
    found = evidence("Thank you for the report.", voiced_s=0.4)

    assert HallucinationFilter().doubt(found) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Subtitles by the Amara.org community"),
        (VI, "Hãy subscribe cho kênh Ghiền Mì Gõ để không bỏ lỡ những video hấp dẫn."),
        (ZH, "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目"),
        (Language("de"), "Untertitel der Amara.org-Community"),
        (Language("ru"), "Субтитры сделал DimaTorzok."),
    ],
)
def test_what_nobody_says_to_anybody_is_never_believed(language: Language, text: str) -> None:
    assert HallucinationFilter().doubt(evidence(text, language=language)) is Doubt.PHANTOM


def test_words_of_unspaced_languages_are_compared_as_they_are_written() -> None:
    one_by_one = " ".join("谢谢观看")

    assert HallucinationFilter().doubt(evidence(one_by_one, language=ZH, voiced_s=0.3)) is Doubt.PHANTOM


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("we will meet on Monday", 5),
        ("so " * 8, 1),
        ("so " * 7, 7),
        ("it is it is it is fine", 7),
        ("we agree " + "and then we go home " * 4, 7),
        ("yes " + "I do not know " * 3, 5),
        ("I do not know I do not know", 8),
    ],
)
def test_a_loop_is_cut_off_where_it_begins_to_repeat(text: str, kept: int) -> None:
    assert HallucinationFilter().count_before_loop(text.split()) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("we go on and on now we go on and on then we go on and on well we go on and on", 5),
        ("so yes so no so well so then so so now so but so", 1),
        ("we go on and on now we go on and on then", 12),
        ("and we shall stay with you all today and we shall stay at home all tomorrow and we shall stay out of it", 23),
    ],
    ids=["phrase", "word", "twice", "less than most of the text"],
)
def test_a_phrase_that_makes_most_of_the_text_is_a_loop_with_other_words_between(text: str, kept: int) -> None:
    assert HallucinationFilter().count_before_loop(text.split()) == kept


def test_a_text_that_is_nothing_but_itself_again_is_dropped() -> None:
    found = evidence("a long way to go and " * 12)

    assert HallucinationFilter().doubt(found) is Doubt.REPETITION


def test_limits_and_phrases_can_be_others() -> None:
    judge = HallucinationFilter(
        HallucinationLimits(phantom_voiced_s=10.0),
        {EN: PhantomPhrases(never=frozenset(), doubtful=frozenset({"good morning"}))},
    )

    assert judge.doubt(evidence("Good morning!")) is Doubt.PHANTOM
    assert judge.doubt(evidence("Thank you.")) is None


def test_there_are_phrases_for_every_base_language_as_they_are_compared() -> None:
    phrases = read_phrases()

    assert set(phrases) == set(BASE_LANGUAGES)
    everything = {text for each in phrases.values() for text in each.never | each.doubtful}
    assert all(text and plain_text(text) == text for text in everything)


@pytest.mark.parametrize(("text", "plain"), [("Don't — stop!", "don t stop"), ("  ÉTÉ… ", "été"), ("ประชุม", "ประชุม")])
def test_punctuation_and_capitals_do_not_count(text: str, plain: str) -> None:
    assert plain_text(text) == plain
