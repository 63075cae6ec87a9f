"""Where engines work: threads beside the event loop, each call timed and watched.

Calls that recognise wait for their turn first (``turns.py``): they are long, and not all are as urgent. What waits
for a thread goes by urgency, and by the priority that it was asked with (``ranked_threads.py``).
The pool also keeps the clock honest in virtual time: while an engine works, time passes as it really does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.ranked_threads import RankedThreads
from dragoman.engines.together import Ask, Caller, Tell, answer_all
from dragoman.engines.turns import Turns
from dragoman.ground.engines import Engine
from dragoman.ground.errors import EngineCrashed, EngineError, EngineTimeout
from dragoman.ground.events import EngineCalled, EngineFailed, Observer, RecognitionBatch, Stage
from dragoman.ground.virtual_time import hold_virtual_time

log = structlog.get_logger()

R = TypeVar("R")
T = TypeVar("T")

_END = object()


class EnginePool:
    """Runs blocking engine calls in ``workers`` threads. Use it as a context manager, so that it ends."""

    def __init__(self, *, workers: int, observer: Observer, recognitions: int | None = None, together: int = 1) -> None:
        """At most ``recognitions`` of the ``workers`` recognise at once; None for all of them.

        At most ``together`` requests of ``run_together`` are one call.
        """
        self._threads = RankedThreads(workers=workers, name="engine")
        self.observer = observer
        """Told of every call; and of what happens around them by those who make them."""
        self.turns = Turns(at_once=min(workers, recognitions or workers), observer=observer, together=together)
        """Of calls that recognise."""
        self._callers: dict[Job, Caller[Any, Any]] = {}
        """Who waits for a turn to be taken together; all of one engine ask for and get the same types."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for running calls (each has a deadline of its own) and end the threads."""
        self._threads.close()

    async def run(
        self,
        stage: Stage,
        engine: Engine,
        call: Callable[[], T],
        *,
        job: Job | None = None,
        urgency: Urgency = Urgency.FINAL,
    ) -> T:
        """Run ``call`` in a thread and give its result; an ``EngineError`` is reported and raised again.

        Cancelling the caller does not stop the thread: engines end by their own deadlines. With a ``job`` its turn is
        waited for; raises what ``Turns.take`` raises. ``urgency`` is for the thread.
        """
        return await self.visit(lambda: self.timed(stage, engine, call), job=job, urgency=urgency)

    async def visit(
        self,
        work: Callable[[], T],
        *,
        job: Job | None = None,
        turn: Job | None = None,
        urgency: Urgency = Urgency.FINAL,
    ) -> T:
        """Run ``work`` in a thread; its engine calls are made by ``timed``, several for the price of one way there.

        ``turn`` is a job that has its turn already, which ends with the work.
        """
        if job is not None:
            await self.turns.take(job)
        with hold_virtual_time():
            return await asyncio.wrap_future(self._submit(work, job, turn, urgency=urgency))

    def submit(self, work: Callable[[], T], *, urgency: Urgency = Urgency.FINAL) -> Future[T]:
        """Run ``work`` in a thread that nobody has to wait for. Raises ``RuntimeError`` once the pool is closed."""
        return self._submit(work, urgency=urgency)

    async def run_together(self, stage: Stage, engine: Engine, ask: Ask[R, T], request: R, *, job: Job) -> T:
        """Let ``ask`` answer ``request``, in one call with what waits for its turn too and has the shape of ``job``.

        Each gets its answer when it is there, and its own failure: as from ``run``.
        """

        def call(requests: Sequence[R], tell: Tell[T]) -> None:
            self.observer.observe(RecognitionBatch(engine=engine.info.label, windows=len(requests)))
            self.timed(stage, engine, lambda: ask(requests, tell))

        return await self.visit_together(call, request, job=job)

    async def visit_together(self, work: Ask[R, T], request: R, *, job: Job) -> T:
        """Do so with ``work`` that makes its engine calls by ``timed``, one or several of them."""
        caller: Caller[R, T] = Caller(request=request)
        self._callers[job] = caller
        try:
            together = await self.turns.take(job)
        except EngineTimeout:
            # Its turn may have come at the last moment: whoever called for all has begun with it, or leaves it out.
            taken = self._callers.pop(job, None) is None
            if not caller.answer.cancel() and taken:
                return await asyncio.wrap_future(caller.answer)
            raise
        except BaseException:
            self._callers.pop(job, None)
            caller.answer.cancel()
            raise
        if job in self._callers:  # the first of them to come here calls for all
            self._call_for([other for other in together if other in self._callers], work)
        return await asyncio.wrap_future(caller.answer)

    def _call_for(self, jobs: Sequence[Job], work: Ask[R, T]) -> None:
        callers: list[Caller[R, T]] = [self._callers.pop(job) for job in jobs]
        try:
            running = self._submit(lambda: answer_all(callers, work), *jobs)
        except RuntimeError as error:
            for caller in callers:
                caller.answer.set_exception(error)
            return

        hold = ExitStack()
        hold.enter_context(hold_virtual_time())

        def leave_none_waiting(done: asyncio.Future[None]) -> None:
            hold.close()
            defect = None if done.cancelled() else done.exception()
            for caller in callers:
                if defect is not None and not caller.answer.done():
                    caller.answer.set_exception(defect)
                caller.answer.cancel()  # of use where the pool was closed before the call began

        asyncio.wrap_future(running).add_done_callback(leave_none_waiting)

    def _submit(self, work: Callable[[], T], *jobs: Job | None, urgency: Urgency = Urgency.FINAL) -> Future[T]:
        turns = [job for job in jobs if job is not None]
        try:
            running = self._threads.submit(work, urgency=urgency)
        except RuntimeError:  # the pool is closed
            self._end(turns)
            raise
        running.add_done_callback(lambda _: self._end(turns))
        return running

    def _end(self, turns: Sequence[Job]) -> None:
        for job in turns:
            self.turns.end(job)

    async def iterate(
        self, stage: Stage, engine: Engine, start: Callable[[], Iterator[T]], *, urgency: Urgency = Urgency.FINAL
    ) -> AsyncIterator[T]:
        """Walk an engine's iterator, each step in a thread."""
        pieces = await self.run(stage, engine, start, urgency=urgency)
        while True:
            piece = await self.run(stage, engine, lambda: next(pieces, _END), urgency=urgency)
            if piece is _END:
                return
            yield piece  # type: ignore[misc]  # the sentinel is excluded just above

    def timed(self, stage: Stage, engine: Engine, call: Callable[[], T]) -> T:
        """Call an engine in the thread of the caller, which must not be the event loop's; failures as in ``run``."""
        label = engine.info.label
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return call()
        except EngineError as error:
            self.observer.observe(EngineFailed(stage=stage, engine=label, code=error.code, detail=str(error)))
            raise
        except Exception as error:
            # A defect in an engine is that engine's failure: the next one answers, and the log has the trace.
            log.exception("engine_defect", stage=stage, engine=label)
            detail = f"{label} failed: {type(error).__name__}"
            self.observer.observe(EngineFailed(stage=stage, engine=label, code=EngineCrashed.code, detail=detail))
            raise EngineCrashed(detail) from error
        finally:
            self.observer.observe(
                EngineCalled(
                    stage=stage,
                    engine=label,
                    wall_ms=(time.perf_counter() - wall) * 1000,
                    thread_cpu_ms=(time.thread_time() - cpu) * 1000,
                )
            )
