"""WindowFollower: what breaks a look off says nothing about how long looks take."""

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
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.windows import Window, WindowHypothesis
from dragoman.recognition.cadence import Cadence
from dragoman.recognition.followers import Progress, Transcribing
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
