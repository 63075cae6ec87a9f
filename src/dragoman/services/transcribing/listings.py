"""``GET /models`` and ``GET /languages``: what can be asked for. For ``speech_to_text.py``."""

from collections.abc import Sequence

from dragoman.ground.engines import EngineInfo
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.wire.frames import Header, JsonValue


def list_models(infos: Sequence[EngineInfo]) -> Header:
    """List the models in the order in which they are asked; OpenAI's clients read it too."""
    return {"object": "list", "data": [_model(info) for info in infos]}


def list_languages(infos: Sequence[EngineInfo]) -> Header:
    """List the languages in the order of our table, each with the models that hear it."""
    heard = {language for info in infos for language in info.languages}
    return {"languages": [_language(language, infos) for language in LANGUAGES if language in heard]}


def _model(info: EngineInfo) -> JsonValue:
    return {
        "id": info.label,
        "object": "model",
        "created": 0,
        "owned_by": info.attribution or info.name,
        "engine": info.name,
        "languages": list(info.languages),
        "licence": info.licence,
        "commercial": info.commercial,
        "word_timestamps": info.word_timestamps,
        "streaming": info.streaming,
    }


def _language(language: Language, infos: Sequence[EngineInfo]) -> JsonValue:
    entry = LANGUAGES[language]
    return {
        "code": language,
        "name": entry.name,
        "own_name": entry.own_name,
        "models": [info.label for info in infos if language in info.languages],
    }
