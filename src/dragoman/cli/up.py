"""``dragoman up``: start everything and keep it running. The work is in services/up.py.

What it imports stays for as long as the call lasts.
"""

from typing import Annotated

import typer
from rich.text import Text

from dragoman.cli.screen import CONTROLS, err, out, prepare
from dragoman.services.up import bring_up
from dragoman.services.welcome import Welcome, qr_lines


def up(
    lan: Annotated[
        bool, typer.Option("--lan", help="For the other machines of this network too, telephones included: by https.")
    ] = False,
    services_only: Annotated[bool, typer.Option("--services-only", help="The engines, without calls.")] = False,
) -> None:
    """Start everything, and keep it running until Ctrl-C."""
    settings = prepare()
    if lan:
        settings = settings.model_copy(update={"lan": True})
    bring_up(settings, services_only=services_only, telling=_UpTelling())


class _UpTelling:
    """Shows what ``dragoman up`` and its processes say: their lines beside the work, the welcome for people."""

    def line(self, name: str, text: str) -> None:
        err.print(f"{name:{len('livekit-server')}} | {text.expandtabs().translate(CONTROLS)}", markup=False)

    def ready(self, welcome: Welcome | None) -> None:
        if welcome is None:
            out.say("everything is ready; Ctrl-C ends it")
            return
        for line in welcome.lines():
            out.say(line)
        if out.is_terminal and welcome.address_for_phones:
            for line in qr_lines(welcome.address_for_phones):
                out.print(Text(f"  {line}", style="black on bright_white"))
