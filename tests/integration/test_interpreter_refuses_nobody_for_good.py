"""A recogniser that has no room: the speaker waits, people are told, and is heard as soon as there is room."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.integration.test_interpreter_replays import SAID, VI, Scene, interpreted, play

from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import CapacityExhausted, DragomanError, UnknownLanguage
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice, NoticeKind
from dragoman.interpreting.admission import Costs
from dragoman.interpreting.ladder import Level
from dragoman.interpreting.retries import LONGEST_WAIT_S, REFUSED_BACK_OFF_S
from dragoman.testing.recognition import FakeRecognitionSession, FakeRecognizer

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage


class FullRecognizer(FakeRecognizer):
    """Refuses the first ``refusals`` sessions with ``error``, and notes when it was asked."""

    def __init__(self, *, refusals: int, error: DragomanError) -> None:
        super().__init__()
        self._refusals = refusals
        self._error = error
        self.asked_at_s: list[float] = []

    async def open(self, *, language: Language, context: RecognitionContext) -> FakeRecognitionSession:
        self.asked_at_s.append(asyncio.get_running_loop().time())
        if len(self.asked_at_s) <= self._refusals:
            raise self._error
        return await super().open(language=language, context=context)

    @property
    def waits_s(self) -> list[float]:
        pairs = zip(self.asked_at_s, self.asked_at_s[1:], strict=False)
        return [later - earlier for earlier, later in pairs]


def on_ladder(notices: list[Notice]) -> list[Notice]:
    """Leave out what is said of voices."""
    return [notice for notice in notices if notice.kind in (NoticeKind.LADDER, NoticeKind.CAPACITY)]


def speak_to(recognizer: FullRecognizer, *, pause_s: float) -> Scene:
    async def act(scene: Scene) -> None:
        async with interpreted(scene, recognizer):
            scene.room.open_microphone("an")
            await scene.say(SAID, pause_s=pause_s)
            await scene.say("lai noi")

    return play(act)


@pytest.mark.parametrize("refusals", [1, 3])
def test_a_speaker_who_was_refused_is_heard_when_there_is_room(refusals: int) -> None:
    recognizer = FullRecognizer(refusals=refusals, error=CapacityExhausted("full"))

    scene = speak_to(recognizer, pause_s=8)

    assert " ".join(scene.texts(VI)) == f"{SAID} lai noi"
    assert recognizer.waits_s == pytest.approx(REFUSED_BACK_OFF_S[:refusals], abs=0.9)


def test_people_are_told_that_nobody_hears_the_speaker_once_and_when_it_is_over() -> None:
    scene = speak_to(FullRecognizer(refusals=3, error=CapacityExhausted("full")), pause_s=8)

    told = [(notice.speaker, notice.language, notice.level, notice.reason) for notice in on_ladder(scene.room.notices)]
    assert told == [("an", None, Level.ORIGINAL_ONLY, "capacity"), ("an", None, Level.FULL, "")]


@pytest.mark.parametrize(("asked_s", "waited_s"), [(6.0, 6.0), (3600.0, LONGEST_WAIT_S)])
def test_a_refused_speaker_waits_as_long_as_was_asked_for_but_not_for_good(asked_s: float, waited_s: float) -> None:
    recognizer = FullRecognizer(refusals=1, error=CapacityExhausted("full", retry_after_s=asked_s))

    scene = speak_to(recognizer, pause_s=12)

    assert recognizer.waits_s == pytest.approx([waited_s], abs=0.9)  # while threads work, virtual time is real
    assert " ".join(scene.texts(VI)) == f"{SAID} lai noi"


def test_what_is_said_while_there_is_no_room_for_long_is_a_gap_and_the_rest_is_heard() -> None:
    refused = FullRecognizer(refusals=8, error=CapacityExhausted("full", retry_after_s=9))

    scene = speak_to(refused, pause_s=80)

    assert [(caption.text, caption.gap) for caption in scene.finals(VI)] == [("", True), ("lai noi", False)]


def test_a_refusal_that_is_no_failure_of_an_engine_loses_nobody_either() -> None:
    scene = speak_to(FullRecognizer(refusals=2, error=UnknownLanguage("that release does not know it")), pause_s=4)

    assert " ".join(scene.texts(VI)) == f"{SAID} lai noi"


def test_whom_the_machine_had_no_room_for_is_no_longer_said_to_be_refused_when_it_has(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", speaks="en")
        house.join("eva", reads="es", listens="es")
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await house.say("an", "mot hai ba")
        await house.room.mute("an")
        await asyncio.sleep(3)
        await house.say("ben", "one two three")

    house = stage(cores=1, costs=Costs(recognition=0.4, voice=0.1)).play(scene)

    assert [(notice.speaker, notice.level) for notice in on_ladder(house.room.notices)] == [
        ("ben", Level.ORIGINAL_ONLY),
        ("ben", Level.FULL),
    ]
