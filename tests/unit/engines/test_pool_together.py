"""Several callers, one call of an engine: who gives up waiting when the call has begun gets its answer all the same."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.pool import EnginePool
from dragoman.engines.turns import Turns
from dragoman.ground.errors import EngineTimeout
from dragoman.testing.observers import RecordingObserver

AN, BEN = (Job(urgency=Urgency.FINAL, engine="fake", owner=who, waits_s=0.1, shape="s") for who in ("an", "ben"))


class LateForBen(Turns):
    """Both have their turn together, and Ben's limit is over in the same moment: he learns only of that."""

    def __init__(self, begun: asyncio.Event) -> None:
        super().__init__(at_once=1, observer=RecordingObserver())
        self._begun = begun
        self._both = asyncio.Event()

    async def take(self, job: Job) -> tuple[Job, ...]:
        if job is BEN:
            self._both.set()
            await self._begun.wait()
            raise EngineTimeout("fake was busy for 0.1 s, and the words were not waited for")
        await self._both.wait()
        return AN, BEN

    def end(self, job: Job) -> None: ...


def test_who_gives_up_waiting_when_the_call_for_all_has_begun_gets_its_answer() -> None:
    asked: list[list[str]] = []
    go_on = threading.Event()

    async def scene() -> list[str]:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def work(requests: Sequence[str], tell: Callable[[int, str], None]) -> None:
            asked.append(list(requests))
            loop.call_soon_threadsafe(begun.set)
            loop.call_soon_threadsafe(loop.call_later, 0.05, go_on.set)
            assert go_on.wait(10)
            for place, request in enumerate(requests):
                tell(place, request.upper())

        with EnginePool(workers=1, observer=RecordingObserver(), together=2) as pool:
            pool.turns = LateForBen(begun)
            asking = [pool.visit_together(work, who, job=job) for who, job in (("an", AN), ("ben", BEN))]
            return list(await asyncio.gather(*asking))

    assert asyncio.run(scene()) == ["AN", "BEN"]
    assert asked == [["an", "ben"]]


def test_who_gives_up_waiting_before_the_call_begins_is_left_out_of_it() -> None:
    async def scene() -> None:
        begun = asyncio.Event()
        begun.set()
        with EnginePool(workers=1, observer=RecordingObserver(), together=2) as pool:
            pool.turns = LateForBen(begun)
            with pytest.raises(EngineTimeout):
                await pool.visit_together(lambda requests, tell: pytest.fail("nobody waits"), "ben", job=BEN)

    asyncio.run(scene())
