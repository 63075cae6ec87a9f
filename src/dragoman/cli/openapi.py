"""``dragoman openapi``: the description of the API, for other programs. Made by services/api/app.py.

That is imported when it is asked for: it would add a second to the time that any other command takes to start.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.screen import out
from dragoman.ground.errors import OutputNotWritable


def openapi(
    file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where it is written.")] = None,
) -> None:
    """Write the OpenAPI of a server with accounts, as JSON; on standard output without --out."""
    from dragoman.services.api.app import openapi_document

    document = openapi_document()
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{file}: {error.strerror}; name a file that can be written with --out") from error
    out.say(f"{file}: {sum(map(len, document['paths'].values()))} operations")
