"""The interpreting sockets of one app: those that run, and what the last ones left. In memory; to interpret.py."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from dragoman.meetings.finals import FinalsMemory

MOST_RESUMABLE = 32
RESUMABLE_S = 120.0
HANDOVER_S = 10.0
"""A session that is taken up while it runs has to end within this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What a session leaves behind for the one that takes it up."""

    codes: tuple[str, ...]
    """Any of them takes it up."""
    finals: FinalsMemory
    epoch: int
    until_s: float


class Running:
    """A session that has not ended; its client may be gone and come back before the server knows."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes
        """Its own, and that of the session which it took up: whether its client has heard of its own is not known."""
        self.replaced = asyncio.Event()
        """Its client has opened again."""
        self.ended = asyncio.Event()


class Sessions:
    """The sessions of one app: how many there are, and what the last ones left."""

    def __init__(self) -> None:
        self.open = 0
        self._running: dict[str, Running] = {}
        self._kept: deque[Kept] = deque(maxlen=MOST_RESUMABLE)
        """The oldest go first."""

    def begin(self, code: str, *, known_as: str = "") -> Running:
        """Make a session known by its code, and by that of the one it took up; ``keep`` is owed for it."""
        running = Running(code, known_as) if known_as else Running(code)
        self._running.update(dict.fromkeys(running.codes, running))
        return running

    def keep(self, running: Running, finals: FinalsMemory, epoch: int) -> None:
        """Keep what a session leaves, under all its codes."""
        for code in running.codes:
            del self._running[code]
        until_s = time.monotonic() + RESUMABLE_S
        self._kept.append(Kept(codes=running.codes, finals=finals, epoch=epoch, until_s=until_s))
        running.ended.set()

    async def take_up(self, code: str) -> Kept | None:
        """Give what was left under ``code``, once; None if it is unknown or too old. One that runs is ended first."""
        # Another one may have taken it up by the same code while this one waited for its end.
        while (running := self._running.get(code)) is not None:
            running.replaced.set()
            try:
                async with asyncio.timeout(HANDOVER_S):
                    await running.ended.wait()
            except TimeoutError:
                return None
        kept = next((it for it in self._kept if code in it.codes), None)
        if kept is None:
            return None
        self._kept.remove(kept)
        return kept if time.monotonic() < kept.until_s else None
