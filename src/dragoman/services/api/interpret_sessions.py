"""The interpreting sockets of one app: those that run, and what the last ones left. In memory; to interpret.py."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from dragoman.meetings.finals import FinalsMemory

MOST_RESUMABLE = 32
RESUMABLE_S = 120.0
HANDOVER_S = 10.0
"""A session that is taken up while it runs has to end within this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a session leaves behind for the one that takes it up."""

    finals: FinalsMemory
    epoch: int
    until_s: float


class Running:
    """A session that has not ended; its client may be gone and come back before the server knows."""

    def __init__(self) -> None:
        self.replaced = asyncio.Event()
        """Its client has opened again."""
        self.ended = asyncio.Event()


class Sessions:
    """The sessions of one app: how many there are, and what the last ones left."""

    def __init__(self) -> None:
        self.open = 0
        self._running: dict[str, Running] = {}
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def begin(self, code: str) -> Running:
        """Make a session known by its code; ``keep`` is owed for it."""
        self._running[code] = running = Running()
        return running

    def keep(self, code: str, finals: FinalsMemory, epoch: int, *, known_as: str = "") -> None:
        """Keep what a session leaves; ``known_as`` is the code that its client has, if another."""
        self._kept[known_as or code] = Kept(finals=finals, epoch=epoch, until_s=time.monotonic() + RESUMABLE_S)
        if len(self._kept) > MOST_RESUMABLE:
            self._kept.popitem(last=False)
        self._running.pop(code).ended.set()

    async def take_up(self, code: str) -> Kept | None:
        """Give what was left under ``code``, once; None if it is unknown or too old. One that runs is ended first."""
        running = self._running.get(code)
        if running is not None:
            running.replaced.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(HANDOVER_S):
                    await running.ended.wait()
        kept = self._kept.pop(code, None)
        return kept if kept is not None and time.monotonic() < kept.until_s else None
