"""The page of commands. For make_reference.py."""

from collections.abc import Iterator

import typer
from scripts.reference.markdown import first_paragraphs, table
from typer.core import TyperArgument, TyperCommand, TyperGroup

from dragoman.cli import app


def commands_page() -> str:
    command = typer.main.get_command(app)
    return "# Commands\n\n" + "\n".join(_describe_command(command, "dragoman"))


def _describe_command(command: TyperCommand | TyperGroup, name: str) -> Iterator[str]:
    below = command.commands if isinstance(command, TyperGroup) else {}
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    options = [param for param in command.params if not isinstance(param, TyperArgument)]
    usage = " ".join([name, "COMMAND" if below else "[OPTIONS]", *(_metavar(argument) for argument in arguments)])
    yield f"## {name}\n\n{first_paragraphs(command.help)}\n\n```\n{usage}\n```\n"
    rows = [(f"`{_metavar(argument)}`", _needed(argument), argument.help or "") for argument in arguments]
    rows += [(f"`{_spelling(option)}`", _needed(option), option.help or "") for option in options]
    if rows:
        yield table(("argument or option", "", "what it is"), rows)
    if below:
        yield table(("command", "what it does"), [(f"`{name} {key}`", it.help or "") for key, it in below.items()])
    for key, it in below.items():
        yield from _describe_command(it, f"{name} {key}")


def _metavar(param: TyperArgument) -> str:
    name = (param.metavar or (param.name or "").upper()).removesuffix("...")
    return f"{name}..." if param.nargs == -1 else name


def _spelling(option: object) -> str:
    names = ", ".join(option.opts)  # type: ignore[attr-defined]
    if option.is_flag:  # type: ignore[attr-defined]
        return names
    return f"{names} {option.metavar or 'TEXT'}"  # type: ignore[attr-defined]


def _needed(param: object) -> str:
    multiple = param.multiple or param.nargs == -1  # type: ignore[attr-defined]
    words = ["needed"] if param.required else []  # type: ignore[attr-defined]
    return ", ".join(words + (["may be repeated"] if multiple else []))
