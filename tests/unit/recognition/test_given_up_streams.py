"""Sessions that end in the middle of a sentence leave no utterance open in a streaming recogniser."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.engines.speech_to_text.pocketsphinx import PocketSphinx
from dragoman.engines.speech_to_text.pocketsphinx_worker import MAX_OPEN_STREAMS
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import IncrementalSpeechToText, RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed, EngineUnavailable
from dragoman.ground.events import EngineFailed
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.recognition.session import UtteranceRecognizer, UtteranceSession
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.testing.engines import FakeSpeechToText, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.tones import say_as_tones

EN = Language("en")
TEXT = "good morning everybody on this fine day"
SENTENCE = say_as_tones(TEXT)
SECOND = Audio(samples=SENTENCE.samples[:RECOGNITION_RATE], sample_rate=RECOGNITION_RATE)
WHOLE = join_audio([SENTENCE, silence(1.0, RECOGNITION_RATE)], RECOGNITION_RATE)


class CountedPocketSphinx(PocketSphinx):
    opened = 0
    """Utterances that were given a stream."""

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        stream = super().open_stream(language=language, context=context)
        self.opened += 1
        return stream


@pytest.fixture
def pocketsphinx() -> Iterator[CountedPocketSphinx]:
    engine = CountedPocketSphinx()
    engine.warm_up()
    yield engine
    engine.close()


def recognizing(
    engine: IncrementalSpeechToText, act: Callable[[UtteranceRecognizer], Awaitable[None]]
) -> RecordingObserver:
    observer = RecordingObserver()

    async def whole() -> None:
        with EnginePool(workers=2, observer=observer) as pool:
            recognizer = UtteranceRecognizer(
                engines=[engine], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
            )
            async with asyncio.timeout(60):
                await act(recognizer)
                await pool.visit(lambda: None)  # what was handed to the threads before has begun

    asyncio.run(whole())
    return observer


async def open_session(recognizer: UtteranceRecognizer) -> UtteranceSession:
    return await recognizer.open(language=EN, context=RecognitionContext())


async def hear(recognizer: UtteranceRecognizer, audio: Audio) -> list[RecognitionEvent]:
    session = await open_session(recognizer)
    await session.push(audio)
    await session.finish()
    events = [event async for event in session]
    await session.close()
    return events


class CountingSpeechToText(FakeSpeechToText):
    """Follows utterances; says which are open, and when one has heard something."""

    def __init__(self) -> None:
        super().__init__()
        self._info = replace(self.info, streaming=True)
        self.streams: list[CountingStream] = []
        self.hold: Event | None = None
        """What ``accept`` and ``finish`` wait for."""
        self.full = self.broken = False
        """Whether no stream can be opened, or one that accepts fails and stays open."""

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        if self.full:
            raise EngineUnavailable("it follows enough others")
        self.streams.append(CountingStream(self))
        return self.streams[-1]

    @property
    def left_open(self) -> int:
        return sum(not stream.over for stream in self.streams)


class CountingStream:
    def __init__(self, engine: CountingSpeechToText) -> None:
        self._engine = engine
        self.working = Event()
        self.over = False

    def _work(self) -> None:
        self.working.set()
        if self._engine.hold is not None:
            self._engine.hold.wait(10)

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self._work()
        if self._engine.broken:
            raise EngineCrashed("it dislikes the sound")
        return ()

    def finish(self) -> Transcript:
        self._work()
        self.over = True
        return Transcript(words=(), language=EN, model_used="counting")

    def cancel(self) -> None:
        self.over = True


async def drop_mid_sentence(recognizer: UtteranceRecognizer, heard: Callable[[], bool]) -> None:
    session = await open_session(recognizer)
    await session.push(SECOND)
    while not heard():  # noqa: ASYNC110  # threads tell no loop
        await asyncio.sleep(0.005)
    await session.close()


def test_pocketsphinx_is_not_filled_by_microphones_that_leave_in_mid_sentence(
    pocketsphinx: CountedPocketSphinx,
) -> None:
    async def act(recognizer: UtteranceRecognizer) -> None:
        for number in range(1, MAX_OPEN_STREAMS + 3):
            await drop_mid_sentence(recognizer, lambda number=number: pocketsphinx.opened == number)  # type: ignore[misc]

    observer = recognizing(pocketsphinx, act)

    assert pocketsphinx.opened == MAX_OPEN_STREAMS + 2
    assert observer.of(EngineFailed) == []


def test_a_session_that_is_closed_in_mid_sentence_lets_go_of_its_stream() -> None:
    engine = CountingSpeechToText()

    async def act(recognizer: UtteranceRecognizer) -> None:
        for number in range(1, 4):
            await drop_mid_sentence(recognizer, lambda number=number: len(engine.streams) == number)  # type: ignore[misc]

    recognizing(engine, act)

    assert (len(engine.streams), engine.left_open) == (3, 0)


def test_what_is_being_heard_when_its_task_is_cancelled_is_let_go_of_when_that_is_done() -> None:
    engine, release = CountingSpeechToText(), Event()
    engine.hold = release

    async def act(recognizer: UtteranceRecognizer) -> None:
        session = await open_session(recognizer)
        await session.push(SECOND)
        while not engine.streams or not engine.streams[0].working.is_set():  # noqa: ASYNC110  # threads tell no loop
            await asyncio.sleep(0.005)
        await session.close()
        assert engine.left_open == 1
        release.set()

    recognizing(engine, act)

    assert (len(engine.streams), engine.left_open) == (1, 0)


def test_a_stream_that_fails_is_let_go_of_and_the_next_utterance_has_one_again() -> None:
    engine = CountingSpeechToText()
    engine.broken = True

    async def act(recognizer: UtteranceRecognizer) -> None:
        await hear(recognizer, WHOLE)
        engine.broken = False
        await hear(recognizer, WHOLE)

    recognizing(engine, act)

    assert (len(engine.streams), engine.left_open) == (2, 0)


def test_when_a_recogniser_is_full_the_last_words_come_and_the_next_utterance_is_followed() -> None:
    engine = CountingSpeechToText()
    engine.full = True
    finals: list[RecognitionEvent] = []

    async def act(recognizer: UtteranceRecognizer) -> None:
        for full in (True, False):
            engine.full = full
            finals.extend(event for event in await hear(recognizer, WHOLE) if event.state is WordState.FINAL)

    recognizing(engine, act)

    assert [final.failure for final in finals] == [None, None]
    assert " ".join(word.text for word in finals[0].words) == TEXT
    assert len(engine.streams) == 1
