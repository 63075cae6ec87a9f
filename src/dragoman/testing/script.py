"""What a fake engine does call by call: works, fails, hangs, answers with nothing or with garbage. For engines.py."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from dragoman.ground.errors import EngineError, EngineTimeout, EngineUnavailable


class Answer(Enum):
    """How a call answers."""

    WELL = auto()
    SILENCE = auto()
    """Sound without words, a transcript without words, an empty translation."""
    GARBAGE = auto()
    """Noise, words nobody said, text that is no translation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Raise ``error``; a voice gives ``after_pieces`` pieces of sound first."""

    error: EngineError
    after_pieces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Answer well once ``until`` is set; raise ``EngineTimeout`` if it is not within ``limit_s`` real seconds."""

    until: threading.Event = field(default_factory=threading.Event)
    limit_s: float = 5.0


Outcome = Answer | Fail | Hang


class Script:
    """Gives every call its outcome, in order; when the outcomes run out, all calls answer well. Safe in threads."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._outcomes = list(outcomes)
        self._lock = threading.Lock()
        self._closed = False

    def add(self, *outcomes: Outcome) -> None:
        """Say how further calls go."""
        with self._lock:
            self._outcomes.extend(outcomes)

    def close(self) -> None:
        self._closed = True

    def refuse_if_closed(self) -> None:
        if self._closed:
            raise EngineUnavailable("this fake engine is closed; make another one")

    def next(self) -> Answer | Fail:
        """Begin a call: waits if it hangs. Raises ``EngineUnavailable`` after ``close``."""
        self.refuse_if_closed()
        with self._lock:
            outcome = self._outcomes.pop(0) if self._outcomes else Answer.WELL
        if not isinstance(outcome, Hang):
            return outcome
        if not outcome.until.wait(outcome.limit_s):
            raise EngineTimeout(f"the fake engine hung for {outcome.limit_s} s, as its script says")
        return Answer.WELL
