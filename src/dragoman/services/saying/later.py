"""Speech that a better voice makes later: who waits, how far it is, and until when it is kept. For ``backroom.py``.

A plain class without a clock. Bounded in every way: so many wait, each no longer than a text of a paragraph or two, and
what is done is kept for a while, the oldest leaving first when there is too much.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dragoman.ground.errors import CapacityExhausted, DragomanError
from dragoman.services.saying.sound_files import SoundFormat
from dragoman.services.saying.wishes import TextNotSpeakable, Wish
from dragoman.services.web import ResultGone

S_PER_CHARACTER: Final = 0.07
"""Of speech, about, to estimate with."""


class LaterState(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    SPEAKING = "speaking"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterLimits:
    """What is taken and kept."""

    waiting: int = 16
    most_characters: int = 1000
    kept_s: float = 600.0
    """How long a result, or a failure, can be fetched."""
    kept_bytes: int = 64 << 20
    """Of all results together."""


@dataclass(slots=True, kw_only=True, eq=False)
class LaterSpeech:
    """One request."""

    request_id: str
    wish: Wish
    """Its engine is the better one."""
    sound_format: SoundFormat
    cost: float
    """Seconds that a second of speech takes, about."""
    state: LaterState = LaterState.WAITING
    spoken_s: float = 0.0
    content: bytes = b""
    duration_s: float = 0.0
    error: DragomanError | None = None
    ended_at_s: float = 0.0

    @property
    def expected_s(self) -> float:
        """How long the speech will sound, about."""
        return max(1.0, S_PER_CHARACTER * len(self.wish.text) / self.wish.speed)

    @property
    def progress(self) -> float:
        """0 to 1, and 1 only when it is done."""
        return 1.0 if self.state is LaterState.DONE else min(0.99, self.spoken_s / self.expected_s)


class LaterQueue:
    """All requests of a service, in the order in which they came."""

    def __init__(self, limits: LaterLimits) -> None:
        self.limits = limits
        self._requests: OrderedDict[str, LaterSpeech] = OrderedDict()

    def check(self, text: str) -> None:
        """Raise ``TextNotSpeakable`` for a text that is too long, ``CapacityExhausted`` if too many wait."""
        if len(text) > self.limits.most_characters:
            raise TextNotSpeakable(
                f"the better voice takes at most {self.limits.most_characters} characters at once, not {len(text)}: "
                "send it in parts, or leave 'better' out"
            )
        if sum(each.state is LaterState.WAITING for each in self._requests.values()) >= self.limits.waiting:
            raise CapacityExhausted(
                f"{self.limits.waiting} texts wait for the better voice; try again in a moment, or leave 'better' out"
            )

    def add(self, wish: Wish, sound_format: SoundFormat, *, cost: float) -> LaterSpeech:
        """Take a request. Raises as ``check`` does."""
        self.check(wish.text)
        speech = LaterSpeech(request_id=secrets.token_urlsafe(15), wish=wish, sound_format=sound_format, cost=cost)
        self._requests[speech.request_id] = speech
        return speech

    def next(self) -> LaterSpeech | None:
        """Begin the one that has waited longest."""
        for speech in self._requests.values():
            if speech.state is LaterState.WAITING:
                speech.state = LaterState.SPEAKING
                return speech
        return None

    def end(self, speech: LaterSpeech, result: bytes | DragomanError, *, now_s: float) -> None:
        """Keep what came of it."""
        speech.ended_at_s = now_s
        if isinstance(result, DragomanError):
            speech.state, speech.error = LaterState.FAILED, result
        else:
            speech.state, speech.content = LaterState.DONE, result
        self._let_go(now_s, but=speech)

    def find(self, request_id: str, *, now_s: float) -> LaterSpeech:
        """Find a request. Raises ``ResultGone``."""
        self._let_go(now_s)
        speech = self._requests.get(request_id)
        if speech is None:
            raise ResultGone(
                f"no speech {request_id[:40]!r} here: results are kept for {self.limits.kept_s / 60:.0f} minutes; "
                "ask for it again"
            )
        return speech

    def forget(self) -> None:
        """Let go of all results and failures; who still waits keeps its place."""
        for request_id in [each.request_id for each in self._ended()]:
            del self._requests[request_id]

    def wait_s(self, speech: LaterSpeech) -> float:
        """Estimate how long it takes until ``speech`` is done, those before it included."""
        total_s = 0.0
        for each in self._requests.values():
            if each.state in (LaterState.WAITING, LaterState.SPEAKING):
                total_s += each.cost * (each.expected_s - min(each.spoken_s, each.expected_s))
            if each is speech:
                break
        return total_s if speech.state in (LaterState.WAITING, LaterState.SPEAKING) else 0.0

    def _let_go(self, now_s: float, but: LaterSpeech | None = None) -> None:
        ended = sorted(self._ended(), key=lambda each: each.ended_at_s)
        kept_bytes = sum(len(each.content) for each in ended)
        for each in ended:
            too_much = kept_bytes > self.limits.kept_bytes and each is not but
            if too_much or now_s - each.ended_at_s > self.limits.kept_s:
                kept_bytes -= len(each.content)
                del self._requests[each.request_id]

    def _ended(self) -> list[LaterSpeech]:
        return [each for each in self._requests.values() if each.state in (LaterState.DONE, LaterState.FAILED)]
