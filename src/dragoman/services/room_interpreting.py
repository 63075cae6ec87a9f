"""Interpret rooms with the engines of the services: what the interpreter process and the API's socket share.

Opened once per process; every room gets an interpreter of its own over the same engines.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.events import Observers
from dragoman.ground.rooms import Room
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.observe.log import LogObserver
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.assembly import EngineWishes, Parts, assemble, open_engines
from dragoman.services.calibration import UNKNOWN, make_admission
from dragoman.settings import Settings

KINDS = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInterpreting:
    """``interpret`` works in a room to its end."""

    parts: Parts
    settings: Settings
    metrics: Metrics

    @property
    def engine_infos(self) -> list[EngineInfo]:
        """What the services' engines say of themselves."""
        return [engine.info for stage in self.parts.engines.by_stage().values() for engine in stage]

    async def interpret(self, room: Room) -> None:
        observers = Observers(observers=(LogObserver(room.name), MetricsObserver(self.metrics)))
        interpreter = Interpreter(
            room=room,
            recognizer=self.parts.recognizer,
            translation=self.parts.translation,
            voices=self.parts.voices,
            # What the services' engines cost is not known here: a cautious figure for the cores, or what is set.
            admission=make_admission(
                UNKNOWN, cores=self.settings.cores, speakers_at_once=self.settings.speakers_at_once
            ),
            observer=observers,
            tuning=InterpretingTuning(),
        )
        await interpreter.run()


@contextmanager
def open_room_interpreting(settings: Settings, metrics: Metrics) -> Iterator[RoomInterpreting]:
    """Open the engines of the services on this machine, or where the settings say they are. Blocks.

    Raises ``EngineUnavailable`` if a service does not answer.
    """
    at_services = settings.model_copy(
        update={f"{_name(kind)}_url": settings.service_of(kind).url or _local(settings, kind) for kind in KINDS}
    )
    observer = MetricsObserver(metrics)
    with open_engines(at_services, EngineWishes()) as engines, assemble(at_services, engines, observer) as parts:
        yield RoomInterpreting(parts=parts, settings=settings, metrics=metrics)


def _local(settings: Settings, kind: EngineKind) -> str:
    return f"http://{settings.services_host}:{settings.service_of(kind).port}"


def _name(kind: EngineKind) -> str:
    return kind.value.replace("-", "_")
