"""Speakers who share a recogniser that follows along: its time is measured, and nothing is lost."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tests.integration.test_recognition_turns import SENTENCE, CostlySpeechToText, Scene, talk, text_of

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.events import RecognitionBatch, RecognitionTurn
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.steady_streams import StreamRequest
from dragoman.ground.virtual_time import VirtualTimeLoop, run_in_virtual_time
from dragoman.testing.tones import hear_tones

EN = Language("en")


class CostlyStreams(CostlySpeechToText):
    """Follows utterances, and takes ``cost`` seconds of virtual time for a second of sound."""

    def __init__(self, *, cost: float) -> None:
        super().__init__(cost=cost)
        self._info = replace(self.info, streaming=True)
        self.working = threading.Lock()
        """Held while a stream works: this model hears one at a time."""
        self.crowded = 0
        """Times at which two wanted to work at once."""
        self.took_s = 0.0
        """From the first sample to the last words of all."""

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        return CostlyStream(self)

    def spend(self, seconds: float) -> None:
        self.crowded += self.working.locked()
        with self.working:
            if isinstance(self.loop, VirtualTimeLoop):
                self.loop.leap(self._cost * seconds)


class CostlyStream:
    def __init__(self, engine: CostlyStreams) -> None:
        self._engine = engine
        self.heard: list[Samples] = []

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self.heard.append(audio.samples)
        self._engine.spend(audio.duration_s)
        return ()

    def finish(self) -> Transcript:
        heard = Audio(samples=np.concatenate(self.heard), sample_rate=RECOGNITION_RATE)
        return Transcript(words=hear_tones(heard, EN), language=EN, model_used="costly")

    def cancel(self) -> None: ...


class CostlyTogether(CostlyStreams):
    """Lets several streams hear more for what the longest of them costs; not where the ``weak`` one is among them."""

    def __init__(self, *, cost: float, weak: str = "") -> None:
        super().__init__(cost=cost)
        self.weak = weak

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        return WeakStream(self) if context.previous_text == self.weak else CostlyStream(self)

    def accept_together(self, requests: Sequence[StreamRequest]) -> list[tuple[Word, ...]]:
        if any(isinstance(request.stream, WeakStream) for request in requests):
            raise EngineCrashed("one of them is lost")
        self.spend(max(request.audio.duration_s for request in requests))
        for request in requests:
            assert isinstance(request.stream, CostlyStream)
            request.stream.heard.append(request.audio.samples)
        return [()] * len(requests)


class WeakStream(CostlyStream):
    def accept(self, audio: Audio) -> tuple[Word, ...]:
        raise EngineCrashed("this one is lost")


def listen_to(
    speakers: int, *, cost: float, sentences: int, engine: CostlyStreams | None = None
) -> tuple[Scene, CostlyStreams]:
    engine = engine or CostlyStreams(cost=cost)

    async def scene() -> Scene:
        scene = Scene(engine)
        began_s = asyncio.get_running_loop().time()
        with scene.pool:
            async with asyncio.timeout(3600), asyncio.TaskGroup() as tasks:
                said = [tasks.create_task(scene.speak(str(name), talk(sentences))) for name in range(speakers)]
            engine.took_s = asyncio.get_running_loop().time() - began_s
            assert {text_of(words.result()) for words in said} == {" ".join([SENTENCE] * sentences)}
        return scene

    return run_in_virtual_time(scene), engine


def test_a_stream_that_the_machine_carries_is_measured_and_nothing_is_left_out() -> None:
    scene, _ = listen_to(1, cost=0.2, sentences=3)

    waits = scene.metrics.registry.get_sample_value("dragoman_recognition_wait_seconds_count", {"urgency": "partial"})
    assert waits is not None
    assert waits > 50
    assert len(scene.waits_ms("final")) == 3
    assert set(scene.degrees()) == {Degree.NOTHING}


def test_streams_that_are_too_much_raise_the_degree_to_its_end_and_lose_no_word() -> None:
    scene, engine = listen_to(3, cost=0.5, sentences=6)

    steps = list(dict.fromkeys(scene.degrees()))
    assert steps[: len(Degree)] == list(Degree)
    assert engine.crowded == 0


def test_streams_that_wait_at_once_are_one_call_and_keep_up_where_one_after_the_other_would_not() -> None:
    said_s = talk(6).duration_s

    _, one_by_one = listen_to(3, cost=0.42, sentences=6)
    scene, together = listen_to(3, cost=0.42, sentences=6, engine=CostlyTogether(cost=0.42))

    assert max(batch.windows for batch in scene.observer.of(RecognitionBatch)) > 1
    assert one_by_one.took_s > said_s + 5.0
    assert together.took_s < said_s + 1.5
    assert together.crowded == 0


def test_a_stream_that_is_lost_costs_those_that_it_is_heard_with_no_word() -> None:
    scene, _ = listen_to(3, cost=0.42, sentences=2, engine=CostlyTogether(cost=0.42, weak="1"))

    assert max(batch.windows for batch in scene.observer.of(RecognitionBatch)) > 1


def test_what_had_no_turn_in_time_is_heard_later() -> None:
    engine, release = CostlyStreams(cost=0.05), threading.Event()

    async def scene() -> str:
        scene = Scene(engine)
        job = Job(urgency=Urgency.RECORDING, engine=engine.info.label, owner=scene, waits_s=30.0)
        with scene.pool:
            speaking = asyncio.create_task(scene.speak("an", talk(1)))
            await asyncio.sleep(1.0)
            blocked = asyncio.create_task(scene.pool.visit(lambda: release.wait(20), job=job))
            while "late" not in {turn.outcome for turn in scene.observer.of(RecognitionTurn)}:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            release.set()
            await blocked
            return text_of(await speaking)

    assert run_in_virtual_time(scene) == SENTENCE
