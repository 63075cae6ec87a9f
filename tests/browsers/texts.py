"""The page's own words, so that a test finds what a person would look for. To person.py."""

import json
import re
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "web" / "src" / "i18n"
_TEXTS = {language: json.loads((_FOLDER / f"{language}.json").read_text()) for language in ("en", "vi")}


def text(name: str, /, language: str = "en", **values: str) -> str:
    """Give the words called ``name``, such as ``lobby.join``, with ``{{values}}`` put in."""
    found = _TEXTS[language]
    for part in name.split("."):
        found = found[part]
    return re.sub(r"{{(\w+)}}", lambda place: values[place[1]], str(found))
