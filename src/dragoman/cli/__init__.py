"""The commands. They read what a person typed, call ``services/`` and ``models/``, and say in words what happened."""

import asyncio
import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from dragoman import __version__
from dragoman.cli.db import db_app
from dragoman.cli.models import models_app
from dragoman.cli.my_data import erase, export
from dragoman.cli.openapi import openapi
from dragoman.cli.screen import CONTROLS, INTERRUPTED, err, interrupt_on_signals, interruptible, out, prepare
from dragoman.cli.user import user_app
from dragoman.cli.voices import voices_app
from dragoman.ground.captions import Caption
from dragoman.ground.engines import EngineChoice, EngineKind
from dragoman.ground.errors import DragomanError, SettingsInvalid
from dragoman.ground.languages import parse_language
from dragoman.rooms.wav_room import Progress as RoomProgress
from dragoman.services.assembly import EngineWishes, parse_choices
from dragoman.services.doctor import (
    describe_directions,
    describe_offer,
    describe_recognition,
    describe_voices,
    diagnose,
)
from dragoman.services.doors import api_for_processes
from dragoman.services.practice_visit import find_room, visit
from dragoman.services.recording import interpret_recording
from dragoman.services.recording_request import Telling, make_request
from dragoman.services.saying.command import make_say_request, say_text
from dragoman.services.saying.watermarking import describe_watermark
from dragoman.services.transcribing.command import TranscribeTelling, make_transcribe_request, transcribe_recording
from dragoman.services.transcribing.formats import TextFormat
from dragoman.services.translating_texts.command import (
    OutputFormat,
    TranslateTelling,
    make_translate_wish,
    translate_texts,
)
from dragoman.services.up import bring_up
from dragoman.services.welcome import Welcome, qr_lines

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Calls in which everyone speaks their own language.")
app.add_typer(db_app, name="db")
app.add_typer(models_app, name="models")
app.add_typer(user_app, name="user")
app.add_typer(voices_app, name="voices")
app.command()(erase)
app.command()(export)
app.command()(openapi)


class Served(StrEnum):
    """What ``dragoman serve`` runs."""

    SPEECH_TO_TEXT = EngineKind.SPEECH_TO_TEXT.value
    TRANSLATION = EngineKind.TRANSLATION.value
    TEXT_TO_SPEECH = EngineKind.TEXT_TO_SPEECH.value
    INTERPRETER = "interpreter"
    API = "api"


