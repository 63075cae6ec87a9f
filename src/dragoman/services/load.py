"""How busy a process that interprets is, and who else it can take: over all its rooms, with the engines of services.

Costs come from the services, which measured themselves (calibration.py). From room_interpreting.py; the figures go to
LiveKit's dispatch and into the leases.
"""

import time
from collections.abc import Callable, Iterable, Sequence

import httpx2
import structlog

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import WireError
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.ladder import Level
from dragoman.services.calibration import UNKNOWN, first_choices
from dragoman.services.remote_engines import ServiceAddress
from dragoman.services.room_cost import RoomCost
from dragoman.wire.fields import Fields
from dragoman.wire.frames import JsonValue
from dragoman.wire.messages import read_info

log = structlog.get_logger()

EngineCost = tuple[EngineInfo, float | None]
"""CPU seconds per second of speech; None where it was not measured."""

ASK_WITHIN_S = 5.0
MOST_MICROPHONES = 12
"""That one process hears in real time: beyond it every stream waits for the others."""
MEASURE_EVERY_S = 1.0
DISPATCHED_BELOW = 0.65
"""livekit-server gives no room to a worker whose load is 0.7 or more, not even if there is no other. A room that waits
for a machine is worse than one on a busy machine, whose speakers are admitted one by one: so we never say as much."""


def ask_costs(services: Iterable[tuple[EngineKind, ServiceAddress]]) -> Costs:
    """Ask the services what one speaker costs. What none of them has measured costs a cautious much. Blocks."""
    found = {kind: _ask_engines(kind, address) for kind, address in services}
    recognisers = found.get(EngineKind.SPEECH_TO_TEXT, [])
    recognition = dearest(recognisers)
    translation = dearest(found.get(EngineKind.TRANSLATION, []))
    voice = dearest(found.get(EngineKind.TEXT_TO_SPEECH, []))
    return Costs(
        recognition=UNKNOWN.recognition if recognition is None else recognition,
        voice=UNKNOWN.voice if translation is None or voice is None else translation + voice,
        # Where others look at windows, whoever they hear takes no part of that turn. One that decodes in several
        # threads takes less of it than this: nobody is admitted too many.
        turn=(dearest(recognisers) or 0.0) if all(info.streaming for info, _ in recognisers) else 0.0,
    )


def _ask_engines(kind: EngineKind, address: ServiceAddress) -> list[EngineCost]:
    headers = {} if address.token is None else {"Authorization": f"Bearer {address.token}"}
    try:
        answer = httpx2.get(f"{address.url}/health", headers=headers, timeout=ASK_WITHIN_S, trust_env=False)
        return read_costs(answer.json(), kind=kind)
    except (httpx2.RequestError, ValueError, WireError) as error:
        log.warning("costs_not_told", kind=kind.value, detail=str(error))
        return []


def read_costs(health: JsonValue, *, kind: EngineKind) -> list[EngineCost]:
    """Read from a service's ``/health`` its engines of first choice, each with its cost. Raises ``WireError``."""
    engines = [_read_engine(item) for item in Fields(health, of="/health").items("model_info")]
    first = {info.label for info in first_choices([info for info, _ in engines if info.kind == kind])}
    return [(info, cost) for info, cost in engines if info.label in first]


def dearest(engines: Sequence[EngineCost]) -> float | None:
    """Give the highest cost; None if one is not known."""
    known = [cost for _, cost in engines if cost is not None]
    return max(known) if known and len(known) == len(engines) else None


def _read_engine(value: JsonValue) -> EngineCost:
    if not isinstance(value, dict):
        raise WireError("an engine is a JSON object")
    cost = Fields({"cost": value.get("cost")}, of="engine")
    rest = {name: field for name, field in value.items() if name != "cost"}
    return read_info(rest), cost.optional("cost", cost.seconds)


