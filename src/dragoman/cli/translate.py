"""``dragoman translate``: a text, or line by line. The work is in services/translating_texts/."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.ground.errors import SettingsInvalid
from dragoman.services.translating_texts.command import (
    OutputFormat,
    TranslateTelling,
    make_translate_wish,
    translate_texts,
)


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
