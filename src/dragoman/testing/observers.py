"""An observer that remembers what it was told."""

import threading
from typing import TypeVar

from dragoman.ground.events import Event

E = TypeVar("E")


class RecordingObserver:
    """Keeps every event, in order. Safe in threads."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._lock = threading.Lock()

    def observe(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)

    @property
    def events(self) -> tuple[Event, ...]:
        with self._lock:
            return tuple(self._events)

    def of(self, kind: type[E]) -> list[E]:
        """Give the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
