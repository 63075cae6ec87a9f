"""Who speaks with which stock voice: near the speaker's own, another for each, and kept for the call.

A plain class; from room_voices.py. The voices' pitches come from stock_pitches.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.engines import DEFAULT_VOICE, Gender, TextToSpeech, Voice
from dragoman.voicing.planner import Offer

BETWEEN_GENDERS_HZ = 160.0
"""Median pitch of speech: men lie below it, women above (Traunmüller and Eriksson, 1995: 119 and 207 Hz)."""
OTHER_GENDER_OCTAVES = 0.5
"""What a voice of the other gender counts as further away: nearly as far as the two are apart."""
LATER_OCTAVES = 0.002
"""For each place in the engine's list, which has its best voices and the language's standard dialect first."""

MOST_GONE: Final = 100
"""People of a room whose voice is remembered after they left; the first to leave is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """An engine and the voice it is to speak with."""

    engine: TextToSpeech
    voice: Voice
    offer: Offer


class Casting:
    """Of one room."""

    def __init__(self) -> None:
        self._cast: dict[tuple[str, str], dict[str, Voice]] = {}
        """Voice of each speaker, by engine and language."""
        self._gone: dict[str, None] = {}
        """Who left, the first one first: their voices are free."""

    def leave(self, speaker: str) -> None:
        """Let others have the speaker's voices. What they still have to say is said in them."""
        self._gone[speaker] = self._gone.pop(speaker, None)
        if len(self._gone) > MOST_GONE:
            forgotten = next(iter(self._gone))
            del self._gone[forgotten]
            for cast in self._cast.values():
                cast.pop(forgotten, None)

    def is_here(self, speaker: str) -> None:
        """Give who comes back the voices they had, save for those that somebody else has now."""
        if speaker not in self._gone:
            return
        for cast in self._cast.values():
            if speaker in cast and cast[speaker] in self._taken(cast):
                del cast[speaker]
        del self._gone[speaker]

    def voice_for(
        self,
        speaker: str,
        *,
        stage: tuple[str, str],
        offered: Sequence[Voice],
        pitches: Mapping[Voice, float],
        pitch_hz: float | None,
    ) -> Voice:
        """Give the speaker's voice on this ``stage`` (engine and language), chosen at the first question.

        Somebody else's voice is given again only when there are fewer voices than speakers; it is then the one that
        the fewest share. ``pitches`` are those of the voices as far as they are known, ``pitch_hz`` the speaker's.
        """
        cast = self._cast.setdefault(stage, {})
        if speaker not in cast:
            if not offered:
                return DEFAULT_VOICE
            shares = dict.fromkeys(offered, 0)
            for taken in self._taken(cast):
                shares[taken] = shares.get(taken, 0) + 1

            def cost(place: int) -> tuple[int, float]:
                voice = offered[place]
                return shares[voice], _distance(voice, pitches.get(voice), pitch_hz) + LATER_OCTAVES * place

            cast[speaker] = offered[min(range(len(offered)), key=cost)]
        return cast[speaker]

    def _taken(self, cast: Mapping[str, Voice]) -> list[Voice]:
        return [voice for speaker, voice in cast.items() if speaker not in self._gone]


def _distance(voice: Voice, voice_hz: float | None, speaker_hz: float | None) -> float:
    """Say how far a voice is from the speaker's, in octaves."""
    if speaker_hz is None:
        return 0.0
    octaves = OTHER_GENDER_OCTAVES if voice_hz is None else abs(math.log2(voice_hz / speaker_hz))
    gender = voice.gender or (None if voice_hz is None else _gender(voice_hz))
    return octaves + (OTHER_GENDER_OCTAVES if gender not in (None, _gender(speaker_hz)) else 0.0)


def _gender(pitch_hz: float) -> Gender:
    return Gender.MALE if pitch_hz < BETWEEN_GENDERS_HZ else Gender.FEMALE
