"""What a voice model's folder says of itself: ``dragoman.json``, which the store writes. For ``voice_families.py``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelCorrupt, ModelNotFound, UnknownLanguage
from dragoman.ground.languages import Language, parse_language

CARD_FILE: Final = "dragoman.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCard:
    """A folder without a card is somebody's own: nobody has said that it may be used commercially."""

    id: str
    """Of the store, or the folder's name."""
    languages: tuple[Language, ...] = ()
    """Empty if the card does not say."""
    licence: str = "NOASSERTION"
    commercial: bool = False
    attribution: str = ""


def read_voice_card(folder: Path) -> VoiceCard:
    """Read the card of ``folder``. Raises ``ModelNotFound`` for no folder, ``ModelCorrupt`` for an unreadable card."""
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give the folder that holds the model's files")
    file = folder / CARD_FILE
    name = folder.resolve().name
    if not file.exists():
        return VoiceCard(id=name)
    try:
        card = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{file} is not JSON; fetch the model again, or delete the file") from error
    if not isinstance(card, dict):
        raise ModelCorrupt(f"{file} is not a JSON object; fetch the model again, or delete the file")
    codes = card.get("languages")
    try:
        languages = tuple(parse_language(str(code)) for code in codes) if isinstance(codes, list) else ()
    except UnknownLanguage as error:
        raise ModelCorrupt(f"{file} names a language that is not in our table: {error}") from error
    return VoiceCard(
        id=str(card.get("id") or name),
        languages=languages,
        licence=str(card.get("licence") or "NOASSERTION"),
        commercial=card.get("commercial") is True,
        attribution=str(card.get("attribution") or ""),
    )
