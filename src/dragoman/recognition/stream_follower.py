"""Follow one utterance with an engine that recognises along; the words of a steady stream are committed on the way.

Of a long utterance without a pause only the caption is cut: a steady stream goes on and keeps what it knows. From
hearing.py, and session.py for the way to the thread; to the engine, by the pool.
"""

import threading
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from math import inf
from typing import Final, cast

import numpy as np

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import IncrementalSpeechToText, SpeechStream
from dragoman.ground.errors import EngineError, EngineUnavailable
from dragoman.ground.events import Stage
from dragoman.ground.speech import Transcript
from dragoman.ground.steady_streams import JointStreams, RehearingStream, SteadyStream
from dragoman.ground.windows import WindowWord
from dragoman.recognition.commitment import Commitment
from dragoman.recognition.followers import (
    STREAM_WAITS_S,
    OpenStream,
    Part,
    Progress,
    Transcribing,
    Words,
    join_samples,
)
from dragoman.recognition.plain_windows import words_behind
from dragoman.recognition.stream_visits import hear_kept
from dragoman.recognition.tuning import RecognitionTuning

STREAM_OVERHANG_S: Final = 0.06
"""A stream may have heard so much beyond a cut and still be asked for its words up to there: behind the middle of a
dip, that is its other half. As little as a third of a syllable more becomes a word, which is then heard twice."""

STREAMS_TOGETHER: Final = 8
"""So many streams hear more in one call at most: whoever is first waits for all of them."""

LONGEST_STREAM_S: Final = 60.0
"""A steady stream goes on through so much speech without a pause; every answer of it holds all of its words."""

BEHIND_S: Final = 1.0
"""A stream that is so far behind at the end of its utterance is not asked to hear all of it once more. It is behind
by half as much where it only waited for another speaker's last words (PocketSphinx: 0.15 s per second of them)."""

CATCH_UP_S: Final = 0.3
"""Of what waits already a stream hears so much at a time: with a turn for each block nobody would ever catch up, and
with more the others would wait too long. Not where streams are heard together: there a turn is for all that wait."""

_NOTHING: Final = np.zeros(0, np.float32)


