"""Logs: events, not prose, and never what people said."""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, assert_never, cast

from dragoman.ground.events import (
    CaptionPublished,
    EchoDropped,
    EngineCalled,
    EngineFailed,
    EngineRests,
    Event,
    LadderChanged,
    RecognitionBatch,
    RecognitionLoad,
    RecognitionOpened,
    RecognitionRefused,
    RecognitionTurn,
    TranslationBatched,
    TranslationLoad,
    TranslationLooked,
    TranslationLost,
    UtteranceRecognized,
    VoiceEnded,
    VoiceSkipped,
    VoiceStarted,
    WindowCut,
    WordsCommitted,
)


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Let nothing find ``package`` that is imported meanwhile."""
    modules = cast(MutableMapping[str, ModuleType | None], sys.modules)
    known = modules.get(package)
    modules[package] = None
    try:
        yield
    finally:
        del modules[package]
        if known is not None:
            modules[package] = known


# It takes rich for tracebacks where that is installed. Ours are plain, and rich would be 4 MB in each of five services.
with _hidden("rich"):
    import structlog

log = structlog.get_logger()


class DefectCounter:
    """Counts the faults of our own that a process caught at the top of a task: what is logged with its traceback."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self.seen += bool(event.get("exc_info"))
        return event


defects = DefectCounter()
"""Of this process, as its log is."""


def set_up_log(*, level: str, as_json: bool) -> None:
    """Send logs to standard error: JSON lines for machines, else one readable line an event."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            defects,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever it is by then
    )


class LogObserver:
    """Writes events to the log; engine failures and ladder changes as warnings, the rest for who looks closely."""

    def __init__(self, room: str) -> None:
        self._room = room

    def observe(self, event: Event) -> None:
        match event:
            case CaptionPublished(caption=caption, readers=readers):
                log.debug(
                    "caption_published",
                    room=self._room,
                    seq=caption.seq,
                    language=caption.language,
                    readers=readers,
                    lag_ms=round(caption.lags.caption_ms or 0),
                )
            case UtteranceRecognized(language=language, words=words, lag_ms=lag_ms):
                log.debug("utterance_recognized", room=self._room, language=language, words=words, lag_ms=round(lag_ms))
            case EchoDropped(words=words):
                log.info("echo_dropped", room=self._room, words=words)
            case VoiceStarted(language=language, lag_ms=lag_ms, speed=speed):
                log.debug(
                    "voice_started", room=self._room, language=language, lag_ms=round(lag_ms), speed=round(speed, 2)
                )
            case VoiceEnded(language=language, duration_s=duration_s):
                log.debug("voice_ended", room=self._room, language=language, duration_s=round(duration_s, 2))
            case VoiceSkipped(language=language, reason=reason):
                log.info("voice_skipped", room=self._room, language=language, reason=reason)
            case LadderChanged(language=language, level=level, reason=reason):
                # Not "level": that is the line's own, and would take its place.
                log.warning("ladder_changed", room=self._room, language=language, ladder_level=level, reason=reason)
            case EngineFailed(stage=stage, engine=engine, code=code, detail=detail):
                log.warning("engine_failed", room=self._room, stage=stage, engine=engine, code=code, detail=detail)
            case EngineRests(stage=stage, engine=engine, rests=rests):
                log.warning("engine_rests", room=self._room, stage=stage, engine=engine, rests=rests)
            case RecognitionLoad(share=share, degree=degree, changed=True):
                log.warning("recognition_load", room=self._room, share=round(share, 2), degree=degree)
            case (
                EngineCalled()
                | (WordsCommitted() | WindowCut())
                | (RecognitionTurn() | RecognitionRefused() | RecognitionLoad())
                | (RecognitionBatch() | RecognitionOpened())
                | (TranslationBatched() | TranslationLost() | TranslationLoad() | TranslationLooked())
            ):
                pass
            case _:
                assert_never(event)
