"""Play a recording into a live session and tell every event, for ``dragoman transcribe --live``. From ``command.py``.

It is fed as a microphone feeds it, frames of 50 ms when they are due, by the clock of the running loop: the real one,
or one that leaps over idle waiting (``ground/virtual_time.py``).
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dragoman.ground.engines import RecognitionContext, RecognitionSession, Recognizer
from dragoman.ground.errors import DragomanError
from dragoman.ground.languages import Language, join_words
from dragoman.ground.speech import RecognitionEvent, WordState
from dragoman.rooms.audio_file import RecordingReader
from dragoman.rooms.file_microphone import FileMicrophone, RoomClock
from dragoman.services.transcribing.formats import write_word
from dragoman.wire.fields import sendable
from dragoman.wire.frames import Header

_NAMES: Final = {
    WordState.PROVISIONAL: "partial",
    WordState.COMMITTED: "committed",
    WordState.FINAL: "final",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlay:
    """One run; ``run`` does it."""

    reader: RecordingReader
    duration_s: float
    recognizer: Recognizer
    language: Language
    on_event: Callable[[RecognitionEvent, float], None]
    """The event, and the seconds from the recording's first sample to its coming."""
    on_progress: Callable[[float, float], None] = lambda done_s, total_s: None

    async def run(self) -> int:
        """Play to the end and give the number of words that came for good. Raises what the recogniser refuses with."""
        session = await self.recognizer.open(language=self.language, context=RecognitionContext())
        failure: DragomanError | None = None
        words = 0
        try:
            words = await self._play(session)
        except* DragomanError as errors:
            failure = _first(errors)
        finally:
            await session.close()
        if failure is not None:
            raise failure
        return words

    async def _play(self, session: RecognitionSession) -> int:
        clock = RoomClock(opened_at_s=asyncio.get_running_loop().time(), ended=asyncio.Event())
        words = 0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._feed(session, clock), name="transcribe: feed the session")
            async for event in session:
                self.on_event(event, clock.now_s())
                words += 0 if event.state is WordState.PROVISIONAL else len(event.words)
        return words

    async def _feed(self, session: RecognitionSession, clock: RoomClock) -> None:
        microphone = FileMicrophone(reader=self.reader, clock=clock, starts_at_s=0.0, duration_s=self.duration_s)
        async for frame in microphone.frames():
            await session.push(frame)
            self.on_progress(min(microphone.played_to_s, self.duration_s), self.duration_s)
        await session.finish()


def _first(errors: BaseExceptionGroup[DragomanError]) -> DragomanError:
    """Give one of the errors: they are all of one cause, the session's end."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def write_line(event: RecognitionEvent, emitted_s: float) -> str:
    """Write an event as one line of JSON. Every time is in seconds from the recording's first sample."""
    line: Header = {
        "event": _NAMES[event.state],
        "utterance": event.utterance,
        "text": sendable(join_words((word.text for word in event.words), event.language)),
        "words": [write_word(word) for word in event.words],
        "language": event.language,
        "emitted": round(emitted_s, 3),
        "audio": round(event.audio_time_s, 3),
        "speech_end": round(event.speech_end_s, 3),
        "endpoint": None if event.endpoint_s is None else round(event.endpoint_s, 3),
        "model_used": event.model_used,
        "failure": event.failure,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"