class LiveSpeakers:
    """Everybody who is interpreted in the rooms of this process; they share what ``machine`` can carry."""

    def __init__(self, machine: Admission, *, room_cost: RoomCost | None = None) -> None:
        """``room_cost`` is learned from them; None where somebody set how many there may be."""
        self.machine = machine
        self._room_cost = room_cost
        if room_cost is not None:
            machine.learn_room(room_cost.per_speaker)
        self._rooms = 0
        self._speaking: set[tuple[int, str]] = set()
        self._refused: set[tuple[int, str]] = set()
        """Their microphones are open all the same, and their sound comes in."""

    @property
    def capacity(self) -> int:
        """How many microphones of a room this process takes, whose people take turns; changes with what is learned."""
        return min(self.machine.taking_turns, MOST_MICROPHONES)

    def took(self, cores: float) -> None:
        """Learn from what this process has just taken."""
        if self._room_cost is not None:
            self._room_cost.took(cores, speakers=len(self._speaking) + len(self._refused))
            self.machine.learn_room(self._room_cost.per_speaker)

    @property
    def share(self) -> float:
        """Say how much of the capacity is taken: 1 means that nobody else fits."""
        return len(self._speaking) / self.capacity

    def in_room(self, *, most: Callable[[], int | None] = lambda: None) -> "RoomAdmission":
        """Give the admission of another room, which may have ``most()`` speakers at once; None for any number."""
        self._rooms += 1
        return RoomAdmission(self, room=self._rooms, most=most)

    def admit(self, room: int, speaker: str, *, voices: int, most: int | None = None) -> Level:
        level = self._admit(room, speaker, voices=voices, most=most)
        if level == Level.ORIGINAL_ONLY:
            self._refused.add((room, speaker))
        else:
            self._refused.discard((room, speaker))
            self._speaking.add((room, speaker))
        return level

    def _admit(self, room: int, speaker: str, *, voices: int, most: int | None) -> Level:
        others = sum(it[0] == room for it in self._speaking - {(room, speaker)})
        admitted = (room, speaker) in self._speaking
        if not admitted and most is not None and 0 < others >= most:
            return Level.ORIGINAL_ONLY
        level = self.machine.admit(f"{room} {speaker}", voices=voices, room=str(room))
        if level == Level.ORIGINAL_ONLY and (admitted or not others):
            # Whoever speaks alone in a room is never refused: late captions are better than none.
            return self.machine.squeeze_in(f"{room} {speaker}", room=str(room))
        return level

    def release(self, room: int, speaker: str) -> None:
        self.machine.release(f"{room} {speaker}")
        self._speaking.discard((room, speaker))
        self._refused.discard((room, speaker))


class RoomAdmission(Admission):
    """Admits the speakers of one room, beside those of the other rooms of this process."""

    def __init__(self, everybody: LiveSpeakers, *, room: int, most: Callable[[], int | None]) -> None:
        self._everybody = everybody
        self._room = room
        self._most = most

    def admit(self, speaker: str, *, voices: int, room: str = "") -> Level:
        """See ``Admission``; ``room`` is this one."""
        return self._everybody.admit(self._room, speaker, voices=voices, most=self._most())

    def release(self, speaker: str) -> None:
        self._everybody.release(self._room, speaker)

    @property
    def speakers_at_once(self) -> int:
        return self._everybody.machine.speakers_at_once


class ProcessLoad:
    """How busy this process is, 0 to 1: its own share of a core, or its speakers, whichever is more."""

    def __init__(
        self,
        speakers: LiveSpeakers,
        *,
        clock: Callable[[], float] = time.monotonic,
        cpu_clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._speakers = speakers
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._at_s, self._cpu_s = clock(), cpu_clock()
        self._cpu_share = 0.0

    def now(self) -> float:
        """Give the load; the CPU's part is that of the last second or more."""
        at_s, cpu_s = self._clock(), self._cpu_clock()
        if at_s - self._at_s >= MEASURE_EVERY_S:
            self._cpu_share = (cpu_s - self._cpu_s) / (at_s - self._at_s)
            self._at_s, self._cpu_s = at_s, cpu_s
            self._speakers.took(self._cpu_share)
        return min(1.0, max(self._cpu_share, self._speakers.share))

    def for_dispatch(self) -> float:
        """Give the load as LiveKit is to see it: in the same order over all machines, and never too much for a room."""
        return DISPATCHED_BELOW * self.now()
