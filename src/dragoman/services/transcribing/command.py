"""Transcribe one recording for ``dragoman transcribe``: checks first, then the engines, then the file.

``live.py`` does the same as a microphone would have it done.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dragoman.engines.registry import REGISTRY
from dragoman.ground.engines import EngineChoice, EngineKind, RecognitionContext, SpeechToText
from dragoman.ground.errors import (
    EngineUnavailable,
    LanguageNotSupported,
    ModelWrongFamily,
    SettingsInvalid,
)
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.virtual_time import VirtualTimeLoop
from dragoman.models.families import recognise_engine
from dragoman.observe.log import LogObserver
from dragoman.recognition.who_hears import engines_for
from dragoman.rooms.audio_file import Recording, measure_recording, open_recording
from dragoman.rooms.disk import writing_to
from dragoman.rooms.output_file import check_output, write_output
from dragoman.services.assembly import Engines, EngineWishes, assemble, open_engines, open_store
from dragoman.services.doctor import hint_for
from dragoman.services.transcribing.formats import TextFormat, write_file
from dragoman.services.transcribing.hearing import Hearing
from dragoman.services.transcribing.live import LivePlay, write_line
from dragoman.services.transcribing.stretches import Stretches
from dragoman.services.transcribing.transcription import Transcription
from dragoman.settings import Settings

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeRequest:
    """What a person asks for; ``make_transcribe_request`` makes one of what they typed."""

    file: Path
    language: Language | None
    """None to find it out."""
    engine: str = ""
    model: str = ""
    """Id or folder; with neither engine nor model the best of what is here."""
    text_format: TextFormat = TextFormat.TXT
    out: Path | None = None
    """None for standard output."""
    live: bool = False
    """As a microphone would give it; events instead of a transcription."""
    fast: bool = False
    """In virtual time: as quickly as the engines compute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeTelling:
    """Who is told while it runs."""

    on_text: Callable[[str], None]
    """What belongs on standard output, line ends included."""
    on_note: Callable[[str], None] = lambda note: None
    on_progress: Callable[[float, float], None] = lambda done_s, total_s: None
    """Seconds of the recording: done, and in all."""


def make_transcribe_request(
    *,
    file: Path,
    language: str,
    engine: str,
    model: str,
    text_format: TextFormat | None,
    out: Path | None,
    live: bool,
    fast: bool,
) -> TranscribeRequest:
    """Read what was typed. Raises ``UnknownLanguage``, and ``SettingsInvalid`` for what does not fit together."""
    if fast and not live:
        raise SettingsInvalid("--fast belongs to --live; without it a recording is transcribed as quickly as it can be")
    if live and text_format not in (None, TextFormat.JSON):
        raise SettingsInvalid("--live writes one JSON object a line: leave out --format")
    return TranscribeRequest(
        file=file,
        language=None if language.strip().lower() == AUTO else parse_language(language),
        engine=engine,
        model=model,
        text_format=text_format or TextFormat.TXT,
        out=out,
        live=live,
        fast=fast,
    )


def transcribe_recording(request: TranscribeRequest, settings: Settings, telling: TranscribeTelling) -> int:
    """Transcribe, write what was asked for, and give the number of words.

    Raises an ``InputError`` for a file, a language or an output that cannot be used, before anything is computed, and
    an ``EngineError`` or ``ModelError`` for engines that were asked for and cannot be had.
    """
    if request.out is not None:
        check_output(request.out, recording=request.file)
    limit_s = settings.max_recording_hours * 3600
    recording = measure_recording(request.file, limit_s=limit_s)
    if recording.cut_short:
        telling.on_note(f"{recording.path} is cut short: {recording.duration_s:.1f} s of it can be read")
    wishes = EngineWishes(speech_to_text=_choose(request, settings))
    languages = None if request.language is None else frozenset({request.language})
    with ExitStack() as stack:
        engines = stack.enter_context(
            open_engines(settings, wishes, languages=languages, kinds={EngineKind.SPEECH_TO_TEXT})
        )
        if not wishes.speech_to_text:
            for sentence in engines.left_out:
                telling.on_note(f"left out: {sentence}")
        able = _able(request.language, engines, settings)
        if request.live:
            return _play(request, recording, engines, able, settings, telling)
        transcription = _transcribe(request, recording, able, telling, limit_s)
    text = write_file(transcription, request.text_format)
    if request.out is None:
        telling.on_text(text)
    else:
        write_output(request.out, text.encode())
    return len(transcription.words)


