"""Let the interpreter work in a room of files, in real time or in virtual time, until the end or an interruption."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from dragoman.ground.captions import Caption
from dragoman.ground.events import Observer
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import VirtualTimeLoop
from dragoman.interpreting.admission import Admission
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.rooms.wav_room import FileSpeaker, RoomObservers, RoomRecord, WavRoom
from dragoman.services.assembly import Parts
from dragoman.services.recording_request import RecordingRequest, Telling

Handler = Callable[[int, FrameType | None], object] | int | None
"""What ``signal.getsignal`` gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRoom:
    """What is left when the room has ended."""

    record: RoomRecord
    audio_s: float
    """Length of the recordings side by side."""
    worst_lateness_s: float
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRun:
    """One run; ``play`` does it."""

    request: RecordingRequest
    speakers: list[FileSpeaker]
    voiced: frozenset[Language]
    parts: Parts
    admission: Admission
    observers: Observer
    telling: Telling
    work_folder: Path
    limit_s: float

    def play(self) -> EndedRoom:
        """Run until everything is interpreted. SIGINT and SIGTERM end the room early: what was said is finished.

        Raises ``OutputNotWritable`` if the disk is full before the end.
        """
        factory = VirtualTimeLoop if self.request.fast else asyncio.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(self._play())

    async def _play(self) -> EndedRoom:
        room = WavRoom.open(
            name=self.request.out.name,
            speakers=self.speakers,
            targets=self.request.targets,
            voiced=self.voiced,
            work_folder=self.work_folder,
            observers=RoomObservers(on_caption=self._tell_caption, on_progress=self.telling.on_progress),
            limit_s=self.limit_s,
        )
        interrupted = _Interruption(room)
        async with room:
            interpreter = Interpreter(
                room=room,
                recognizer=self.parts.recognizer,
                translation=self.parts.translation,
                voices=self.parts.voices,
                admission=self.admission,
                observer=self.observers,
                tuning=InterpretingTuning(),
            )
            with interrupted:
                await interpreter.run()
        if room.failure is not None:
            raise room.failure
        return EndedRoom(
            record=room.record,
            audio_s=room.total_s,
            worst_lateness_s=room.worst_lateness_s,
            interrupted=interrupted.happened,
        )

    def _tell_caption(self, caption: Caption, readers: frozenset[str]) -> None:
        if caption.final and readers:
            self.telling.on_caption(caption)


class _Interruption:
    """Turns the first SIGINT or SIGTERM into the end of the room; the second one does what it did before."""

    def __init__(self, room: WavRoom) -> None:
        self._room = room
        self._before: dict[signal.Signals, Handler] = {}
        self.happened = False

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.getsignal(number)
            asyncio.get_running_loop().add_signal_handler(number, self._interrupt)

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _interrupt(self) -> None:
        self.happened = True
        self._remove()
        self._room.end()

    def _remove(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, handler)
