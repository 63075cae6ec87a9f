"""Wait for one's turn with an engine that recognises: the shell around broker.py and overload.py. From pool.py.

A turn ends when its thread does, even if nobody waits for it any more; so what it tells may come from any thread.
"""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from dragoman.engines.broker import Broker, Job, Outcome, Urgency, Verdict
from dragoman.engines.overload import Degree, Overload
from dragoman.ground.errors import CapacityExhausted, EngineTimeout, EngineUnavailable
from dragoman.ground.events import Observer, RecognitionLoad, RecognitionRefused, RecognitionTurn

Newcomer = Literal["speaker", "recording"]
_TOO_MUCH: Final[dict[Newcomer, str]] = {"speaker": "another speaker", "recording": "a recording"}


@dataclass(slots=True, kw_only=True)
class _Waiter:
    loop: asyncio.AbstractEventLoop
    outcome: asyncio.Future[Outcome]
    since_s: float
    started_s: float | None = None
    together: tuple[Job, ...] = ()


class Turns:
    """Of one pool. Safe in threads."""

    def __init__(self, *, at_once: int, observer: Observer, together: int = 1) -> None:
        """At most ``at_once`` calls run; at most ``together`` jobs of one shape are one call."""
        self._broker = Broker(at_once=at_once, together=together)
        self._overload = Overload(places=at_once)
        self._observer = observer
        self._waiters: dict[Job, _Waiter] = {}
        self._lock = threading.Lock()

    @property
    def degree(self) -> Degree:
        """What is left out at present."""
        return self._overload.degree

    def refuse_beyond(self, degree: Degree, what: Newcomer) -> None:
        """Raise ``CapacityExhausted`` if as much as ``degree`` is left out already: ``what`` would be too much.

        The observer is told of who is refused.
        """
        now_s = asyncio.get_running_loop().time()
        with self._lock:
            before = self._overload.degree
            self._overload.look(at_s=now_s)
        self._tell_load(before)
        if self._overload.degree >= degree:
            self._observer.observe(RecognitionRefused(what=what, reason="load"))
            raise CapacityExhausted(
                f"{_TOO_MUCH[what]} is too much at present: live speech takes {self._overload.share:.0%} of what this "
                "machine can recognise in real time; try again in a while, or on another machine",
                retry_after_s=self._overload.better_in_s(degree, at_s=now_s),
            )

    async def take(self, job: Job) -> tuple[Job, ...]:
        """Wait for the turn; then ``end`` is to be called. Gives the jobs that have it together, this one among them.

        Raises ``EngineTimeout`` if it does not come in time or is not wanted any more, and ``EngineUnavailable`` where
        too many wait.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop=loop, outcome=loop.create_future(), since_s=loop.time())
        with self._lock:
            self._waiters[job] = waiter
            self._settle(self._broker.push(job, at_s=waiter.since_s))
        try:
            async with asyncio.timeout(job.waits_s):
                outcome = await waiter.outcome
        except TimeoutError:
            outcome = Outcome.LATE
        except asyncio.CancelledError:
            self.end(job)
            self._tell_turn(job, Outcome.LEFT, loop.time() - waiter.since_s)
            raise
        waited_s = loop.time() - waiter.since_s
        self._tell_turn(job, outcome, waited_s)
        if outcome is not Outcome.TAKEN:
            self.end(job)
            if outcome is Outcome.REFUSED:
                raise EngineUnavailable(f"too many wait for {job.engine}; try again in a while")
            raise EngineTimeout(f"{job.engine} was busy for {waited_s:.1f} s, and the words were not waited for")
        return waiter.together

    def drop_partial(self, owner: object) -> None:
        """Let a look that still waits go: its owner wants something newer."""
        with self._lock:
            self._settle(self._broker.drop_partial(owner))

    def end(self, job: Job) -> None:
        """End a turn, or the waiting for it."""
        with self._lock:
            waiter = self._waiters.pop(job, None)
            if waiter is None:
                return
            now_s, before = waiter.loop.time(), self._overload.degree
            if waiter.started_s is not None and job.urgency is not Urgency.RECORDING:
                # Of a call for several each took its part.
                took_s = (now_s - waiter.started_s) / len(waiter.together)
                self._overload.worked(took_s, engine=job.engine, at_s=now_s, beside=job.beside)
            self._settle(self._broker.end(job, at_s=now_s))
        self._tell_load(before)

    def _settle(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            waiter = self._waiters[verdict.job]
            if verdict.outcome is Outcome.TAKEN:
                waiter.started_s = waiter.loop.time()
                waiter.together = verdict.together
            with suppress(RuntimeError):  # its loop is closed: nobody waits there any more
                waiter.loop.call_soon_threadsafe(_answer, waiter.outcome, verdict.outcome)

    def _tell_turn(self, job: Job, outcome: Outcome, waited_s: float) -> None:
        self._observer.observe(
            RecognitionTurn(urgency=job.urgency.name.lower(), outcome=outcome, waited_ms=waited_s * 1000)
        )

    def _tell_load(self, before: Degree) -> None:
        overload = self._overload
        self._observer.observe(
            RecognitionLoad(
                share=overload.share,
                degree=int(overload.degree),
                changed=overload.degree != before,
                waiting=self._broker.waiting,
            )
        )


def _answer(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)
