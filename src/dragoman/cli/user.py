"""``dragoman user``: accounts by hand, at the machine. The work is in ``services/user_commands.py``.

It is imported when it is asked for: the database would add a third to the time that any other command takes to start.
"""

import getpass
import sys
from typing import Annotated

import typer

from dragoman.cli.screen import interruptible, out, prepare
from dragoman.cli.tables import add_row, plain_table
from dragoman.ground.errors import SettingsInvalid

user_app = typer.Typer(no_args_is_help=True, help="Accounts: the first one turns them on.")

MAX_PASSWORD_CHARS = 200
NOT_CHANGED = "nothing was changed"

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of the account.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
]


@user_app.command("add-admin")
def add_admin(
    email: Email,
    name: Annotated[str, typer.Option(metavar="NAME", help="What others see; the part before the @ by default.")] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Make an admin of this server. The first one turns accounts on: rooms are then made by who is signed in."""
    from dragoman.services.api.answers import clean_name
    from dragoman.services.user_commands import add_admin as make_admin
    from dragoman.services.user_commands import check_password, find_user

    settings = prepare()
    with interruptible(leaves=NOT_CHANGED):
        try:
            shown = clean_name(name or email.partition("@")[0])[:80]
        except ValueError as error:
            raise SettingsInvalid(f"--name: {error}") from error
        password = ""
        if find_user(settings, email) is None:
            password = _password(password_stdin)
            check_password(email, password, name=shown)
        made = make_admin(settings, email=email, name=shown, password=password)
    if made.new:
        out.say(f"{made.user.email} is an admin of this server, and signs in with the password that you gave")
    else:
        out.say(f"{made.user.email} had an account, and is an admin now; the password is what it was")
    if made.first:
        out.say(f"accounts are on: they are kept in {made.database}")
        out.say("dragoman up takes them within seconds if it runs: its API starts again, and calls go on")


@user_app.command("list")
def list_users() -> None:
    """List the accounts."""
    from dragoman.services.user_commands import list_users as read_users

    users = read_users(prepare())
    table = plain_table(("e-mail", "name", "admin", "plan", "state", "last sign-in"), whole=("e-mail", "last sign-in"))
    for user in users:
        add_row(
            table,
            user.email,
            user.name,
            "yes" if user.is_admin else "",
            user.plan,
            "closed" if user.disabled_at else "",
            f"{user.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if user.last_sign_in_at else "never",
        )
    out.print(table, soft_wrap=False)


@user_app.command("reset-password")
def reset_password(email: Email, password_stdin: PasswordStdin = False) -> None:
    """Give somebody a new password, and sign them out everywhere."""
    from dragoman.services.user_commands import check_password
    from dragoman.services.user_commands import reset_password as set_new

    settings = prepare()
    with interruptible(leaves=NOT_CHANGED):
        password = _password(password_stdin)
        check_password(email, password)
        user = set_new(settings, email=email, password=password)
    out.say(f"{user.email} signs in with the new password, and is signed out everywhere")


@user_app.command()
def disable(email: Email) -> None:
    """Close an account; what belongs to it stays."""
    from dragoman.services.user_commands import set_disabled

    user = set_disabled(prepare(), email=email, disabled=True)
    out.say(f"{user.email} is closed, and signed out everywhere; dragoman user enable opens it again")


@user_app.command()
def enable(email: Email) -> None:
    """Open an account again that was closed."""
    from dragoman.services.user_commands import set_disabled

    user = set_disabled(prepare(), email=email, disabled=False)
    out.say(f"{user.email} may sign in")


def _password(from_stdin: bool) -> str:
    """Read a password from a pipe, or ask for it twice without showing it. Raises ``SettingsInvalid``."""
    if from_stdin:
        return sys.stdin.readline(MAX_PASSWORD_CHARS + 2).rstrip("\r\n")
    if sys.stdin is None or not sys.stdin.isatty():
        raise SettingsInvalid("nobody sits here to be asked for a password; send it with --password-stdin")
    password = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != password:
        raise SettingsInvalid("the two are not the same; nothing was changed")
    return password
