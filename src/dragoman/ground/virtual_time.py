"""An event loop whose clock leaps over idle waiting.

``dragoman interpret --fast`` and the tests run on it: a minute of talk takes as long as the engines compute. While an
engine works the clock runs as clocks do, so every measured lag is the one that real time would have shown; when
everybody only sleeps, the clock leaps to the next timer.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector loop with ``time()`` = real time + all leaps so far."""

    def __init__(self) -> None:
        self._leapt_s = 0.0
        self._holds = 0
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return time.monotonic() + self._leapt_s

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Let the clock run at its real pace inside: something outside the loop is at work."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    def may_leap(self) -> bool:
        return self._holds == 0

    def leap(self, seconds: float) -> None:
        self._leapt_s += seconds


class _LeapingSelector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves the loop's clock to it."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or not self._loop.may_leap():
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._loop.leap(timeout)
        return ready


@contextmanager
def hold_virtual_time() -> Iterator[None]:
    """Mark work outside the event loop (an engine call); on an ordinary loop this does nothing."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        with loop.hold():
            yield
    else:
        yield


def run_in_virtual_time(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``main()`` to its end on a fresh ``VirtualTimeLoop``, as ``asyncio.run`` does on an ordinary loop."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())
