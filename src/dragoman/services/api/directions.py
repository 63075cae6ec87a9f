"""What works now, asked of the machine now and then and remembered in between. To the resources; from doctor.py."""

import asyncio
import time
from collections.abc import Callable

from dragoman.meetings.choices import LanguageMenu
from dragoman.services.doctor import Diagnosis

REMEMBERED_S = 30.0
"""A diagnosis opens every built-in engine: about 0.2 s. A model that was pulled is offered after this time."""


class Directions:
    """``diagnose`` blocks; it runs in a thread, once at a time."""

    def __init__(self, diagnose: Callable[[], Diagnosis]) -> None:
        self._diagnose = diagnose
        self._asking = asyncio.Lock()
        self._known: Diagnosis | None = None
        self._asked_at_s = 0.0
        self._changes = 0

    async def diagnosis(self) -> Diagnosis:
        async with self._asking:
            known = self._known
            if known is None or time.monotonic() - self._asked_at_s > REMEMBERED_S:
                changes = self._changes
                known = await asyncio.to_thread(self._diagnose)
                if changes == self._changes:  # else it may be of the engines of before
                    self._known, self._asked_at_s = known, time.monotonic()
            return known

    def forget(self) -> None:
        """Ask the machine anew at the next question: other engines run now."""
        self._changes += 1
        self._known = None

    async def menu(self) -> LanguageMenu:
        return LanguageMenu((await self.diagnosis()).directions)
