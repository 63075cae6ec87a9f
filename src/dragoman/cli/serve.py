"""``dragoman serve``: one service by itself. The work is in services/serve.py and its neighbours, one a kind."""

from enum import StrEnum
from typing import Annotated

import typer

from dragoman.cli.screen import prepare
from dragoman.ground.engines import EngineKind


class Served(StrEnum):
    """What ``dragoman serve`` runs."""

    SPEECH_TO_TEXT = EngineKind.SPEECH_TO_TEXT.value
    TRANSLATION = EngineKind.TRANSLATION.value
    TEXT_TO_SPEECH = EngineKind.TEXT_TO_SPEECH.value
    INTERPRETER = "interpreter"
    API = "api"


def serve(
    service: Annotated[Served, typer.Argument(help="An engine service, the interpreter, or the API.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Instead of the port of the settings.")] = None,
    engine: Annotated[
        list[str] | None, typer.Option(metavar="ENGINE[:MODEL]", help="Repeated: in order of preference.")
    ] = None,
    supervisor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one service by itself; dragoman up runs all of them."""
    settings = prepare()
    # Each is imported where it runs: none needs the libraries of the others.
    match service:
        case Served.API:
            from dragoman.services.serve_api import serve_api

            serve_api(settings, supervisor=supervisor)
        case Served.INTERPRETER:
            from dragoman.services.serve_interpreter import serve_interpreter

            serve_interpreter(settings, supervisor=supervisor)
        case _:
            from dragoman.services.assembly import parse_choices
            from dragoman.services.serve import ServiceRequest
            from dragoman.services.serve import serve as serve_engines

            wishes = parse_choices(engine or ())
            request = ServiceRequest(kind=EngineKind(service.value), wishes=wishes, port=port, supervisor=supervisor)
            serve_engines(request, settings)
