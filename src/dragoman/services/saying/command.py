"""Speak one text for ``dragoman say``: checks first, then the engines, then the file."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dragoman.engines.registry import engines_of
from dragoman.ground.audio import join_audio
from dragoman.ground.engines import EngineChoice, EngineKind, TextToSpeech
from dragoman.ground.errors import EngineError, EngineUnavailable, OutputNotWritable
from dragoman.ground.events import Observers, Stage
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.marking import describe_synthetic
from dragoman.observe.log import LogObserver
from dragoman.rooms.output_file import check_output, write_output
from dragoman.services.assembly import EngineWishes, assemble, open_engines, parse_choices
from dragoman.services.saying.sound_files import SoundFormat, encode
from dragoman.services.saying.tiers import JOB_PIECE_WITHIN_S, first_asked
from dragoman.services.saying.wishes import (
    TextNotSpeakable,
    Wish,
    check_speed,
    check_text,
    find_engines,
    make_wish,
)
from dragoman.settings import Settings
from dragoman.voicing.router import SpokenPiece, VoiceRouter

STANDARD_INPUT = "-"
_FORMATS = {".wav": SoundFormat.WAV, ".mp3": SoundFormat.MP3, ".opus": SoundFormat.OPUS, ".ogg": SoundFormat.OPUS,
            ".flac": SoundFormat.FLAC}  # fmt: skip
_PIECE_WITHIN_S = 60.0
"""For a first sound, and for each that follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayRequest:
    """What a person asks for; ``make_say_request`` makes one of what they typed."""

    text: str
    language: Language
    out: Path
    sound_format: SoundFormat
    engine: str = ""
    voice: str = ""
    speed: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was written."""

    duration_s: float
    engine: str


def make_say_request(
    *, text: str, language: str, engine: str, voice: str, speed: float, out: Path, settings: Settings
) -> SayRequest:
    """Read what was typed; ``-`` is standard input.

    Raises ``UnknownLanguage``, ``TextNotSpeakable``, ``SpeedOutOfRange``, and ``OutputNotWritable`` for a file that
    cannot be written or whose name says no format.
    """
    parsed = parse_language(language)
    sound_format = _FORMATS.get(out.suffix.lower())
    if sound_format is None:
        raise OutputNotWritable(f"{out} says no format that can be written: give {', '.join(_FORMATS)}")
    check_output(out)
    check_speed(speed)
    most = settings.max_say_characters
    if text == STANDARD_INPUT:
        text = read_text(sys.stdin.buffer, most_characters=most)
    # What the shell passed on may hold bytes that are no text.
    text = text.encode("utf-8", "replace").decode()
    check_text(text, parsed, most_characters=most)
    return SayRequest(
        text=text,
        language=parsed,
        out=out,
        sound_format=sound_format,
        engine=engine.strip(),
        voice=voice.strip(),
        speed=speed,
    )


def read_text(file: BinaryIO, *, most_characters: int) -> str:
    """Read UTF-8 to the end, and no further than what could be spoken. Raises ``TextNotSpeakable``."""
    content = file.read(4 * most_characters + 4)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) > 4 * most_characters:
            raise TextNotSpeakable(
                f"at most {most_characters} characters are spoken at once: send it in parts"
            ) from error
        raise TextNotSpeakable("standard input is no text in UTF-8; convert it first: iconv -t UTF-8") from error


def say_text(request: SayRequest, settings: Settings, *, on_note: Callable[[str], None]) -> Said:
    """Speak and write the file, whole or not at all.

    Raises an ``EngineError`` or ``ModelError`` for engines and voices that cannot be had.
    """
    wishes = EngineWishes(text_to_speech=_choose(request.engine))
    with ExitStack() as stack:
        engines = stack.enter_context(
            open_engines(settings, wishes, languages={request.language}, kinds={EngineKind.TEXT_TO_SPEECH})
        )
        if not request.engine:
            for sentence in engines.left_out:
                on_note(f"left out: {sentence}")
        wish = _wish(request, engines.text_to_speech, engines.left_out, settings)
        parts = stack.enter_context(assemble(settings, engines, Observers(observers=(LogObserver("say"),))))
        pieces = asyncio.run(speak_whole(parts.voices, wish))
    audio = join_audio([piece.audio for piece in pieces], pieces[0].audio.sample_rate)
    mark = describe_synthetic(engines=(piece.engine for piece in pieces), voice=request.voice)
    write_output(request.out, encode(audio, request.sound_format, mark=mark))
    return Said(duration_s=audio.duration_s, engine=pieces[0].engine)


async def speak_whole(router: VoiceRouter, wish: Wish) -> list[SpokenPiece]:
    """Load the engine that is asked first, then speak: no piece has to wait for a model.

    An engine for background jobs takes up to ten minutes to load, and five for a sentence. Raises what
    ``VoiceRouter.speak_pieces`` raises.
    """
    engine = first_asked(wish.language, find_engines(wish.engine, router.engines))
    if engine is not None:
        try:
            await router.pool.run(Stage.VOICE, engine, engine.warm_up)
        except EngineError:
            if wish.engine:
                raise
            # The pool has reported it. The router asks once more, and then the engine that stands behind.
    pieces = router.speak_pieces(
        wish.text,
        language=wish.language,
        voice=wish.voice,
        speed=wish.speed,
        deadline_s=JOB_PIECE_WITHIN_S if engine is not None and engine.info.jobs_only else _PIECE_WITHIN_S,
        engine=wish.engine,
    )
    return [piece async for piece in pieces]


def _choose(engine: str) -> tuple[EngineChoice, ...]:
    choices = parse_choices([engine] if engine else [])
    known = engines_of(EngineKind.TEXT_TO_SPEECH)
    for choice in choices:
        if choice.name not in known:
            raise EngineUnavailable(f"no text-to-speech engine {choice.name!r}; there are: {', '.join(sorted(known))}")
    return choices


def _wish(request: SayRequest, engines: list[TextToSpeech], left_out: list[str], settings: Settings) -> Wish:
    if not engines:
        raise EngineUnavailable("; ".join(["nothing here speaks", *left_out]))
    return make_wish(
        request.text,
        language=request.language,
        voice=request.voice,
        speed=request.speed,
        engine="",
        engines=engines,
        most_characters=settings.max_say_characters,
    )