class StreamFollower:
    """See ``Follower``, and ``HearsAlong`` for the way to the engine.

    It waits for its turn with the engine as those do that look at windows. What had no turn in time is heard with what
    comes next; under load nothing of it is left out, for all would have to be heard in the end. What is left out is to
    hear the whole utterance once more, where the engine does that.
    """

    def __init__(self, base: Transcribing, *, tuning: RecognitionTuning, going_on: OpenStream | None = None) -> None:
        """Begin with a new stream, or with one that is ``going_on``."""
        self._base = base
        self._engine = cast(IncrementalSpeechToText, base.engines[0])
        self._open = going_on
        self._commitment = Commitment(tuning)
        self._heard: list[Samples] = [] if going_on is None else [going_on.heard]
        self._heard_samples = 0 if going_on is None else len(going_on.heard)
        self._unheard: list[Samples] = [] if going_on is None else [going_on.unheard]
        """The end of it, which the stream is still to hear."""
        self.holds_back = False
        """Whether the stream waits with what comes: voice is not to reach it that belongs behind a cut."""
        self.behind_s = 0.0
        """How much audio had gathered before what was heard last was taken."""
        self.more_waits = False
        """Whether what follows the next samples is there already."""
        self._broken = False
        self._over = False
        self.working = threading.Lock()
        self.joint = self._engine if isinstance(self._engine, JointStreams) else None
        self._words: Words = ()
        """The latest hypothesis of this utterance."""

    async def hear(self, samples: Samples) -> Progress | None:
        self.keep(samples)
        if self.joint is None and self.more_waits and self._unheard_samples < CATCH_UP_S * RECOGNITION_RATE:
            return None
        _, progress = await hear_kept(self, lambda: None)
        return progress

    def keep(self, samples: Samples) -> None:
        """Take the next samples; the stream hears them by ``hear_kept``."""
        self._heard.append(samples)
        self._heard_samples += len(samples)
        self._unheard.append(samples)

    @property
    def _unheard_samples(self) -> int:
        return sum(len(samples) for samples in self._unheard)

    @property
    def pool(self) -> EnginePool:
        return self._base.pool

    @property
    def goes_on(self) -> bool:
        return not self._broken and not self._over

    def turn_with_others(self) -> Job | None:
        if self._broken or self.holds_back:
            return None
        shape = None if self.joint is None else id(self.joint)
        job = self._base.job(self._engine, Urgency.PARTIAL, shape=shape)
        return replace(job, waits_s=STREAM_WAITS_S, together=STREAMS_TOGETHER)

    def take_unheard(self) -> Audio:
        unheard, self._unheard = self._unheard, []
        return Audio(samples=join_samples(unheard), sample_rate=RECOGNITION_RATE)

    def open_stream(self) -> SpeechStream:
        if self._open is None:
            stream = self._engine.open_stream(language=self._base.language, context=self._base.context)
            self._open = OpenStream(stream=stream, done=(), offset_s=0.0, heard=_NOTHING, unheard=_NOTHING)
        return self._open.stream

    def hear_alone(self, audio: Audio) -> Progress | None:
        try:
            words = self._base.pool.timed(Stage.RECOGNITION, self._engine, lambda: self.open_stream().accept(audio))
        except EngineError:
            # The pool has reported it. The audio is kept: ``finish`` gives all of it to an engine that works.
            self._broken = True
            self._give_up()
            return None
        return self.take_words(words)

    def take_words(self, words: Words) -> Progress | None:
        return None if self._open is None else self._take(self._of_utterance(self._open, words))

    @staticmethod
    def _of_utterance(open_stream: OpenStream, words: Words) -> Words:
        """Give those of the stream's words that are this utterance's, in its time."""
        return tuple(
            replace(
                word,
                start_s=max(0.0, word.start_s - open_stream.offset_s),
                end_s=max(0.0, word.end_s - open_stream.offset_s),
            )
            for word in words_behind(open_stream.done, words)
        )

    def _take(self, words: Words) -> Progress:
        self._words = words
        new: Words = ()
        if self._is_steady():
            behind = words_behind(self._commitment.committed, words)
            begins_s = [following.start_s for _, following in pairwise(behind)] + [inf] * bool(behind)
            hypothesis = [
                WindowWord(word=word, settled_s=seconds) for word, seconds in zip(behind, begins_s, strict=True)
            ]
            new = self._commitment.push(hypothesis, heard_s=self._heard_samples / RECOGNITION_RATE)
            words = self._commitment.tail
        return Progress(new=new, committed=self._commitment.committed, tail=words, heard_from_s=0.0)

    def _is_steady(self) -> bool:
        return self._open is not None and isinstance(self._open.stream, SteadyStream)

    async def pause(self) -> None:
        """A stream cannot end for trial."""

    async def resume(self) -> None:
        """Nothing was prepared."""

    async def finish(self, *, voiced_s: float) -> Transcript:
        if self._open is not None and not self._broken:
            job = self._base.job(self._engine, Urgency.FINAL)
            try:
                return await self._base.pool.run(Stage.RECOGNITION, self._engine, self._finish_in_thread, job=job)
            except EngineError:
                self._broken = True
        self.cancel()
        return self._behind(await self._base.transcribe(self.heard(), self._base.engines))

    def _finish_in_thread(self) -> Transcript:
        with self.working:
            if self._open is None or self._over:
                raise EngineUnavailable("the utterance was given up")
            if self._unheard:
                self._open.stream.accept(self.take_unheard())
            stream = self._open.stream
            hurried = self.behind_s > BEHIND_S or self._base.pool.turns.degree >= Degree.HALF_THE_LOOKS
            found = stream.finish_at_once() if hurried and isinstance(stream, RehearingStream) else stream.finish()
            going_on, self._open, self._over = self._open, None, True
        return self._behind(replace(found, words=self._of_utterance(going_on, found.words)))

    async def finish_at(self, at: int) -> Part:
        heard = self.heard()
        going_on = self._open
        if going_on is not None and not self._broken and self._is_steady() and self._is_young(going_on):
            return self._leave_behind(going_on, at)
        at = self.cut_near(at)
        unheard = join_samples(self._unheard)
        has_heard = self._heard_samples - len(unheard)
        if has_heard - at <= STREAM_OVERHANG_S * RECOGNITION_RATE:
            # Whoever hears it in the end, this stream or another engine, hears nothing of what lies behind the cut.
            self._heard, self._heard_samples = [heard[:at]], at
            self._unheard = [unheard[: max(0, at - has_heard)]]
            return Part(transcript=await self.finish(voiced_s=at / RECOGNITION_RATE), at=at)
        # The stream has heard beyond the cut: its words cannot be parted, so the first part is recognised anew.
        self.cancel()
        return Part(transcript=self._behind(await self._base.transcribe(heard[:at], self._base.engines)), at=at)

    def cut_near(self, at: int) -> int:
        if not self._commitment.committed:
            return at
        return min(max(at, round(self._commitment.committed[-1].end_s * RECOGNITION_RATE)), self._heard_samples)

    def _is_young(self, going_on: OpenStream) -> bool:
        return going_on.offset_s + self._heard_samples / RECOGNITION_RATE < LONGEST_STREAM_S

    def _leave_behind(self, going_on: OpenStream, at: int) -> Part:
        """End the utterance with the words that are settled; the stream goes on with the others."""
        settled = tuple(
            word
            for place, word in enumerate(self._words[:-1])
            if word.start_s * RECOGNITION_RATE < at or place < len(self._commitment.committed)
        )
        rest = self._words[len(settled) :]
        if rest:
            at = min(at, round(rest[0].start_s * RECOGNITION_RATE))
        if settled:
            at = max(at, round(settled[-1].end_s * RECOGNITION_RATE))
        at = min(at, self._heard_samples)
        offset_s = going_on.offset_s
        in_stream = tuple(
            replace(word, start_s=word.start_s + offset_s, end_s=word.end_s + offset_s) for word in settled
        )
        transcript = Transcript(words=settled, language=self._base.language, model_used=self._engine.info.label)
        return Part(
            transcript=self._behind(transcript),
            at=at,
            open_stream=OpenStream(
                stream=going_on.stream,
                done=(*going_on.done, *in_stream),
                offset_s=offset_s + at / RECOGNITION_RATE,
                heard=self.heard()[at:],
                unheard=join_samples(self._unheard),
            ),
        )

    def _behind(self, transcript: Transcript) -> Transcript:
        """Leave out of the whole utterance's words those that were committed."""
        return replace(transcript, words=words_behind(self._commitment.committed, transcript.words))

    def heard(self) -> Samples:
        return join_samples(self._heard)

    def cancel(self) -> None:
        if not self._over:
            self._over = True
            with suppress(RuntimeError):  # the pool is closed: the engine's end is the stream's
                self._base.pool.submit(self._cancel_in_thread)

    def _cancel_in_thread(self) -> None:
        with self.working:
            self._give_up()

    def _give_up(self) -> None:
        going_on, self._open = self._open, None
        if going_on is not None:
            with suppress(EngineError):  # the pool has reported it
                self._base.pool.timed(Stage.RECOGNITION, self._engine, going_on.stream.cancel)
