"""Look for what was translated before: in this process, then in the store that several share. For ``router.py``.

``cache.py`` is the memory of the process, ``redis_cache.py`` the shared store. A sentence is counted where it was
looked for, once: for the engine that it would have been asked of, not for those that come after one that failed.
"""

from collections.abc import Collection
from typing import Protocol

from dragoman.engines.broker import Urgency
from dragoman.ground.engines import Translation
from dragoman.ground.events import Observer, TranslationLooked
from dragoman.translating.cache import CacheKey, TranslationCache


class SharedCache(Protocol):
    """A store beside this process. Neither call raises; ``find`` takes 50 ms at most, ``keep`` no time."""

    name: str
    """As metrics call it."""

    async def find(self, keys: Collection[CacheKey]) -> dict[CacheKey, Translation] | None:
        """Give what is there of ``keys``; None if the store was not asked or did not answer."""
        ...

    def keep(self, key: CacheKey, translation: Translation) -> None: ...


class Remembered:
    """The memory of one process, and the shared store behind it if there is one."""

    def __init__(
        self, *, observer: Observer, memory: TranslationCache | None = None, shared: SharedCache | None = None
    ) -> None:
        self.memory = TranslationCache() if memory is None else memory
        self._shared = shared
        self._observer = observer

    async def find(
        self, keys: Collection[CacheKey], *, urgency: Urgency, uncounted: Collection[CacheKey] = ()
    ) -> dict[CacheKey, Translation]:
        """Give what is known of ``keys``. What the shared store knows is in memory from then on.

        ``uncounted`` are keys of sentences that were looked for before, for another engine.
        """
        found = {}
        for key in keys:
            known = self.memory.find(key, counted=key not in uncounted)
            if key not in uncounted:
                self._tell(urgency, "memory", hit=known is not None)
            if known is not None:
                found[key] = known
        missing = [key for key in keys if key not in found]
        if self._shared is None or not missing:
            return found
        shared = await self._shared.find(missing)
        if shared is not None:
            for key in missing:
                if key not in uncounted:
                    self._tell(urgency, self._shared.name, hit=key in shared)
            for key, translation in shared.items():
                self.memory.keep(key, translation)
        return found | (shared or {})

    def keep(self, key: CacheKey, translation: Translation) -> None:
        self.memory.keep(key, translation)
        if self._shared is not None:
            self._shared.keep(key, translation)

    def _tell(self, urgency: Urgency, store: str, *, hit: bool) -> None:
        self._observer.observe(TranslationLooked(urgency=urgency.name.lower(), store=store, hit=hit))
