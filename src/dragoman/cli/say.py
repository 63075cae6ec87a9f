"""``dragoman say``: speak a text into a sound file. The work is in services/saying/."""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.services.saying.command import make_say_request, say_text


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
