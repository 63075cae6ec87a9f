"""The commands. They read what a person typed, call ``services/`` and ``models/``, and say in words what happened."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

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
from dragoman.services.assembly import EngineWishes, open_store, parse_choices
from dragoman.services.doctor import describe_directions, describe_offer, diagnose
from dragoman.services.recording import interpret_recording
from dragoman.services.recording_request import Telling, make_request
from dragoman.services.serve import ServiceRequest
from dragoman.services.serve import serve as run_service
from dragoman.services.up import bring_up
from dragoman.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Calls in which everyone speaks their own language.")
models_app = typer.Typer(no_args_is_help=True, help="Models that add languages.")
app.add_typer(models_app, name="models")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

INTERRUPTED = 130
"""Exit status of a command that was interrupted, as shells have it."""


def main() -> None:
    """Run the command line; our own errors become one clear sentence and exit status 1."""
    try:
        app()
    except DragomanError as error:
        err.print(f"dragoman: {error}", style="red" if err.is_terminal else None, markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("dragoman: interrupted")
        sys.exit(INTERRUPTED)


def _start() -> Settings:
    settings = read_settings()
    set_up_log(level=settings.log_level, as_json=settings.log_json)
    return settings


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"dragoman {__version__}")
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
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings; several are several speakers.")],
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
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="MODEL: id or folder.")
    ] = None,
    translation: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Repeated: the fall-backs.")
    ] = None,
    text_to_speech: Annotated[list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Such as espeak.")] = None,
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
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("interpreting", total=None, at="getting ready")
        telling = Telling(
            on_note=lambda note: err.print(note, markup=False),
            on_caption=lambda caption: out.print(_caption_line(caption), markup=False),
            on_progress=lambda progress: _show_progress(bar, task, progress),
        )
        outcome = interpret_recording(request, settings, telling)
    if outcome.interrupted:
        out.print(f"interrupted; what was done until then lies in {outcome.out}", markup=False)
        raise typer.Exit(INTERRUPTED)
    out.print(f"{outcome.captions} captions; the results lie in {outcome.out}", markup=False)
    if not outcome.captions:
        err.print("no speech was recognised in it: is it the right file, and the right --from?")


def _show_progress(bar: Progress, task: object, progress: RoomProgress) -> None:
    at = f"{_clock(progress.played_s)} of {_clock(progress.total_s)}, {progress.captions} captions"
    bar.update(task, completed=progress.played_s, total=progress.total_s, at=at)  # type: ignore[arg-type]


def _caption_line(caption: Caption) -> str:
    mark = " (untranslated)" if caption.untranslated else ""
    return f"{_clock(caption.start_s)}  {caption.language}  {caption.text}{mark}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _choices(asked: list[str] | None) -> tuple[EngineChoice, ...]:
    return parse_choices(asked or ())


@app.command()
def up() -> None:
    """Start everything, and keep it running until Ctrl-C."""
    settings = _start()
    width = max(len(kind) for kind in EngineKind)
    bring_up(
        settings,
        on_line=lambda name, line: err.print(f"{name:{width}} | {line}", markup=False),
        on_ready=lambda: out.print("everything is ready; Ctrl-C ends it"),
    )


@app.command()
def serve(
    service: Annotated[EngineKind, typer.Argument(help="speech-to-text, translation or text-to-speech.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Instead of the port of the settings.")] = None,
    engine: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Repeated: in order of preference.")
    ] = None,
    supervisor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one service by itself; dragoman up runs all of them."""
    settings = _start()
    run_service(ServiceRequest(kind=service, wishes=_choices(engine), port=port, supervisor=supervisor), settings)


@app.command()
def doctor() -> None:
    """Say what works on this machine, and what would add more."""
    diagnosis = diagnose(_start())
    out.print("works now:")
    for line in describe_directions(diagnosis.directions) or ["nothing"]:
        out.print(f"  {line}", markup=False)
    for offer in diagnosis.offers:
        out.print(describe_offer(offer), markup=False)
    for sentence in diagnosis.missing:
        out.print(f"missing: {sentence}", markup=False)
    if not diagnosis.healthy:
        raise typer.Exit(1)


@models_app.command("list")
def list_models() -> None:
    """List the models there are, and which of them are here."""
    table = Table(box=None, pad_edge=False)
    for column in ("id", "engine", "languages", "MB", "licence", "commercial use", "state"):
        table.add_column(column, justify="right" if column == "MB" else "left")
    for model in open_store(_start()).list():
        pairs = [f"{source}>{target}" for source, target in model.pairs]
        languages = pairs or list(model.languages)
        shown = ", ".join(languages[:3]) + (f" and {len(languages) - 3} more" if len(languages) > 3 else "")
        table.add_row(
            model.id,
            model.engine,
            shown,
            f"{model.size_bytes / 1e6:.0f}",
            model.licence,
            "yes" if model.commercial else "no",
            model.state,
        )
    out.print(table)


@models_app.command()
def pull(ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As in: dragoman models list")]) -> None:
    """Fetch models: verified, resumed where an earlier pull stopped, in place only when whole."""
    settings, table = _start(), load_table()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with HubClient(settings.model_hub or table.hub) as hub, Progress(*columns, console=err) as bar:
        for model_id in ids:
            task = bar.add_task(model_id, total=None)

            def show(progress: PullProgress, task: object = task) -> None:
                bar.update(task, completed=progress.done_bytes, total=progress.total_bytes)  # type: ignore[arg-type]

            puller = Puller(
                settings.models_dir,
                table,
                hub,
                on_progress=show,
                on_notice=lambda notice: bar.console.print(notice, markup=False),
            )
            report = puller.pull(model_id)
            fetched = "was here already" if not report.fetched_bytes else f"{report.fetched_bytes / 1e6:.0f} MB fetched"
            out.print(f"{report.model}: {fetched}; it lies in {report.folder}", markup=False)


@models_app.command()
def add(
    folder: Annotated[Path, typer.Argument(help="A folder with a converted model.")],
    model_id: Annotated[str, typer.Option("--id", help="Its name here; the folder's name by default.")] = "",
    engine: Annotated[str, typer.Option(help="faster_whisper or ctranslate2; recognised by default.")] = "",
    languages: Annotated[list[str] | None, typer.Option(help="vi, or en:vi for a translator; may be repeated.")] = None,
    licence: Annotated[str, typer.Option(help="SPDX identifier of its licence.")] = "",
    commercial: Annotated[bool, typer.Option("--commercial", help="Its licence allows commercial use.")] = False,
) -> None:
    """Take a model of your own into the store."""
    asked = languages or []
    pairs = [_pair(text) for text in asked if ":" in text]
    stored = open_store(_start()).add(
        folder,
        model_id=model_id,
        engine=engine,
        languages=[parse_language(text) for text in asked if ":" not in text],
        pairs=pairs,
        licence=licence,
        commercial=commercial,
    )
    out.print(f"{stored.id}: added for {stored.engine}; use it as {stored.engine}:{stored.id}", markup=False)


def _pair(text: str) -> LanguagePair:
    source, _, target = text.partition(":")
    pair: tuple[Language, Language] = parse_language(source), parse_language(target)
    if pair[0] == pair[1]:
        raise SettingsInvalid(f"{text} names one language twice; a pair is source:target, such as en:vi")
    return pair
