"""What every engine checks before it speaks: the voice and the speed asked for. For the neural engines."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from dragoman.ground.engines import MAX_SPEED, MIN_SPEED, EngineInfo, Voice
from dragoman.ground.errors import LanguageNotSupported, SpeedOutOfRange, VoiceNotFound
from dragoman.ground.languages import Language, describe_languages, language_name

_TOLD = 6


class Named(Protocol):
    """A voice of a model."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def choose_voice(info: EngineInfo, known: Sequence[N], *, language: Language, voice: Voice) -> N:
    """Give the voice that is asked for, or the first of those ``known`` for ``language``.

    Raises ``LanguageNotSupported`` and ``VoiceNotFound``, which name what there is.
    """
    if language not in info.languages or not known:
        raise LanguageNotSupported(
            f"{info.label} does not speak {language_name(language)}; it speaks {describe_languages(info.languages)}"
        )
    names = ", ".join(it.name for it in known[:_TOLD]) + (
        f" and {len(known) - _TOLD} more" if len(known) > _TOLD else ""
    )
    if voice.owner is not None:
        raise VoiceNotFound(f"{info.label} has no cloned voices here; leave the owner out, or name one of: {names}")
    if not voice.name:
        return known[0]
    for candidate in known:
        if candidate.name == voice.name:
            return candidate
    raise VoiceNotFound(f"no voice {voice.name!r} for {language_name(language)}; there are: {names}")


def require_speed(info: EngineInfo, speed: float) -> None:
    """Raise ``SpeedOutOfRange`` for a speed that nobody can follow."""
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise SpeedOutOfRange(f"speed {speed:g} cannot be followed; {info.name} speaks at {MIN_SPEED} to {MAX_SPEED}")
