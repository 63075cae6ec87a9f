"""Which engine speaks now: the best whose real-time factor holds at the present load, else captions only.

A plain class: figures and times in, an order of engines out. From room_voices.py, which also tells how it went.

    cloned  >  quick  >  fall-back  >  captions only          wish: own voice
               quick  >  fall-back  >  captions only          wish: natural
               the lowest measured factor first               wish: fast
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.ground.engines import EngineInfo
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceTier, VoiceWish

HOLDS_BELOW = 0.5
"""Seconds of synthesis per second of sound: half of real time is left for bursts and for other languages."""
REST_S = 30.0
"""An engine that did not hold, or failed, is not first choice again for so long: at most two changes a minute."""
FAILURES_TO_REST = 2
"""One clause may be bad luck; two in a row are a state."""
ASSUMED = {VoiceTier.CLONED: 0.5, VoiceTier.QUICK: 0.3, VoiceTier.FALLBACK: 0.05}
"""Factor of an engine that was not measured on this machine."""
_BELIEF_S = 5.0
"""Seconds of sound that the measured factor weighs as much as, against what is seen now."""
_FADING_S = 60.0
"""What was seen counts half as much about 40 s later: load comes and goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An engine that could speak."""

    engine: str
    """Its label."""
    tier: VoiceTier


MeasuredFactor = Callable[[Offer, Language], float | None]
"""Gives the real-time factor of an engine in a language and tier; None if nobody measured it."""

PLAIN_ENGINES = frozenset({"espeak"})
"""Engines that are always there and sound like machines."""


def tier_of(info: EngineInfo) -> VoiceTier:
    """Say what an engine's stock voices sound like."""
    return VoiceTier.FALLBACK if info.name in PLAIN_ENGINES else VoiceTier.QUICK


@dataclass(slots=True)
class _Seen:
    """How an engine did lately in one language."""

    took_s: float = 0.0
    sounded_s: float = 0.0
    at_s: float = 0.0
    failures: int = 0
    rests_until_s: float = -math.inf
    """As too slow."""
    gone_until_s: float = -math.inf
    """As failing."""


class VoicePlanner:
    """Of one process: load is shared by its rooms. Times are of any one clock."""

    def __init__(self, *, measured: MeasuredFactor = lambda offer, language: None) -> None:
        self._measured = measured
        self._seen: dict[tuple[Offer, Language], _Seen] = {}
        """An engine is not as quick in a cloned voice as in its own ones."""

    def order(self, offers: Sequence[Offer], *, wish: VoiceWish, language: Language, at_s: float) -> tuple[Offer, ...]:
        """Give the engines to try, one after the other; none means captions only.

        ``offers`` come best first. Those that are too slow are left out; those that failed come last.
        """
        wanted = list(offers)
        if wish is VoiceWish.FAST:
            wanted.sort(key=lambda offer: self._usual_factor(offer, language))
        holding = [offer for offer in wanted if self._may_speak(offer, language, at_s)]
        return tuple(sorted(holding, key=lambda offer: self._at(offer, language).gone_until_s > at_s))

    def factor(self, offer: Offer, *, language: Language, at_s: float) -> float:
        """Estimate the real-time factor of now: the measured one, moved by how it went lately."""
        seen = self._at(offer, language)
        kept = math.exp(-max(0.0, at_s - seen.at_s) / _FADING_S)
        usual = self._usual_factor(offer, language)
        return (_BELIEF_S * usual + kept * seen.took_s) / (_BELIEF_S + kept * seen.sounded_s)

    def spoke(self, offer: Offer, *, language: Language, took_s: float, sounded_s: float, at_s: float) -> None:
        """Take how long ``sounded_s`` seconds of sound were waited for."""
        seen = self._at(offer, language)
        kept = math.exp(-max(0.0, at_s - seen.at_s) / _FADING_S)
        seen.took_s, seen.sounded_s = kept * seen.took_s + took_s, kept * seen.sounded_s + sounded_s
        seen.at_s, seen.failures, seen.gone_until_s = at_s, 0, -math.inf

    def failed(self, offer: Offer, *, language: Language, at_s: float) -> None:
        """The engine could not speak a clause: nothing came, or garbage, or not in time. Told once for each clause."""
        seen = self._at(offer, language)
        seen.failures += 1
        if seen.failures >= FAILURES_TO_REST:
            seen.gone_until_s = at_s + REST_S

    def _may_speak(self, offer: Offer, language: Language, at_s: float) -> bool:
        seen = self._at(offer, language)
        if self.factor(offer, language=language, at_s=at_s) > HOLDS_BELOW:
            seen.rests_until_s = at_s + REST_S
        return at_s >= seen.rests_until_s

    def _usual_factor(self, offer: Offer, language: Language) -> float:
        measured = self._measured(offer, language)
        return ASSUMED[offer.tier] if measured is None else measured

    def _at(self, offer: Offer, language: Language) -> _Seen:
        return self._seen.setdefault((offer, language), _Seen())
