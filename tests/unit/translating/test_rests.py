"""Engines that keep failing rest, and come back by themselves."""

import asyncio
from itertools import pairwise

from dragoman.engines.breaker import FAILURES_TO_OPEN, FIRST_PROBE_S
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, EngineTimeout, LanguageNotSupported
from dragoman.ground.events import EngineFailed, EngineRests, Stage
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.translating.rests import PASS_OVER_S, Rests
from dragoman.translating.router import TranslationRouter

EN, ES = Language("en"), Language("es")
GONE = EngineCrashed("gone")
FIRST, SECOND = FakeTranslator(name="first"), FakeTranslator(name="second")
BOTH = [FIRST, SECOND]


def resting(observer: RecordingObserver | None = None, *, at_s: float = 100.0) -> Rests:
    """Make rests in which the first engine has just failed often enough."""
    rests = Rests(observer or RecordingObserver())
    for _ in range(FAILURES_TO_OPEN):
        rests.failed(FIRST, GONE, at_s=at_s)
    return rests


def test_engines_are_asked_in_the_order_of_preference() -> None:
    assert Rests(RecordingObserver()).order(BOTH, at_s=0.0) == BOTH


def test_one_failure_puts_an_engine_at_the_end_for_a_while() -> None:
    rests = Rests(RecordingObserver())

    rests.failed(FIRST, GONE, at_s=100.0)

    assert rests.order(BOTH, at_s=100.0) == [SECOND, FIRST]
    assert rests.order(BOTH, at_s=100.0 + PASS_OVER_S) == BOTH


def test_one_that_keeps_failing_is_not_asked_until_it_is_tried_once() -> None:
    rests = resting()

    assert rests.order(BOTH, at_s=101.0) == [SECOND]
    assert rests.order(BOTH, at_s=100.0 + FIRST_PROBE_S) == BOTH
    assert rests.order(BOTH, at_s=100.0 + FIRST_PROBE_S) == [SECOND]


def test_each_trial_that_fails_makes_the_next_one_later() -> None:
    rests = resting()
    tried_at = [100.0]
    while len(tried_at) < 5:
        now = next(at_s for at_s in range(int(tried_at[-1]) + 1, 10_000) if FIRST in rests.order(BOTH, at_s=at_s))
        rests.failed(FIRST, GONE, at_s=now)
        tried_at.append(now)

    gaps = [after - before for before, after in pairwise(tried_at)]

    assert gaps == [5, 10, 20, 40]


def test_one_that_works_again_is_back_and_both_is_told() -> None:
    observer = RecordingObserver()
    rests = resting(observer)

    rests.worked(FIRST)

    assert rests.order(BOTH, at_s=100.0 + PASS_OVER_S) == BOTH
    told = [EngineRests(stage=Stage.TRANSLATION, engine="first", rests=value) for value in (True, False)]
    assert observer.of(EngineRests) == told


def test_if_all_rest_all_are_asked() -> None:
    rests = resting()

    assert rests.order([FIRST], at_s=101.0) == [FIRST]


def test_a_preview_tries_nobody_out() -> None:
    rests = resting()
    later_s = 100.0 + FIRST_PROBE_S

    assert rests.order(BOTH, at_s=later_s, probing=False) == [SECOND]
    assert rests.order(BOTH, at_s=later_s) == BOTH


def test_a_sentence_that_nobody_can_translate_sends_nobody_to_rest() -> None:
    rests = Rests(RecordingObserver())

    for _ in range(2 * FAILURES_TO_OPEN):
        rests.failed(FIRST, EngineOutputInvalid("nothing"), at_s=100.0)
        rests.failed(FIRST, LanguageNotSupported("none"), at_s=100.0)

    assert rests.order(BOTH, at_s=101.0) == [SECOND, FIRST]


def test_the_metric_says_who_rests() -> None:
    metrics = Metrics()
    observer = MetricsObserver(metrics)

    def shown() -> float | None:
        return metrics.registry.get_sample_value(
            "dragoman_engine_resting", {"stage": "translation", "engine": "firefox:a"}
        )

    observer.observe(EngineRests(stage=Stage.TRANSLATION, engine="firefox:a", rests=True))
    while_resting = shown()
    observer.observe(EngineRests(stage=Stage.TRANSLATION, engine="firefox:a", rests=False))

    assert (while_resting, shown()) == (1.0, 0.0)


def test_a_router_leaves_a_broken_engine_alone_and_takes_it_back() -> None:
    observer = RecordingObserver()
    broken = FakeTranslator(name="broken", outcomes=[Fail(error=EngineTimeout("late"))] * FAILURES_TO_OPEN)
    other = FakeTranslator(name="other")

    async def run() -> list[Translation]:
        answers = []
        with EnginePool(workers=2, observer=observer) as pool:
            router = TranslationRouter(engines=[broken, other], pool=pool, observer=observer)
            for number in range(FAILURES_TO_OPEN + 3):
                text = f"hello number {number}"
                answers.append(await router.translate(text, source=EN, target=ES, deadline_s=5.0))
                await asyncio.sleep(PASS_OVER_S if number < FAILURES_TO_OPEN - 1 else 2.0)
        return answers

    answers = run_in_virtual_time(run)

    assert [it.model_used.split(":")[0] for it in answers] == ["other"] * (FAILURES_TO_OPEN + 2) + ["broken"]
    assert len(observer.of(EngineFailed)) == FAILURES_TO_OPEN
    assert [it.rests for it in observer.of(EngineRests)] == [True, False]