def main() -> None:
    """Run the command line; our own errors become one clear sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the shell has closed it
            stream.reconfigure(errors="backslashreplace")  # names of files need not be text
    interrupt_on_signals()
    try:
        app()
    except DragomanError as error:
        err.say(f"dragoman: {error}", style="red")
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        out.say(f"dragoman {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    pass


@app.command()
def interpret(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Recordings; several are several speakers.")],
    source: Annotated[
        list[str], typer.Option("--from", metavar="LANGUAGE", help="What is spoken: one for all, or each.")
    ],
    target: Annotated[
        list[str], typer.Option("--to", metavar="LANGUAGE", help="What to interpret into; may be repeated.")
    ],
    folder: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the results go; new or empty.")],
    fast: Annotated[bool, typer.Option("--fast", help="As quickly as computed, not in real time.")] = False,
    dub_only: Annotated[bool, typer.Option("--dub-only", help="The dub without the original underneath.")] = False,
    start: Annotated[
        list[float] | None, typer.Option("--start", metavar="SECONDS", help="When each file begins.")
    ] = None,
    speech_to_text: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Who recognises; MODEL is an id or a folder.")
    ] = None,
    translation: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Who translates; repeated: the fall-backs.")
    ] = None,
    text_to_speech: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Who speaks, such as espeak.")
    ] = None,
) -> None:
    """Interpret recordings: captions, and the voice dubbed into other languages."""
    settings = prepare()
    request = make_request(
        files=tuple(files),
        sources=tuple(map(parse_language, source)),
        targets=tuple(map(parse_language, target)),
        out=folder,
        fast=fast,
        dub_only=dub_only,
        starts_at_s=tuple(start or ()),
        wishes=EngineWishes(
            speech_to_text=_choices(speech_to_text),
            translation=_choices(translation),
            text_to_speech=_choices(text_to_speech),
        ),
    )
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"))
    with (
        interruptible(leaves="nothing was written"),
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        task = bar.add_task("interpreting", total=None, at="getting ready")
        telling = Telling(
            on_note=err.say,
            on_caption=lambda caption: out.say(_caption_line(caption)),
            on_progress=lambda progress: _show_progress(bar, task, progress),
        )
        outcome = interpret_recording(request, settings, telling)
    if outcome.interrupted:
        out.say(f"interrupted; what was done until then lies in {outcome.out}")
        raise typer.Exit(INTERRUPTED)
    out.say(f"{outcome.captions} captions; the results lie in {outcome.out}")
    if not outcome.captions:
        err.say("no speech was recognised in it: is it the right file, and the right --from?")


def _show_progress(bar: Progress, task: TaskID, progress: RoomProgress) -> None:
    at = f"{_clock(progress.played_s)} of {_clock(progress.total_s)}, {progress.captions} captions"
    bar.update(task, completed=progress.played_s, total=progress.total_s, at=at)


def _caption_line(caption: Caption) -> str:
    mark = " (untranslated)" if caption.untranslated else ""
    return f"{_clock(caption.start_s)}  {caption.language}  {caption.text}{mark}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _choices(asked: list[str] | None) -> tuple[EngineChoice, ...]:
    return parse_choices(asked or ())


class _UpTelling:
    """Shows what ``dragoman up`` and its processes say: their lines beside the work, the welcome for people."""

    def line(self, name: str, text: str) -> None:
        err.print(f"{name:{len('livekit-server')}} | {text.expandtabs().translate(CONTROLS)}", markup=False)

    def ready(self, welcome: Welcome | None) -> None:
        if welcome is None:
            out.say("everything is ready; Ctrl-C ends it")
            return
        for line in welcome.lines():
            out.say(line)
        if out.is_terminal and welcome.address_for_phones:
            for line in qr_lines(welcome.address_for_phones):
                out.print(Text(f"  {line}", style="black on bright_white"))


@app.command()
def transcribe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="What is spoken; auto to find it out.")] = "auto",
    engine: Annotated[str, typer.Option(metavar="ENGINE", help="Who recognises; the best here by default.")] = "",
    model: Annotated[str, typer.Option(metavar="NAME-OR-FOLDER", help="An id or a folder, used as it is.")] = "",
    text_format: Annotated[
        TextFormat | None, typer.Option("--format", metavar="FORMAT", help="txt (default), json, srt or vtt.")
    ] = None,
    file_out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where it is written; standard output by default.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="As a microphone gives it: a JSON line for every event.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="With --live: as quickly as computed.")] = False,
) -> None:
    """Write down what is said in a recording."""
    settings = prepare()
    request = make_transcribe_request(
        file=file,
        language=language,
        engine=engine,
        model=model,
        text_format=text_format,
        out=file_out,
        live=live,
        fast=fast,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"))
    with (
        interruptible(leaves="what was said until then is written" if live else "nothing was written"),
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        task = bar.add_task("transcribing", total=None, at="getting ready")

        def show(done_s: float, total_s: float) -> None:
            bar.update(task, completed=done_s, total=total_s, at=f"{_clock(done_s)} of {_clock(total_s)}")

        words = transcribe_recording(
            request, settings, TranscribeTelling(on_text=out.pour, on_note=err.say, on_progress=show)
        )
    if not words:
        err.say("no speech was recognised in it: is it the right file, and the right --language?")


@app.command()
def translate(
    source: Annotated[str, typer.Option("--from", metavar="LANGUAGE", help="What the text is in.")],
    target: Annotated[str, typer.Option("--to", metavar="LANGUAGE", help="What to translate into.")],
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="Without it, the lines of standard input.")
    ] = None,
    engine: Annotated[str, typer.Option(metavar="ENGINE", help="Who translates; the best here by default.")] = "",
    model: Annotated[str, typer.Option(metavar="NAME-OR-FOLDER", help="An id or a folder, used as it is.")] = "",
    output: Annotated[
        OutputFormat, typer.Option("--format", metavar="FORMAT", help="txt, or json: an object a line.")
    ] = OutputFormat.TXT,
    glossary: Annotated[Path | None, typer.Option(metavar="FILE", help="Terms to keep to: CSV, TSV or TBX.")] = None,
    context: Annotated[
        str, typer.Option(metavar="TEXT", help="What the text is about, for engines that read it.")
    ] = "",
) -> None:
    """Translate a text, or every line of standard input."""
    settings = prepare()
    wish = make_translate_wish(
        text=text,
        source=source,
        target=target,
        engine=engine,
        model=model,
        output=output,
        glossary=glossary,
        context=context,
    )
    with interruptible(leaves="what was translated until then is written"):
        if text is None and sys.stdin is None:  # closed by whoever started us
            raise SettingsInvalid("there is no text: name one, or give lines on standard input")
        if text is None and sys.stdin.isatty():
            err.say("type a line to have it translated; Ctrl-D ends it")
        telling = TranslateTelling(on_text=out.pour, on_note=err.say, is_over=lambda: out.quiet)
        failed = translate_texts(wish, settings, None if text is not None else sys.stdin.buffer, telling)
    if failed:
        err.say(f"{failed} lines are left untranslated")
        raise typer.Exit(1)


@app.command()
def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said; - for standard input.")],
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="What the text is in.")],
    file_out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where it is written: .wav, .mp3, .opus, .ogg or .flac.")
    ],
    engine: Annotated[str, typer.Option(metavar="ENGINE[:MODEL]", help="Who speaks; the best here by default.")] = "",
    voice: Annotated[str, typer.Option(metavar="VOICE", help="As the engine names it.")] = "",
    speed: Annotated[float, typer.Option(metavar="FACTOR", help="From 0.5 to 2.")] = 1.0,
) -> None:
    """Speak a text into a sound file."""
    settings = prepare()
    request = make_say_request(
        text=text, language=language, engine=engine, voice=voice, speed=speed, out=file_out, settings=settings
    )
    with interruptible(leaves="nothing was written"):
        said = say_text(request, settings, on_note=err.say)
    out.say(f"{file_out}: {said.duration_s:.1f} s, spoken by {said.engine}")


@app.command()
def up(
    lan: Annotated[
        bool, typer.Option("--lan", help="For the other machines of this network too, telephones included: by https.")
    ] = False,
    services_only: Annotated[bool, typer.Option("--services-only", help="The engines, without calls.")] = False,
) -> None:
    """Start everything, and keep it running until Ctrl-C."""
    settings = prepare()
    if lan:
        settings = settings.model_copy(update={"lan": True})
    bring_up(settings, services_only=services_only, telling=_UpTelling())


@app.command()
def serve(
    service: Annotated[Served, typer.Argument(help="An engine service, the interpreter, or the API.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Instead of the port of the settings.")] = None,
    engine: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Repeated: in order of preference.")
    ] = None,
    supervisor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one service by itself; dragoman up runs all of them."""
    # Imported when they are asked for: each of them would double the time that any other command takes to start.
    from dragoman.services.serve import ServiceRequest
    from dragoman.services.serve import serve as run_service
    from dragoman.services.serve_api import serve_api
    from dragoman.services.serve_interpreter import serve_interpreter

    settings = prepare()
    match service:
        case Served.API:
            serve_api(settings, supervisor=supervisor)
        case Served.INTERPRETER:
            serve_interpreter(settings, supervisor=supervisor)
        case _:
            kind = EngineKind(service.value)
            run_service(ServiceRequest(kind=kind, wishes=_choices(engine), port=port, supervisor=supervisor), settings)


