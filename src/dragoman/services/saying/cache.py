"""Speech that was made already, kept for a while: a bounded store with honest counters. For ``desk.py``.

A plain class without a clock: who asks says what time it is.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from weakref import ref

from dragoman.ground.audio import Audio, Samples, from_pcm16, to_pcm16
from dragoman.services.saying.wishes import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A whole text, spoken."""

    audio: Audio
    engine: str
    """Label of the engine that spoke."""


@dataclass(slots=True, kw_only=True)
class CacheCounts:
    """Since the start."""

    hits: int = 0
    misses: int = 0
    expired: int = 0
    """Dropped as too old."""
    evicted: int = 0
    """Dropped for want of room."""


@dataclass(slots=True, kw_only=True)
class _Kept:
    pcm: bytes
    """16 bits a sample, as in the files that are asked for: half of what is played."""
    sample_rate: int
    engine: str
    size_bytes: int
    since_s: float
    played: ref[Samples] | None = None
    """What is played of it somewhere; all who play it at the same time share it."""

    def speech(self) -> Speech:
        samples = None if self.played is None else self.played()
        if samples is None:
            samples = from_pcm16(self.pcm)
            self.played = ref(samples)
        return Speech(audio=Audio(samples=samples, sample_rate=self.sample_rate), engine=self.engine)


class SpeechCache:
    """Keeps at most ``max_bytes`` of sound, nothing longer than ``max_age_s``, the least used goes first."""

    def __init__(
        self, *, max_bytes: int, max_age_s: float, on_change: Callable[[str, int], None] = lambda what, held_bytes: None
    ) -> None:
        """``on_change`` is told what happened and how much is held.

        That is: hit, miss, expired, evicted, kept, prepared (kept before anybody asked), cleared.
        """
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._on_change = on_change
        self._kept: OrderedDict[Wish, _Kept] = OrderedDict()
        self.counts = CacheCounts()
        self.held_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def expire(self, *, now_s: float) -> None:
        """Drop all that is too old, whether anybody asks for it or not."""
        for wish in [wish for wish, kept in self._kept.items() if now_s - kept.since_s > self._max_age_s]:
            self._drop(wish)
            self.counts.expired += 1
            self._on_change("expired", self.held_bytes)

    def find(self, wish: Wish, *, now_s: float) -> Speech | None:
        """Find a speech; whoever has the same one still has the same samples, which nobody may change."""
        self.expire(now_s=now_s)
        kept = self._kept.get(wish)
        if kept is None:
            self.counts.misses += 1
            self._on_change("miss", self.held_bytes)
            return None
        self._kept.move_to_end(wish)
        self.counts.hits += 1
        self._on_change("hit", self.held_bytes)
        return kept.speech()

    def __contains__(self, wish: Wish) -> bool:
        return wish in self._kept

    def keep(self, wish: Wish, speech: Speech, *, now_s: float, prepared: bool = False) -> None:
        """Keep it; what alone takes more than a quarter of the room is not kept. ``prepared``: nobody has asked yet."""
        pcm = to_pcm16(speech.audio.samples)
        size_bytes = len(pcm) + 4 * len(wish.text)
        if size_bytes > self._max_bytes // 4:
            return
        self.expire(now_s=now_s)
        if wish in self._kept:
            self._drop(wish)
        while self._kept and self.held_bytes + size_bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))
            self.counts.evicted += 1
            self._on_change("evicted", self.held_bytes)
        self._kept[wish] = _Kept(
            pcm=pcm,
            sample_rate=speech.audio.sample_rate,
            engine=speech.engine,
            size_bytes=size_bytes,
            since_s=now_s,
        )
        self.held_bytes += size_bytes
        self._on_change("prepared" if prepared else "kept", self.held_bytes)

    def clear(self) -> int:
        """Forget everything; give how many there were."""
        count = len(self._kept)
        self._kept.clear()
        self.held_bytes = 0
        self._on_change("cleared", 0)
        return count

    def _drop(self, wish: Wish) -> None:
        self.held_bytes -= self._kept.pop(wish).size_bytes
