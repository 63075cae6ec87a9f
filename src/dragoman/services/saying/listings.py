"""What can be asked for: ``GET /voices`` and ``GET /languages``, and the rows of ``dragoman voices list``."""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, language_name
from dragoman.services.saying.wishes import stock_voices
from dragoman.wire.frames import Header, JsonValue


def list_voices(engines: Sequence[TextToSpeech], language: Language | None) -> Header:
    """List the voices of one language, or of all, in the order in which engines are asked."""
    return {
        "voices": [
            _voice(voice.name, spoken, engine, default=place == 0)
            for engine in engines
            for spoken in engine.info.languages
            if language in (None, spoken)
            for place, voice in enumerate(stock_voices(engine, spoken))
        ]
    }


def list_languages(engines: Sequence[TextToSpeech]) -> Header:
    """List the languages in the order of our table, each with the engines that speak it."""
    return {"languages": [_language(each, engines) for each in LANGUAGES if _speaking(each, engines)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRow:
    """One engine's voices of one language, for ``dragoman voices list``."""

    language: Language
    engine: str
    voices: tuple[str, ...]
    """The default one first."""
    licence: str
    commercial: bool


def voice_rows(engines: Sequence[TextToSpeech], language: Language | None) -> list[VoiceRow]:
    """Put the voices of one language, or of all, into rows: by language as in our table, then as engines are asked.

    Raises ``LanguageNotSupported`` for a language that nothing here speaks.
    """
    rows = [
        VoiceRow(
            language=spoken,
            engine=engine.info.label,
            voices=tuple(voice.name for voice in stock_voices(engine, spoken)),
            licence=engine.info.licence,
            commercial=engine.info.commercial,
        )
        for spoken in LANGUAGES
        if language in (None, spoken)
        for engine in _speaking(spoken, engines)
    ]
    if language is not None and not rows:
        there_is = describe_languages(each for each in LANGUAGES if _speaking(each, engines))
        raise LanguageNotSupported(f"nothing here speaks {language_name(language)}; there is: {there_is}")
    return rows


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
