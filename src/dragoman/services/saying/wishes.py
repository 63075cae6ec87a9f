"""What a person wants to hear, and every reason why it cannot be spoken. To ``desk.py``.

All is checked before an engine is asked, so that each refusal says what would work.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.engines import DEFAULT_VOICE, MAX_SPEED, MIN_SPEED, TextToSpeech, Voice
from dragoman.ground.errors import EngineUnavailable, InputError, LanguageNotSupported, SpeedOutOfRange, VoiceNotFound
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, language_name
from dragoman.voicing.scripts import foreign_script
from dragoman.voicing.spoken_text.normalise import as_spoken

SLOW = 0.75
"""Speed for those who learn the language."""
_SHOWN_VOICES = 6


class TextNotSpeakable(InputError):
    """The text has nothing to speak, is too long, or is written in letters that its language does not have."""

    code = "text_not_speakable"


class OnlyLater(InputError):
    """What was asked for at once is spoken by an engine that works in the background alone."""

    code = "only_later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be said, and how. ``make_wish`` makes one that can be."""

    text: str
    language: Language
    voice: Voice = DEFAULT_VOICE
    speed: float = 1.0
    engine: str = ""
    """Label of the only engine that may speak; empty for the best that can."""


def make_wish(
    text: str,
    *,
    language: Language,
    voice: str,
    speed: float,
    engine: str,
    engines: Sequence[TextToSpeech],
    most_characters: int,
) -> Wish:
    """Check everything against the ``engines`` that are here.

    Raises ``TextNotSpeakable``, ``SpeedOutOfRange``, ``EngineUnavailable``, ``LanguageNotSupported`` or
    ``VoiceNotFound``.
    """
    named = find_engines(engine, engines)
    able = [each for each in named if language in each.info.languages]
    if not able:
        spoken = {each for one in named for each in one.info.languages}
        there_is = describe_languages(each for each in LANGUAGES if each in spoken)
        raise LanguageNotSupported(f"nothing here speaks {language_name(language)}; there is: {there_is}")
    check_text(text, language, most_characters=most_characters)
    check_speed(speed)
    chosen = find_voice(voice, language, able)
    speaking = next(each for each in able if chosen == DEFAULT_VOICE or chosen in stock_voices(each, language))
    # A voice belongs to its engine: another one would say it in a voice that nobody asked for.
    only = engine or chosen != DEFAULT_VOICE
    return Wish(text=text, language=language, voice=chosen, speed=speed, engine=speaking.info.label if only else "")


def check_text(text: str, language: Language, *, most_characters: int) -> None:
    """Raise ``TextNotSpeakable`` for what cannot be said as it is written."""
    if len(text) > most_characters:
        raise TextNotSpeakable(
            f"the text has {len(text)} characters, and at most {most_characters} are spoken at once: send it in parts, "
            "or set max_say_characters"
        )
    script = foreign_script(text, language)
    if script is not None:
        raise TextNotSpeakable(
            f"a voice of {language_name(language)} cannot read {script} letters; name the language the text is in"
        )
    if not any(character.isalnum() for character in as_spoken(text, language)):
        raise TextNotSpeakable("there is nothing to speak: give a text with letters or figures; pictures are not read")


def refuse_at_once(language: Language, engines: Sequence[TextToSpeech]) -> None:
    """Raise ``OnlyLater`` if those of ``engines`` that speak ``language`` are for background jobs alone."""
    able = [each for each in engines if language in each.info.languages]
    if able and all(each.info.jobs_only for each in able):
        raise OnlyLater(
            f'{able[0].info.label} is too slow to be waited for: ask POST /synthesize with "better": true, and fetch '
            "the speech with the request_id that it answers"
        )


def check_speed(speed: float) -> None:
    if not math.isfinite(speed) or not MIN_SPEED <= speed <= MAX_SPEED:
        raise SpeedOutOfRange(f"speed is from {MIN_SPEED} to {MAX_SPEED}, not {speed:g}; 1 is as people speak")


def find_engines(name: str, engines: Sequence[TextToSpeech]) -> list[TextToSpeech]:
    """Give the engines of a label, a model or an engine's name; all for an empty one."""
    named = [each for each in engines if name in ("", each.info.label, each.info.name, each.info.model)]
    if not named:
        known = ", ".join(each.info.label for each in engines) or "none"
        raise EngineUnavailable(
            f"no text-to-speech engine {name[:80]!r} here; there are: {known}; "
            "if its model was removed: dragoman models list"
        )
    return named


def stock_voices(engine: TextToSpeech, language: Language) -> list[Voice]:
    """List an engine's voices, the default one first. What belongs to a person is for that person's calls alone."""
    return [voice for voice in engine.voices(language) if voice.owner is None]


def find_voice(name: str, language: Language, engines: Sequence[TextToSpeech]) -> Voice:
    """Give the voice of this name; the default one for an empty name."""
    if not name:
        return DEFAULT_VOICE
    offered = [voice for engine in engines for voice in stock_voices(engine, language)]
    for voice in offered:
        if voice.name == name:
            return voice
    shown = ", ".join(voice.name for voice in offered[:_SHOWN_VOICES])
    more = f" and {len(offered) - _SHOWN_VOICES} more" if len(offered) > _SHOWN_VOICES else ""
    raise VoiceNotFound(
        f"no voice {name[:80]!r} for {language_name(language)}; there are: {shown}{more}; "
        "if it came with a model: dragoman models list shows whether that is still here"
    )
