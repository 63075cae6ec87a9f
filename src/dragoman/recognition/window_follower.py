"""Follow one utterance by hearing its growing end again and again; keep what is safe, and the rest at its end.

The shell around five that decide: ``cadence.py`` when to look, ``speech_window.py`` at what, ``commitment.py`` which
words to keep, ``believing.py`` and ``pitch.py`` which to drop. One look runs at a time. From hearing.py; to the engines
by followers.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import SpeechToText
from dragoman.ground.errors import EngineError
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.windows import Window, WindowHypothesis, WindowWord
from dragoman.recognition.believing import Belief
from dragoman.recognition.cadence import Cadence
from dragoman.recognition.commitment import Commitment
from dragoman.recognition.followers import Part, Progress, Transcribing, join_samples
from dragoman.recognition.pitch import Pitch
from dragoman.recognition.speech_window import SpeechWindow
from dragoman.recognition.tuning import RecognitionTuning

Tell = Callable[[Progress], Awaitable[None]]

_CUT_NEAR_S: Final = 0.03
"""A word that ends so near to a cut, or behind it, may go on behind it;"""
_LONGEST_CUT_S: Final = 2.0
"""but one that begins longer before the cut is not where it was spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """The last look of a pause that may be the end."""

    pause: int
    hypothesis: WindowHypothesis


