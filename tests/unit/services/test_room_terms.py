"""How a change of the glossary comes to an interpreter: how many round trips, and what a missing API costs."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from dragoman.ground.glossary import NO_TERMS, TermBase, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.api.glossary_bell import GlossaryBell
from dragoman.services.api.inner_client import ApiAway, GlossaryVersion, InnerClient, Replaced
from dragoman.services.room_terms import ASK_AGAIN_S, RoomTerms

TRIP_S = 0.2
"""There and back: forty times what it takes on one machine."""
EN, VI = Language("en"), Language("vi")
OLD, NEW = (
    make_term_base([make_term(source="report", target=it, source_language=EN, target_language=VI)])
    for it in ("báo cáo", "bản tin")
)


class SlowApi(InnerClient):
    """An API that is ``TRIP_S`` away, with the terms that the test sets."""

    def __init__(self, terms: TermBase = NO_TERMS) -> None:
        super().__init__(httpx2.AsyncClient())
        self.terms_now = terms
        self.instance = "first"
        self.is_away = self.is_full = False
        self.asked = 0
        self._bell = GlossaryBell()

    def edit(self, terms: TermBase) -> None:
        self.terms_now = terms
        self._bell.ring("room")

    async def changed_terms(self, room: str, *, known: str, epoch: int) -> GlossaryVersion:
        await self._travel()
        if self.terms_now.version == known:
            await self._bell.wait(room, within_s=0.5)
        version = self.terms_now.version
        await asyncio.sleep(TRIP_S / 2)
        return GlossaryVersion(instance=self.instance, glossary=version)

    async def terms(self, room: str, *, epoch: int) -> TermBase:
        await self._travel()
        terms = self.terms_now
        await asyncio.sleep(TRIP_S / 2)
        return terms

    async def recall_terms(self, room: str, terms: TermBase, *, epoch: int) -> None:
        await self._travel()
        if self.is_full:
            raise ApiAway("busy")
        self.edit(terms)

    async def _travel(self) -> None:
        self.asked += 1
        await asyncio.sleep(TRIP_S / 2)
        if self.is_away:
            raise ApiAway("gone")


def play(api: SlowApi, scene: Callable[[RoomTerms], Awaitable[None]]) -> None:
    async def whole() -> None:
        terms = await RoomTerms.fetched(api, "room", epoch=1)
        following = asyncio.create_task(terms.keep_following())
        async with asyncio.timeout(60):
            await scene(terms)
        following.cancel()
        await asyncio.wait([following])

    run_in_virtual_time(whole)


async def seconds_until(terms: RoomTerms, wanted: TermBase) -> float:
    clock = asyncio.get_running_loop()
    begin_s = clock.time()
    while terms.now().version != wanted.version:  # noqa: ASYNC110  # in virtual time
        await asyncio.sleep(0.001)
    return clock.time() - begin_s


@pytest.mark.parametrize("at_s", [step * 0.07 for step in range(12)])
def test_a_change_is_here_within_two_and_a_half_round_trips_whenever_it_is_made(at_s: float) -> None:
    api = SlowApi(OLD)

    async def scene(terms: RoomTerms) -> None:
        await asyncio.sleep(1.0 + at_s)
        api.edit(NEW)
        # Who waits hears of it half a trip later; at worst the answer that there is nothing new has just been sent,
        # and the next question is asked first. Then the terms are fetched.
        assert await seconds_until(terms, NEW) <= 2.5 * TRIP_S + 0.002

    play(api, scene)


def test_changes_in_a_row_end_with_the_last_one() -> None:
    api = SlowApi(OLD)

    async def scene(terms: RoomTerms) -> None:
        for version in (NEW, OLD, NEW, NO_TERMS, NEW):
            api.edit(version)
            await asyncio.sleep(0.05)
        assert await seconds_until(terms, NEW) < 1.0
        await asyncio.sleep(2.0)
        assert terms.now() == NEW

    play(api, scene)


def test_who_renews_the_lease_and_who_waits_do_not_undo_each_other() -> None:
    api = SlowApi(OLD)

    async def scene(terms: RoomTerms) -> None:
        api.edit(NEW)
        # Of a renewal that was answered before the change.
        await terms.follow(instance=api.instance, version=OLD.version)
        assert await seconds_until(terms, NEW) < 1.0
        await terms.follow(instance=api.instance, version=OLD.version)
        assert terms.now() == NEW

    play(api, scene)


def test_an_api_that_comes_back_is_asked_at_once_and_not_without_end_meanwhile() -> None:
    api = SlowApi(OLD)

    async def scene(terms: RoomTerms) -> None:
        await asyncio.sleep(1.0)
        api.is_away, before = True, api.asked
        await asyncio.sleep(10.0)
        assert api.asked - before <= 10.0 / ASK_AGAIN_S
        api.is_away = False
        api.edit(NEW)
        assert await seconds_until(terms, NEW) < 1.0

    play(api, scene)


def test_an_api_that_was_replaced_gets_the_terms_back_though_it_could_not_take_them_at_first() -> None:
    api = SlowApi(OLD)

    async def scene(terms: RoomTerms) -> None:
        await asyncio.sleep(1.0)
        api.instance, api.is_full = "second", True
        api.edit(NO_TERMS)
        await asyncio.sleep(3.0)
        assert terms.now() == OLD
        api.is_full = False
        await asyncio.sleep(1.0)
        assert api.terms_now == OLD

    play(api, scene)


def test_an_interpreter_that_was_replaced_asks_no_more() -> None:
    class Refusing(SlowApi):
        async def changed_terms(self, room: str, *, known: str, epoch: int) -> GlossaryVersion:
            raise Replaced("another one has the room")

    async def whole() -> None:
        async with asyncio.timeout(5):
            await (await RoomTerms.fetched(Refusing(), "room", epoch=1)).keep_following()

    run_in_virtual_time(whole)