@app.command()
def practice(
    room: Annotated[str, typer.Argument(metavar="ROOM-OR-LINK", help="A room of the site here, or any room's link.")],
    speaks: Annotated[str, typer.Option(metavar="LANGUAGE", help="What the speaker speaks.")] = "en",
    loop: Annotated[bool, typer.Option("--loop", help="Again and again until Ctrl-C.")] = False,
) -> None:
    """Let a practice speaker talk in a room, so that one person alone sees captions and hears the dub."""
    settings = prepare()
    address = find_room(room, here=api_for_processes(settings))
    with interruptible(leaves="the practice speaker has left"):
        asyncio.run(
            visit(
                address,
                parse_language(speaks),
                again_and_again=loop,
                on_joined=lambda: out.say("the practice speaker is in the room; Ctrl-C calls it back"),
            )
        )
    out.say("the practice speaker has left")


@app.command()
def doctor() -> None:
    """Say what works on this machine, and what would add more."""
    from dragoman.services.call_checks import diagnose_calls

    settings = prepare()
    diagnosis, calls = diagnose(settings), diagnose_calls(settings)
    out.say("works now:")
    for line in describe_directions(diagnosis.directions) or ["nothing"]:
        out.say(f"  {line}")
    for line in describe_recognition(settings):
        out.say(f"hears {line}")
    for line in describe_voices(settings):
        out.say(f"speaks {line}")
    out.say(describe_watermark(settings))
    for offer in diagnosis.offers:
        out.say(describe_offer(offer))
    if calls.runs_already:
        out.say("dragoman runs here already, so its ports were not looked at")
    for sentence in diagnosis.missing:
        out.say(f"missing: {sentence}")
    for fault in calls.faults:
        out.say(f"for calls: {fault}")
    if not diagnosis.healthy or calls.faults:
        raise typer.Exit(1)
