"""Several who want to be heard by one model: speakers, and recordings. In virtual time; the model's time is made up."""

import asyncio
import io
import threading
from collections import Counter

import httpx2
import pytest
import soundfile

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import CapacityExhausted, EngineTimeout
from dragoman.ground.events import Observers, RecognitionLoad, RecognitionTurn, Stage
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word, WordState
from dragoman.ground.virtual_time import VirtualTimeLoop, run_in_virtual_time
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.testing.asgi import AsgiWebSocket
from dragoman.testing.engines import FakeSpeechToText, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.tones import say_as_tones
from dragoman.wire.frames import pack_frame, unpack_frame
from dragoman.wire.requests import OpenRequest, write_open

EN = Language("en")
SENTENCE = "good morning everybody on this fine day shall we begin"
PIECE_S = 28.0
"""Of a recording, as the service takes it."""


class CostlySpeechToText(FakeSpeechToText):
    """Takes ``cost`` seconds of virtual time for a second of sound."""

    def __init__(self, *, cost: float) -> None:
        super().__init__()
        self._cost = cost
        self.loop: asyncio.AbstractEventLoop | None = None
        self.looks: Counter[str] = Counter()
        """By what was said before: the tests tell speakers apart by it."""

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        if isinstance(self.loop, VirtualTimeLoop):
            self.loop.leap(self._cost * audio.duration_s)
        self.looks[context.previous_text] += 1
        return super().transcribe(audio, language=language, context=context)


class Scene:
    """One place, one model, and whoever speaks."""

    def __init__(self, engine: CostlySpeechToText) -> None:
        self.observer = RecordingObserver()
        self.metrics = Metrics()
        self.engine = engine
        engine.loop = asyncio.get_running_loop()
        observers = Observers(observers=(self.observer, MetricsObserver(self.metrics)))
        self.pool = EnginePool(workers=4, recognitions=1, observer=observers)
        self.recognizer = UtteranceRecognizer(
            engines=[engine], voice_activity=FakeVoiceActivity(), pool=self.pool, tuning=RecognitionTuning()
        )

    async def speak(self, name: str, audio: Audio) -> list[Word]:
        """Speak as a microphone brings it, and give what was kept."""
        session = await self.recognizer.open(language=EN, context=RecognitionContext(previous_text=name))
        clock = asyncio.get_running_loop()
        frame = round(FRAME_S * RECOGNITION_RATE)
        started_s = clock.time()

        async def feed() -> None:
            for number, begin in enumerate(range(0, len(audio.samples), frame), start=1):
                await asyncio.sleep(started_s + number * FRAME_S - clock.time())
                await session.push(Audio(samples=audio.samples[begin : begin + frame], sample_rate=RECOGNITION_RATE))
            await session.finish()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(feed())
            events = [event async for event in session]
        await session.close()
        assert [event.failure for event in events if event.failure] == []
        return [word for event in events if event.state is not WordState.PROVISIONAL for word in event.words]

    async def transcribe(self, pieces: int) -> None:
        """Recognise a recording as the service does, piece by piece."""
        audio = silence(PIECE_S, RECOGNITION_RATE)
        context = RecognitionContext(previous_text="recording")
        for _ in range(pieces):
            job = Job(urgency=Urgency.RECORDING, engine=self.engine.info.label, owner=self, waits_s=300.0)
            await self.pool.run(
                Stage.RECOGNITION,
                self.engine,
                lambda: self.engine.transcribe(audio, language=EN, context=context),
                job=job,
            )

    def waits_ms(self, urgency: str) -> list[float]:
        turns = self.observer.of(RecognitionTurn)
        return [turn.waited_ms for turn in turns if turn.urgency == urgency and turn.outcome == "taken"]

    def degrees(self) -> list[int]:
        return [load.degree for load in self.observer.of(RecognitionLoad)]


def talk(sentences: int, *, after_s: float = 0.4) -> Audio:
    spoken = join_audio([say_as_tones(SENTENCE), silence(0.8, RECOGNITION_RATE)], RECOGNITION_RATE)
    return join_audio(
        [silence(after_s, RECOGNITION_RATE), *[spoken] * sentences, silence(0.5, RECOGNITION_RATE)], RECOGNITION_RATE
    )


