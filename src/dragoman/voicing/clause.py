"""Look after the sound of one clause: checked, at its speed, trimmed, at one loudness. From router.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.voicing.checks import VoiceCheck
from dragoman.voicing.levelling import ClauseLeveller
from dragoman.voicing.stretch import ClauseStretcher
from dragoman.voicing.trimming import SilenceTrimmer

MIN_PIECE_S = 0.1
"""Sound that is passed on at once, the end of a clause apart: smaller pieces cost a room more than they save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Of one attempt of one engine; ``sounds`` runs in the thread in which the sound is made."""

    check: VoiceCheck
    leveller: ClauseLeveller
    stretch_by: float = 1.0
    """Speed that the engine could not give itself."""

    def sounds(self, start: Callable[[], Iterator[Audio]]) -> Iterator[Audio]:
        """Pass on what sounds like speech, once it is believed, in pieces of 0.1 s and more.

        Raises ``EngineOutputInvalid`` for what is no speech; what ends without an error has given a piece or more.
        """
        trimmer = SilenceTrimmer()
        sample_rate = 0
        held: list[Audio] = []
        for audio in self._at_speed(start()):
            sample_rate = audio.sample_rate
            sound = trimmer.push(audio)
            if sound is not None:
                held.append(sound)
            if self.check.believed and sum(each.duration_s for each in held) >= MIN_PIECE_S:
                yield self.leveller.push(join_audio(held, sample_rate))
                held = []
        self.check.end()
        if not trimmer.sounded:  # a voice at the edge of silence that was made faster may have fallen below it
            raise EngineOutputInvalid(f"{self.check.engine} spoke nothing")
        rest = trimmer.end(sample_rate)
        if rest is not None:
            held.append(rest)
        if held:
            yield self.leveller.push(join_audio(held, sample_rate))
        self.leveller.end()

    def _at_speed(self, pieces: Iterator[Audio]) -> Iterator[Audio]:
        """Check each piece, and pass it on at the speed; the first sound does not wait for the last."""
        stretcher = None if self.stretch_by == 1.0 else ClauseStretcher(self.stretch_by)
        sample_rate = 0
        for audio in pieces:
            self.check.push(audio)
            sample_rate = audio.sample_rate
            sound = audio if stretcher is None else stretcher.push(audio)
            if sound is not None:
                yield sound
        if stretcher is not None and sample_rate:
            rest = stretcher.end(sample_rate)
            if rest is not None:
                yield rest
