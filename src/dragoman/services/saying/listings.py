"""``GET /voices`` and ``GET /languages`` for people: what can be asked for. For ``text_to_speech.py``."""

from collections.abc import Sequence

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.wire.frames import Header, JsonValue


def list_voices(engines: Sequence[TextToSpeech], language: Language | None) -> Header:
    """List the voices of one language, or of all, in the order in which engines are asked."""
    return {
        "voices": [
            _voice(voice.name, spoken, engine, default=place == 0)
            for engine in engines
            for spoken in engine.info.languages
            if language in (None, spoken)
            for place, voice in enumerate(engine.voices(spoken))
        ]
    }


def list_languages(engines: Sequence[TextToSpeech]) -> Header:
    """List the languages in the order of our table, each with the engines that speak it."""
    return {"languages": [_language(each, engines) for each in LANGUAGES if _speaking(each, engines)]}


def _voice(name: str, language: Language, engine: TextToSpeech, *, default: bool) -> JsonValue:
    info = engine.info
    return {
        "name": name,
        "language": language,
        "engine": info.label,
        "default": default,
        "licence": info.licence,
        "commercial": info.commercial,
        "attribution": info.attribution,
    }


def _language(language: Language, engines: Sequence[TextToSpeech]) -> JsonValue:
    entry = LANGUAGES[language]
    return {
        "code": language,
        "name": entry.name,
        "own_name": entry.own_name,
        "engines": [engine.info.label for engine in _speaking(language, engines)],
    }


def _speaking(language: Language, engines: Sequence[TextToSpeech]) -> list[TextToSpeech]:
    return [engine for engine in engines if language in engine.info.languages]
