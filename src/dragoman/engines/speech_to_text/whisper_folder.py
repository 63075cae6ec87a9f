"""Describe a folder with a Whisper model, by its card and by what its tokens know. To ``faster_whisper.py``."""

import json
from pathlib import Path
from typing import Final

from dragoman.engines.ctranslate2_files import require_files, require_spec
from dragoman.engines.speech_to_text.model_card import read_model_card
from dragoman.engines.speech_to_text.whisper_tokens import WhisperTokens
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import ModelCorrupt
from dragoman.ground.languages import Language

FILES: Final = ("config.json", "model.bin", "tokenizer.json", "vocabulary.json|vocabulary.txt")


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


def describe_whisper_folder(folder: Path) -> EngineInfo:
    """Say what the model in ``folder`` would say of itself, without loading it. Raises a ``ModelError``."""
    require_files(folder, ["model.bin"])
    require_spec(folder, "WhisperSpec")
    require_files(folder, FILES)
    tokens = WhisperTokens(folder / "tokenizer.json", multilingual="" in _read_vocabulary(folder))
    return read_whisper_info(folder, tokens.languages)


def _read_vocabulary(folder: Path) -> list[str]:
    """Give the tokens as CTranslate2 reads them; an empty one among them makes the model multilingual for it."""
    listed, plain = folder / "vocabulary.json", folder / "vocabulary.txt"
    try:
        if listed.is_file():
            tokens = json.loads(listed.read_bytes())
            if isinstance(tokens, list):
                return tokens
        else:
            return plain.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except ValueError as error:
        raise ModelCorrupt(f"{folder} has a vocabulary that cannot be read; fetch the model again") from error
    raise ModelCorrupt(f"{listed} is not a list of tokens; fetch the model again")
