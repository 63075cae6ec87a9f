"""Threads whose next work is the most urgent that waits, and not the oldest. From pool.py; to waiting_line.py."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from dragoman.engines.broker import Urgency
from dragoman.engines.waiting_line import WaitingLine
from dragoman.ground.precedence import priority_now, working_for

T = TypeVar("T")

_at_work = threading.local()


def urgency_here() -> Urgency:
    """Say how urgent the work is that this thread is at; as urgent as can be where it is none of these."""
    urgency: Urgency = getattr(_at_work, "urgency", Urgency.FINAL)
    return urgency


class RankedThreads:
    """As a ``ThreadPoolExecutor``, but for the order. Work has the priority in its thread that it was sent with."""

    def __init__(self, *, workers: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix=name)
        self._line: WaitingLine[_Work] = WaitingLine()
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T], *, urgency: Urgency = Urgency.FINAL) -> Future[T]:
        """Have ``work`` done when it is first in line and a thread is free. Raises ``RuntimeError`` after ``close``."""
        future: Future[T] = Future()
        priority = priority_now()
        with self._lock:
            place = self._line.join(
                _Work(work, future, urgency, priority), urgency=urgency, priority=priority, at_s=time.monotonic()
            )
        try:
            self._executor.submit(self._do_next)
        except RuntimeError:
            with self._lock:
                self._line.leave(place)
            raise
        return future

    def close(self) -> None:
        """Wait for what runs, and end the threads; what waits is cancelled."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            left = [self._line.call(at_s=time.monotonic()) for _ in range(len(self._line))]
        for waiting in left:
            if waiting is not None:
                waiting.what.future.cancel()
        self._executor.shutdown(wait=True)

    def _do_next(self) -> None:
        with self._lock:
            first = self._line.call(at_s=time.monotonic())
        if first is not None:
            first.what.do()


class _Work:
    def __init__(self, work: Callable[[], Any], future: "Future[Any]", urgency: Urgency, priority: int) -> None:
        self._work = work
        self._urgency = urgency
        self._priority = priority
        self.future = future

    def do(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        _at_work.urgency = self._urgency
        try:
            with working_for(lambda: self._priority):
                result = self._work()
        except BaseException as error:  # noqa: BLE001  # it is raised where the result is waited for
            self.future.set_exception(error)
        else:
            self.future.set_result(result)
