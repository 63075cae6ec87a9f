"""Translate for many at once: requests that fit together become one call of an engine. From ``router.py``.

The shell around ``engines/batches.py``. One of these serves a whole process, so that sentences of all rooms meet here.
"""

import asyncio
import threading
import time
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from dragoman.engines.batches import MOST_WAITING, Batch, Batches, Lost, Wanted
from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.engines import Glossary, SentenceBySentence, Translation, Translator
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
)
from dragoman.ground.events import Stage, TranslationBatched, TranslationLoad, TranslationLost
from dragoman.ground.languages import Language
from dragoman.ground.precedence import priority_now, working_for
from dragoman.ground.virtual_time import hold_virtual_time

_RETRIED: Final = (EngineCrashed, EngineOutputInvalid)
"""Failures of a shared call that one sentence of it may be guilty of."""

Outcome = list[Translation] | EngineError
"""What became of a call."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sentences:
    """What somebody asks an engine for."""

    engine: Translator
    texts: tuple[str, ...]
    source: Language
    target: Language
    deadline_s: float
    urgency: Urgency = Urgency.FINAL
    glossary: Glossary | None = None
    committed_prefix: str = ""
    """Only with one text; it then has a call to itself."""
    is_repair: bool = False
    """Sentences that were changed for their terms: they let others of their urgency go first."""

    @property
    def is_attempt(self) -> bool:
        """Say whether it may be no sentence at all, so that a failure says nothing about the engine."""
        return self.is_repair or self.urgency is Urgency.PARTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What became of one request in an engine thread."""

    translations: tuple[Translation, ...] = ()
    failure: EngineError | None = None


@dataclass(slots=True, kw_only=True)
class _Waiter:
    asked: Sentences
    until_s: float
    came_at_s: float
    future: asyncio.Future[list[Translation]]


@dataclass(slots=True, kw_only=True)
class _Loop:
    """What belongs to one event loop."""

    loop: asyncio.AbstractEventLoop
    batches: Batches = field(default_factory=Batches)
    alarm: asyncio.TimerHandle | None = None
    waiters: dict[Wanted, _Waiter] = field(default_factory=dict)


class Batching:
    """Of one process, over the engines that are asked by way of ``pool``. Those meet who ask from one event loop."""

    def __init__(self, pool: EnginePool) -> None:
        self._pool = pool
        self._loops: dict[asyncio.AbstractEventLoop, _Loop] = {}
        self._lock = threading.Lock()

    async def translate(self, asked: Sentences) -> list[Translation]:
        """Translate ``asked.texts`` in a call that others may share; as many come back, in order.

        Raises what the engine raises, ``EngineTimeout`` after ``asked.deadline_s`` seconds, ``EngineUnavailable`` where
        too many wait, and ``EngineOutputInvalid`` for an answer of another length. A cancelled request that still waits
        is forgotten; one that runs is finished and dropped.
        """
        here = self._on_this_loop()
        now = here.loop.time()
        wanted = _wanted(asked)
        waiter = _Waiter(asked=asked, until_s=now + asked.deadline_s, came_at_s=now, future=here.loop.create_future())
        here.waiters[wanted] = waiter
        try:
            for lost, why in here.batches.push(wanted, at_s=now).items():
                self._lose(here, lost, why)
            self._start_what_is_due(here)
            async with asyncio.timeout_at(waiter.until_s):
                return await waiter.future
        except TimeoutError as error:
            self._tell_lost(asked.urgency, "late")
            label = asked.engine.info.label
            raise EngineTimeout(f"{label} did not answer within {asked.deadline_s:.1f} s; give it longer") from error
        finally:
            here.waiters.pop(wanted, None)
            here.batches.drop(wanted)

    def answered_in_s(self, asked: Sentences) -> float:
        """Estimate how long ``asked`` would take with what runs and waits before it; 0 of an engine that is idle."""
        here = self._on_this_loop()
        return here.batches.answered_in_s(_wanted(asked), at_s=here.loop.time())

    def _on_this_loop(self) -> _Loop:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._loops:
                self._loops = {each: of_it for each, of_it in self._loops.items() if not each.is_closed()}
                self._loops[loop] = _Loop(loop=loop)
            return self._loops[loop]

    def _start_what_is_due(self, here: _Loop) -> None:
        now = here.loop.time()
        for batch in here.batches.due(at_s=now):
            self._start(here, batch, now)
        if here.alarm is not None:
            here.alarm.cancel()
            here.alarm = None
        wake_at_s = here.batches.wake_at_s(at_s=now)
        if wake_at_s is not None:
            here.alarm = here.loop.call_at(wake_at_s, self._start_what_is_due, here)

    def _start(self, here: _Loop, batch: Batch, at_s: float) -> None:
        """Make the call in a thread; its end comes back as a callback, so that nobody's cancelling breaks it off."""
        waiters = [here.waiters[each] for each in batch.wanted]
        self._pool.observer.observe(
            TranslationBatched(
                urgency=batch.urgency.name.lower(),
                requests=len(waiters),
                sentences=batch.sentences,
                waited_ms=tuple((at_s - waiter.came_at_s) * 1000 for waiter in waiters),
            )
        )
        hold = ExitStack()
        hold.enter_context(hold_virtual_time())
        # Time as threads see it; the loop's may leap.
        lasts_until_s = [time.monotonic() + waiter.until_s - at_s for waiter in waiters]
        asked = [waiter.asked for waiter in waiters]
        try:
            # Whoever it is that starts the call: it is made for those who wait in it.
            with working_for(lambda: batch.priority):
                running = self._pool.submit(lambda: _call(self._pool, asked, lasts_until_s), urgency=batch.urgency)
        except RuntimeError:  # the pool is closed
            running = Future()
            running.set_result([_Answer(failure=EngineUnavailable("the engines are being closed"))] * len(asked))

        def ended(done: Future[list[_Answer]]) -> None:
            hold.close()
            self._end(here, batch, waiters, done, took_s=here.loop.time() - at_s)

        def ended_in_thread(done: Future[list[_Answer]]) -> None:
            if not here.loop.is_closed():
                here.loop.call_soon_threadsafe(ended, done)

        running.add_done_callback(ended_in_thread)

    def _end(
        self, here: _Loop, batch: Batch, waiters: list[_Waiter], done: Future[list[_Answer]], *, took_s: float
    ) -> None:
        here.batches.end(batch, took_s=took_s, at_s=here.loop.time())
        self._pool.observer.observe(TranslationLoad(share=here.batches.load, waiting=here.batches.waiting))
        closed = _Answer(failure=EngineUnavailable("the engines are being closed"))
        answers = [closed] * len(waiters) if done.cancelled() else done.result()
        for waiter, answer in zip(waiters, answers, strict=True):
            _settle(waiter.future, answer)
        self._start_what_is_due(here)

    def _lose(self, here: _Loop, lost: Wanted, why: Lost) -> None:
        waiter = here.waiters[lost]
        self._tell_lost(waiter.asked.urgency, why)
        if not waiter.future.done():
            label = waiter.asked.engine.info.label
            waiter.future.set_exception(
                EngineUnavailable(
                    f"{label} has too much to do with what was said to translate what is being said"
                    if why is Lost.BUSY
                    else f"{MOST_WAITING} requests wait for {label} and others; try again in a moment"
                )
            )

    def _tell_lost(self, urgency: Urgency, outcome: str) -> None:
        self._pool.observer.observe(TranslationLost(urgency=urgency.name.lower(), outcome=outcome))


