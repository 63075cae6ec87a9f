"""The one place that asks what a plan allows. From granted.py, which decides, and the store; to the API and the rooms.

``Enforcement`` is told of every call: a row of ``calls`` is the reservation of one of its owner's rooms at once, and is
made in the transaction that counts them. What needs no row is answered from a memory of three seconds.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.errors import AccountNotFound
from dragoman.accounts.granted import Granted
from dragoman.accounts.limits import Amount, Feature, Limits
from dragoman.accounts.plans import limits_of, priority_of
from dragoman.ground.accounts import Actor
from dragoman.ground.precedence import ORDINARY
from dragoman.ground.webhooks import TeamEvent
from dragoman.store import audit, calls, users, webhooks
from dragoman.store.database import Database, utc_now
from dragoman.store.plan_values import read_plans_on, write_plans_on
from dragoman.store.tables import CallRun, User

REMEMBERED = timedelta(seconds=3)
"""How long a plan that was changed may still count as before."""
MOST_REMEMBERED = 10_000
"""Accounts."""
FORGOTTEN_AFTER = timedelta(minutes=2)
"""A call of which no process knows is over once it is this old: before, its people may be on the way in."""


async def job_priority(session: AsyncSession, user: User) -> int:
    """Say how urgent the jobs of an account are among those of one kind: by its plan, alike while plans are off."""
    return priority_of(user.plan) if await read_plans_on(session) else ORDINARY


class Enforcement:
    """Asks for every limit. One for a process."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        """``clock``: UTC."""
        self._database = database
        self._clock = clock
        self._known: OrderedDict[str, tuple[datetime, Granted]] = OrderedDict()
        self._changes = 0
        """What was read before one of them is not remembered after it."""

    async def granted(self, user_id: str) -> Granted:
        """Say what counts for an account, at most ``REMEMBERED`` old. Raises ``AccountNotFound``."""
        now = self._clock()
        known = self._known.get(user_id)
        if known is not None and abs(now - known[0]) < REMEMBERED:
            return known[1]
        changes = self._changes
        async with self._database.reading() as session:
            granted = await self.granted_in(session, await users.get(session, user_id))
        if changes == self._changes:
            self._known[user_id] = (now, granted)
            self._known.move_to_end(user_id)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return granted

    async def granted_in(self, session: AsyncSession, user: User | None) -> Granted:
        """Say what counts for an account as this transaction sees it. Raises ``AccountNotFound`` for None."""
        if user is None:
            raise AccountNotFound("there is no such account")
        plans_on = await read_plans_on(session)
        priority = priority_of(user.plan) if plans_on else ORDINARY
        return Granted(plan=user.plan, limits=limits_of(user, plans_on), priority=priority)

    async def limits_in(self, session: AsyncSession, user_ids: Collection[str]) -> dict[str, Limits]:
        """Say what counts for these accounts, as many as there are, as this transaction sees it."""
        plans_on = await read_plans_on(session)
        return {user.id: limits_of(user, plans_on) for user in await users.of_ids(session, user_ids)}

    async def limits_of(self, user_id: str) -> Limits:
        """Raises ``AccountNotFound``."""
        return (await self.granted(user_id)).limits

    async def require(self, user_id: str, feature: Feature) -> None:
        """Raise ``LimitReached`` unless the account has ``feature``; ``AccountNotFound``."""
        (await self.granted(user_id)).require(feature)

    async def check(self, user_id: str, amount: Amount, wanted: int) -> None:
        """Raise ``LimitReached`` if ``wanted``, all together, is more than the account has; ``AccountNotFound``.

        For what is counted in rows (voice samples), lock the owner first and ask ``check_in``.
        """
        (await self.granted(user_id)).check(amount, wanted)

    async def check_in(self, session: AsyncSession, user: User, amount: Amount, wanted: int) -> None:
        """As ``check``, by what this transaction sees: race-free with ``user`` from ``store.users.lock``."""
        (await self.granted_in(session, user)).check(amount, wanted)

    async def check_rooms_at_once(self, session: AsyncSession, user: User) -> None:
        """Raise ``LimitReached`` if a further call of ``user``'s is one too many."""
        await self.check_in(session, user, "rooms_at_once", await calls.count_open(session, user.id) + 1)

    async def open_call(self, room_id: str, owner_id: str, team_id: str | None = None) -> CallRun:
        """Take one of the owner's rooms at once for the call in ``room_id``; one that goes on is given again.

        Raises ``LimitReached``, ``AccountNotFound``, ``StoreUnavailable``.
        """
        async with self._database.writing() as session:
            owner = await users.lock(session, owner_id)
            if owner is None:
                raise AccountNotFound("there is no such account")
            running = await calls.call_in(session, room_id, lock=True)
            if running is not None:
                return running
            await self.check_rooms_at_once(session, owner)
            run = calls.start_call(session, room_id=room_id, owner_id=owner_id, team_id=team_id, at=self._clock())
            await self._announce(session, run, TeamEvent.ROOM_OPENED)
            return run

    async def close_call(self, room_id: str) -> None:
        """Give the room back; nothing happens if no call goes on in it. Raises ``StoreUnavailable``."""
        async with self._database.writing() as session:
            for run in await calls.end_calls(session, room_id, at=self._clock()):
                await self._announce(session, run, TeamEvent.ROOM_ENDED)

    async def close_forgotten(self, live: Callable[[], Collection[str]]) -> list[str]:
        """Give back the rooms of calls that ended unseen: all but those of the rooms in ``live``. Names them.

        A room is in ``live`` before ``open_call`` is asked for it: whichever of the two comes first, its call stays.
        """
        now = self._clock()
        async with self._database.writing() as session:
            ended = await calls.end_forgotten(session, live=live, spared=FORGOTTEN_AFTER, at=now)
            for run in ended:
                await self._announce(session, run, TeamEvent.ROOM_ENDED)
            return [run.room_id for run in ended]

    async def call_in(self, room_id: str) -> CallRun | None:
        """Give the call that goes on in a room. Raises ``StoreUnavailable``."""
        async with self._database.reading() as session:
            return await calls.call_in(session, room_id)

    async def resume_call(self, room_id: str) -> CallRun | None:
        """Give it to who goes on with it, when nobody is just taking it for forgotten. Raises ``StoreUnavailable``."""
        async with self._database.writing() as session:
            return await calls.call_in(session, room_id, lock=True)

    async def gone(self, user_ids: Collection[str]) -> set[str]:
        """Give those of these ids that are nobody's any more. Raises ``StoreUnavailable``."""
        async with self._database.reading() as session:
            return set(user_ids) - await users.among(session, user_ids)

    async def count_people(self, room_id: str, people: int) -> None:
        """Tell how many are in the call now; the most are remembered. Raises ``StoreUnavailable``."""
        async with self._database.writing() as session:
            await calls.count_people(session, room_id, people)

    async def plans_on(self) -> bool:
        async with self._database.reading() as session:
            return await read_plans_on(session)

    async def switch_plans(self, on: bool, *, actor: Actor) -> None:
        """Let plans count or not, from now on; here at once, in other processes within ``REMEMBERED``."""
        async with self._database.writing() as session:
            if on != await read_plans_on(session):
                await write_plans_on(session, on)
                audit.record(session, at=self._clock(), actor=actor, action="plans.switched", facts={"on": on})
        self._changes += 1
        self._known.clear()

    def forget(self, user_id: str) -> None:
        """An account's plan has changed: ask the store next time."""
        self._changes += 1
        self._known.pop(user_id, None)

    async def _announce(self, session: AsyncSession, run: CallRun, event: TeamEvent) -> None:
        """Let the webhooks of the room's team know."""
        await webhooks.announce(session, team_id=run.team_id, event=event, at=self._clock(), ids={"room": run.room_id})
