"""Interruptible: something more urgent ends a wait, and nothing else."""

import asyncio

import pytest

from dragoman.ground.errors import EngineTimeout
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.interruption import Interruptible


def test_work_that_is_interrupted_is_cancelled_and_gives_nothing() -> None:
    cancelled: list[bool] = []

    async def work() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return "late"

    async def main() -> tuple[str | None, float]:
        waiting = Interruptible[str]()
        loop = asyncio.get_running_loop()
        loop.call_later(1.0, waiting.interrupt)
        began_s = loop.time()
        return await waiting.wait_for(work()), loop.time() - began_s

    answer, took_s = run_in_virtual_time(main)

    assert (answer, cancelled) == (None, [True])
    assert took_s < 30


def test_work_that_is_left_alone_gives_what_it_gives_and_fails_as_it_fails() -> None:
    async def work(fails: bool) -> str:
        if fails:
            raise EngineTimeout("slow")
        return "done"

    async def main() -> None:
        waiting = Interruptible[str]()
        waiting.interrupt()
        assert await waiting.wait_for(work(fails=False)) == "done"
        with pytest.raises(EngineTimeout):
            await waiting.wait_for(work(fails=True))

    run_in_virtual_time(main)


def test_work_that_takes_its_time_to_end_may_be_interrupted_again_meanwhile() -> None:
    async def work() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(1.0)  # as a connection does that is closed
        return "late"

    async def main() -> str | None:
        waiting = Interruptible[str]()
        running = asyncio.create_task(waiting.wait_for(work()))
        for _ in range(3):
            await asyncio.sleep(0.2)
            waiting.interrupt()
        return await running

    assert run_in_virtual_time(main) is None