def _transcribe(
    request: TranscribeRequest,
    recording: Recording,
    engines: list[SpeechToText],
    telling: TranscribeTelling,
    limit_s: float,
) -> Transcription:
    started = time.perf_counter()
    hearing = Hearing(engines, language=request.language, context=RecognitionContext())
    with open_recording(request.file, limit_s=limit_s) as reader:
        stretches = Stretches(reader)
        telling.on_progress(0.0, recording.duration_s)
        while (stretch := stretches.next()) is not None:
            hearing.hear(stretch)
            telling.on_progress(stretch.end_s, recording.duration_s)
    return Transcription(
        words=tuple(hearing.words),
        language=hearing.settled_language(),
        model_used=hearing.model_used,
        duration_s=stretches.duration_s,
        cut_short=recording.cut_short,
        processing_s=time.perf_counter() - started,
    )


def _play(
    request: TranscribeRequest,
    recording: Recording,
    engines: Engines,
    able: list[SpeechToText],
    settings: Settings,
    telling: TranscribeTelling,
) -> int:
    """Feed the recording through a live session; give the number of words that came for good."""
    limit_s = settings.max_recording_hours * 3600
    language = request.language or _find_language(request, able, telling, limit_s)
    loop_factory = VirtualTimeLoop if request.fast else asyncio.new_event_loop
    observers = Observers(observers=(LogObserver("transcribe"),))
    with ExitStack() as stack:
        reader = stack.enter_context(open_recording(request.file, limit_s=limit_s))
        parts = stack.enter_context(assemble(settings, engines, observers))
        write = telling.on_text
        if request.out is not None:
            stack.enter_context(writing_to(request.out.parent))
            file = stack.enter_context(request.out.open("w", encoding="utf-8"))
            write = _line_writer(file.write, file.flush)
        play = LivePlay(
            reader=reader,
            duration_s=recording.duration_s,
            recognizer=parts.recognizer,
            language=language,
            on_event=lambda event, emitted_s: write(write_line(event, emitted_s)),
            on_progress=telling.on_progress,
        )
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(play.run())


def _line_writer(write: Callable[[str], object], flush: Callable[[], None]) -> Callable[[str], None]:
    def write_and_flush(line: str) -> None:
        write(line)
        flush()

    return write_and_flush


def _find_language(
    request: TranscribeRequest, engines: list[SpeechToText], telling: TranscribeTelling, limit_s: float
) -> Language:
    """Find out what is spoken before the live session begins: as far into the recording as it takes."""
    hearing = Hearing(engines, language=None, context=RecognitionContext())
    with open_recording(request.file, limit_s=limit_s) as reader:
        stretches = Stretches(reader)
        while hearing.language is None and (stretch := stretches.next()) is not None:
            hearing.find_language(stretch)
    language = hearing.settled_language()
    if hearing.found_language is None:
        telling.on_note(f"nothing in it tells the language, so {language} is a guess; --language says what is spoken")
    else:
        telling.on_note(f"the language is taken for {language}; --language says another one")
    return language


def _choose(request: TranscribeRequest, settings: Settings) -> tuple[EngineChoice, ...]:
    """Give the engine that was asked for; a model alone says by its files which engine takes it."""
    engine, model = request.engine.strip(), request.model.strip()
    known = REGISTRY[EngineKind.SPEECH_TO_TEXT]
    if engine and engine not in known:
        raise EngineUnavailable(f"no speech-to-text engine {engine!r}; there are: {', '.join(sorted(known))}")
    if not model:
        return _installed(engine, request.language, settings) if engine else ()
    if not engine:
        folder = open_store(settings).find(model)
        engine = recognise_engine(folder)
        if engine not in known:
            raise ModelWrongFamily(
                f"{folder} holds a model for {engine}, which recognises no speech; give a Whisper model, "
                "such as: dragoman models pull whisper-small"
            )
    return (EngineChoice(name=engine, model=model),)


def _installed(engine: str, language: Language | None, settings: Settings) -> tuple[EngineChoice, ...]:
    """Give an engine with the models of it that are here, those for fewer languages and the larger ones first."""
    if not REGISTRY[EngineKind.SPEECH_TO_TEXT][engine].needs_model:
        return (EngineChoice(name=engine),)
    models = [
        model
        for model in open_store(settings).list()
        if model.usable and model.engine == engine and (language is None or language in model.languages)
    ]
    if not models:
        raise EngineUnavailable(
            f"{engine} needs a model, and none of it is here: --model FOLDER, or fetch one: "
            "dragoman models pull whisper-small"
        )
    return tuple(EngineChoice(name=engine, model=it.id) for it in sorted(models, key=lambda it: -it.size_bytes))


def _able(language: Language | None, engines: Engines, settings: Settings) -> list[SpeechToText]:
    """Give the engines that hear the language. Raises ``LanguageNotSupported`` with what would help."""
    if not engines.speech_to_text:
        raise EngineUnavailable("; ".join(["nothing here recognises speech", *engines.left_out]))
    try:
        engines_for(language, engines.speech_to_text)
    except LanguageNotSupported as error:
        if language is None:
            raise
        raise LanguageNotSupported(f"{error}. {hint_for(settings, language, language)}") from error
    return engines.speech_to_text
