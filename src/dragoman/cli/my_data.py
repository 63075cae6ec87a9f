"""``dragoman erase`` and ``dragoman export``: what is stored of one person. The work is in services/data_commands.py.

It is imported when it is asked for: the database would add a third to the time that any other command takes to start.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.ground.errors import SettingsInvalid

if TYPE_CHECKING:
    from dragoman.services.data_commands import OnProgress

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of the account.")]


def export(
    email: Email,
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the zip is written; a new file.")],
) -> None:
    """Write everything that is stored of a person to a zip: JSON for programs, a page to read."""
    from dragoman.services.data_commands import export_person

    settings = prepare()
    with interruptible(leaves="nothing was written"):
        exported = export_person(settings, email, file)
    out.say(f"{file}: {exported.rows} rows, {exported.size_bytes / 1000:,.1f} kB; hand it to nobody else")


def erase(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
) -> None:
    """Erase a person: their account, rooms and sessions, here and in the backups of this machine. For good."""
    from dragoman.services.data_commands import erase_person, find_person

    settings = prepare()
    with interruptible(leaves="nothing was changed"):
        name = find_person(settings, email)
        if name is None:
            out.say("there is no such account; an erasure that was left unfinished is gone on with")
        elif not yes:
            _ask(f"erase {name} ({email}) with all their rooms, for good?")
    left = "what is erased stays erased; run this again, or start dragoman, which goes on with the rest"
    with interruptible(leaves=left), _progress() as on_progress:
        certificates = erase_person(settings, email, on_progress)
    for certificate in certificates:
        for line in _described(certificate):
            out.say(line)


def _ask(question: str) -> None:
    """Raise ``SettingsInvalid`` where nobody can be asked; end the command where they say no."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise SettingsInvalid("nobody sits here to be asked; say --yes to erase without a question")
    if not typer.confirm(question):
        out.say("nothing was changed")
        raise typer.Exit(1)


def _described(certificate: Mapping[str, object]) -> Iterator[str]:
    rows = certificate.get("rows")
    yield f"erased the account {certificate.get('user_id')}:"
    for table, number in sorted(rows.items()) if isinstance(rows, dict) else ():
        yield f"  {table}: {number}"
    yield f"  exports: {certificate.get('exports')}"
    yield f"  backups and other copies rewritten: {certificate.get('copies_rewritten')}"
    if certificate.get("copies_removed"):
        yield f"  copies removed because they could not be read: {certificate.get('copies_removed')}"
    yield f"kept: {certificate.get('kept')}"
    yield "copies that you keep elsewhere still hold them: after restoring one, erase again"


@contextmanager
def _progress() -> "Iterator[OnProgress]":
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("erasing", total=1.0)
        yield lambda share: bar.update(task, completed=share)
