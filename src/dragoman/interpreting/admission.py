"""Who can be interpreted on this machine, by what it was measured to carry. A plain class; to interpreter.py."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dragoman.engines.overload import HIGH
from dragoman.interpreting.ladder import Level

SHARE_OF_CORES = 0.7
"""The rest is for the media server, the page, the system and for bursts."""

MOST_COUNTED = 64
"""Of people in a room; more are as good as any number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """CPU seconds per second of speech, measured on this machine (``services/calibration.py``)."""

    recognition: float
    voice: float
    """Translation and voice of one target language."""
    turn: float = 0.0
    """What a recogniser that follows along takes of its one turn: however many cores there are, all whom it follows
    share that. 0 for recognisers whose looks become rarer instead."""
    room: float = 0.0
    """Our own work around the engines: sound in and out (``services/room_cost.py``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    room: str
    speaking: float
    """CPU seconds per second of speech, with voices or without."""


class Admission:
    """Shares the machine among speakers, first come, first served.

    ``talks_beside`` says how much those of one room talk while another of them does: 1 for people who all talk at once.
    """

    def __init__(self, *, cores: int, costs: Costs, talks_beside: float = 1.0) -> None:
        self._budget = SHARE_OF_CORES * cores
        self._costs = costs
        self._talks_beside = talks_beside
        self._granted: dict[str, _Grant] = {}

    def admit(self, speaker: str, *, voices: int, room: str = "") -> Level:
        """Give the best level at which the machine can carry one more speaker, dubbed into ``voices`` languages.

        The first speaker is never refused: late captions are better than none.
        """
        self.release(speaker)
        full = self._grant(room, voices=max(1, voices))
        if not self._granted or self._carries(full):
            self._granted[speaker] = full
            return Level.FULL
        captions = self._grant(room, voices=0)
        if self._carries(captions):
            self._granted[speaker] = captions
            return Level.CAPTIONS_ONLY
        return Level.ORIGINAL_ONLY

    def squeeze_in(self, speaker: str, *, room: str = "") -> Level:
        """Let somebody be captioned for whom there is no room; what that takes nobody else is given."""
        self._granted[speaker] = self._grant(room, voices=0)
        return Level.CAPTIONS_ONLY

    def release(self, speaker: str) -> None:
        self._granted.pop(speaker, None)

    def learn_room(self, room: float) -> None:
        """Count ``room`` from now on for what a speaker costs around the engines; who is admitted stays."""
        self._costs = replace(self._costs, room=room)

    @property
    def speakers_at_once(self) -> int:
        """How many who all talk at once fit with voice and captions, at least one."""
        costs = self._costs
        fit = self._budget / max(costs.recognition + costs.room + costs.voice, 1e-6)
        return max(1, int(min(fit, HIGH / max(costs.turn, 1e-6))))

    @property
    def taking_turns(self) -> int:
        """How many of one room fit with voice and captions who talk as people of a room do, at least one."""
        one = self._grant("", voices=1)
        return next((fit for fit in range(1, MOST_COUNTED) if not self._is_carried([one] * (fit + 1))), MOST_COUNTED)

    def _grant(self, room: str, *, voices: int) -> _Grant:
        speaking = self._costs.recognition + voices * self._costs.voice
        return _Grant(room=room, speaking=speaking)

    def _carries(self, more: _Grant) -> bool:
        """Say whether the machine carries ``more`` beside those who are admitted."""
        return self._is_carried([*self._granted.values(), more])

    def _is_carried(self, grants: Sequence[_Grant]) -> bool:
        rooms: dict[str, list[float]] = defaultdict(list)
        for grant in grants:
            rooms[grant.room].append(grant.speaking)
        speaking = sum(max(costs) + self._talks_beside * (sum(costs) - max(costs)) for costs in rooms.values())
        talking = sum(1 + self._talks_beside * (len(costs) - 1) for costs in rooms.values())
        return speaking + len(grants) * self._costs.room <= self._budget and talking * self._costs.turn <= HIGH
