"""The commands. They read what a person typed, call ``services/`` and ``models/``, and say in words what happened."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from dragoman import __version__
from dragoman.ground.captions import Caption
from dragoman.ground.engines import EngineChoice, EngineKind, LanguagePair
from dragoman.ground.errors import DragomanError, SettingsInvalid
from dragoman.ground.languages import Language, parse_language
from dragoman.models.hub import HubClient
from dragoman.models.pull import Puller, PullProgress
from dragoman.models.table import load_table
from dragoman.observe.log import set_up_log
from dragoman.rooms.wav_room import Progress as RoomProgress
from dragoman.services.assembly import EngineWishes, open_engines, open_store, parse_choices
from dragoman.services.doctor import (
    describe_directions,
    describe_offer,
    describe_recognition,
    describe_voices,
    diagnose,
)
from dragoman.services.practice_visit import find_room, visit
from dragoman.services.recording import interpret_recording
from dragoman.services.recording_request import Telling, make_request
from dragoman.services.saying.command import make_say_request, say_text
from dragoman.services.saying.detecting import describe_marks, detect_marks
from dragoman.services.saying.listings import voice_rows
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
from dragoman.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Calls in which everyone speaks their own language.")
models_app = typer.Typer(no_args_is_help=True, help="Models that add languages.")
app.add_typer(models_app, name="models")
voices_app = typer.Typer(no_args_is_help=True, help="Voices, and the marks of synthetic speech.")
app.add_typer(voices_app, name="voices")

INTERRUPTED = 130
"""Exit status of a command that was interrupted, as shells have it."""

WIDE = 200
"""Columns of a table for a file or another program, so that nothing of it is left out."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0))}
_CONTROLS |= {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""What would steer a terminal or turn a line around; names of files and what was recognised may hold any of it."""


class Served(StrEnum):
    """What ``dragoman serve`` runs."""

    SPEECH_TO_TEXT = EngineKind.SPEECH_TO_TEXT.value
    TRANSLATION = EngineKind.TRANSLATION.value
    TEXT_TO_SPEECH = EngineKind.TEXT_TO_SPEECH.value
    INTERPRETER = "interpreter"
    API = "api"


class _Screen(Console):
    """Where a person reads. It may go away (``| head -1``) without stopping the work."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True)
        if not self.is_terminal:
            self.width = WIDE

    def say(self, text: str, *, style: str | None = None) -> None:
        """Write a line as it is, nothing in it taken for markup or for control of the terminal."""
        try:
            self.print(text.translate(_CONTROLS), style=style if self.is_terminal else None, markup=False)
        except OSError as error:  # such as a full disk behind "> file"
            self.on_broken_pipe()
            if not self.stderr:
                err.say(f"dragoman: standard output takes no more ({error.strerror}); the work goes on")

    def pour(self, text: str) -> None:
        """Write what another program may read, as it is; where a person reads, what steers a terminal is shown."""
        if self.quiet:
            return
        try:
            self.file.write(text.translate(_CONTROLS) if self.is_terminal else text)
            self.file.flush()
        except OSError as error:
            self.on_broken_pipe()
            if not isinstance(error, BrokenPipeError):
                err.say(f"dragoman: standard output takes no more ({error.strerror})")

    def on_broken_pipe(self) -> None:
        """Say nothing more. What is still buffered goes nowhere, instead of failing when the process ends."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


out = _Screen()
err = _Screen(stderr=True)


def main() -> None:
    """Run the command line; our own errors become one clear sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the shell has closed it
            stream.reconfigure(errors="backslashreplace")  # names of files need not be text
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # "nohup" ignores SIGHUP, and keeps it so
            signal.signal(number, _interrupt)
    try:
        app()
    except DragomanError as error:
        err.say(f"dragoman: {error}", style="red")
        sys.exit(1)


_interruptions: list[int] = []
"""Signals that have asked for the end."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, whatever the signal: everything is cleaned up."""
    _interruptions.append(number)
    raise KeyboardInterrupt


@contextmanager
def _interruptible(*, leaves: str) -> Iterator[None]:
    """Say after Ctrl-C what is left, and end with its exit status."""
    try:
        yield
    except (KeyboardInterrupt, ImportError):
        # A library that is interrupted while it is imported turns the interruption into an ImportError.
        if not _interruptions:
            raise
        err.say(f"dragoman: interrupted; {leaves}")
        raise typer.Exit(INTERRUPTED) from None


def _start() -> Settings:
    settings = read_settings()
    set_up_log(level=settings.log_level, as_json=settings.log_json)
    return settings


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
    settings = _start()
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
        _interruptible(leaves="nothing was written"),
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
        err.print(f"{name:{len('livekit-server')}} | {text.expandtabs().translate(_CONTROLS)}", markup=False)

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
    settings = _start()
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
        _interruptible(leaves="what was said until then is written" if live else "nothing was written"),
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
) -> None:
    """Translate a text, or every line of standard input."""
    settings = _start()
    wish = make_translate_wish(text=text, source=source, target=target, engine=engine, model=model, output=output)
    with _interruptible(leaves="what was translated until then is written"):
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
    settings = _start()
    request = make_say_request(
        text=text, language=language, engine=engine, voice=voice, speed=speed, out=file_out, settings=settings
    )
    with _interruptible(leaves="nothing was written"):
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
    settings = _start()
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

    settings = _start()
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
    settings = _start()
    address = find_room(room, here=f"http://{settings.api_host}:{settings.api_port}")
    with _interruptible(leaves="the practice speaker has left"):
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
    settings = _start()
    diagnosis = diagnose(settings)
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
    for sentence in diagnosis.missing:
        out.say(f"missing: {sentence}")
    if not diagnosis.healthy:
        raise typer.Exit(1)


