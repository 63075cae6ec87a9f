"""The queue of better voices: its order, its bounds, and what it says of the time that is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.engines import EngineInfo, EngineKind, TextToSpeech
from dragoman.ground.errors import CapacityExhausted, EngineTimeout
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.services.saying.later import LaterLimits, LaterQueue, LaterSpeech, LaterState
from dragoman.services.saying.phrases import common_wishes, load_phrases
from dragoman.services.saying.sound_files import SoundFormat
from dragoman.services.saying.tiers import Quality, better_than, quality_of, quickest
from dragoman.services.saying.wishes import TextNotSpeakable, Wish, check_text
from dragoman.services.web import ResultGone
from dragoman.testing.engines import FakeTextToSpeech

EN, VI = Language("en"), Language("vi")


def add(queue: LaterQueue, text: str = "hello") -> LaterSpeech:
    return queue.add(Wish(text=text, language=EN, engine="best"), SoundFormat.WAV, cost=2.0)


def engine(name: str, *, jobs_only: bool = False, languages: tuple[Language, ...] = (EN, VI)) -> FakeTextToSpeech:
    return FakeTextToSpeech(name=name, languages=languages, jobs_only=jobs_only)


def test_who_asked_first_is_spoken_first() -> None:
    queue = LaterQueue(LaterLimits())

    first, second = add(queue, "first"), add(queue, "second")

    assert [queue.next(), queue.next(), queue.next()] == [first, second, None]
    assert first.request_id != second.request_id


def test_no_more_wait_than_may_and_the_next_is_asked_to_come_again() -> None:
    queue = LaterQueue(LaterLimits(waiting=2))
    add(queue), add(queue)

    with pytest.raises(CapacityExhausted, match="try again in a moment"):
        add(queue)

    queue.next()
    assert add(queue).state is LaterState.WAITING


def test_a_long_text_is_refused_with_what_would_work() -> None:
    with pytest.raises(TextNotSpeakable, match="at most 10 characters at once, not 11: send it in parts"):
        LaterQueue(LaterLimits(most_characters=10)).check("x" * 11)


def test_results_and_failures_are_kept_for_a_while_and_then_gone() -> None:
    queue = LaterQueue(LaterLimits(kept_s=60.0))
    done, failed = add(queue), add(queue)
    queue.end(done, b"sound", now_s=100.0)
    queue.end(failed, EngineTimeout("too slow"), now_s=100.0)

    assert queue.find(done.request_id, now_s=160.0).content == b"sound"
    assert queue.find(failed.request_id, now_s=160.0).state is LaterState.FAILED
    with pytest.raises(ResultGone, match="results are kept for 1 minutes; ask for it again"):
        queue.find(done.request_id, now_s=161.0)


def test_who_waits_is_never_let_go() -> None:
    queue = LaterQueue(LaterLimits(kept_s=60.0))
    waiting = add(queue)

    assert queue.find(waiting.request_id, now_s=1e9) is waiting


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30))
def test_results_never_take_more_than_their_room_save_for_the_newest(sizes: list[int]) -> None:
    queue = LaterQueue(LaterLimits(waiting=100, kept_bytes=100))
    speeches = []
    for at, size in enumerate(sizes):
        speeches.append(add(queue))
        queue.end(speeches[-1], b"x" * size, now_s=float(at))

    kept = []
    for speech in speeches:
        try:
            kept.append(queue.find(speech.request_id, now_s=float(len(sizes))))
        except ResultGone:
            continue

    assert kept[-1] is speeches[-1]
    assert sum(len(each.content) for each in kept) <= 100
    assert kept == speeches[-len(kept) :]


def test_the_estimate_counts_who_is_before_and_falls_with_the_sound() -> None:
    queue = LaterQueue(LaterLimits())
    first, second = add(queue, "x" * 100), add(queue, "x" * 100)
    alone_s, both_s = queue.wait_s(first), queue.wait_s(second)

    queue.next()
    first.spoken_s = first.expected_s / 2
    half_s = queue.wait_s(first)
    first.spoken_s = 100 * first.expected_s
    long_s, progress = queue.wait_s(first), first.progress
    queue.end(first, b"sound", now_s=1.0)

    assert both_s == pytest.approx(2 * alone_s)
    assert half_s == pytest.approx(alone_s / 2)
    assert (long_s, progress) == (0.0, 0.99)
    assert (queue.wait_s(first), first.progress) == (0.0, 1.0)


def test_a_better_voice_is_one_that_says_so_of_itself() -> None:
    plain, natural, premium = engine("espeak"), engine("natural"), engine("premium", jobs_only=True)
    engines: list[TextToSpeech] = [premium, natural, plain]
    wish = Wish(text="hello", language=EN)

    quick = quickest(wish, engines)

    assert quick is plain
    assert better_than(quick, wish, engines) is premium
    assert better_than(quick, wish, [natural, plain]) is natural


def test_with_one_engine_or_a_named_one_there_is_none_better() -> None:
    plain, natural = engine("espeak"), engine("natural", languages=(EN,))
    named = Wish(text="hello", language=EN, engine="espeak")

    assert better_than(plain, Wish(text="hello", language=EN), [plain]) is None
    assert better_than(plain, Wish(text="chào", language=VI), [natural, plain]) is None
    assert quickest(named, [natural, plain]) is plain
    assert better_than(plain, named, [natural, plain]) is None


def test_an_engine_for_jobs_alone_never_answers_at_once_where_another_can() -> None:
    premium, natural = engine("premium", jobs_only=True), engine("natural")

    assert quickest(Wish(text="hello", language=EN), [premium, natural]) is natural
    assert quality_of(EngineInfo(name="x", kind=EngineKind.TEXT_TO_SPEECH, licence="MIT", commercial=True)) is (
        Quality.NATURAL
    )


def test_every_phrase_can_be_spoken_in_its_language() -> None:
    for language, phrases in load_phrases().items():
        assert language in LANGUAGES
        assert len(set(phrases)) == len(phrases) >= 8
        for phrase in phrases:
            check_text(phrase, language, most_characters=60)


def test_phrases_are_for_the_default_voices_of_all_languages_first() -> None:
    wishes = list(common_wishes([engine("natural"), engine("espeak")]))

    languages = [wish.language for wish in wishes if not wish.voice.name]
    first_named = next(place for place, wish in enumerate(wishes) if wish.voice.name)
    assert set(languages) == {EN, VI}
    assert first_named == len(languages)
    assert {wish.voice.name for wish in wishes if wish.voice.name} == {"en-second", "vi-second"}
    assert {wish.engine for wish in wishes if wish.voice.name} == {"natural"}
