"""Several who want to be heard by one model: speakers, and recordings. In virtual time; the model's time is made up."""

import asyncio
import io
import math
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import httpx2
import pytest
import soundfile

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import BETTER_AFTER_S, Degree
from dragoman.engines.pool import EnginePool
from dragoman.engines.remote_session import RemoteRecognizer
from dragoman.engines.speech_to_text import faster_whisper
from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import CapacityExhausted, EngineTimeout
from dragoman.ground.events import (
    Observers,
    RecognitionBatch,
    RecognitionLoad,
    RecognitionOpened,
    RecognitionRefused,
    RecognitionTurn,
    Stage,
)
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word, WordState
from dragoman.ground.virtual_time import VirtualTimeLoop, run_in_virtual_time
from dragoman.ground.windows import Window, WindowHypothesis, WindowRequest
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.recognition.followers import Transcribing
from dragoman.recognition.plain_windows import hear_window
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

FIXTURES = Path(__file__).parent.parent / "fixtures"
EN, VI = Language("en"), Language("vi")
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


class CostlyTogether(CostlySpeechToText):
    """Hears windows of one length in one call, for what the first of them costs."""

    def hypothesize(self, window: Window, *, language: Language) -> WindowHypothesis:
        return hear_window(FakeSpeechToText(), window, language=language)

    def window_shape(self, window: Window, *, language: Language) -> Hashable:
        return math.ceil(window.audio.duration_s), window.last

    def hypothesize_together(
        self, requests: Sequence[WindowRequest], tell: Callable[[int, WindowHypothesis], None]
    ) -> None:
        if isinstance(self.loop, VirtualTimeLoop):
            self.loop.leap(self._cost * requests[0].window.audio.duration_s)
        for place, request in enumerate(requests):
            tell(place, self.hypothesize(request.window, language=request.language))


class Scene:
    """One place, one model, and whoever speaks."""

    def __init__(self, engine: CostlySpeechToText, *, together: int = 1) -> None:
        self.observer = RecordingObserver()
        self.metrics = Metrics()
        self.engine = engine
        engine.loop = asyncio.get_running_loop()
        observers = Observers(observers=(self.observer, MetricsObserver(self.metrics)))
        self.pool = EnginePool(workers=4, recognitions=1, together=together, observer=observers)
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
                    tasks.create_task(scene.speak(name, talk(12, after_s=0.3 * place)))
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
                    scene.pool.turns.refuse_beyond(Degree.LARGER_MODEL, "speaker")
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
    assert done.observer.of(RecognitionRefused) == [RecognitionRefused(what="speaker", reason="load")]
    finals = done.metrics.registry.get_sample_value("dragoman_recognition_wait_seconds_count", {"urgency": "final"})
    assert finals is not None
    assert finals >= 20


def test_a_turn_that_does_not_come_in_time_is_given_up_and_blocks_nobody() -> None:
    observer = RecordingObserver()

    async def scene() -> list[str]:
        with EnginePool(workers=2, recognitions=1, observer=observer) as pool:
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
    assert Counter(turn.outcome for turn in observer.of(RecognitionTurn)) == {"taken": 3, "late": 1, "left": 1}


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


def test_speakers_who_wait_at_the_same_moment_are_heard_in_one_call_and_every_word_is_theirs() -> None:
    async def scene() -> Scene:
        scene = Scene(CostlyTogether(cost=0.12), together=2)
        with scene.pool:
            async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
                said = [tasks.create_task(scene.speak(name, talk(4))) for name in ("an", "binh", "chi")]
            assert {text_of(words.result()) for words in said} == {" ".join([SENTENCE] * 4)}
        return scene

    done = run_in_virtual_time(scene)

    sizes = Counter(batch.windows for batch in done.observer.of(RecognitionBatch))
    assert set(sizes) == {1, 2}
    counted = done.metrics.registry.get_sample_value(
        "dragoman_recognition_batch_windows_sum", {"engine": done.engine.info.label}
    )
    assert counted == sizes[1] + 2 * sizes[2]


def test_who_is_heard_by_which_engine_is_told_when_a_session_is_opened() -> None:
    async def scene() -> Scene:
        scene = Scene(CostlySpeechToText(cost=0.01))
        with scene.pool:
            await scene.speak("an", silence(0.2, RECOGNITION_RATE))
        return scene

    done = run_in_virtual_time(scene)

    label = done.engine.info.label
    assert done.observer.of(RecognitionOpened) == [RecognitionOpened(language=EN, first=label, last=label)]


def test_looks_of_two_speakers_of_two_languages_go_through_whisper_in_one_call_and_are_what_each_is_alone() -> None:
    engine = faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=1)
    windows = {language: look_at(f"{language}-1") for language in (EN, VI)}
    alone = {language: engine.hypothesize(windows[language], language=language) for language in windows}

    async def scene() -> tuple[dict[Language, WindowHypothesis], list[int]]:
        observer = RecordingObserver()
        with EnginePool(workers=2, recognitions=1, together=2, observer=observer) as pool:
            release = threading.Event()
            busy = Job(urgency=Urgency.FINAL, engine=engine.info.label, owner="busy", waits_s=30.0)
            running = asyncio.create_task(pool.visit(lambda: release.wait(30), job=busy))
            await asyncio.sleep(0)
            looks = {
                language: asyncio.create_task(microphone(pool, engine, language).hear_window(window, [engine]))
                for language, window in windows.items()
            }
            await asyncio.sleep(0)
            release.set()
            await running
            return {language: await look for language, look in looks.items()}, [
                batch.windows for batch in observer.of(RecognitionBatch)
            ]

    try:
        together, sizes = asyncio.run(scene())
    finally:
        engine.close()

    assert sizes == [2]
    assert all(len(alone[language].words) > 3 for language in windows)
    for language in windows:
        assert [word.word.text for word in together[language].words] == [
            word.word.text for word in alone[language].words
        ]