@voices_app.command("list")
def list_voices(
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="Of one language only, every voice.")] = "",
) -> None:
    """List who speaks which language, and by which licence."""
    settings = _start()
    spoken = parse_language(language) if language else None
    wishes = EngineWishes()
    with open_engines(
        settings, wishes, languages=None if spoken is None else {spoken}, kinds={EngineKind.TEXT_TO_SPEECH}
    ) as engines:
        rows = voice_rows(engines.text_to_speech, spoken)
        left_out = engines.left_out
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("language", "engine", "voices", "licence", "commercial"):
        table.add_column(column, overflow="fold", no_wrap=column == "engine")
    for row in rows:
        voices = ", ".join(row.voices) if spoken else _few(row.voices)
        cells = (row.language, row.engine, voices, row.licence, "yes" if row.commercial else "no")
        table.add_row(*(Text(cell.translate(_CONTROLS)) for cell in cells))
    out.print(table, soft_wrap=False)
    for sentence in left_out:
        err.say(f"left out: {sentence}")


@voices_app.command()
def detect(file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")]) -> None:
    """Say whether speech is marked as synthetic: status 0 if it is, 3 if no mark is found, 4 without a detector."""
    settings = _start()
    with _interruptible(leaves="nothing is known of it"):
        marks = detect_marks(file, settings)
    for line in describe_marks(marks):
        out.say(line)
    if marks.verdict:
        raise typer.Exit(marks.verdict)


@models_app.command("list")
def list_models() -> None:
    """List the models there are, and which of them are here."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("id", "engine", "languages", "MB", "licence", "commercial", "state"):
        table.add_column(
            column, justify="right" if column == "MB" else "left", overflow="fold", no_wrap=column in ("id", "engine")
        )
    for model in open_store(_start()).list():
        cells = (
            model.id,
            model.engine,
            _few([f"{source}:{target}" for source, target in model.pairs] or list(model.languages)),
            f"{model.size_bytes / 1e6:.0f}",
            model.licence,
            "yes" if model.commercial else "no",
            model.state,
        )
        table.add_row(*(Text(cell.translate(_CONTROLS)) for cell in cells))
    out.print(table, soft_wrap=False)


def _few(languages: Sequence[str]) -> str:
    shown = ", ".join(languages[:3])
    return f"{shown} +{len(languages) - 3}" if len(languages) > 3 else shown


@models_app.command()
def pull(ids: Annotated[list[str], typer.Argument(metavar="ID", help="As in: dragoman models list")]) -> None:
    """Fetch models: verified, resumed where an earlier pull stopped, in place only when whole."""
    settings, table = _start(), load_table()
    for model_id in ids:
        table.entry(model_id)  # a misspelt one is told of before anything is fetched
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with (
        _interruptible(leaves="what has arrived is kept, and the same command goes on from there"),
        HubClient(settings.model_hub or table.hub) as hub,
        Progress(*columns, console=err, disable=not err.is_terminal) as bar,
    ):
        for model_id in ids:
            task = bar.add_task(model_id, total=None)

            def show(progress: PullProgress, task: TaskID = task) -> None:
                bar.update(task, completed=progress.done_bytes, total=progress.total_bytes)

            report = Puller(settings.models_dir, table, hub, on_progress=show, on_notice=err.say).pull(model_id)
            fetched = "was here already" if not report.fetched_bytes else f"{report.fetched_bytes / 1e6:.0f} MB fetched"
            out.say(f"{report.model}: {fetched}; it lies in {report.folder}")


@models_app.command()
def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with a converted model.")],
    model_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Its name here; the folder's name by default.")
    ] = "",
    engine: Annotated[
        str,
        typer.Option(metavar="ENGINE", help="faster_whisper, ctranslate2, sherpa or vieneu; recognised by default."),
    ] = "",
    languages: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE", help="vi for a recogniser or a voice, en:vi for a translator; may be repeated."
        ),
    ] = None,
    licence: Annotated[str, typer.Option(metavar="SPDX", help="Its licence, such as Apache-2.0.")] = "",
    commercial: Annotated[bool, typer.Option("--commercial", help="Its licence allows commercial use.")] = False,
) -> None:
    """Take a model of your own into the store."""
    if not languages:
        raise SettingsInvalid(
            "say what the model knows: --languages vi for a recogniser or a voice, en:vi for a translator"
        )
    stored = open_store(_start()).add(
        folder,
        model_id=model_id,
        engine=engine,
        languages=[parse_language(text) for text in languages if ":" not in text],
        pairs=[_pair(text) for text in languages if ":" in text],
        licence=licence,
        commercial=commercial,
    )
    out.say(f"{stored.id}: added for {stored.engine}; use it as {stored.engine}:{stored.id}")


def _pair(text: str) -> LanguagePair:
    source, _, target = text.partition(":")
    pair: tuple[Language, Language] = parse_language(source), parse_language(target)
    if pair[0] == pair[1]:
        raise SettingsInvalid(f"{text} names one language twice; a pair is source:target, such as en:vi")
    return pair
