"""``POST /transcribe`` with a recording: a form with a file, or the file itself. For ``speech_to_text.py``.

``uploads.py`` receives it, ``hearing.py`` recognises it stretch by stretch, so that live speech gets its turn between
them. ``openai_http.py`` asks the same in other words.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import RecognitionContext, SpeechToText
from dragoman.ground.events import Stage
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.speech import Transcript
from dragoman.services.transcribing.formats import write_json, write_srt, write_vtt
from dragoman.services.transcribing.hearing import Hearing
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.transcribing.stretches import Stretches
from dragoman.services.transcribing.transcription import Transcription
from dragoman.services.transcribing.uploads import Upload, UploadDesk, receive_upload

AUTO: Final = "auto"
DEFAULT_MODELS: Final = frozenset({"", "default", "whisper-1"})
"""Names for the best that is here; the last is what OpenAI's clients say."""
MAX_HOT_WORDS: Final = 200
READ_S: Final = 32.0
"""Of a recording, read at a time: as it is more than a model takes in one pass, what is recognised of it at once is one
pass, 28 s at most. The last words of somebody who speaks meanwhile wait for no more than that."""
PIECE_WAITS_S: Final = 300.0


Write = Callable[[Transcription], Response]
Prepare = Callable[[Upload], Write]
"""Looks at the fields before anything is computed, and says how to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsDesk:
    """What the routes work with."""

    engines: Sequence[SpeechToText]
    pool: EnginePool
    uploads: UploadDesk

    async def transcribe(self, request: Request, prepare: Prepare) -> Response:
        """Receive, recognise and answer. Raises our errors, and ``ClientDisconnect`` when nobody waits any more."""
        self.pool.turns.refuse_beyond(Degree.HALF_THE_LOOKS, "recording")
        async with self.uploads.turn() as turns, receive_upload(request, self.uploads.limits) as upload:
            write = prepare(upload)
            hearing = Hearing(
                choose_engines(self.engines, upload.text("model") or upload.text("engine")),
                language=read_language(upload),
                context=read_context(upload),
                call=self._timed,
            )
            async with turns:
                return write(await self._recognise(upload, hearing, request.is_disconnected))

    async def _recognise(
        self, upload: Upload, hearing: Hearing, has_left: Callable[[], Awaitable[bool]]
    ) -> Transcription:
        started = time.perf_counter()
        reader = await asyncio.to_thread(upload.open, self.uploads.limits)
        stretches = Stretches(reader, longest_s=READ_S)
        try:
            while (stretch := await asyncio.to_thread(stretches.next)) is not None:
                if await has_left():
                    raise ClientDisconnect
                heard = stretch
                job = Job(urgency=Urgency.RECORDING, engine=hearing.next_engine, owner=hearing, waits_s=PIECE_WAITS_S)
                await self.pool.visit(lambda heard=heard: hearing.hear(heard), job=job)  # type: ignore[misc]
        finally:
            await asyncio.to_thread(reader.close)
        return Transcription(
            words=tuple(hearing.words),
            language=hearing.settled_language(),
            model_used=hearing.model_used,
            duration_s=stretches.duration_s,
            cut_short=reader.cut_short,
            processing_s=time.perf_counter() - started,
        )

    def _timed(self, engine: SpeechToText, call: Callable[[], Transcript]) -> Transcript:
        return self.pool.timed(Stage.RECOGNITION, engine, call)


_WRITERS: Final[dict[str, Write]] = {
    "json": lambda transcription: JSONResponse(write_json(transcription)),
    "text": lambda transcription: PlainTextResponse(f"{transcription.text}\n"),
    "srt": lambda transcription: Response(write_srt(transcription), media_type="application/x-subrip"),
    "vtt": lambda transcription: Response(write_vtt(transcription), media_type="text/vtt"),
}


def prepare_answer(upload: Upload) -> Write:
    """Answer in the ``format`` that is asked for, ``json`` by default. Raises ``FieldInvalid`` with the list."""
    return choose_writer(_WRITERS, upload.text("format") or "json")


def choose_writer(writers: Mapping[str, Write], wanted: str) -> Write:
    """Give the writer of a format. Raises ``FieldInvalid`` with the list of those there are."""
    if wanted not in writers:
        raise FieldInvalid(f"no format {wanted[:40]!r}; there are: {', '.join(writers)}")
    return writers[wanted]


def read_language(upload: Upload) -> Language | None:
    """Give the language that is spoken, None to find it out. Raises ``UnknownLanguage`` with the list."""
    text = upload.text("language")
    return None if text.lower() in ("", AUTO) else parse_language(text[:40])


def read_context(upload: Upload) -> RecognitionContext:
    """Give what helps: ``prompt`` is what was said before, ``hot_words`` are names and terms between commas."""
    hot_words = [word.strip() for word in upload.text("hot_words").split(",") if word.strip()]
    return RecognitionContext(previous_text=upload.text("prompt"), hot_words=tuple(hot_words[:MAX_HOT_WORDS]))


def choose_engines(engines: Sequence[SpeechToText], model: str) -> Sequence[SpeechToText]:
    """Give the engines of a model's name: its label, its id, or the engine's name; all of them for none.

    Raises ``FieldInvalid`` with the list of those that are here.
    """
    if model in DEFAULT_MODELS:
        return engines
    chosen = [engine for engine in engines if model in (engine.info.label, engine.info.model, engine.info.name)]
    if not chosen:
        known = ", ".join(engine.info.label for engine in engines)
        raise FieldInvalid(f"no model {model[:80]!r} here; there are: {known}; 'default' takes the best of them")
    return chosen
