"""What the interpreter asks for: a translation, a voice. Which engine answers is decided behind these seams.

``translating/router.py`` and ``voicing/router.py`` keep them; the interpreter never sees an engine.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from dragoman.ground.audio import Audio
from dragoman.ground.engines import Translation, Voice
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language


class TranslationRoute(Protocol):
    """Translates one sentence by the best engine that answers."""

    def can_translate(self, source: Language, target: Language) -> bool: ...

    async def translate(
        self, text: str, *, source: Language, target: Language, deadline_s: float, terms: TermBase = NO_TERMS
    ) -> Translation:
        """Translate ``text`` within ``deadline_s`` seconds, engines that fail replaced by the next.

        What ``terms`` wants is brought about as far as it can be in time.
        Raises the last engine's ``EngineError`` when none could, ``LanguageNotSupported`` when none knows the pair.
        """
        ...

    async def preview(
        self, text: str, *, source: Language, target: Language, deadline_s: float, committed: str = ""
    ) -> str | None:
        """Translate words that may still change, by the best engine alone; None if it could not in time.

        ``committed`` is what is shown of their translation already and should stay, where the engine can be held to it.
        Nothing depends on it, so nothing is counted against the engine.
        """
        ...


class VoiceRoute(Protocol):
    """Speaks one clause by the best voice that sounds."""

    def can_speak(self, language: Language) -> bool: ...

    def voice_for(self, speaker: str, language: Language) -> Voice:
        """Give ``speaker`` a voice of ``language``, the same one every time."""
        ...

    def speak(
        self, text: str, *, language: Language, voice: Voice, speed: float, deadline_s: float
    ) -> AsyncIterator[Audio]:
        """Speak ``text``; the first piece comes within ``deadline_s`` seconds. Iterating raises as engines do."""
        ...
