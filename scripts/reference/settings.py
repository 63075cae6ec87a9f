"""The page of settings. For make_reference.py."""

import json
from pathlib import Path
from typing import get_args, get_origin

from scripts.reference.fields import field_notes
from scripts.reference.markdown import table
from scripts.reference.places import HOME, SOURCE

from dragoman.settings import Settings


def settings_page() -> str:
    notes = field_notes(SOURCE / "settings.py", "Settings")
    rows = [
        (f"`{name}`", f"`DRAGOMAN_{name.upper()}`", _default(name), _values(name), notes[name].text)
        for name in Settings.model_fields
    ]
    return (
        "# Settings\n\n"
        "Read at the start of every command: from `dragoman.toml` in `~/.config/dragoman` (`DRAGOMAN_CONFIG` names\n"
        "another file), then from environment variables, which win. A value out of range, or a name in the file that\n"
        "is not below, ends the command with every error at once. The default folders follow `XDG_CONFIG_HOME`,\n"
        "`XDG_DATA_HOME` and `XDG_CACHE_HOME`.\n\n"
        + table(("setting", "variable", "default", "values", "what it is"), rows)
    )


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default_factory is None:
        return "none" if field.default is None else f"`{json.dumps(field.default)}`"
    made = Settings().__getattribute__(name)
    if isinstance(made, Path):
        return f"`~/{made.relative_to(HOME)}`"
    return "this machine's"


def _values(name: str) -> str:
    field = Settings.model_fields[name]
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    limits = {key: getattr(limit, key) for limit in field.metadata for key in ("ge", "gt", "le") if hasattr(limit, key)}
    words = {"ge": "at least", "gt": "above", "le": "at most"}
    return ", ".join([_kind(field.annotation), *(f"{words[key]} {limit}" for key, limit in limits.items())])


def _kind(annotation: object) -> str:
    """Name the kind of value in words, whatever it is wrapped in."""
    kinds = {int: "whole number", float: "number", bool: "`true` or `false`", Path: "path", str: "text"}
    if isinstance(annotation, type) and annotation in kinds:
        return kinds[annotation]
    if get_origin(annotation) is tuple:
        return "numbers, in order" if _kind(get_args(annotation)[0]) == "number" else "names, in order"
    inner = [choice for choice in get_args(annotation) if choice is not type(None)]
    return _kind(inner[0]) if inner else "secret text"
