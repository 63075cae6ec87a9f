"""Where engines work: threads beside the event loop, each call timed and watched.

The pool also keeps the clock honest in virtual time: while an engine works, time passes as it really does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import structlog

from dragoman.ground.engines import Engine
from dragoman.ground.errors import EngineCrashed, EngineError
from dragoman.ground.events import EngineCalled, EngineFailed, Observer, Stage
from dragoman.ground.virtual_time import hold_virtual_time

log = structlog.get_logger()

T = TypeVar("T")

_END = object()


class EnginePool:
    """Runs blocking engine calls in ``workers`` threads. Use it as a context manager, so that it ends."""

    def __init__(self, *, workers: int, observer: Observer) -> None:
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="engine")
        self._observer = observer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for running calls (each has a deadline of its own) and end the threads."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def run(self, stage: Stage, engine: Engine, call: Callable[[], T]) -> T:
        """Run ``call`` in a thread and give its result; an ``EngineError`` is reported and raised again.

        Cancelling the caller does not stop the thread: engines end by their own deadlines.
        """
        return await self.visit(lambda: self.timed(stage, engine, call))

    async def visit(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread; its engine calls are made by ``timed``, several for the price of one way there."""
        with hold_virtual_time():
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)

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
            self._observer.observe(EngineFailed(stage=stage, engine=label, code=error.code, detail=str(error)))
            raise
        except Exception as error:
            # A defect in an engine is that engine's failure: the next one answers, and the log has the trace.
            log.exception("engine_defect", stage=stage, engine=label)
            detail = f"{label} failed: {type(error).__name__}"
            self._observer.observe(EngineFailed(stage=stage, engine=label, code=EngineCrashed.code, detail=detail))
            raise EngineCrashed(detail) from error
        finally:
            self._observer.observe(
                EngineCalled(
                    stage=stage,
                    engine=label,
                    wall_ms=(time.perf_counter() - wall) * 1000,
                    thread_cpu_ms=(time.thread_time() - cpu) * 1000,
                )
            )