def text_of(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def test_two_speakers_wait_for_one_piece_of_a_recording_at_most_and_it_is_done_too() -> None:
    async def scene() -> Scene:
        scene = Scene(CostlySpeechToText(cost=0.05))
        with scene.pool:
            async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
                recording = tasks.create_task(scene.transcribe(6))
                an = tasks.create_task(scene.speak("an", talk(3)))
                binh = tasks.create_task(scene.speak("binh", talk(3, after_s=1.1)))
            assert recording.done()
            assert text_of(an.result()) == text_of(binh.result()) == " ".join([SENTENCE] * 3)
        return scene

    done = run_in_virtual_time(scene)

    piece_ms = 0.05 * PIECE_S * 1000
    longest_call_ms = 0.05 * RecognitionTuning().hard_limit_s * 1000
    assert done.engine.looks["recording"] == 6
    assert len(done.waits_ms("recording")) == 6
    # What runs when last words come, and the other speaker's last words if they were first.
    assert max(done.waits_ms("final")) <= piece_ms + longest_call_ms


def test_speakers_of_equal_length_are_looked_at_equally_often() -> None:
    async def scene() -> Scene:
        scene = Scene(CostlySpeechToText(cost=0.12))
        with scene.pool:
            async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
                for place, name in enumerate(["an", "binh", "chi"]):
                    tasks.create_task(scene.speak(name, talk(4, after_s=0.3 * place)))
        return scene

    done = run_in_virtual_time(scene)

    looks = [done.engine.looks[name] for name in ("an", "binh", "chi")]
    assert min(looks) >= 4
    assert max(looks) <= 1.5 * min(looks)


def test_under_overload_less_is_looked_at_nobody_else_is_let_in_and_no_word_is_lost() -> None:
    refusals: list[str] = []

    async def scene() -> Scene:
        scene = Scene(CostlySpeechToText(cost=0.4))

        async def knock() -> None:
            while not refusals:
                await asyncio.sleep(0.5)
                try:
                    scene.pool.turns.refuse_beyond(Degree.LARGER_MODEL, "another speaker")
                except CapacityExhausted as error:
                    refusals.append(str(error))

        with scene.pool:
            async with asyncio.timeout(3600), asyncio.TaskGroup() as tasks:
                knocking = tasks.create_task(knock())
                async with asyncio.TaskGroup() as speaking:
                    said = [speaking.create_task(scene.speak(str(name), talk(5))) for name in range(4)]
                knocking.cancel()
            assert {text_of(words.result()) for words in said} == {" ".join([SENTENCE] * 5)}
        return scene

    done = run_in_virtual_time(scene)

    steps = list(dict.fromkeys(done.degrees()))
    assert steps == sorted(steps)
    assert max(steps) == Degree.LARGER_MODEL
    assert len(refusals) == 1
    assert "another speaker is too much at present" in refusals[0]
    finals = done.metrics.registry.get_sample_value("dragoman_recognition_wait_seconds_count", {"urgency": "final"})
    assert finals is not None
    assert finals >= 20


def test_a_turn_that_does_not_come_in_time_is_given_up_and_blocks_nobody() -> None:
    async def scene() -> list[str]:
        with EnginePool(workers=2, recognitions=1, observer=RecordingObserver()) as pool:
            release, engine = threading.Event(), FakeSpeechToText()

            def wanting(owner: str, waits_s: float) -> Job:
                return Job(urgency=Urgency.FINAL, engine=engine.info.label, owner=owner, waits_s=waits_s)

            running = asyncio.create_task(pool.visit(lambda: release.wait(30), job=wanting("running", 1.0)))
            await asyncio.sleep(0)
            with pytest.raises(EngineTimeout, match="was busy for"):
                await pool.visit(lambda: "late", job=wanting("late", 0.05))
            waiting = asyncio.create_task(pool.visit(lambda: "next", job=wanting("next", 30.0)))
            gone = asyncio.create_task(pool.visit(lambda: "gone", job=wanting("gone", 30.0)))
            await asyncio.sleep(0)
            gone.cancel()
            release.set()
            await running
            return [await waiting, await pool.visit(lambda: "last", job=wanting("last", 30.0))]

    assert asyncio.run(scene()) == ["next", "last"]


def test_a_call_whose_caller_has_left_keeps_its_place_until_its_thread_is_done() -> None:
    async def scene() -> list[str]:
        order: list[str] = []
        with EnginePool(workers=2, recognitions=1, observer=RecordingObserver()) as pool:
            begun, release = threading.Event(), threading.Event()

            def long() -> None:
                begun.set()
                release.wait(30)
                order.append("long")

            def wanting(owner: str) -> Job:
                return Job(urgency=Urgency.FINAL, engine="whisper", owner=owner, waits_s=30.0)

            running = asyncio.create_task(pool.visit(long, job=wanting("running")))
            await asyncio.to_thread(begun.wait, 30)
            running.cancel()
            following = asyncio.create_task(pool.visit(lambda: order.append("next"), job=wanting("next")))
            await asyncio.wait([running])
            release.set()
            await following
        return order

    assert asyncio.run(scene()) == ["long", "next"]


async def overload(pool: EnginePool, degree: Degree) -> None:
    """Compute for live speech all the time, until as much as ``degree`` is left out."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    while pool.turns.degree < degree:
        job = Job(urgency=Urgency.FINAL, engine="model", owner=pool, waits_s=30.0)
        await pool.visit(lambda: loop.leap(2.5), job=job)


def test_a_recording_is_refused_over_http_while_live_speech_takes_all_there_is() -> None:
    async def scene() -> list[httpx2.Response]:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            app = speech_to_text_app([FakeSpeechToText()], FakeRecognizer(), pool=pool)
            content = io.BytesIO()
            soundfile.write(content, silence(1.0, RECOGNITION_RATE).samples, RECOGNITION_RATE, format="WAV")
            await overload(pool, Degree.HALF_THE_LOOKS)
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:

                async def post() -> httpx2.Response:
                    return await client.post(
                        "/transcribe", content=content.getvalue(), headers={"Content-Type": "audio/wav"}
                    )

                refused = await post()
                await asyncio.sleep(60.0)
                return [refused, await post()]

    refused, later = run_in_virtual_time(scene)

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["code"] == "capacity_exhausted"
    assert later.status_code == 200


def test_another_microphone_is_refused_under_overload_but_never_the_only_one() -> None:
    async def scene() -> list[str]:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            app = speech_to_text_app([], FakeRecognizer(), pool=pool)
            await overload(pool, Degree.LARGER_MODEL)
            opening = pack_frame(write_open(OpenRequest(language=EN, context=RecognitionContext())))
            said = []
            sockets = [await AsgiWebSocket.connect(app, "/recognize") for _ in range(2)]
            for socket in sockets:
                await socket.send_bytes(opening)
                header, _ = unpack_frame(await socket.receive_bytes())
                said.append(str(header.get("code", header["type"])))
            for socket in sockets:
                await socket.close()
        return said

    assert run_in_virtual_time(scene) == ["opened", "capacity_exhausted"]
