"""Who withdraws consent in the middle of a sentence: nothing of it is finished, by this interpreter or by another."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.integration.test_interpreter_replays import EN, SAID, VI, Safe, Scene, interpreted, play, unfinished

from dragoman.ground.errors import EngineUnavailable
from dragoman.ground.rooms import Participant
from dragoman.testing.engines import FakeTranslator


def change_consent(scene: Scene, consents: bool, *, speaks: bool = True) -> None:
    """Let An choose again."""
    language = VI if speaks else None
    scene.room.join(Participant(identity="an", name="an", speaks=language, reads=VI, listens=VI, consents=consents))


def refuse(sentences: Sequence[str]) -> None:
    raise EngineUnavailable("starting")


@pytest.mark.parametrize("said", [SAID, f"{SAID} {SAID} {SAID} {SAID}"])
@pytest.mark.parametrize(("consents", "speaks"), [(False, True), (True, False)])
def test_what_somebody_was_saying_who_withdraws_is_left_to_nobody(said: str, consents: bool, speaks: bool) -> None:
    safe = Safe()

    async def withdraw(scene: Scene) -> None:
        scene.translator = FakeTranslator(before_call=refuse)
        async with interpreted(scene, safe=safe):
            scene.room.open_microphone("an")
            await scene.say(said, pause_s=0)
            before.extend(safe.left.all())
            change_consent(scene, consents, speaks=speaks)
            await asyncio.sleep(3)

    async def take_over(scene: Scene) -> None:
        async with interpreted(scene, safe=Safe(safe.left.all())):
            await asyncio.sleep(5)

    before: list[object] = []
    play(withdraw)
    second = play(take_over)

    assert before
    assert (second.room.finals, second.room.tracks) == ([], [])


def test_what_a_dead_interpreter_left_of_somebody_who_has_withdrawn_since_is_dropped() -> None:
    safe = Safe([unfinished(text="mot hai", closed=False)])

    async def act(scene: Scene) -> None:
        async with interpreted(scene, safe=safe):
            change_consent(scene, False)
            await asyncio.sleep(1)
            change_consent(scene, True)
            await asyncio.sleep(5)

    scene = play(act)

    assert (scene.room.finals, scene.room.tracks) == ([], [])


def test_what_is_being_finished_for_a_dead_interpreter_stops_when_its_speaker_withdraws() -> None:
    away = [True]

    def refuse_for_now(sentences: Sequence[str]) -> None:
        if away:
            raise EngineUnavailable("starting")

    async def act(scene: Scene) -> None:
        scene.translator = FakeTranslator(before_call=refuse_for_now)
        left = unfinished(text="mot hai", closed=True, languages=frozenset({EN}))
        async with interpreted(scene, safe=Safe([left])):
            await asyncio.sleep(2.5)
            change_consent(scene, False)
            await asyncio.sleep(0.1)
            away.clear()
            await asyncio.sleep(5)

    scene = play(act)

    assert (scene.room.finals, scene.room.tracks) == ([], [])


@pytest.mark.parametrize("muted", [False, True])
def test_what_was_shown_untranslated_of_somebody_who_withdrew_is_not_translated_when_they_agree_again(
    muted: bool,
) -> None:
    away = [True]

    def refuse_for_now(sentences: Sequence[str]) -> None:
        if away:
            raise EngineUnavailable("starting")

    async def act(scene: Scene) -> None:
        scene.translator = FakeTranslator(before_call=refuse_for_now)
        async with interpreted(scene):
            scene.room.open_microphone("an")
            await scene.say("mot hai", pause_s=8)
            if muted:
                await scene.room.mute("an")
                await asyncio.sleep(6)
            change_consent(scene, False)
            await asyncio.sleep(0.5)
            change_consent(scene, True)
            scene.room.open_microphone("an")
            away.clear()
            await scene.say("lai noi", pause_s=12)

    scene = play(act)

    assert [(it.text, it.untranslated, it.replaces) for it in scene.finals(EN)] == [
        ("mot hai", True, False),
        ("en:lai en:noi", False, False),
    ]


def test_an_interpreter_that_is_ended_leaves_to_the_next_one_what_was_being_said() -> None:
    safe = Safe()

    async def act(scene: Scene) -> None:
        with pytest.raises(ExceptionGroup):
            async with interpreted(scene, safe=safe):
                scene.room.open_microphone("an")
                await scene.say(SAID, pause_s=0)
                raise RuntimeError("the process is to end")

    play(act)

    assert [left.speaker for left in safe.left.all()] == ["an"]


def test_who_agrees_again_while_their_last_words_are_let_go_is_heard_at_once() -> None:
    async def act(scene: Scene) -> None:
        async with interpreted(scene):
            scene.room.open_microphone("an")
            await scene.say(SAID, pause_s=0)
            change_consent(scene, False)
            change_consent(scene, True)
            scene.room.open_microphone("an")
            await scene.say("lai noi", pause_s=1.5)

    scene = play(act)

    assert scene.texts(VI) == ["lai noi"]
    assert scene.texts(EN) == ["en:lai en:noi"]
