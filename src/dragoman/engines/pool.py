"""Where engines work: threads beside the event loop, each call timed and watched.

Calls that recognise wait for their turn first (``turns.py``): they are long, and not all are as urgent.
The pool also keeps the clock honest in virtual time: while an engine works, time passes as it really does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import structlog

from dragoman.engines.broker import Job
from dragoman.engines.turns import Turns
from dragoman.ground.engines import Engine
from dragoman.ground.errors import EngineCrashed, EngineError
from dragoman.ground.events import EngineCalled, EngineFailed, Observer, Stage
from dragoman.ground.virtual_time import hold_virtual_time

log = structlog.get_logger()

T = TypeVar("T")

_END = object()


class EnginePool:
    """Runs blocking engine calls in ``workers`` threads. Use it as a context manager, so that it ends."""

    def __init__(self, *, workers: int, observer: Observer, recognitions: int | None = None) -> None:
        """At most ``recognitions`` of the ``workers`` recognise at once; None for all of them."""
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="engine")
        self.observer = observer
        """Told of every call; and of what happens around them by those who make them."""
        self.turns = Turns(at_once=min(workers, recognitions or workers), observer=observer)
        """Of calls that recognise."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for running calls (each has a deadline of its own) and end the threads."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def run(self, stage: Stage, engine: Engine, call: Callable[[], T], *, job: Job | None = None) -> T:
        """Run ``call`` in a thread and give its result; an ``EngineError`` is reported and raised again.

        Cancelling the caller does not stop the thread: engines end by their own deadlines. With a ``job`` its turn is
        waited for; raises what ``Turns.take`` raises.
        """
        return await self.visit(lambda: self.timed(stage, engine, call), job=job)

    async def visit(self, work: Callable[[], T], *, job: Job | None = None) -> T:
        """Run ``work`` in a thread; its engine calls are made by ``timed``, several for the price of one way there."""
        if job is not None:
            await self.turns.take(job)
        with hold_virtual_time():
            return await asyncio.wrap_future(self._submit(work, job))

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` in a thread that nobody has to wait for. Raises ``RuntimeError`` once the pool is closed."""
        return self._submit(work, None)

    def _submit(self, work: Callable[[], T], job: Job | None) -> Future[T]:
        try:
            running = self._executor.submit(work)
        except RuntimeError:  # the pool is closed
            if job is not None:
                self.turns.end(job)
            raise
        if job is not None:
            running.add_done_callback(lambda _: self.turns.end(job))
        return running

    async def iterate(self, stage: Stage, engine: Engine, start: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        """Walk an engine's iterator, each step in a thread."""
        pieces = await self.run(stage, engine, start)
        while True:
            piece = await self.run(stage, engine, lambda: next(pieces, _END))
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
