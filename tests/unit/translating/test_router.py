"""TranslationRouter: the next engine answers for one that fails."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from dragoman.engines.breaker import FAILURES_TO_OPEN
from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Capability, Glossary, Translation, Translator
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
)
from dragoman.ground.events import EngineFailed, EngineRests
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail, Hang
from dragoman.translating.batching import Batching, Sentences
from dragoman.translating.cache import CacheFigures, TranslationCache
from dragoman.translating.remembering import Remembered
from dragoman.translating.rests import PASS_OVER_S
from dragoman.translating.router import TranslationRouter

EN, ES, VI = Language("en"), Language("es"), Language("vi")


def _translate(
    *engines: FakeTranslator, times: int = 1, deadline_s: float = 2.0, target: Language = ES
) -> tuple[list[Translation], RecordingObserver]:
    observer = RecordingObserver()

    async def run() -> list[Translation]:
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=engines, pool=pool, observer=observer)
            return [
                await router.translate("hello there", source=EN, target=target, deadline_s=deadline_s)
                for _ in range(times)
            ]

    return run_in_virtual_time(run), observer


def test_the_first_engine_that_knows_the_pair_answers() -> None:
    french_only = FakeTranslator(name="french", pairs=[(EN, Language("fr"))])

    answers, _ = _translate(french_only, FakeTranslator(name="all"))

    assert (answers[0].text, answers[0].model_used) == ("es:hello es:there", "all:en-es")


@pytest.mark.parametrize(
    "outcome", [Fail(error=EngineCrashed("gone")), Answer.SILENCE], ids=["crashed", "answered with nothing"]
)
def test_an_engine_that_fails_is_followed_by_the_next(outcome: Fail | Answer) -> None:
    answers, observer = _translate(FakeTranslator(name="bad", outcomes=[outcome]), FakeTranslator(name="good"))

    assert answers[0].model_used == "good:en-es"
    assert [event.engine for event in observer.of(EngineFailed)] == ["bad"]


def test_an_engine_that_failed_is_asked_last_for_a_while() -> None:
    bad = FakeTranslator(name="bad", outcomes=[Fail(error=EngineCrashed("gone"))])

    answers, _ = _translate(bad, FakeTranslator(name="good"), times=3)

    assert [answer.model_used for answer in answers] == ["good:en-es"] * 3
    assert len(bad.calls) == 1


def test_a_translation_says_whether_the_preferred_engine_of_the_pair_made_it() -> None:
    french_only = FakeTranslator(name="french", pairs=[(EN, Language("fr"))])
    gone = FakeTranslator(name="gone", outcomes=[Fail(error=EngineCrashed("gone"))])

    (good,), _ = _translate(french_only, FakeTranslator(name="preferred"), FakeTranslator(name="other"))
    (bad,), _ = _translate(french_only, gone, FakeTranslator(name="other"))

    assert (good.second_best, bad.second_best) == (False, True)


def test_what_is_remembered_of_a_second_best_engine_is_second_best_too() -> None:
    gone = FakeTranslator(name="bad", outcomes=[Fail(error=EngineCrashed("gone"))] * 2)
    other = FakeTranslator(name="other")

    answers, _ = _translate(gone, other, times=2)

    assert [answer.second_best for answer in answers] == [True, True]
    assert len(other.calls) == 1


def test_an_engine_that_hangs_is_left_behind_at_the_deadline() -> None:
    hung = threading.Event()

    with pytest.raises(EngineTimeout):
        _translate(FakeTranslator(outcomes=[Hang(until=hung, limit_s=1.0)]), deadline_s=0.2)


def test_a_defect_in_an_engine_is_that_engines_failure() -> None:
    def defect(sentences: object) -> None:
        raise KeyError("a defect")

    answers, observer = _translate(FakeTranslator(name="bad", before_call=defect), FakeTranslator(name="good"))

    assert answers[0].model_used == "good:en-es"
    assert observer.of(EngineFailed)[0].code == "engine_crashed"


def test_an_unknown_pair_is_refused_with_what_there_is() -> None:
    with pytest.raises(LanguageNotSupported, match=r"English to Vietnamese.*es \(Spanish\)"):
        _translate(FakeTranslator(pairs=[(EN, ES)]), target=VI)


def test_a_preview_that_comes_too_late_is_left_out_and_counts_against_nobody() -> None:
    observer = RecordingObserver()
    slow = FakeTranslator(name="slow", outcomes=[Hang(limit_s=0.5)])

    async def run() -> tuple[str | None, Translation]:
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=[slow, FakeTranslator(name="other")], pool=pool, observer=observer)
            preview = await router.preview("hello", source=EN, target=ES, deadline_s=0.1)
            return preview, await router.translate("hello", source=EN, target=ES, deadline_s=5)

    preview, final = run_in_virtual_time(run)

    assert preview is None
    assert final.model_used == "slow:en-es"


class Phrasebook:
    """Answers from a list of sentences; the rest crashes it."""

    def __init__(self, name: str, phrases: dict[str, str]) -> None:
        self.info = FakeTranslator(name=name).info
        self.phrases = phrases
        self.calls: list[tuple[str, ...]] = []

    def warm_up(self) -> None:
        pass

    def cpu_s(self) -> float:
        return 0.0

    def close(self) -> None:
        pass

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        self.calls.append(tuple(sentences))
        if unknown := [sentence for sentence in sentences if sentence not in self.phrases]:
            raise EngineCrashed(f"{len(unknown)} unknown")
        return [Translation(text=self.phrases[sentence], model_used=self.info.label) for sentence in sentences]


def _translate_all(
    engines: Sequence[Translator], *texts: str, cache: TranslationCache | None = None
) -> list[Translation | EngineError]:
    async def run() -> list[Translation | EngineError]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(
                engines=engines, pool=pool, observer=observer, remembered=Remembered(observer=observer, memory=cache)
            )
            return await router.translate_all(texts, source=EN, target=VI, deadline_s=2.0)

    return run_in_virtual_time(run)


def _written(outcomes: list[Translation | EngineError]) -> list[str]:
    return [outcome.text if isinstance(outcome, Translation) else outcome.code for outcome in outcomes]


def test_a_doubtful_answer_is_asked_for_once_more() -> None:
    first = Phrasebook("first", {"Gate 12 at 14:35.": "Cổng 12.", "Hello.": "Xin chào."})
    second = Phrasebook("second", {"Gate 12 at 14:35.": "Cổng 12 lúc 14:35."})

    answers = _translate_all([first, second], "Gate 12 at 14:35.", "Hello.")

    assert _written(answers) == ["Cổng 12 lúc 14:35.", "Xin chào."]
    assert second.calls == [("Gate 12 at 14:35.",)]


def test_a_doubtful_answer_stands_if_no_engine_does_better() -> None:
    gate = "Gate 12 at 14:35."
    engines = [Phrasebook(name, {gate: f"Cổng {name}."}) for name in ("một", "hai", "ba")]

    answers = _translate_all(engines, gate)

    assert _written(answers) == ["Cổng một."]
    assert [len(engine.calls) for engine in engines] == [1, 1, 0]


def test_one_sentence_that_breaks_the_engine_does_not_cost_the_others() -> None:
    engine = Phrasebook("only", {"Hello.": "Xin chào.", "Thanks.": "Cảm ơn."})

    answers = _translate_all([engine], "Hello.", "Xyzzy.", "Thanks.")

    assert _written(answers) == ["Xin chào.", "engine_crashed", "Cảm ơn."]


def test_what_has_no_words_needs_no_engine() -> None:
    engine = Phrasebook("only", {})

    answers = _translate_all([engine], "", " 😀😀 ", "12:30")

    assert _written(answers) == ["", "😀😀", "12:30"]
    assert engine.calls == []


def test_a_sentence_is_translated_once_and_given_back_as_it_was_asked() -> None:
    cache = TranslationCache()
    engine = Phrasebook("only", {"Hello there.": "Xin chào."})

    answers = [_translate_all([engine], text, cache=cache) for text in ("Hello there", "Hello there.", "Hello  there")]

    assert [_written(each) for each in answers] == [["Xin chào"], ["Xin chào."], ["Xin chào"]]
    assert len(engine.calls) == 1
    assert cache.figures == CacheFigures(hits=2, misses=1, sentences=1)


def test_a_doubtful_answer_is_not_remembered() -> None:
    cache = TranslationCache()
    engine = Phrasebook("only", {"Gate 12 at 14:35.": "Cổng 12."})

    for _ in range(2):
        _translate_all([engine], "Gate 12 at 14:35.", cache=cache)

    assert len(engine.calls) == 2
    assert cache.figures == CacheFigures(hits=0, misses=2, sentences=0)


class Noting(Batching):
    """Notes what each engine is asked, and how long it is given."""

    def __init__(self, pool: EnginePool) -> None:
        super().__init__(pool)
        self.asked: list[tuple[str, Urgency, float]] = []

    async def translate(self, asked: Sentences) -> list[Translation]:
        self.asked.append((asked.engine.info.name, asked.urgency, round(asked.deadline_s, 1)))
        return await super().translate(asked)


def _asked_of(*engines: FakeTranslator) -> list[tuple[str, Urgency, float]]:
    """Translate a sentence within four seconds, and a preview of one."""

    async def run() -> list[tuple[str, Urgency, float]]:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            batching = Noting(pool)
            router = TranslationRouter(engines=engines, pool=pool, observer=RecordingObserver(), batching=batching)
            await router.translate("hello there", source=EN, target=ES, deadline_s=4.0)
            await router.preview("hello", source=EN, target=ES, deadline_s=1.0)
            return batching.asked

    return run_in_virtual_time(run)


def test_finals_are_asked_of_the_first_engine_for_three_seconds_and_previews_of_the_quick_one() -> None:
    asked = _asked_of(FakeTranslator(name="slow"), FakeTranslator(name="quick", capabilities=[Capability.QUICK]))

    assert asked == [("slow", Urgency.FINAL, 3.0), ("quick", Urgency.PARTIAL, 1.0)]


def test_where_none_is_quick_the_first_engine_has_the_previews_too_and_leaves_more_time() -> None:
    asked = _asked_of(FakeTranslator(name="first"), FakeTranslator(name="second"))

    assert asked == [("first", Urgency.FINAL, 2.4), ("first", Urgency.PARTIAL, 1.0)]


def test_a_sentence_that_falls_to_a_second_engine_is_counted_once() -> None:
    cache = TranslationCache()
    bad = FakeTranslator(name="bad", outcomes=[Fail(error=EngineCrashed("gone"))])
    good = Phrasebook("good", {"Hello there.": "Xin chào."})

    _translate_all([bad, good], "Hello there.", cache=cache)

    assert len(good.calls) == 1
    assert cache.figures == CacheFigures(hits=0, misses=1, sentences=1)


def test_a_preview_into_a_language_that_nothing_here_translates_is_left_out() -> None:
    async def run() -> str | None:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            only = FakeTranslator(pairs=[(EN, ES)])
            router = TranslationRouter(engines=[only], pool=pool, observer=RecordingObserver())
            return await router.preview("hello", source=ES, target=EN, deadline_s=1.0)

    assert run_in_virtual_time(run) is None


def test_a_preview_that_cannot_be_translated_is_left_out_and_is_no_failure_of_the_engine() -> None:
    observer = RecordingObserver()
    picky = FakeTranslator(name="picky", outcomes=[Fail(error=EngineOutputInvalid("no sentence"))])

    async def run() -> tuple[str | None, Translation]:
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=[picky, FakeTranslator(name="other")], pool=pool, observer=observer)
            preview = await router.preview("can", source=EN, target=ES, deadline_s=1.0)
            return preview, await router.translate("hello", source=EN, target=ES, deadline_s=5)

    preview, final = run_in_virtual_time(run)

    assert preview is None
    assert observer.of(EngineFailed) == []
    assert final.model_used == "picky:en-es"


def test_an_engine_that_hangs_leaves_time_for_the_next() -> None:
    hanging = FakeTranslator(name="hanging", outcomes=[Hang(limit_s=1.0)])

    answers, observer = _translate(hanging, FakeTranslator(name="good"), deadline_s=0.8)

    assert answers[0].model_used == "good:en-es"
    assert {event.engine for event in observer.of(EngineFailed)} == {"hanging"}


def test_an_engine_that_hangs_leaves_time_for_the_next_with_texts_too_and_it_alone_rests() -> None:
    observer = RecordingObserver()
    hanging = FakeTranslator(name="hanging", outcomes=[Hang(limit_s=1.7)] * FAILURES_TO_OPEN)

    async def run() -> list[Translation | EngineError]:
        answers = list[Translation | EngineError]()
        with EnginePool(workers=2, observer=observer) as pool:
            engines = [hanging, FakeTranslator(name="good")]
            router = TranslationRouter(engines=engines, pool=pool, observer=observer)
            for number in range(FAILURES_TO_OPEN):
                answers += await router.translate_all(
                    [f"hello number {number}"], source=EN, target=ES, deadline_s=1.6, urgency=Urgency.RECORDING
                )
                await asyncio.sleep(PASS_OVER_S)
        return answers

    answers = run_in_virtual_time(run)

    assert [it.model_used if isinstance(it, Translation) else it.code for it in answers] == ["good:en-es"] * 3
    assert [(it.engine, it.rests) for it in observer.of(EngineRests)] == [("hanging", True)]


def test_an_engine_that_was_not_asked_for_want_of_time_has_not_failed() -> None:
    observer = RecordingObserver()
    engine = FakeTranslator(name="only")

    async def run() -> Translation:
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=[engine, FakeTranslator()], pool=pool, observer=observer)
            for _ in range(FAILURES_TO_OPEN):
                (late,) = await router.translate_all(["hello"], source=EN, target=ES, deadline_s=0.0)
                assert isinstance(late, EngineTimeout)
            return await router.translate("hello", source=EN, target=ES, deadline_s=5)

    assert run_in_virtual_time(run).model_used == "only:en-es"
    assert observer.of(EngineRests) == []


class Busy(Batching):
    """Expects of each engine what it is told of them, in seconds."""

    def __init__(self, pool: EnginePool, expected_s: dict[str, float]) -> None:
        super().__init__(pool)
        self._expected_s = expected_s

    def answered_in_s(self, asked: Sentences) -> float:
        return self._expected_s[asked.engine.info.name]


def _asked_while_busy(urgency: Urgency, *, fails: bool = False, **expected_s: float) -> tuple[str, list[int]]:
    """Ask engines of these names with ten seconds of time; give who answered, and how often each was asked."""
    engines = [FakeTranslator(name=name) for name in expected_s]
    if fails:
        engines[-1] = FakeTranslator(name=engines[-1].info.name, outcomes=[Fail(error=EngineCrashed("gone"))])

    async def run() -> str:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=engines, pool=pool, observer=observer, batching=Busy(pool, expected_s))
            (outcome,) = await router.translate_all(["hello"], source=EN, target=ES, deadline_s=10, urgency=urgency)
        assert isinstance(outcome, Translation)
        return outcome.model_used

    return run_in_virtual_time(run), [len(engine.calls) for engine in engines]


def test_live_speech_passes_over_an_engine_that_has_too_much_to_do() -> None:
    assert _asked_while_busy(Urgency.FINAL, first=6.5, second=0.0) == ("second:en-es", [0, 1])
    assert _asked_while_busy(Urgency.FINAL, first=5.5, second=0.0) == ("first:en-es", [1, 0])


def test_an_engine_that_was_passed_over_answers_where_the_others_fail() -> None:
    assert _asked_while_busy(Urgency.FINAL, fails=True, first=6.5, second=0.0) == ("first:en-es", [1, 1])


def test_the_first_engine_is_asked_where_all_have_too_much_to_do_and_for_what_nobody_waits_for() -> None:
    assert _asked_while_busy(Urgency.FINAL, first=9.0, second=8.0) == ("first:en-es", [1, 0])
    assert _asked_while_busy(Urgency.RECORDING, first=9.0, second=0.0) == ("first:en-es", [1, 0])
