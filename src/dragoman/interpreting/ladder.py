"""The ladder: what is left when something breaks. Per (speaker, language), entered and left with hysteresis.

    0  captions and dub in the chosen voice
    1  a stock voice instead of the speaker's own    the own one is gone, or too slow for now
    2  fall-back engines: the plain voice that is    the better ones are gone, or too slow for now
       always there, a second-best translation
    3  captions only, the original at full level         the voice is gone, or there is no room for it
    4  captions untranslated, marked                     translation is gone
    5  original audio only, with a banner                recognition is gone, or admission was refused

What voices stand at has the hysteresis of ``voicing/planner.py``, which chooses them; all else has its own here. A
plain class: reports and times in, levels out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish

FAILURES_TO_FALL = 2
"""One failure may be bad luck; two in a row are a state."""
PROBE_INTERVAL_S = 5.0
"""How often something that is gone is tried again."""
HEALTHY_S = 30.0
"""How long it must work before its level is left: at most one change a minute, down and up."""


class Level(IntEnum):
    FULL = 0
    PRESET_VOICE = 1
    FALLBACK_ENGINES = 2
    CAPTIONS_ONLY = 3
    UNTRANSLATED = 4
    ORIGINAL_ONLY = 5


class Part(StrEnum):
    """What can be gone. Its value is the reason people are told."""

    BEST_TRANSLATION = "fallback_translation"
    VOICE = "voice_gone"
    TRANSLATION = "translation_gone"
    RECOGNITION = "recognition_gone"


CAPACITY = "capacity"
"""Reason people are told when the machine carries no further speaker."""

_LEVEL_OF = {
    Part.BEST_TRANSLATION: Level.FALLBACK_ENGINES,
    Part.VOICE: Level.CAPTIONS_ONLY,
    Part.TRANSLATION: Level.UNTRANSLATED,
    Part.RECOGNITION: Level.ORIGINAL_ONLY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderState:
    level: Level
    reason: str
    """Empty at level 0."""


_SECOND_BEST = {
    VoiceTier.CLONED: (Level.FULL, ""),
    VoiceTier.QUICK: (Level.PRESET_VOICE, "preset_voice"),
    VoiceTier.FALLBACK: (Level.FALLBACK_ENGINES, "fallback_voice"),
}
"""Where a voice stands that is not the best of those that are offered."""


@dataclass(slots=True)
class _Health:
    failures: int = 0
    gone: bool = False
    probed_at_s: float = 0.0
    healthy_since_s: float | None = None


class Ladder:
    """Of one speaker in one language. ``floor`` is the best level that admission allows."""

    def __init__(self, *, floor: Level = Level.FULL, floor_reason: str = "") -> None:
        self._floor = LadderState(level=floor, reason=floor_reason)
        self._parts = {part: _Health() for part in Part}
        self._voices: dict[VoiceWish, LadderState] = {}
        self._refused = False

    def allow(self, floor: LadderState) -> None:
        """Admission allows ``floor`` at best from now on."""
        self._floor = floor

    def refused(self) -> None:
        """Nobody hears the speaker, for lack of room."""
        self._refused = True

    def admitted(self) -> None:
        """There is room again. It holds as long as it is used, so this step needs no hysteresis."""
        self._refused = False

    def may_try(self, part: Part, *, at_s: float) -> bool:
        """Say whether ``part`` should be asked now. What is gone is asked once in ``PROBE_INTERVAL_S``."""
        if self._floor.level >= _LEVEL_OF[part]:
            return False
        health = self._parts[part]
        if not health.gone or health.healthy_since_s is not None:
            return True
        if at_s - health.probed_at_s < PROBE_INTERVAL_S:
            return False
        health.probed_at_s = at_s
        return True

    def worked(self, part: Part, *, at_s: float) -> None:
        health = self._parts[part]
        health.failures = 0
        if not health.gone:
            return
        if health.healthy_since_s is None:
            health.healthy_since_s = at_s
        elif at_s - health.healthy_since_s >= HEALTHY_S:
            health.gone, health.healthy_since_s = False, None

    def failed(self, part: Part, *, at_s: float) -> None:
        health = self._parts[part]
        health.failures += 1
        health.healthy_since_s = None
        health.probed_at_s = at_s
        if health.failures >= FAILURES_TO_FALL:
            health.gone = True

    def translated(self, *, second_best: bool, at_s: float) -> None:
        """A sentence was translated: by the engine that is preferred, or by another that answered for it."""
        self.worked(Part.TRANSLATION, at_s=at_s)
        (self.failed if second_best else self.worked)(Part.BEST_TRANSLATION, at_s=at_s)

    def voiced(self, wish: VoiceWish, piece: VoicePiece) -> None:
        """A clause sounded; ``piece`` says in what voice."""
        level, reason = (Level.FULL, "") if not piece.second_best else _SECOND_BEST[piece.tier]
        self._voices[wish] = LadderState(level=level, reason=reason)

    def listened(self, wishes: Collection[VoiceWish]) -> None:
        """Forget the voices of all other wishes: nobody hears them any more."""
        self._voices = {wish: state for wish, state in self._voices.items() if wish in wishes}

    @property
    def state(self) -> LadderState:
        """The worst of what is gone, what voices sound like and what admission allows; of equals the first of these."""
        states = [LadderState(level=_LEVEL_OF[part], reason=part) for part in Part if self._parts[part].gone]
        if self._refused:
            states.append(LadderState(level=Level.ORIGINAL_ONLY, reason=CAPACITY))
        return max([*states, *self._voices.values(), self._floor], key=lambda state: state.level)
