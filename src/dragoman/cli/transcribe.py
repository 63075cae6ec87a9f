"""``dragoman transcribe``: write down what is said in a recording. The work is in services/transcribing/."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from dragoman.cli.screen import clock, err, interruptible, out, prepare
from dragoman.services.transcribing.command import TranscribeTelling, make_transcribe_request, transcribe_recording
from dragoman.services.transcribing.formats import TextFormat


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
            bar.update(task, completed=done_s, total=total_s, at=f"{clock(done_s)} of {clock(total_s)}")

        words = transcribe_recording(
            request, settings, TranscribeTelling(on_text=out.pour, on_note=err.say, on_progress=show)
        )
    if not words:
        err.say("no speech was recognised in it: is it the right file, and the right --language?")
