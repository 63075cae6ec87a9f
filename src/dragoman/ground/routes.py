"""What the interpreter asks for: a translation, a voice. Which engine answers is decided behind these seams.

``translating/router.py``, ``voicing/router.py`` and ``voicing/room_voices.py`` keep them; the interpreter never sees
an engine.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from dragoman.ground.audio import Audio
from dragoman.ground.engines import Translation
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoicePiece, VoiceWish


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
        self,
        text: str,
        *,
        source: Language,
        target: Language,
        deadline_s: float,
        committed: str = "",
        terms: TermBase = NO_TERMS,
    ) -> str | None:
        """Translate words that may still change, by the best engine alone; None if it could not in time.

        ``committed`` is what is shown of their translation already and should stay, where the engine can be held to it.
        Of ``terms`` what takes no time: what the engine honours itself, and renderings that finals brought to light.
        Nothing depends on it, so nothing is counted against the engine.
        """
        ...


class RoomVoices(Protocol):
    """The voices of one room: each speaker's dubs in a voice near their own, as long as the room lasts."""

    def hear(self, speaker: str, audio: Audio) -> None:
        """Take what somebody says who consents: how high and how loud is kept, in memory, and never the sound.

        Every frame of the microphone, on the event loop: it costs less than 1 ms.
        """
        ...

    def forget(self, speaker: str) -> None:
        """Forget what is known of a speaker who has left or consents no more."""
        ...

    async def prepare(self, language: Language) -> None:
        """Get to know the voices of ``language``: nobody needs to wait for it, and it raises no ``EngineError``."""
        ...

    def speak(
        self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
    ) -> AsyncIterator[VoicePiece]:
        """Speak ``text`` for ``speaker``; the first piece comes within ``deadline_s`` seconds.

        Iterating raises as engines do, ``EngineUnavailable`` also when no voice keeps up: then it stays a caption.
        """
        ...


class VoiceRoute(Protocol):
    """Speaks clauses by the best voices that sound."""

    def can_speak(self, language: Language) -> bool: ...

    def in_room(self) -> RoomVoices:
        """Give a room its own voices, over the engines of all rooms."""
        ...
