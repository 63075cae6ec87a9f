"""A stream that is behind catches up in larger steps, and is not asked to hear its utterance once more."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.engines.turns import Turns
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio, silence
from dragoman.ground.engines import RecognitionContext, SpeechStream
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word, WordState
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.stream_follower import CATCH_UP_S
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.testing.engines import FakeSpeechToText, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.tones import hear_tones, say_as_tones

EN = Language("en")
TEXT = "good morning everybody on this fine day in the old town"
SPOKEN = join_audio([say_as_tones(TEXT), silence(1.0, RECOGNITION_RATE)], RECOGNITION_RATE)
BLOCK = round(RecognitionTuning().block_s * RECOGNITION_RATE)


class Rehearing(FakeSpeechToText):
    """Keeps how much its streams were given at a time, and how they were finished."""

    def __init__(self) -> None:
        super().__init__()
        self._info = replace(self.info, streaming=True)
        self.given_s: list[float] = []
        self.finished: list[str] = []

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        return RehearingOne(self)


class RehearingOne:
    def __init__(self, engine: Rehearing) -> None:
        self._engine = engine
        self._heard: Samples = np.zeros(0, np.float32)

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self._engine.given_s.append(audio.duration_s)
        self._heard = np.concatenate([self._heard, audio.samples])
        return hear_tones(Audio(samples=self._heard, sample_rate=RECOGNITION_RATE), EN)

    def finish(self) -> Transcript:
        return self._finish("again")

    def finish_at_once(self) -> Transcript:
        return self._finish("at once")

    def cancel(self) -> None:
        pass

    def _finish(self, how: str) -> Transcript:
        self._engine.finished.append(how)
        heard = Audio(samples=self._heard, sample_rate=RECOGNITION_RATE)
        return Transcript(words=hear_tones(heard, EN), language=EN, model_used="tones")


def hear(engine: Rehearing, *, block: int) -> str:
    """Give the final words of ``SPOKEN``, which comes in pieces of ``block`` samples."""

    async def whole() -> str:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            recognizer = UtteranceRecognizer(
                engines=[engine], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
            )
            session = await recognizer.open(language=EN, context=RecognitionContext())
            for start in range(0, len(SPOKEN.samples), block):
                piece = SPOKEN.samples[start : start + block]
                await session.push(Audio(samples=piece, sample_rate=RECOGNITION_RATE))
                await asyncio.sleep(0.005)
            await session.finish()
            events = [event async for event in session]
            await session.close()
        return " ".join(word.text for it in events if it.state is WordState.FINAL for word in it.words)

    return asyncio.run(whole())


def test_what_has_gathered_is_heard_in_larger_steps_and_to_its_end() -> None:
    engine = Rehearing()

    words = hear(engine, block=len(SPOKEN.samples))

    assert words == TEXT
    # Its beginning was there when voice was sure, and its end comes with the end of the utterance.
    assert len(engine.given_s) <= SPOKEN.duration_s / CATCH_UP_S + 2
    assert max(engine.given_s) < CATCH_UP_S + 0.2


def test_an_utterance_that_is_far_behind_is_not_heard_once_more() -> None:
    late, in_time = Rehearing(), Rehearing()

    words = [hear(late, block=len(SPOKEN.samples)), hear(in_time, block=BLOCK)]

    assert words == [TEXT, TEXT]
    assert (late.finished, in_time.finished) == (["at once"], ["again"])


@pytest.mark.parametrize(("degree", "how"), [(Degree.PREVIEWS, "again"), (Degree.HALF_THE_LOOKS, "at once")])
def test_under_load_previews_go_before_hearing_once_more(
    degree: Degree, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "degree", degree)
    engine = Rehearing()

    assert hear(engine, block=BLOCK) == TEXT
    assert engine.finished == [how]
