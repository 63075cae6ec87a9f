"""Where a long utterance is split, the stream of the first part has heard no voice of the second."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio, silence
from dragoman.ground.engines import RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed, EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.stream_follower import STREAM_OVERHANG_S
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.testing.engines import FakeSpeechToText, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.tones import hear_tones, say_as_tones

EN = Language("en")
FIRST, SECOND = "the first part of this long sentence " * 5, "and this is the second"
"""Nine seconds and one."""
GAPS_S = (0.1, 0.13, 0.16, 0.2, 0.3, 0.4)
BLOCK = round(RecognitionTuning().block_s * RECOGNITION_RATE)


class StreamsOfTones(FakeSpeechToText):
    """Follows utterances, and keeps what each of its streams has heard; stretches it hears without fail."""

    def __init__(self, *, full: bool = False, breaks_after_s: float = inf, finishes: bool = True) -> None:
        super().__init__()
        self._info = replace(self.info, streaming=True)
        self._full, self.breaks_after_s, self.finishes = full, breaks_after_s, finishes
        self.streams: list[StreamOfTones] = []

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        if self._full:
            raise EngineUnavailable("it follows enough others")
        self.streams.append(StreamOfTones(self))
        return self.streams[-1]


class StreamOfTones:
    def __init__(self, engine: StreamsOfTones) -> None:
        self._engine = engine
        self.heard: Samples = np.zeros(0, np.float32)

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self.heard = np.concatenate([self.heard, audio.samples])
        if len(self.heard) > self._engine.breaks_after_s * RECOGNITION_RATE:
            raise EngineCrashed("it was killed")
        return hear_tones(Audio(samples=self.heard, sample_rate=RECOGNITION_RATE), EN)

    def finish(self) -> Transcript:
        if not self._engine.finishes:
            raise EngineCrashed("it was killed at the end")
        return Transcript(words=self.accept(silence(0.0, RECOGNITION_RATE)), language=EN, model_used="tones")

    def cancel(self) -> None:
        pass


def hear(engine: StreamsOfTones, audio: Audio, *, hurried: bool) -> list[RecognitionEvent]:
    async def whole() -> list[RecognitionEvent]:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            recognizer = UtteranceRecognizer(
                engines=[engine], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
            )
            session = await recognizer.open(language=EN, context=RecognitionContext())
            for start in range(0, len(audio.samples), len(audio.samples) if hurried else BLOCK):
                end = None if hurried else start + BLOCK
                await session.push(Audio(samples=audio.samples[start:end], sample_rate=RECOGNITION_RATE))
                await asyncio.sleep(0.005)
            await session.finish()
            events = [event async for event in session]
            await session.close()
            return events

    async def in_time() -> list[RecognitionEvent]:
        async with asyncio.timeout(60):
            return await whole()

    return asyncio.run(in_time())


@pytest.mark.parametrize("hurried", [False, True], ids=["as it is spoken", "late, at once"])
@pytest.mark.parametrize("gap_s", GAPS_S)
def test_a_stream_hears_nothing_of_what_is_spoken_behind_its_part(gap_s: float, hurried: bool) -> None:
    engine, first = StreamsOfTones(), say_as_tones(FIRST.strip())
    said = join_audio(
        [first, silence(gap_s, RECOGNITION_RATE), say_as_tones(SECOND), silence(1.0, RECOGNITION_RATE)],
        RECOGNITION_RATE,
    )

    finals = [event for event in hear(engine, said, hurried=hurried) if event.state is WordState.FINAL]

    assert [" ".join(word.text for word in final.words) for final in finals] == [FIRST.strip(), SECOND]
    assert len(engine.streams) == len(finals)
    voiced = np.nonzero(np.abs(engine.streams[0].heard) > 0.001)[0]
    assert len(engine.streams[0].heard) - voiced[-1] <= (gap_s / 2 + STREAM_OVERHANG_S) * RECOGNITION_RATE


ENGINES: dict[str, Callable[[], StreamsOfTones]] = {
    "that works": StreamsOfTones,
    "that is full": lambda: StreamsOfTones(full=True),
    "that is killed before the cut": lambda: StreamsOfTones(breaks_after_s=2),
    "that is killed at the cut": lambda: StreamsOfTones(finishes=False),
}


@pytest.mark.parametrize("hurried", [False, True], ids=["as it is spoken", "late, at once"])
@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
def test_without_any_dip_every_word_that_no_cut_parts_is_heard_once(
    engine: Callable[[], StreamsOfTones], hurried: bool
) -> None:
    """The quietest place behind is taken: a stream that works has heard beyond it, and the part is heard anew."""
    words = [f"word{number:02}" for number in range(40)]
    said = join_audio([say_as_tones(" ".join(words)), silence(1.0, RECOGNITION_RATE)], RECOGNITION_RATE)

    finals = [event for event in hear(engine(), said, hurried=hurried) if event.state is WordState.FINAL]

    heard = [[word.text for word in final.words] for final in finals]
    assert len(finals) > 1
    for part in heard[:-1]:
        part.pop()
    for part in heard[1:]:
        part.pop(0)
    inside = [word for part in heard for word in part]
    assert inside == sorted(set(inside))
    assert set(inside) <= set(words)
    assert len(inside) >= len(words) - 2 * (len(finals) - 1)


@pytest.mark.parametrize("hurried", [False, True], ids=["as it is spoken", "late, at once"])
@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
def test_at_a_dip_every_word_is_heard_once(engine: Callable[[], StreamsOfTones], hurried: bool) -> None:
    parts = [say_as_tones(FIRST.strip()), silence(0.2, RECOGNITION_RATE), say_as_tones(SECOND)]
    said = join_audio([*parts, silence(1.0, RECOGNITION_RATE)], RECOGNITION_RATE)

    finals = [event for event in hear(engine(), said, hurried=hurried) if event.state is WordState.FINAL]

    assert [" ".join(word.text for word in final.words) for final in finals] == [FIRST.strip(), SECOND]
