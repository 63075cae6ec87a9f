"""A recogniser dies, hangs or stays away in the middle of an utterance: every word stands in exactly one final."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.engines.remote_session import RemoteRecognizer
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.engines import Recognizer
from dragoman.ground.errors import EngineCrashed, EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.meetings.unfinished import UnfinishedSegments
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.testing.asgi import AsgiWebSocket
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.rooms import FakeRoom
from dragoman.testing.tones import say_as_tones
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

VI, EN = Language("vi"), Language("en")
SAID = "mot hai ba bon nam sau bay tam chin muoi"
GONE = EngineCrashed("killed")


class Safe:
    """Remembers as the API does; ``inherited`` is what an interpreter before has left."""

    def __init__(self, inherited: Sequence[Unfinished] = ()) -> None:
        self.inherited = inherited
        self.kept: list[Unfinished] = []
        self.left = UnfinishedSegments()
        """What a successor would get if there were no finals."""

    async def keep(self, unfinished: Sequence[Unfinished]) -> None:
        self.kept.extend(unfinished)
        for segment in unfinished:
            self.left.keep(segment)

    def forget(self, speaker: str) -> None:
        self.left.forget(speaker)


@dataclass(kw_only=True)
class Scene:
    room: FakeRoom
    recognizer: FakeRecognizer
    translator: FakeTranslator = field(default_factory=FakeTranslator)

    async def say(self, text: str, *, pause_s: float = 1.0) -> None:
        await self.room.say("an", say_as_tones(text, sample_rate=RECOGNITION_RATE))
        await self.room.be_silent("an", pause_s)

    def finals(self, language: Language) -> list[Caption]:
        return [caption for caption in self.room.finals if caption.language == language]

    def texts(self, language: Language) -> list[str]:
        return [caption.text for caption in self.finals(language)]


@asynccontextmanager
async def interpreted(
    scene: Scene, recognizer: Recognizer | None = None, *, safe: Safe | None = None
) -> AsyncIterator[None]:
    """An (vi) is interpreted for Ben (en) inside; ends when everything said has been."""
    observer = RecordingObserver()
    with EnginePool(workers=2, observer=observer) as pool:
        interpreter = Interpreter(
            room=scene.room,
            recognizer=recognizer or scene.recognizer,
            translation=TranslationRouter(engines=[scene.translator], pool=pool, observer=observer),
            voices=VoiceRouter(engines=[FakeTextToSpeech()], pool=pool, observer=observer),
            admission=Admission(cores=8, costs=Costs(recognition=0.1, voice=0.1)),
            observer=observer,
            tuning=InterpretingTuning(),
            safe=safe,
        )
        for identity, language in (("an", VI), ("ben", EN)):
            scene.room.join(
                Participant(identity=identity, name=identity, speaks=language, reads=language, listens=language)
            )
        async with asyncio.timeout(300), asyncio.TaskGroup() as tasks:
            tasks.create_task(interpreter.run())
            yield
            await scene.room.end()


def play(act: Callable[[Scene], Awaitable[None]]) -> Scene:
    async def whole() -> Scene:
        scene = Scene(room=FakeRoom(), recognizer=FakeRecognizer())
        await act(scene)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others, f"tasks left over: {others}"
        return scene

    return run_in_virtual_time(whole)


@pytest.mark.parametrize("after_s", [0.02, 0.3, 0.62, 0.9, 1.27, 1.9, 2.4, 3.1])
def test_a_recogniser_that_dies_at_any_moment_loses_and_doubles_no_word(after_s: float) -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(scene.say(SAID, pause_s=1.5))
                await asyncio.sleep(after_s)
                while not scene.recognizer.sessions:  # noqa: ASYNC110  # in virtual time
                    await asyncio.sleep(0.01)
                await scene.recognizer.sessions[-1].break_off(GONE)

    scene = play(act)

    assert " ".join(scene.texts(VI)).split() == SAID.split()
    assert " ".join(scene.texts(EN)).split() == [f"en:{word}" for word in SAID.split()]
    assert len(scene.recognizer.sessions) == 2
    numbers = [caption.seq for caption in scene.room.finals]
    assert numbers == list(range(1, len(numbers) + 1))


def test_one_that_dies_in_the_pause_after_the_words_gives_them_once() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            await scene.say(SAID, pause_s=0.3)
            await scene.recognizer.sessions[-1].break_off(GONE)
            await scene.room.be_silent("an", 1.5)

    scene = play(act)

    assert " ".join(scene.texts(VI)).split() == SAID.split()


def test_committed_words_are_shown_as_such_and_stay_in_the_open_segment_over_a_failure() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(scene.say(SAID, pause_s=1.5))
                await asyncio.sleep(1.6)
                await scene.recognizer.sessions[-1].break_off(GONE)

    scene = play(act)

    partials = [item.caption for item in scene.room.published if item.caption.language == VI and not item.caption.final]
    certain = [caption.text[: caption.committed_chars] for caption in partials]
    assert any(certain)
    for text in certain:
        assert scene.texts(VI)[0].startswith(text)
    assert {caption.segment for caption in partials} == {scene.finals(VI)[0].segment}


def test_words_that_were_spoken_behind_the_end_of_speech_are_captioned_for_as_long_as_they_last() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            await scene.room.be_silent("an", 2.0)
            await scene.recognizer.sessions[-1].emit(
                RecognitionEvent(
                    utterance=1,
                    state=WordState.FINAL,
                    words=(Word(text="mot", start_s=1.2, end_s=1.5),),
                    language=VI,
                    audio_time_s=2.0,
                    speech_end_s=1.1,
                    endpoint_s=1.6,
                    model_used="fake",
                )
            )
            await scene.room.be_silent("an", 1.0)

    scene = play(act)

    (caption,) = scene.finals(VI)
    assert caption.end_s - caption.start_s == pytest.approx(0.3)


def test_a_recogniser_that_is_away_for_a_while_hears_everything_when_it_is_back() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(scene.say(f"{SAID} {SAID}", pause_s=12))
                await asyncio.sleep(1.2)
                scene.recognizer.refusal = EngineUnavailable("starting")
                await scene.recognizer.sessions[-1].break_off(GONE)
                await asyncio.sleep(7)
                scene.recognizer.refusal = None

    scene = play(act)

    assert " ".join(scene.texts(VI)).split() == SAID.split() * 2
    assert not any(caption.gap for caption in scene.room.finals)


def test_what_was_said_longer_ago_than_the_ring_holds_is_marked_in_every_language_and_the_rest_is_heard() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            scene.recognizer.refusal = EngineUnavailable("starting")
            await scene.say(SAID, pause_s=40)
            scene.recognizer.refusal = None
            await scene.say("mot hai", pause_s=2)

    scene = play(act)

    for language, text in ((VI, "mot hai"), (EN, "en:mot en:hai")):
        finals = scene.finals(language)
        assert [(caption.text, caption.gap) for caption in finals] == [("", True), (text, False)]
    assert len({caption.seq for caption in scene.room.finals}) == 4


def test_words_before_a_mute_are_heard_by_a_recogniser_that_comes_back_after_it() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            scene.recognizer.refusal = EngineUnavailable("starting")
            await scene.say(SAID, pause_s=0.2)
            await scene.room.mute("an")
            await asyncio.sleep(4)
            scene.recognizer.refusal = None

    scene = play(act)

    assert " ".join(scene.texts(VI)).split() == SAID.split()


def test_a_recogniser_that_never_comes_back_leaves_a_gap_and_lets_the_call_end() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            scene.recognizer.refusal = EngineUnavailable("not installed")
            await scene.say(SAID, pause_s=0.2)

    scene = play(act)

    assert [(caption.text, caption.gap) for caption in scene.finals(EN)] == [("", True)]


def test_sound_that_ends_every_recogniser_is_given_up_and_marked_and_the_next_words_are_heard() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            scene.recognizer.stalled = True
            saying = asyncio.create_task(scene.say(SAID, pause_s=3))
            for number in range(5):
                while len(scene.recognizer.sessions) <= number:  # noqa: ASYNC110  # in virtual time
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.5)
                await scene.recognizer.sessions[number].break_off(GONE)
                scene.recognizer.stalled = number < 4
            await saying
            await scene.say("mot hai", pause_s=2)

    scene = play(act)

    assert scene.finals(EN)[0].gap
    assert scene.texts(EN)[-1] == "en:mot en:hai"


def test_a_service_that_hangs_is_noticed_and_replaced_within_seconds() -> None:
    async def act(scene: Scene) -> None:
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            app = speech_to_text_app([], scene.recognizer, pool=pool)
            remote = RemoteRecognizer(lambda: AsgiWebSocket.connect(app, "/recognize"))
            async with interpreted(scene, remote):
                scene.room.open_microphone("an")
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(scene.say(SAID, pause_s=8))
                    await asyncio.sleep(1.3)
                    scene.recognizer.sessions[0].hang()
            await scene.recognizer.sessions[0].close()
            await asyncio.sleep(0.1)

    scene = play(act)

    assert " ".join(scene.texts(VI)).split() == SAID.split()
    last = [item for item in scene.room.published if item.caption.final][-1]
    assert last.at_s - scene.room.opened_at_s < 12


def test_a_translation_service_that_comes_back_in_time_translates_what_was_said_meanwhile_in_order() -> None:
    def refuse(sentences: Sequence[str]) -> None:
        if away:
            raise EngineUnavailable("starting")

    away = [True]

    async def act(scene: Scene) -> None:
        scene.translator = FakeTranslator(before_call=refuse)
        async with interpreted(scene):
            scene.room.open_microphone("an")
            await scene.say("mot hai ba", pause_s=0.8)
            await scene.say("bon nam", pause_s=0.8)
            await asyncio.sleep(1)
            away.clear()
            await scene.room.be_silent("an", 3)

    scene = play(act)

    assert scene.texts(EN) == ["en:mot en:hai en:ba", "en:bon en:nam"]
    assert [caption.original for caption in scene.finals(EN)] == ["mot hai ba", "bon nam"]


# Who takes over


def unfinished(*, text: str, closed: bool, languages: frozenset[Language] = frozenset({VI, EN})) -> Unfinished:
    return Unfinished(
        segment="7.an.3",
        speaker="an",
        source_language=VI,
        text=text,
        start_s=1.0,
        end_s=2.0,
        closed=closed,
        languages=languages,
    )


@pytest.mark.parametrize("heard_again", [True, False])
def test_committed_words_of_a_dead_interpreter_become_finals_and_the_rest_is_marked(heard_again: bool) -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene, safe=Safe([unfinished(text="mot hai", closed=False)])):
            if heard_again:
                scene.room.open_microphone("an")
                await scene.say("ba bon", pause_s=1.5)
            else:
                await asyncio.sleep(5)

    scene = play(act)

    later = {VI: [("ba bon", False)], EN: [("en:ba en:bon", False)]} if heard_again else {VI: [], EN: []}
    for language, text in ((VI, "mot hai"), (EN, "en:mot en:hai")):
        finals = scene.finals(language)
        assert [(it.text, it.gap) for it in finals] == [(text, False), ("", True), *later[language]]
        assert finals[0].segment == "7.an.3"
        assert finals[1].segment != "7.an.3"


def test_a_sentence_that_a_dead_interpreter_had_not_translated_comes_in_the_languages_that_miss_it() -> None:
    async def act(scene: Scene) -> None:
        left = unfinished(text="mot hai", closed=True, languages=frozenset({EN}))
        async with interpreted(scene, safe=Safe([left])):
            await asyncio.sleep(5)

    scene = play(act)

    assert scene.texts(VI) == []
    assert scene.texts(EN) == ["en:mot en:hai"]


def test_words_that_might_have_changed_are_marked_as_lost_in_the_place_where_they_were_shown() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene, safe=Safe([unfinished(text="", closed=False)])):
            await asyncio.sleep(5)

    scene = play(act)

    assert [(it.text, it.gap, it.segment) for it in scene.finals(VI)] == [("", True, "7.an.3")]


def test_that_somebody_speaks_is_known_before_the_first_word_is() -> None:
    safe = Safe()

    async def act(scene: Scene) -> None:
        scene.recognizer.stalled = True
        async with interpreted(scene, safe=safe):
            scene.room.open_microphone("an")
            await scene.room.be_silent("an", 1)
            await scene.say("mot hai ba", pause_s=0.2)
            before.extend(safe.kept)
            await scene.recognizer.sessions[0].resume()

    before: list[Unfinished] = []
    scene = play(act)

    assert [(it.speaker, it.text, it.closed) for it in before] == [("an", "", False)]
    assert before[0].start_s == pytest.approx(1.0, abs=0.1)
    assert before[0].segment == scene.finals(VI)[0].segment


def test_what_is_shown_as_certain_was_made_safe_before() -> None:
    safe = Safe()

    async def act(scene: Scene) -> None:
        async with interpreted(scene, safe=safe):
            scene.room.open_microphone("an")
            await scene.say(SAID, pause_s=1.5)

    scene = play(act)

    shown = {
        caption.text[: caption.committed_chars]
        for caption in (item.caption for item in scene.room.published)
        if caption.committed_chars
    }
    assert shown <= {it.text for it in safe.kept}
    assert [(it.text, it.closed, it.languages) for it in safe.kept[-1:]] == [(SAID, True, frozenset({VI, EN}))]
