"""Describe a folder with a Whisper model, by its card and by what its tokens know. To ``faster_whisper.py``."""

from pathlib import Path

from dragoman.engines.speech_to_text.model_card import read_model_card
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.languages import Language


def read_whisper_info(folder: Path, token_languages: tuple[Language, ...]) -> EngineInfo:
    """Describe the model in ``folder``; ``token_languages`` are those that its tokens know.

    A folder without a card may know all of them. Raises ``ModelCorrupt`` if the card cannot be read.
    """
    card = read_model_card(folder)
    known = tuple(code for code in token_languages if code in card.languages) if card.languages else token_languages
    return EngineInfo(
        name="faster_whisper",
        kind=EngineKind.SPEECH_TO_TEXT,
        model=card.model,
        languages=known,
        sample_rate=RECOGNITION_RATE,
        licence=card.licence,
        commercial=card.commercial,
        attribution="Whisper architecture, OpenAI; CTranslate2, OpenNMT",
        word_timestamps=True,
    )
