"""Whose voice a dub has: what listeners wish for, and what they get. For rooms, routes and the page."""

from dataclasses import dataclass
from enum import StrEnum

from dragoman.ground.audio import Audio


class VoiceWish(StrEnum):
    """What a listener wants the dubs to sound like."""

    FAST = "fast"
    """Whatever speaks soonest, though it may sound plain."""
    NATURAL = "natural"
    """The best stock voice that keeps up."""
    OWN = "own"
    """The speaker's own voice, where the speaker has lent it; else as natural."""


class VoiceTier(StrEnum):
    """What a dub sounds like, the best first."""

    CLONED = "cloned"
    """The speaker's own voice."""
    QUICK = "quick"
    """A natural stock voice."""
    FALLBACK = "fallback"
    """The plain one that is always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePiece:
    """A piece of a dub, and how it was made."""

    audio: Audio
    tier: VoiceTier
    second_best: bool
    """A better tier was wished for and is offered, but could not be had."""
