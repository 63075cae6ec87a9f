"""``dragoman interpret``: recordings in, captions and dubbed voice out. The work is in services/recording.py."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from dragoman.cli.screen import INTERRUPTED, clock, err, interruptible, out, prepare
from dragoman.ground.captions import Caption
from dragoman.ground.languages import parse_language
from dragoman.rooms.wav_room import Progress as RoomProgress
from dragoman.services.assembly import EngineWishes, parse_choices
from dragoman.services.recording import interpret_recording
from dragoman.services.recording_request import Telling, make_request


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
            speech_to_text=parse_choices(speech_to_text or ()),
            translation=parse_choices(translation or ()),
            text_to_speech=parse_choices(text_to_speech or ()),
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
    at = f"{clock(progress.played_s)} of {clock(progress.total_s)}, {progress.captions} captions"
    bar.update(task, completed=progress.played_s, total=progress.total_s, at=at)


def _caption_line(caption: Caption) -> str:
    mark = " (untranslated)" if caption.untranslated else ""
    return f"{clock(caption.start_s)}  {caption.language}  {caption.text}{mark}"
