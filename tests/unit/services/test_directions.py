"""What the machine can do is remembered for a while, and never beyond a change."""

import asyncio
import threading

from tests.api_house import DIAGNOSIS

from dragoman.services.api.directions import Directions
from dragoman.services.doctor import Diagnosis


async def test_what_was_asked_before_a_change_is_not_remembered_after_it() -> None:
    asking, let = threading.Event(), threading.Event()
    asked: list[None] = []

    def diagnose() -> Diagnosis:
        asked.append(None)
        asking.set()
        assert let.wait(10)
        return DIAGNOSIS

    directions = Directions(diagnose)
    async with asyncio.TaskGroup() as tasks:
        before = tasks.create_task(directions.diagnosis())
        await asyncio.to_thread(asking.wait, 10)
        directions.forget()
        let.set()
    await directions.diagnosis()
    await directions.diagnosis()

    assert before.result() is DIAGNOSIS
    assert len(asked) == 2
