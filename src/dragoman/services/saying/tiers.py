"""Which engine sounds better, and which answers at once. For the queue of later voices (``later.py``).

What is better is what the engines say of themselves: one for background jobs alone is above those for calls, and those
are above the plain one that is always there.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from dragoman.engines.text_to_speech.job_voice.engine import PIECE_S
from dragoman.ground.engines import EngineInfo, TextToSpeech
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceTier
from dragoman.services.saying.wishes import Wish
from dragoman.voicing.planner import tier_of

JOB_PIECE_WITHIN_S: Final = PIECE_S + 30.0
"""For each piece of an engine for background jobs: it gives up first, and says why."""


class Quality(IntEnum):
    """Of an engine's stock voices."""

    PLAIN = 0
    NATURAL = 1
    PREMIUM = 2


def quality_of(info: EngineInfo) -> Quality:
    if info.jobs_only:
        return Quality.PREMIUM
    return Quality.PLAIN if tier_of(info) is VoiceTier.FALLBACK else Quality.NATURAL


def first_asked(language: Language, engines: Sequence[TextToSpeech]) -> TextToSpeech | None:
    """Give the engine that ``VoiceRouter`` asks first: one for jobs alone only if there is no other."""
    able = [each for each in engines if language in each.info.languages]
    return min(able, key=lambda engine: engine.info.jobs_only, default=None)


def quickest(wish: Wish, engines: Sequence[TextToSpeech]) -> TextToSpeech:
    """Give the engine that answers ``wish`` at once: the named one, else the plainest that is meant for calls."""
    able = [each for each in engines if wish.language in each.info.languages and wish.engine in ("", each.info.label)]
    return min(able, key=lambda engine: (engine.info.jobs_only, quality_of(engine.info)))


def better_than(quick: TextToSpeech, wish: Wish, engines: Sequence[TextToSpeech]) -> TextToSpeech | None:
    """Give the best engine that sounds better than ``quick`` does; None if there is none, or one was asked for."""
    able = [each for each in engines if wish.language in each.info.languages]
    best = max(able, key=lambda engine: quality_of(engine.info))
    if wish.engine or quality_of(best.info) <= quality_of(quick.info):
        return None
    return best
