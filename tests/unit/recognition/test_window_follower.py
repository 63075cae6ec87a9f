"""WindowFollower: what breaks a look off says nothing about how long looks take; and where a long utterance is cut."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from typing_extensions import override

from dragoman.engines.broker import most_together
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import RecognitionContext, SpeechToText
from dragoman.ground.events import Event
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.windows import Window, WindowHypothesis, WindowWord
from dragoman.recognition.cadence import Cadence
from dragoman.recognition.followers import Part, Progress, Transcribing
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.recognition.window_follower import WindowFollower
from dragoman.testing.engines import FakeSpeechToText

TUNING = RecognitionTuning()


class _Unheard:
    def observe(self, event: Event) -> None: ...


class _SlowEngines(Transcribing):
    """Looks take 0.8 s, and last words need not wait for them."""

    @override
    async def hear_window(self, window: Window, engines: Sequence[SpeechToText]) -> WindowHypothesis:
        await asyncio.sleep(0.8)
        return WindowHypothesis(words=(), model_used="slow")

    @override
    def hears_last_beside(self) -> bool:
        return True


def test_a_look_that_a_pause_breaks_off_makes_the_next_ones_no_more_frequent() -> None:
    async def follow() -> float:
        engine = FakeSpeechToText()
        cadence = Cadence(TUNING)
        with EnginePool(workers=1, together=most_together(1), observer=_Unheard()) as pool:
            base = _SlowEngines(
                engines=[engine],
                final_engines=[engine],
                pool=pool,
                language=Language("en"),
                context=RecognitionContext(),
            )
            async with asyncio.TaskGroup() as tasks:
                for _ in range(5):
                    follower = WindowFollower(base, tasks=tasks, tuning=TUNING, cadence=cadence, tell=_tell)
                    await follower.hear(np.zeros(4 * RECOGNITION_RATE, np.float32))
                    await asyncio.sleep(0.1)
                    await follower.pause()
                    await follower.finish(voiced_s=4.0)
        return cadence.interval_s

    assert run_in_virtual_time(follow) == pytest.approx(TUNING.look_load * 0.8, rel=0.01)


async def _tell(_: Progress) -> None: ...


class _ScriptedEngines(Transcribing):
    """Answer with words of the utterance, each look the next ones; all words but the last are settled."""

    answers: list[list[Word]]
    asked: list[Window]

    @override
    async def hear_window(self, window: Window, engines: Sequence[SpeechToText]) -> WindowHypothesis:
        self.asked.append(window)
        return WindowHypothesis(
            words=tuple(WindowWord(word=word, settled_s=word.end_s) for word in self.answers.pop(0)),
            model_used="scripted",
        )


def _word(text: str, start_s: float, end_s: float) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, probability=0.99)


def _cut(at_s: float, *answers: list[Word], heard_s: float, looks: int) -> tuple[Part, list[Window]]:
    """Cut an utterance that is heard as ``answers``, after so many looks; give the windows that were asked for too."""
    tuning = TUNING if looks else RecognitionTuning(look_interval_s=100.0, max_look_interval_s=100.0)
    time_s = np.arange(round(heard_s * RECOGNITION_RATE)) / RECOGNITION_RATE
    with_a_pitch = (0.1 * np.sign(np.sin(2 * np.pi * 150 * time_s))).astype(np.float32)

    async def follow() -> tuple[Part, list[Window]]:
        engine = FakeSpeechToText()
        with EnginePool(workers=1, together=most_together(1), observer=_Unheard()) as pool:
            base = _ScriptedEngines(
                engines=[engine],
                final_engines=[engine],
                pool=pool,
                language=Language("en"),
                context=RecognitionContext(),
            )
            base.answers, base.asked = list(answers), []
            async with asyncio.TaskGroup() as tasks:
                follower = WindowFollower(base, tasks=tasks, tuning=tuning, cadence=Cadence(tuning), tell=_tell)
                await follower.hear(with_a_pitch)
                await asyncio.sleep(0.01)
                assert len(base.asked) == looks
                return await follower.finish_at(round(at_s * RECOGNITION_RATE)), base.asked

    return run_in_virtual_time(follow)


SAID = [_word("good", 1.0, 1.4), _word("morning", 1.6, 2.0), _word("everybody", 2.4, 2.9)]


def test_a_cut_is_moved_behind_committed_words_and_before_the_next_one() -> None:
    part, asked = _cut(1.8, SAID, [], heard_s=3.0, looks=1)

    assert part.at == round(2.2 * RECOGNITION_RATE)
    assert part.transcript.words == ()
    assert asked[-1].last


def test_a_cut_before_the_window_asks_nobody() -> None:
    part, asked = _cut(2.1, SAID, heard_s=4.0, looks=1)

    assert part.at == round(2.1 * RECOGNITION_RATE)
    assert part.transcript.words == ()
    assert len(asked) == 1


@pytest.mark.parametrize("end_s", [2.98, 3.0])
def test_a_word_that_reaches_the_cut_is_left_whole_for_the_part_behind_it(end_s: float) -> None:
    said = [*SAID[:2], _word("everybody", 2.4, end_s), _word("on", 3.0, 3.0)]

    part, _ = _cut(3.0, said, heard_s=4.0, looks=0)

    assert [word.text for word in part.transcript.words] == ["good", "morning"]
    assert part.at == round(2.2 * RECOGNITION_RATE)


def test_a_word_of_no_length_at_the_cut_is_left_for_the_part_behind_it() -> None:
    part, _ = _cut(3.0, [*SAID, _word("on", 3.0, 3.0)], heard_s=4.0, looks=0)

    assert [word.text for word in part.transcript.words] == ["good", "morning", "everybody"]
    assert part.at == round(2.95 * RECOGNITION_RATE)


def test_a_word_that_reaches_the_cut_is_heard_again_behind_the_committed_ones() -> None:
    part, _ = _cut(2.8, SAID, [_word("everybody", 2.4, 2.8)], heard_s=2.85, looks=1)

    assert part.transcript.words == ()
    assert part.at == round(2.2 * RECOGNITION_RATE)


@pytest.mark.parametrize(
    "said", [[_word("everybody", 2.4, 3.0)], [SAID[0], _word("everybody", 0.9, 3.0)]], ids=["only one", "misplaced"]
)
def test_a_word_that_cannot_be_left_for_the_part_behind_stays(said: list[Word]) -> None:
    part, _ = _cut(3.0, said, heard_s=4.0, looks=0)

    assert [word.text for word in part.transcript.words] == [word.text for word in said]
    assert part.at == round(3.0 * RECOGNITION_RATE)
