"""Wait for work that something more urgent may end. For previewer.py and booth.py."""

import asyncio
from collections.abc import Awaitable
from typing import Generic, TypeVar

T = TypeVar("T")


class Interruptible(Generic[T]):
    """One such wait at a time."""

    def __init__(self) -> None:
        self._scope: asyncio.Timeout | None = None

    async def wait_for(self, work: Awaitable[T]) -> T | None:
        """Give what ``work`` gives; None once it was interrupted."""
        try:
            async with asyncio.timeout(None) as self._scope:
                return await work
        except TimeoutError:
            return None
        finally:
            self._scope = None

    def interrupt(self) -> None:
        """End the wait, if there is one: ``work`` is cancelled. Once more while it ends does nothing."""
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(0.0)
