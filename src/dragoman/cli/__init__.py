"""The commands. They read what a person typed, call ``services/`` and ``models/``, and say in words what happened.

Each is in a file of its own, imported when it is asked for: ``dragoman up`` keeps what it has imported for as long as a
call lasts, and any command would wait for the libraries of all others.
"""

import importlib
import io
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer
from typer.core import TyperGroup

from dragoman import __version__
from dragoman.cli.screen import err, interrupt_on_signals, out
from dragoman.ground.errors import DragomanError

if TYPE_CHECKING:
    from typer._click import Command

_FILES: Final = {
    "erase": "my_data",
    "export": "my_data",
    "openapi": "openapi",
    "interpret": "interpret",
    "transcribe": "transcribe",
    "translate": "translate",
    "say": "say",
    "up": "up",
    "serve": "serve",
    "practice": "practice",
    "doctor": "doctor",
    "db": "db",
    "models": "models",
    "user": "user",
    "voices": "voices",
}
"""The file of each command: it has a function of the command's name, or ``NAME_app`` with commands of its own."""


class _ImportedCommands(Mapping[str, "Command"]):
    """The commands by name, imported when they are looked up."""

    def __getitem__(self, name: str) -> "Command":
        module = importlib.import_module(f"{__name__}.{_FILES[name]}")
        one = typer.Typer()
        if hasattr(module, f"{name}_app"):
            one.add_typer(getattr(module, f"{name}_app"), name=name)
        else:
            one.command()(getattr(module, name))
        return typer.main.get_group(one).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_FILES)

    def __len__(self) -> int:
        return len(_FILES)


class _Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]  # what typer gives its groups
        self.commands = cast(MutableMapping[str, "Command"], _ImportedCommands())


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, help="Calls in which everyone speaks their own language."
)


def main() -> None:
    """Run the command line; our own errors become one clear sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the shell has closed it
            stream.reconfigure(errors="backslashreplace")  # names of files need not be text
    interrupt_on_signals()
    try:
        app()
    except DragomanError as error:
        err.say(f"dragoman: {error}", style="red")
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        out.say(f"dragoman {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    pass
