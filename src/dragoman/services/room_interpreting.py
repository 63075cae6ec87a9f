"""Interpret rooms with the engines of the services: what the interpreter process and the API's socket share.

Opened once per process; every room gets an interpreter of its own over the same engines.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.events import Observers
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.precedence import ORDINARY, working_for
from dragoman.ground.rooms import Room, Safekeeping
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning, preview_interval_s
from dragoman.observe.log import LogObserver
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.assembly import EngineWishes, Parts, assemble, open_engines
from dragoman.services.calibration import make_admission, remembered_room_cost
from dragoman.services.doors import origin, reached_at
from dragoman.services.load import LiveSpeakers, ProcessLoad, ask_costs
from dragoman.services.remote_engines import ServiceAddress
from dragoman.services.saying.marks_elsewhere import unmarked_dubs
from dragoman.settings import Settings

log = structlog.get_logger()

TALKS_BESIDE = 0.25
"""Of a room's other microphones. In meetings 12 to 15 % of speech overlaps (Cetin and Shriberg, MLMI 2006); twice that,
and what is more is left out by engines/overload.py while it lasts."""
KINDS = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInterpreting:
    """``interpret`` works in a room to its end."""

    parts: Parts
    settings: Settings
    metrics: Metrics
    speakers: LiveSpeakers
    load: ProcessLoad

    @property
    def engine_infos(self) -> list[EngineInfo]:
        """What the services' engines say of themselves."""
        return [engine.info for stage in self.parts.engines.by_stage().values() for engine in stage]

    async def interpret(
        self,
        room: Room,
        *,
        safe: Safekeeping | None = None,
        terms: Callable[[], TermBase] = lambda: NO_TERMS,
        most_speakers: Callable[[], int | None] = lambda: None,
        priority: Callable[[], int] = lambda: ORDINARY,
    ) -> None:
        """``most_speakers``: of the room at once, as planned meetings leave them; None for what the machine carries.

        ``priority``: of what it asks of the engines, among work of one kind; a microphone keeps what held when it was
        opened.
        """
        observers = Observers(observers=(LogObserver(room.name), MetricsObserver(self.metrics)))
        interpreter = Interpreter(
            room=room,
            recognizer=self.parts.recognizer,
            translation=self.parts.translation,
            voices=self.parts.voices,
            admission=self.speakers.in_room(most=most_speakers),
            observer=observers,
            tuning=InterpretingTuning(preview_interval_s=preview_interval_s(self.settings.cores)),
            safe=safe,
            terms=terms,
        )
        with working_for(priority):
            await interpreter.run()


@contextmanager
def open_room_interpreting(settings: Settings, metrics: Metrics) -> Iterator[RoomInterpreting]:
    """Open the engines of the services on this machine, or where the settings say they are. Blocks.

    Raises ``EngineUnavailable`` if a service does not answer.
    """
    at_services = with_services(settings)
    observer = MetricsObserver(metrics)
    with (
        open_engines(at_services, EngineWishes()) as engines,
        assemble(at_services, engines, observer, captions_without_voice=True) as parts,
    ):
        addresses = {kind: ServiceAddress(url=at_services.service_of(kind).url, token=settings.token) for kind in KINDS}
        costs = ask_costs(addresses.items())
        unmarked = unmarked_dubs(addresses[EngineKind.TEXT_TO_SPEECH], marked_here=parts.watermark is not None)
        if unmarked is not None:
            log.warning("dubs_have_no_watermark", detail=unmarked)
        admission = make_admission(
            costs, cores=settings.cores, speakers_at_once=settings.speakers_at_once, talks_beside=TALKS_BESIDE
        )
        with remembered_room_cost(settings.cache_dir) as room_cost:
            speakers = LiveSpeakers(admission, room_cost=room_cost if settings.speakers_at_once is None else None)
            yield RoomInterpreting(
                parts=parts, settings=settings, metrics=metrics, speakers=speakers, load=ProcessLoad(speakers)
            )


def with_services(settings: Settings) -> Settings:
    """Give settings that name the address of every service, those of this machine too."""
    return settings.model_copy(
        update={f"{_name(kind)}_url": settings.service_of(kind).url or _local(settings, kind) for kind in KINDS}
    )


def _local(settings: Settings, kind: EngineKind) -> str:
    return origin("http", reached_at(settings.services_host), settings.service_of(kind).port)


def _name(kind: EngineKind) -> str:
    return kind.value.replace("-", "_")
