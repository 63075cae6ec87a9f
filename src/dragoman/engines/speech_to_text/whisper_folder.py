"""What a model folder says of itself: ``dragoman.json``, which the model store writes. To ``faster_whisper.py``."""

import json
from pathlib import Path
from typing import Final

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import ModelCorrupt, UnknownLanguage
from dragoman.ground.languages import Language, parse_language
from dragoman.wire.frames import JsonValue

CARD_FILE: Final = "dragoman.json"


def read_whisper_info(folder: Path, token_languages: tuple[Language, ...]) -> EngineInfo:
    """Describe the model in ``folder``; ``token_languages`` are those that its tokens know.

    A folder without a card is somebody's own: it may know all of them, and nobody has said that it may be used
    commercially. Raises ``ModelCorrupt`` if the card cannot be read.
    """
    card = _read_card(folder / CARD_FILE)
    languages = _languages(card.get("languages"), folder)
    licence = card.get("licence")
    identity = card.get("id")
    return EngineInfo(
        name="faster_whisper",
        kind=EngineKind.SPEECH_TO_TEXT,
        model=identity if isinstance(identity, str) and identity else folder.resolve().name,
        languages=tuple(code for code in token_languages if code in languages) if languages else token_languages,
        sample_rate=RECOGNITION_RATE,
        licence=licence if isinstance(licence, str) and licence else "NOASSERTION",
        commercial=card.get("commercial") is True,
        attribution="Whisper architecture, OpenAI; CTranslate2, OpenNMT",
        word_timestamps=True,
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
