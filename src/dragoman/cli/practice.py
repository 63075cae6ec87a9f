"""``dragoman practice``: a speaker for whoever is alone in a room. The work is in services/practice_visit.py."""

import asyncio
from typing import Annotated

import typer

from dragoman.cli.screen import interruptible, out, prepare
from dragoman.ground.languages import parse_language
from dragoman.services.doors import api_for_processes
from dragoman.services.practice_visit import find_room, visit


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
