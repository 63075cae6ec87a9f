"""What ``dragoman.json`` beside a model says of it: the model store writes it, people may. For local translators."""

import json
from dataclasses import dataclass
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelCorrupt, UnknownLanguage
from dragoman.ground.languages import parse_language

STATEMENT = "dragoman.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What ``dragoman.json`` says; empty where it says nothing."""

    id: str = ""
    pairs: frozenset[LanguagePair] = frozenset()
    licence: str = ""
    commercial: bool = False


def read_statement(folder: Path) -> Statement:
    """Read what was stated of the model in ``folder``; empty if nothing was. Raises ``ModelCorrupt``."""
    stated = read_json_object(folder / STATEMENT)
    pairs = stated.get("pairs", [])
    advice = f'{folder / STATEMENT} should hold {{"pairs": [["en", "vi"]], ...}}'
    if not isinstance(pairs, list):
        raise ModelCorrupt(advice)
    try:
        parsed = frozenset((parse_language(source), parse_language(target)) for source, target in pairs)
    except (TypeError, ValueError, AttributeError, UnknownLanguage) as error:
        raise ModelCorrupt(f"{advice}: {error}") from error
    return Statement(
        id=str(stated.get("id", "")),
        pairs=parsed,
        licence=str(stated.get("licence", "")),
        commercial=stated.get("commercial") is True,
    )


def read_json_object(path: Path) -> dict[str, object]:
    """Read a JSON object; a missing file is an empty one."""
    if not path.exists():
        return {}
    value = read_json(path)
    if not isinstance(value, dict):
        raise ModelCorrupt(f"{path} should hold a JSON object; fetch the model again")
    return value


def read_json(path: Path) -> object:
    """Read a JSON file of a model. Raises ``ModelCorrupt``."""
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{path} cannot be read: {error}; fetch the model again") from error
    return value
