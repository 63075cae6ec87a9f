"""``dragoman db``: upgrade, save, put back, look. The work is in ``services/databases.py``.

It is imported when it is asked for: the database would add a third to the time that any other command takes to start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.cli.tables import add_row, plain_table

if TYPE_CHECKING:
    from dragoman.store.backup_file import Contents
    from dragoman.store.copying import OnProgress

db_app = typer.Typer(no_args_is_help=True, help="The database of accounts and rooms.")

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="A backup, as dragoman db backup makes it.")]


@db_app.command()
def upgrade() -> None:
    """Bring the tables to those of this release; where there is something to lose, it is saved first."""
    from dragoman.services.databases import is_there_a_database, upgrade_database

    settings = prepare()
    if not is_there_a_database(settings):
        out.say("there is no database yet, so nothing to upgrade; dragoman user add-admin makes one")
        return
    with interruptible(leaves="the database is as it was"), _progress("saving") as on_progress:
        done = upgrade_database(settings, on_progress)
    if done.before == done.after:
        out.say(f"{done.database}: its tables are those of this release already (schema {done.after})")
        return
    out.say(f"{done.database}: upgraded from {_schema(done.before)} to {_schema(done.after)}")
    if done.saved:
        out.say(f"what was there before is saved in {done.saved}; remove it once all is well")


@db_app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written; a new file.")]) -> None:
    """Save everything in one file, while calls and accounts go on."""
    from dragoman.services.databases import back_up_database

    settings = prepare()
    with interruptible(leaves="nothing was written"), _progress("saving") as on_progress:
        contents = back_up_database(settings, file, on_progress)
    out.say(f"{file}: {_described(contents)}, {file.stat().st_size / 1000:,.0f} kB")
    out.say("it holds addresses and password hashes: keep it where only you can read it")


@db_app.command()
def restore(file: BackupFile) -> None:
    """Put a backup in the place of the database, which is kept beside it. Stop dragoman first."""
    from dragoman.services.databases import restore_database

    settings = prepare()
    with (
        interruptible(leaves="the database is the old one or the restored one, whole; look with: dragoman db verify"),
        _progress("restoring") as on_progress,
    ):
        restored = restore_database(settings, file, on_progress)
    out.say(f"restored {_described(restored.contents)}")
    if restored.kept:
        out.say(f"what was there before is kept in {restored.kept}; remove it once all is well")


@db_app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A backup; without it, the database itself.")
    ] = None,
) -> None:
    """Look at every page, table, reference and row: status 0 if all is well, 1 if not."""
    from dragoman.services.databases import verify_backup, verify_database

    settings = prepare()
    if file is not None:
        with interruptible(leaves="nothing was changed"):
            contents = verify_backup(settings, file)
        out.say(f"{file} is whole: {_described(contents)}")
        return
    with interruptible(leaves="nothing was changed"), _progress("looking") as on_progress:
        verified = verify_database(settings, on_progress)
    table = plain_table(("table", "rows"), whole=("table",))
    for name, number in sorted(verified.rows.items()):
        add_row(table, name, f"{number}")
    out.print(table, soft_wrap=False)
    for sentence in verified.wrong:
        out.say(f"wrong: {sentence}")
    if not verified.good:
        raise typer.Exit(1)
    out.say(f"all is well; schema {verified.schema_id}")


@contextmanager
def _progress(doing: str) -> "Iterator[OnProgress]":
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _described(contents: "Contents") -> str:
    rows = sum(contents.rows.values())
    return (
        f"{rows} rows of {contents.made_at:%Y-%m-%d %H:%M} UTC ({contents.rows.get('users', 0)} accounts), "
        f"schema {contents.schema_id}, by {contents.made_by}"
    )


def _schema(schema: str | None) -> str:
    return "no tables" if schema is None else f"schema {schema}"
