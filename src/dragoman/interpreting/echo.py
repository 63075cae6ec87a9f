"""Tell a loudspeaker from its owner: what was dubbed to somebody and comes back by their microphone is no speech.

A plain class; from dub_channel.py (what sounded), to speaker_desk.py (what is dropped).
"""

import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from difflib import SequenceMatcher

from dragoman.ground.languages import LANGUAGES, Language

_MATCH = 0.8
"""Share of the heard words that stand in the dub in the same order; recognition of an echo is rarely perfect."""
_SHORT_WORDS = 2
"""So few words ("yes") people also say themselves after hearing them: these must sound together with the dub."""
_MAX_DUBS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dub:
    words: tuple[str, ...]
    language: Language
    listeners: frozenset[str]
    start_s: float
    end_s: float


class EchoGuard:
    """Of one room. All times are loop times."""

    def __init__(self, *, window_s: float) -> None:
        self._window_s = window_s
        self._dubs: deque[_Dub] = deque(maxlen=_MAX_DUBS)

    def dubbed(self, text: str, *, language: Language, listeners: frozenset[str], start_s: float, end_s: float) -> None:
        """Note that ``text`` sounded (or will have) for ``listeners`` from ``start_s`` to ``end_s``."""
        words = _words(text, language)
        self._dubs.append(_Dub(words=words, language=language, listeners=listeners, start_s=start_s, end_s=end_s))

    def is_echo(self, text: str, *, language: Language, listener: str, start_s: float, end_s: float) -> bool:
        """Say whether ``listener``'s microphone heard, from ``start_s`` to ``end_s``, what was dubbed to them."""
        heard = _words(text, language)
        if not heard:
            return False
        candidates = [
            dub
            for dub in self._dubs
            if listener in dub.listeners and dub.language == language and self._in_time(dub, heard, start_s, end_s)
        ]
        dubbed = tuple(word for dub in candidates for word in dub.words)
        matcher = SequenceMatcher(None, dubbed, heard, autojunk=False)
        matched = sum(block.size for block in matcher.get_matching_blocks())
        return matched >= _MATCH * len(heard)

    def _in_time(self, dub: _Dub, heard: tuple[str, ...], start_s: float, end_s: float) -> bool:
        allowed_s = 0.5 if len(heard) <= _SHORT_WORDS else self._window_s
        return dub.start_s <= end_s and start_s <= dub.end_s + allowed_s


def _words(text: str, language: Language) -> tuple[str, ...]:
    plain = re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFC", text).casefold())
    return tuple(plain.split()) if LANGUAGES[language].words_have_spaces else tuple(plain.replace(" ", ""))
