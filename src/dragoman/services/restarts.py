"""Decide when a process that ended is started again, and when one that is silent hangs. To supervisor.py.

No clock in here: whoever asks brings the time, in seconds of any clock that does not go back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartTuning:
    """How patient a supervisor is."""

    first_delay_s: float = 0.1
    longest_delay_s: float = 10.0
    """The delay doubles with each crash up to this."""
    steady_after_s: float = 30.0
    """Ready for so long, a process counts as well again: the next crash is its first."""
    max_crashes: int = 5
    window_s: float = 60.0
    """So many crashes within so long, and the process is parked."""
    parked_s: float = 60.0
    missed_beats: int = 3
    """Heartbeats missed in a row by a process that hangs."""
    missed_beats_at_work: int = 20
    """By one that is at work: the machine is busy, and a new start would make it busier. Or it runs in circles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAgain:
    """Start it again after a while."""

    after_s: float
    parked: bool = False
    """It crashed too often: nothing is tried meanwhile, and people should be told."""


class Restarts:
    """The crashes of one process."""

    def __init__(self, tuning: RestartTuning) -> None:
        self._tuning = tuning
        self._crashes_at_s: list[float] = []
        self._in_a_row = 0
        self._ready_at_s: float | None = None

    def became_ready(self, at_s: float) -> None:
        self._ready_at_s = at_s

    def ended(self, at_s: float) -> StartAgain:
        """Take note of a crash, and say when to start again."""
        tuning = self._tuning
        if self._ready_at_s is not None and at_s - self._ready_at_s >= tuning.steady_after_s:
            self._in_a_row = 0
        self._ready_at_s = None
        self._crashes_at_s = [crash for crash in self._crashes_at_s if at_s - crash < tuning.window_s] + [at_s]
        if len(self._crashes_at_s) >= tuning.max_crashes:
            self._crashes_at_s.clear()
            self._in_a_row = 0
            return StartAgain(after_s=tuning.parked_s, parked=True)
        delay_s = min(tuning.longest_delay_s, tuning.first_delay_s * 2.0**self._in_a_row)
        self._in_a_row += 1
        return StartAgain(after_s=delay_s)


class Pulse:
    """The heartbeats of one running process."""

    def __init__(self, tuning: RestartTuning) -> None:
        self._tuning = tuning
        self._missed = self._missed_idle = 0

    def beat(self) -> None:
        self._missed = self._missed_idle = 0

    def miss(self, *, at_work: bool = False) -> bool:
        """Count a missed heartbeat; say whether the process hangs. ``at_work``: it used the processor meanwhile.

        Beats are counted, not seconds: a supervisor that was itself held up has missed nothing.
        """
        self._missed += 1
        self._missed_idle = 0 if at_work else self._missed_idle + 1
        tuning = self._tuning
        return self._missed_idle >= tuning.missed_beats or self._missed >= tuning.missed_beats_at_work
