"""Wakes whoever waits for the terms of a room to change. From glossary.py, which rings; to inner.py, which waits."""

import asyncio
from contextlib import suppress


class GlossaryBell:
    """Of all rooms. Who waits looks at the version before and after: a ring without a change does no harm."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def ring(self, room: str) -> None:
        """Wake all who wait for ``room``."""
        for event in self._waiting.get(room, ()):
            event.set()

    async def wait(self, room: str, *, within_s: float) -> None:
        """Wait for the next ring, ``within_s`` at most."""
        rung = asyncio.Event()
        waiting = self._waiting.setdefault(room, set())
        waiting.add(rung)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await rung.wait()
        finally:
            waiting.discard(rung)
            if not waiting and self._waiting.get(room) is waiting:
                del self._waiting[room]
