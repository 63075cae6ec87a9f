"""From what microphones of a call gave and listeners got to lags. Plain functions; to ``call_run.py``, ``load_run.py``.

All times are seconds of the wall clock of one machine: the speaker, the interpreter's log and the page share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from dragoman.ground.audio import Samples

SAME_PLACE_S = 1.0
"""An engine's clause end this near to the true end of a sentence is that sentence's."""
LOUD = 0.01
"""Root mean square from which a voice is audible."""
QUIET_S = 0.12
"""As long as nothing is heard before a dub, if it does not run on from the dub before."""
EARLY_S, LATE_S = 0.15, 0.8
"""Around the time at which the interpreter says that a dub sounds: its way to the listener's ear."""
BRIGHT = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How loud it was at a moment."""

    at_s: float
    rms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A final caption and where its last word ended."""

    text: str
    engine_end_s: float
    """Where the engine puts it."""
    true_end_s: float | None
    """Where its sentence truly ended; None for a clause that ends within one."""

    @property
    def end_s(self) -> float:
        return self.engine_end_s if self.true_end_s is None else self.true_end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceBegan:
    """The interpreter's word that a dub begins."""

    at_s: float
    """When it said so."""
    lag_s: float
    """From the clause's end as the engine puts it to the first sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardDub:
    """A dub at the listener's ear."""

    clause: Clause
    at_s: float
    heard: bool
    """False: it ran on from the dub before without a pause; the time is the interpreter's with the usual way added."""

    @property
    def lag_s(self) -> float:
        return self.at_s - self.clause.end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stood on the page from a moment on."""

    at_s: float
    cues: tuple[str, ...]
    """The words of each cue that had nothing provisional any more."""


def place_clauses(finals: Sequence[tuple[str, float]], sentence_ends_s: Sequence[float]) -> list[Clause]:
    """Give the true end of each final, text and the engine's end of it; several may end in one sentence."""
    clauses = []
    for text, engine_end_s in finals:
        nearest_s = min(sentence_ends_s, key=lambda end_s: abs(end_s - engine_end_s), default=None)
        known = nearest_s is not None and abs(nearest_s - engine_end_s) <= SAME_PLACE_S
        clauses.append(Clause(text=text, engine_end_s=engine_end_s, true_end_s=nearest_s if known else None))
    return clauses


def rising_edges(levels: Sequence[Level], *, loud: float = LOUD, quiet_s: float = QUIET_S) -> list[float]:
    """List when sound began after at least ``quiet_s`` of quiet."""
    edges, quiet_since_s = [], float("-inf")
    sounding = False
    for level in levels:
        if level.rms >= loud:
            if not sounding and level.at_s - quiet_since_s >= quiet_s:
                edges.append(level.at_s)
            sounding = True
        elif sounding:
            sounding, quiet_since_s = False, level.at_s
    return edges


def hear_dubs(clauses: Sequence[Clause], voices: Sequence[VoiceBegan], edges: Sequence[float]) -> list[HeardDub]:
    """Put clauses, the interpreter's word and what was heard together; a clause without a voice is left out."""
    expected = []
    left = list(voices)
    for clause in clauses:
        best = min(left, key=lambda voice: abs(_offset_s(voice, clause)), default=None)
        if best is not None and abs(_offset_s(best, clause)) <= SAME_PLACE_S:
            left.remove(best)
            expected.append((clause, clause.engine_end_s + best.lag_s))
    heard = {clause: _first(edges, at_s - EARLY_S, at_s + LATE_S) for clause, at_s in expected}
    ways = [edge_s - at_s for clause, at_s in expected if (edge_s := heard[clause]) is not None]
    way_s = median(ways) if ways else 0.0
    dubs = []
    for clause, at_s in expected:
        edge_s = heard[clause]
        dubs.append(HeardDub(clause=clause, at_s=at_s + way_s if edge_s is None else edge_s, heard=edge_s is not None))
    return dubs


def _offset_s(voice: VoiceBegan, clause: Clause) -> float:
    """How far the clause's end is from where the voice says; what is queued makes it up to 0.4 s."""
    return voice.at_s - voice.lag_s + 0.1 - clause.engine_end_s


def _first(times_s: Sequence[float], from_s: float, to_s: float) -> float | None:
    return next((at_s for at_s in times_s if from_s <= at_s <= to_s), None)


def seen_at(text: str, shown: Sequence[Shown], *, after_s: float) -> float | None:
    """Say when the first words of a final caption stood on the page, none of them provisional; None for never."""
    wanted = _squashed(text)
    for moment in shown:
        if moment.at_s >= after_s and any(cue and wanted.startswith(_squashed(cue)) for cue in moment.cues):
            return moment.at_s
    return None


def _squashed(text: str) -> str:
    return "".join(text.split())


def delay_s(spoken: Samples, starts_at_s: float, levels: Sequence[Level], *, step_s: float = 0.005) -> float | None:
    """Find how much later ``spoken`` was heard, up to 1 s, by the best correlation of loudness.

    ``spoken`` is root mean squares of 10 ms each, the first of what was said at ``starts_at_s``. None if nothing alike
    was heard.
    """
    frame_s = 0.01
    times = np.array([level.at_s for level in levels])
    if len(times) < 2:
        return None
    heard = np.array([level.rms for level in levels])
    ends = starts_at_s + frame_s * np.arange(1, len(spoken) + 1)
    grid = np.arange(ends[0], ends[-1], step_s)
    wanted = np.interp(grid, ends, spoken)
    best_s, best = None, 0.7
    for shift_s in np.arange(0.0, 1.0, step_s):
        alike = _correlation(wanted, np.interp(grid + shift_s, times, heard))
        if alike > best:
            best_s, best = float(shift_s), alike
    return best_s


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt(np.sum(first**2) * np.sum(second**2)))
    return float(np.sum(first * second)) / scale if scale > 1e-9 else 0.0


def flash_delays(flips: Sequence[tuple[float, bool]], brightness: Sequence[tuple[float, float]]) -> list[float]:
    """Give, for each flip of a picture between dark and bright, how much later it was seen; lost ones are left out."""
    changes = [
        (at_s, after >= BRIGHT)
        for (_, before), (at_s, after) in pairwise(brightness)
        if (before >= BRIGHT) != (after >= BRIGHT)
    ]
    delays = []
    for number, (flip_s, bright) in enumerate(flips):
        until_s = flips[number + 1][0] if number + 1 < len(flips) else flip_s + 1.0
        seen_s = next((at_s for at_s, to in changes if to == bright and flip_s <= at_s < until_s), None)
        if seen_s is not None:
            delays.append(seen_s - flip_s)
    return delays