def _wanted(asked: Sentences) -> Wanted:
    engine, pair = asked.engine, (asked.source, asked.target)
    return Wanted(
        urgency=asked.urgency,
        priority=priority_now(),
        # A model knows one thing at a time, whatever its pairs. What has no model has a pipeline for each pair.
        lane=id(engine) if engine.info.model else (id(engine), *pair),
        group=(id(engine), pair, asked.glossary, asked.is_repair, object() if asked.committed_prefix else None),
        sentences=len(asked.texts),
        is_repair=asked.is_repair,
        side_by_side=_side_by_side(engine),
    )


def _side_by_side(engine: Translator) -> int | None:
    if engine.info.remote:
        # The service behind it has batches of its own, of what all its clients ask for.
        return MOST_WAITING
    return engine.calls_at_once if isinstance(engine, SentenceBySentence) else None


def _settle(future: asyncio.Future[list[Translation]], answer: _Answer) -> None:
    if future.done():  # cancelled, or too late: nobody waits there any more
        return
    if answer.failure is None:
        future.set_result(list(answer.translations))
    else:
        future.set_exception(answer.failure)


def _call(pool: EnginePool, asked: list[Sentences], until_s: list[float]) -> list[_Answer]:
    """Make the call, in an engine thread; if it breaks, one for each request, so that one does not cost the others."""
    try:
        return _ask(pool, asked, max(until_s))
    except EngineError as error:
        if len(asked) == 1 or not isinstance(error, _RETRIED):
            return [_Answer(failure=error)] * len(asked)
    answers = []
    for each, each_until_s in zip(asked, until_s, strict=True):
        try:
            answers += _ask(pool, [each], each_until_s)
        except EngineError as error:
            answers.append(_Answer(failure=error))
    return answers


def _ask(pool: EnginePool, asked: list[Sentences], until_s: float) -> list[_Answer]:
    first = asked[0]
    engine, texts = first.engine, [text for each in asked for text in each.texts]
    left_s = until_s - time.monotonic()
    if left_s <= 0:
        raise EngineTimeout(f"the deadline passed while the request waited for {engine.info.label}")

    def call() -> Outcome:
        try:
            return _require_all(_translate(first, texts, left_s), texts, engine)
        except EngineError as error:
            # The pool must not see what says nothing about the engine.
            if not first.is_attempt:
                raise
            return error

    outcome = pool.timed(Stage.TRANSLATION, engine, call)
    if isinstance(outcome, EngineError):
        raise outcome
    rest = iter(outcome)
    return [_Answer(translations=tuple(next(rest) for _ in each.texts)) for each in asked]


def _require_all(translations: list[Translation], texts: list[str], engine: Translator) -> list[Translation]:
    if len(translations) != len(texts):
        raise EngineOutputInvalid(f"{engine.info.label} gave {len(translations)} answers for {len(texts)} sentences")
    return translations


def _translate(asked: Sentences, texts: list[str], left_s: float) -> list[Translation]:
    engine = asked.engine
    # The service behind it gathers batches of its own, and must know what is urgent, and what only repairs.
    if isinstance(engine, RemoteTranslator):
        engine = engine.asked(asked.urgency, is_repair=asked.is_repair)
    return engine.translate(
        texts,
        source=asked.source,
        target=asked.target,
        glossary=asked.glossary,
        committed_prefix=asked.committed_prefix,
        deadline_s=left_s,
    )
