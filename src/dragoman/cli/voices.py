"""``dragoman voices``: who speaks which language, and whether a recording is marked as synthetic speech."""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.cli.tables import add_row, few, plain_table
from dragoman.ground.engines import EngineKind
from dragoman.ground.languages import parse_language
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.services.saying.detecting import describe_marks, detect_marks
from dragoman.services.saying.listings import voice_rows

voices_app = typer.Typer(no_args_is_help=True, help="Voices, and the marks of synthetic speech.")


@voices_app.command("list")
def list_voices(
    language: Annotated[str, typer.Option(metavar="LANGUAGE", help="Of one language only, every voice.")] = "",
) -> None:
    """List who speaks which language, and by which licence."""
    settings = prepare()
    spoken = parse_language(language) if language else None
    languages = None if spoken is None else {spoken}
    with open_engines(settings, EngineWishes(), languages=languages, kinds={EngineKind.TEXT_TO_SPEECH}) as engines:
        rows = voice_rows(engines.text_to_speech, spoken)
        left_out = engines.left_out
    table = plain_table(("language", "engine", "voices", "licence", "commercial"), whole=("engine",))
    for row in rows:
        voices = ", ".join(row.voices) if spoken else few(row.voices)
        add_row(table, row.language, row.engine, voices, row.licence, "yes" if row.commercial else "no")
    out.print(table, soft_wrap=False)
    for sentence in left_out:
        err.say(f"left out: {sentence}")


@voices_app.command()
def detect(file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")]) -> None:
    """Say whether speech is marked as synthetic: status 0 if it is, 3 if no mark is found, 4 without a detector."""
    settings = prepare()
    with interruptible(leaves="nothing is known of it"):
        marks = detect_marks(file, settings)
    for line in describe_marks(marks):
        out.say(line)
    if marks.verdict:
        raise typer.Exit(marks.verdict)
