"""What every live recognizer promises, through its protocol alone. A new one is one more entry of ``CASES``.

Every case is run in virtual time on tones (``dragoman.testing.tones``), which the fake and, on a fake engine, the local
recognizer really read. A case opens a recognizer for the length of a ``with``; what it opened must be gone after it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.engines.remote_session import RemoteRecognizer
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import RecognitionContext, RecognitionSession, Recognizer
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, WordState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.testing.asgi import AsgiWebSocket
from dragoman.testing.engines import FakeSpeechToText, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.tones import say_as_tones

Case = Callable[[], AbstractContextManager[Recognizer]]

EN = Language("en")
UNHEARD = Language("ca")
FIRST, SECOND = "good morning everybody on this fine day", "shall we begin"


@contextmanager
def fake() -> Iterator[Recognizer]:
    yield FakeRecognizer()


@contextmanager
def local() -> Iterator[Recognizer]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        yield UtteranceRecognizer(
            engines=[FakeSpeechToText()], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
        )


@contextmanager
def remote(behind: Case) -> Iterator[Recognizer]:
    """A recognizer behind the service's WebSocket, in this event loop and over the wire format."""
    with behind() as recognizer, EnginePool(workers=1, observer=RecordingObserver()) as pool:
        app = speech_to_text_app([], recognizer, pool=pool)
        yield RemoteRecognizer(lambda: AsgiWebSocket.connect(app, "/recognize"))


CASES: dict[str, Case] = {
    "fake": fake,
    "local": local,
    "remote fake": lambda: remote(fake),
    "remote local": lambda: remote(local),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


Scene = Callable[[RecognitionSession], Awaitable[Sequence[RecognitionEvent]]]


def play(case: Case, scene: Scene) -> Sequence[RecognitionEvent]:
    """Run ``scene`` on a session in virtual time; checks that nothing is left over once the session is closed."""

    async def whole() -> Sequence[RecognitionEvent]:
        async with asyncio.timeout(300):
            with case() as recognizer:
                session = await recognizer.open(language=EN, context=RecognitionContext())
                events = await scene(session)
                await session.close()
                others = asyncio.all_tasks() - {asyncio.current_task()}
                assert not others, f"tasks left over: {others}"
                return events

    return run_in_virtual_time(whole)


def talk(*utterances: str, pause_s: float = 1.5) -> Audio:
    pause = silence(pause_s, RECOGNITION_RATE)
    pieces = [piece for text in utterances for piece in (pause, say_as_tones(text), pause)]
    return join_audio(pieces, RECOGNITION_RATE)


def frames(audio: Audio) -> list[Audio]:
    """Cut into the 50 ms of a microphone."""
    return [
        Audio(samples=audio.samples[begin : begin + 800], sample_rate=RECOGNITION_RATE)
        for begin in range(0, len(audio.samples), 800)
    ]


async def speak(session: RecognitionSession, audio: Audio, *, frame_every_s: float = 0.05) -> None:
    for frame in frames(audio):
        await asyncio.sleep(frame_every_s)
        await session.push(frame)
    await session.finish()


async def listen(session: RecognitionSession) -> list[RecognitionEvent]:
    return [event async for event in session]


async def hear(session: RecognitionSession, audio: Audio) -> list[RecognitionEvent]:
    """Speak and listen at once, to the end."""
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen(session))
        await speak(session, audio)
    return listening.result()


def words_of(events: Sequence[RecognitionEvent], *states: WordState) -> list[str]:
    return [word.text for event in events if event.state in states for word in event.words]


def kept_words(events: Sequence[RecognitionEvent]) -> str:
    return " ".join(words_of(events, WordState.COMMITTED, WordState.FINAL))


def test_committed_and_final_words_together_are_what_was_said(case: Case) -> None:
    events = play(case, lambda session: hear(session, talk(FIRST, SECOND)))

    assert kept_words(events) == f"{FIRST} {SECOND}"


def test_utterances_count_up_from_one_and_each_ends_with_exactly_one_final(case: Case) -> None:
    events = play(case, lambda session: hear(session, talk(FIRST, SECOND, FIRST)))

    assert [number for number, _ in groupby(event.utterance for event in events)] == [1, 2, 3]
    for _, group in groupby(events, key=lambda event: event.utterance):
        states = [event.state for event in group]
        assert states.count(WordState.FINAL) == 1
        assert states[-1] is WordState.FINAL


def test_times_never_go_back_and_lie_within_the_audio(case: Case) -> None:
    audio = talk(FIRST, SECOND)

    events = play(case, lambda session: hear(session, audio))

    heard_s = [event.audio_time_s for event in events]
    assert heard_s == sorted(heard_s)
    assert heard_s[-1] <= audio.duration_s + 0.001
    kept = [word for event in events if event.state is not WordState.PROVISIONAL for word in event.words]
    starts_s = [word.start_s for word in kept]
    assert starts_s == sorted(starts_s)
    assert starts_s[0] == pytest.approx(1.5, abs=0.05)
    assert all(word.start_s <= word.end_s <= audio.duration_s for word in kept)


def test_a_final_says_when_speech_ended_and_when_that_was_known(case: Case) -> None:
    said = say_as_tones(SECOND)

    events = play(case, lambda session: hear(session, talk(SECOND)))

    (final,) = [event for event in events if event.state is WordState.FINAL]
    assert final.endpoint_s is not None
    assert final.speech_end_s == pytest.approx(1.5 + said.duration_s, abs=0.15)
    assert final.speech_end_s < final.endpoint_s <= final.audio_time_s + 0.001
    assert final.failure is None


