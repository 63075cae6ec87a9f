"""What every local recogniser asks of its input before it works."""

from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import EngineInfo
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name


def require_recognition_rate(audio: Audio) -> None:
    """Raise ``ValueError`` unless ``audio`` has 16 kHz: rooms and readers of files resample, engines do not."""
    if audio.sample_rate != RECOGNITION_RATE:
        raise ValueError(f"speech-to-text takes {RECOGNITION_RATE} Hz, not {audio.sample_rate} Hz")


def require_language(language: Language | None, info: EngineInfo) -> None:
    """Raise ``LanguageNotSupported`` if the engine cannot recognise ``language``; None is left to the engine."""
    if language is not None and language not in info.languages:
        raise LanguageNotSupported(
            f"{info.label} does not recognise {language_name(language)}; "
            f"it recognises: {describe_languages(info.languages)}"
        )
