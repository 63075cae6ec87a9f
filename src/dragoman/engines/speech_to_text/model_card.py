"""What a model folder says of itself: ``dragoman.json``, which the model store writes. To the readers of folders.

A folder without a card is somebody's own: nobody has said in it what it may be used for.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelCorrupt, UnknownLanguage
from dragoman.ground.languages import Language, parse_language
from dragoman.wire.frames import JsonValue

CARD_FILE: Final = "dragoman.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Of one folder."""

    model: str
    """Id in the store, else the folder's name."""
    languages: tuple[Language, ...]
    """Empty if it does not say."""
    licence: str
    commercial: bool


def read_model_card(folder: Path) -> ModelCard:
    """Read the card of ``folder``. Raises ``ModelCorrupt`` if it cannot be read."""
    card = _read_card(folder / CARD_FILE)
    licence, identity = card.get("licence"), card.get("id")
    return ModelCard(
        model=identity if isinstance(identity, str) and identity else folder.resolve().name,
        languages=_languages(card.get("languages"), folder),
        licence=licence if isinstance(licence, str) and licence else "NOASSERTION",
        commercial=card.get("commercial") is True,
    )


def _read_card(file: Path) -> dict[str, JsonValue]:
    if not file.exists():
        return {}
    try:
        card = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{file} is not JSON; fetch the model again, or delete the file") from error
    if not isinstance(card, dict):
        raise ModelCorrupt(f"{file} is not a JSON object; fetch the model again, or delete the file")
    return card


def _languages(value: JsonValue, folder: Path) -> tuple[Language, ...]:
    if not isinstance(value, list):
        return ()
    try:
        return tuple(parse_language(str(code)) for code in value)
    except UnknownLanguage as error:
        raise ModelCorrupt(f"{folder / CARD_FILE} names a language that is not in our table: {error}") from error