def test_finishing_in_the_middle_of_a_word_makes_the_open_utterance_final(case: Case) -> None:
    events = play(case, lambda session: hear(session, say_as_tones(FIRST)))

    assert events[-1].state is WordState.FINAL
    assert kept_words(events) == FIRST


def test_silence_has_no_events_and_finishing_ends_the_iteration(case: Case) -> None:
    events = play(case, lambda session: hear(session, silence(3.0, RECOGNITION_RATE)))

    assert list(events) == []


def test_finishing_without_any_audio_ends_the_iteration(case: Case) -> None:
    events = play(case, lambda session: hear(session, silence(0.0, RECOGNITION_RATE)))

    assert list(events) == []


def test_refuses_audio_after_finish(case: Case) -> None:
    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        await session.finish()
        with pytest.raises(RuntimeError):
            await session.push(say_as_tones(FIRST))
        return await listen(session)

    assert play(case, scene) == []


def test_what_helps_may_change_at_any_moment_and_nothing_that_is_said_is_lost_by_it(case: Case) -> None:
    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(session))
            for number, frame in enumerate(frames(talk(FIRST, SECOND))):
                await asyncio.sleep(0.05)
                await session.push(frame)
                await session.change_context(RecognitionContext(hot_words=(f"word {number // 10}",)))
            await session.finish()
            await session.change_context(RecognitionContext(hot_words=("late",)))
        return listening.result()

    events = play(case, scene)

    assert kept_words(events) == f"{FIRST} {SECOND}"
    assert all(event.failure is None for event in events)


@pytest.mark.parametrize("is_remote", [False, True])
def test_changed_hot_words_lead_the_next_utterance_and_not_the_one_that_is_open(is_remote: bool) -> None:
    """Of what the engine itself is told, which the protocol does not show."""
    engine = FakeSpeechToText()

    @contextmanager
    def case() -> Iterator[Recognizer]:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            yield UtteranceRecognizer(
                engines=[engine], voice_activity=FakeVoiceActivity(), pool=pool, tuning=RecognitionTuning()
            )

    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(session))
            audio = frames(talk(FIRST, SECOND))
            for number, frame in enumerate(audio):
                await asyncio.sleep(0.05)
                await session.push(frame)
                if number == 50:  # a second into the first utterance
                    await session.change_context(RecognitionContext(hot_words=("Dragoman",)))
            await session.finish()
        return listening.result()

    events = play((lambda: remote(case)) if is_remote else case, scene)

    told = [context.hot_words for context in engine.contexts]
    finals = [event for event in events if event.state is WordState.FINAL]
    assert [event.utterance for event in finals] == [1, 2]
    changed = told.index(("Dragoman",))
    assert set(told[:changed]) == {()}
    assert set(told[changed:]) == {("Dragoman",)}
    assert changed >= 2


def test_refuses_audio_of_another_rate(case: Case) -> None:
    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        with pytest.raises(ValueError, match="16000"):
            await session.push(say_as_tones(FIRST, sample_rate=48_000))
        return []

    play(case, scene)


@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.9, 2.6, 6.0])
def test_closing_at_any_moment_ends_the_reader_and_leaves_no_task(case: Case, after_s: float) -> None:
    audio = talk(FIRST, SECOND)
    spoken = Audio(samples=audio.samples[: round(after_s * RECOGNITION_RATE)], sample_rate=RECOGNITION_RATE)

    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(session))
            for frame in frames(spoken):
                await asyncio.sleep(0.05)
                await session.push(frame)
            await session.close()
            await session.close()
        return listening.result()

    events = play(case, scene)

    assert all(event.failure is None for event in events)


def test_a_reader_who_comes_late_misses_nothing(case: Case) -> None:
    audio = talk(*[SECOND] * 6)
    assert audio.duration_s < 25

    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        await speak(session, audio)
        return await listen(session)

    assert kept_words(play(case, scene)) == " ".join([SECOND] * 6)


def test_a_slow_reader_gets_everything_in_order(case: Case) -> None:
    async def scene(session: RecognitionSession) -> list[RecognitionEvent]:
        events = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(speak(session, talk(*[FIRST] * 12), frame_every_s=0.0))
            async for event in session:
                events.append(event)
                await asyncio.sleep(1.0)
        return events

    events = play(case, scene)

    assert kept_words(events) == " ".join([FIRST] * 12)
    assert [event.utterance for event in events if event.state is WordState.FINAL] == list(range(1, 13))


def test_two_sessions_do_not_hear_each_other(case: Case) -> None:
    async def whole() -> list[str]:
        with case() as recognizer:
            sessions = [await recognizer.open(language=EN, context=RecognitionContext()) for _ in range(2)]
            texts = (FIRST, SECOND)
            heard = await asyncio.gather(
                *(hear(session, talk(text)) for session, text in zip(sessions, texts, strict=True))
            )
            for session in sessions:
                await session.close()
            return [kept_words(events) for events in heard]

    assert run_in_virtual_time(whole) == [FIRST, SECOND]


def test_refuses_a_language_that_nothing_recognises(case: Case) -> None:
    async def whole() -> None:
        with case() as recognizer, pytest.raises(LanguageNotSupported):
            await recognizer.open(language=UNHEARD, context=RecognitionContext())

    run_in_virtual_time(whole)
