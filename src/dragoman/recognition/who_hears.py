"""Say which engines hear a language, and who is asked first: the one made for it alone.

Live sessions (``session.py``), recordings (``services/transcribing/hearing.py``) and ``dragoman doctor`` ask here.
PhoWhisper hears Vietnamese wherever it is installed; without it, or where it fails, multilingual Whisper answers.
"""

from collections.abc import Sequence
from typing import Final

from dragoman.ground.engines import EngineInfo, SpeechToText
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name

_ENGLISH: Final = Language("en")


def engines_for(language: Language | None, engines: Sequence[SpeechToText]) -> list[SpeechToText]:
    """Give the engines that hear ``language``, in the order to ask them; without one those of many languages first.

    Raises ``LanguageNotSupported`` if none does.
    """
    if language is None:
        return sorted(engines, key=lambda engine: len(engine.info.languages) < 2)
    able = [engine for engine in engines if language in engine.info.languages]
    if not able:
        known = sorted({code for engine in engines for code in engine.info.languages})
        raise LanguageNotSupported(
            f"nothing here recognises {language_name(language)}; what is here hears: {describe_languages(known)}"
        )
    return sorted(able, key=lambda engine: not is_specialist(engine.info, language))


def infos_for(language: Language, infos: Sequence[EngineInfo]) -> list[EngineInfo]:
    """Do as ``engines_for`` for engines that are not open; gives none if none hears ``language``."""
    able = [info for info in infos if language in info.languages]
    return sorted(able, key=lambda info: not is_specialist(info, language))


def final_engines_for(
    language: Language, engines: Sequence[SpeechToText], larger: Sequence[SpeechToText]
) -> list[SpeechToText]:
    """Give those that are asked for an utterance's last words: the ``larger`` before the others of their kind.

    Raises ``LanguageNotSupported`` if none of all hears ``language``.
    """
    return list(dict.fromkeys(engines_for(language, [*larger, *engines])))


def is_specialist(info: EngineInfo, language: Language) -> bool:
    """Say whether a model is made for ``language`` alone, as PhoWhisper is for Vietnamese.

    Whisper's models for English alone are none: they are no better than the others of their size.
    """
    return info.name == "faster_whisper" and info.languages == (language,) and language != _ENGLISH