class WindowFollower:
    """See ``Follower``. What looks bring while the utterance goes on is told by ``tell``."""

    def __init__(
        self,
        base: Transcribing,
        *,
        tasks: asyncio.TaskGroup,
        tuning: RecognitionTuning,
        cadence: Cadence,
        tell: Tell,
        previous_text: str = "",
    ) -> None:
        """``previous_text`` is what was said before in the same breath, if the utterance is a part of a longer one."""
        self._base = base
        self._tasks = tasks
        self._cadence = cadence
        self._tell = tell
        self._window = SpeechWindow(
            language=base.language, previous_text=previous_text or base.context.previous_text, tuning=tuning
        )
        self._commitment = Commitment(tuning)
        self._belief = Belief(language=base.language, tuning=tuning)
        self._pitch = Pitch()
        self._heard: list[Samples] = []
        self._samples = 0
        self._looked_at = 0
        self._look: asyncio.Task[None] | None = None
        self._pause = 0
        """Counts pauses; 0 while the speaker speaks."""
        self._pauses = 0
        self._prepared: _Prepared | None = None

    async def hear(self, samples: Samples) -> Progress | None:
        self._heard.append(samples)
        self._samples += len(samples)
        self._pitch.push(samples)
        new_s = (self._samples - self._looked_at) / RECOGNITION_RATE
        least_s = self._cadence.interval_under(self._base.pool.turns.degree)
        if not self._pause and self._look is None and new_s >= least_s:
            self._start_look()
        return None

    async def pause(self) -> None:
        """Look for the last time at once: if the silence lasts, the words are there when the utterance ends."""
        self._pauses += 1
        self._pause = self._pauses
        if self._look is not None and self._base.hears_last_beside():
            # Whatever that look finds, this one finds too.
            self._look.cancel()
            self._look = None
        if self._look is None:
            self._start_look()
        else:
            # What still waits for its turn would be old before it has it.
            self._base.pool.turns.drop_partial(self._base)

    async def resume(self) -> None:
        """What was prepared counts as one look more."""
        self._pause = 0

    async def finish(self, *, voiced_s: float) -> Transcript:
        await self._end_look()
        prepared = self._prepared
        if prepared is not None and prepared.pause == self._pause:
            # It has been taken as a look too: what is not committed of it is the tail.
            return self._last_words(prepared.hypothesis, self._commitment.tail, voiced_s)
        return await self._hear_last(self.heard(), voiced_s)

    async def finish_at(self, at: int) -> Part:
        await self._end_look()
        at = self.cut_near(at)
        if at <= self._window.start:  # nothing but committed words lies before it
            label = self._base.engines_for_last()[0].info.label
            transcript = Transcript(words=(), language=self._base.language, model_used=label)
        else:
            hypothesis = await self._hear(self.heard()[:at], self._base.engines_for_last(), last=True)
            words = [word.word for word in hypothesis.words]
            whole, at = self._before_cut(words, at)
            transcript = self._last_words(hypothesis, whole, at / RECOGNITION_RATE)
        return Part(transcript=transcript, at=at, previous_text=self._window.lead_on(transcript.words))

    def cut_near(self, at: int) -> int:
        """See ``Follower``: a cut behind committed words lies before what is expected next."""
        committed = self._commitment.committed
        if not committed or round(committed[-1].end_s * RECOGNITION_RATE) <= at:
            return at
        return min(_between(committed[-1], self._commitment.tail), self._samples)

    def _before_cut(self, words: Sequence[Word], at: int) -> tuple[Sequence[Word], int]:
        """Give the words that end before the cut, and the cut before those that reach it: their sound may go on.

        What follows the cut hears them whole. The first word stays: a part is to get shorter by its words.
        """
        count = len(words)
        while count and words[count - 1].end_s >= at / RECOGNITION_RATE - _CUT_NEAR_S:
            count -= 1
        before = (*self._commitment.committed, *words[:count])
        if not before or count == len(words) or at / RECOGNITION_RATE - words[count].start_s > _LONGEST_CUT_S:
            return words, at
        return words[:count], min(_between(before[-1], words[count:]), at)

    def heard(self) -> Samples:
        self._heard = [join_samples(self._heard)]
        return self._heard[0]

    def cancel(self) -> None:
        if self._look is not None:
            self._look.cancel()

    def _start_look(self) -> None:
        self._look = self._tasks.create_task(self._look_on(), name="look at an utterance")

    async def _end_look(self) -> None:
        if self._look is not None:
            self._base.pool.turns.drop_partial(self._base)
            await asyncio.wait([self._look])

    async def _look_on(self) -> None:
        """Look once; and once more if a pause began meanwhile, for that may be the end."""
        pause = -1
        try:
            while pause != self._pause and (pause < 0 or self._pause):
                pause = self._pause
                await self._look_once(pause)
        finally:
            if self._look is asyncio.current_task():
                self._look = None

    async def _look_once(self, pause: int) -> None:
        clock = asyncio.get_running_loop()
        self._looked_at = self._samples
        heard, started_s = self.heard(), clock.time()
        engines = self._base.engines_for_last() if pause else self._base.engines
        try:
            hypothesis = await self._hear(heard, engines[:1], last=pause > 0)
        except EngineError:
            return  # the pool has reported it; the last words are asked of every engine
        # A look that is broken off tells nothing of how long it would have taken.
        self._cadence.took(clock.time() - started_s, last=pause > 0)
        if pause:
            self._prepared = _Prepared(pause=pause, hypothesis=hypothesis)
        await self._take(hypothesis, heard_s=len(heard) / RECOGNITION_RATE)

    async def _hear(self, heard: Samples, engines: Sequence[SpeechToText], *, last: bool) -> WindowHypothesis:
        """Ask for what follows the committed words in ``heard``; the answer's times are the utterance's."""
        window = self._window
        offset_s = window.start_s
        hypothesis = await self._base.hear_window(
            Window(
                audio=Audio(samples=heard[window.start :], sample_rate=RECOGNITION_RATE),
                committed=tuple(_moved(word, -offset_s) for word in window.words),
                context=replace(self._base.context, previous_text=window.previous_text),
                last=last,
            ),
            engines,
        )
        words = tuple(
            WindowWord(word=_moved(word.word, offset_s), settled_s=word.settled_s + offset_s)
            for word in hypothesis.words
        )
        return replace(hypothesis, words=words)

    async def _take(self, hypothesis: WindowHypothesis, *, heard_s: float) -> None:
        words = [word.word for word in hypothesis.words]
        before_loop = self._belief.before_loop(self._commitment.committed, words)
        made_up = before_loop < len(words) or self._belief.is_noise(words, pitched=self._pitch.found)
        believed = () if hypothesis.doubtful or made_up else hypothesis.words
        new = self._commitment.push(believed, heard_s=heard_s)
        self._window.commit(new, self._commitment.tail, heard_s=heard_s)
        await self._tell(
            Progress(
                new=new,
                committed=self._commitment.committed,
                tail=self._commitment.tail,
                heard_from_s=self._window.start_s,
            )
        )

    async def _hear_last(self, heard: Samples, voiced_s: float) -> Transcript:
        hypothesis = await self._hear(heard, self._base.engines_for_last(), last=True)
        return self._last_words(hypothesis, [word.word for word in hypothesis.words], voiced_s)

    def _last_words(self, hypothesis: WindowHypothesis, words: Sequence[Word], voiced_s: float) -> Transcript:
        kept = self._belief.keep(
            self._commitment.committed,
            words,
            no_speech=hypothesis.no_speech,
            voiced_s=voiced_s,
            pitched=self._pitch.found,
        )
        return Transcript(
            words=self._commitment.finish(kept), language=self._base.language, model_used=hypothesis.model_used
        )


def _between(word: Word, following: Sequence[Word]) -> int:
    """Give the sample in the middle of ``word``'s end and the beginning of the first that follows, if one does."""
    begin_s = max([word.end_s, *(it.start_s for it in following[:1])])
    return round((word.end_s + begin_s) / 2 * RECOGNITION_RATE)


def _moved(word: Word, seconds: float) -> Word:
    return replace(word, start_s=word.start_s + seconds, end_s=word.end_s + seconds)