def look_at(name: str) -> Window:
    samples, _ = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32", stop=4 * RECOGNITION_RATE)
    return Window(audio=Audio(samples=samples, sample_rate=RECOGNITION_RATE), context=RecognitionContext())


def microphone(pool: EnginePool, engine: faster_whisper.FasterWhisper, language: Language) -> Transcribing:
    return Transcribing(
        engines=[engine], final_engines=[engine], pool=pool, language=language, context=RecognitionContext()
    )


@pytest.mark.parametrize("gone", ["first", "second"])
def test_of_two_who_would_be_one_call_one_may_leave_or_fail_and_the_other_is_answered(gone: str) -> None:
    asked: list[list[str]] = []

    def ask(requests: Sequence[str], tell: Callable[[int, str], None]) -> None:
        asked.append(list(requests))
        if "bad" in requests:
            raise EngineTimeout("too hard")
        for place, request in enumerate(requests):
            tell(place, request)

    async def scene() -> list[object]:
        engine = FakeSpeechToText()
        with EnginePool(workers=2, recognitions=1, together=3, observer=RecordingObserver()) as pool:
            release = threading.Event()

            async def want(request: str) -> str:
                job = Job(urgency=Urgency.FINAL, engine="whisper", owner=request, waits_s=30.0, shape="short")
                return await pool.run_together(Stage.RECOGNITION, engine, ask, request, job=job)

            busy = Job(urgency=Urgency.FINAL, engine="whisper", owner="busy", waits_s=30.0)
            running = asyncio.create_task(pool.visit(lambda: release.wait(30), job=busy))
            await asyncio.sleep(0)
            waiting = {name: asyncio.create_task(want(name)) for name in ("first", "second", "bad")}
            await asyncio.sleep(0)
            waiting[gone].cancel()
            release.set()
            await running
            answers = await asyncio.gather(*waiting.values(), return_exceptions=True)
            return [*answers, await want("later")]

    first, second, bad, later = asyncio.run(scene())

    left, stayed = (first, second) if gone == "first" else (second, first)
    assert isinstance(left, asyncio.CancelledError)
    assert stayed == ("second" if gone == "first" else "first")
    assert isinstance(bad, EngineTimeout)
    assert later == "later"
    assert asked[0] == [stayed, "bad"]


def test_a_pool_that_is_closed_leaves_nobody_waiting_for_a_call() -> None:
    async def scene() -> None:
        engine = FakeSpeechToText()
        pool = EnginePool(workers=1, together=2, observer=RecordingObserver())
        pool.close()
        job = Job(urgency=Urgency.FINAL, engine="whisper", owner="an", waits_s=30.0, shape="short")
        async with asyncio.timeout(30):
            await pool.run_together(Stage.RECOGNITION, engine, lambda requests, tell: None, "an", job=job)

    with pytest.raises(RuntimeError, match="shutdown"):
        asyncio.run(scene())


async def overload(pool: EnginePool, degree: Degree) -> None:
    """Compute for live speech all the time, until as much as ``degree`` is left out."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    while pool.turns.degree < degree:
        job = Job(urgency=Urgency.FINAL, engine="model", owner=pool, waits_s=30.0)
        await pool.visit(lambda: loop.leap(2.5), job=job)


def test_a_recording_is_refused_over_http_while_live_speech_takes_all_there_is() -> None:
    observer = RecordingObserver()

    async def scene() -> list[httpx2.Response]:
        with EnginePool(workers=1, observer=observer) as pool:
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
    assert int(refused.headers["retry-after"]) == BETTER_AFTER_S
    assert refused.json()["code"] == "capacity_exhausted"
    assert later.status_code == 200
    assert observer.of(RecognitionRefused) == [RecognitionRefused(what="recording", reason="load")]


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


def test_a_microphone_that_is_refused_is_told_when_to_come_again() -> None:
    async def scene() -> CapacityExhausted:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            app = speech_to_text_app([], FakeRecognizer(), pool=pool)
            await overload(pool, Degree.LARGER_MODEL)

            async def connect() -> AsgiWebSocket:
                return await AsgiWebSocket.connect(app, "/recognize")

            recognizer = RemoteRecognizer(connect)
            first = await recognizer.open(language=EN, context=RecognitionContext())
            with pytest.raises(CapacityExhausted) as refused:
                await recognizer.open(language=EN, context=RecognitionContext())
            assert refused.value.retry_after_s is not None
            # Nobody has spoken meanwhile.
            await asyncio.sleep(refused.value.retry_after_s)
            second = await recognizer.open(language=EN, context=RecognitionContext())
            await first.close()
            await second.close()
        return refused.value

    assert run_in_virtual_time(scene).retry_after_s == BETTER_AFTER_S
