"""Teams and who is in them: the rules. From the API; to roles.py, which refuses, and store/teams.py."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.errors import LastOwner, MemberNotFound, NotSignedIn, TeamNotFound, TooManyTeams
from dragoman.accounts.roles import act_on, require
from dragoman.ground.accounts import Actor, TeamRole
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.team_roles import TeamAct
from dragoman.ground.webhooks import TeamEvent
from dragoman.store import audit, rooms, teams, users, webhooks
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import Membership
from dragoman.store.teams import MemberOf, TeamOf

MOST_TEAMS = 50
"""Of one person."""
MOST_PEOPLE = 500
"""Of one team."""
NOT_IN_TEAM = "you are in no such team; somebody of it can send you an invitation"

Place = tuple[datetime, str]
"""Where a page of a list begins: behind this moment and id."""


async def team_seen_by(session: AsyncSession, team_id: str, user_id: str | None, act: TeamAct) -> TeamOf:
    """Give the team to somebody who may do ``act`` in it: the one place where roles count.

    Raises ``TeamNotFound`` for who is not in it, the same as for one that never was, and ``Forbidden``.
    """
    team = await teams.seen_by(session, team_id, user_id or "")
    if team is None:
        raise TeamNotFound(NOT_IN_TEAM)
    require(TeamRole(team.role), act)
    return team


class Teams:
    """Makes and changes teams. Everything takes effect at once, and stands in the audit log."""

    def __init__(
        self, database: Database, *, enforcement: Enforcement, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._enforcement = enforcement
        self._clock = clock

    async def make(self, name: str, *, actor: Actor) -> TeamOf:
        """Make a team whose owner is ``actor``. Raises ``TooManyTeams``, ``LimitReached`` for a plan without."""
        now = self._clock()
        async with self._database.writing() as session:
            person = await users.lock(session, actor.id or "")
            if person is None:
                raise NotSignedIn("teams are made by people with an account; sign in first")
            (await self._enforcement.granted_in(session, person)).require("teams")
            if await teams.count_of_user(session, person.id) >= MOST_TEAMS:
                raise TooManyTeams(
                    f"one person is in at most {MOST_TEAMS} teams; leave or delete one first",
                    facts=Facts(
                        limit=Bound.TEAMS_OF_PERSON, allowed=MOST_TEAMS, helps=(Help.LEAVE_TEAM, Help.DELETE_SOME)
                    ),
                )
            team = await teams.add(session, name=name, at=now)
            await teams.add_member(session, team_id=team.id, user_id=person.id, role=TeamRole.OWNER, at=now)
            _record(session, team.id, now, actor, "team.created")
            return TeamOf(team=team, role=TeamRole.OWNER.value, people=1)

    async def see(self, team_id: str, *, user_id: str, act: TeamAct = TeamAct.SEE) -> TeamOf:
        """Give the team to somebody who may do ``act`` in it. Raises ``TeamNotFound``, ``Forbidden``."""
        async with self._database.reading() as session:
            return await team_seen_by(session, team_id, user_id, act)

    async def of_user(self, user_id: str, *, before: Place | None = None, limit: int = MOST_TEAMS) -> Sequence[TeamOf]:
        """Give the teams somebody is in, the newest first."""
        async with self._database.reading() as session:
            return await teams.of_user(session, user_id, before=before, limit=limit)

    async def rename(self, team_id: str, name: str, *, actor: Actor) -> TeamOf:
        """Raises ``TeamNotFound``, ``Forbidden``."""
        async with self._database.writing() as session:
            seen = await team_seen_by(session, team_id, actor.id, TeamAct.RENAME)
            seen.team.name = name
            _record(session, team_id, self._clock(), actor, "team.renamed")
            return seen

    async def delete(self, team_id: str, *, actor: Actor) -> None:
        """Raises ``TeamNotFound``, ``Forbidden``. The team's rooms stay with their owners."""
        async with self._database.writing() as session:
            await teams.lock(session, team_id)
            await team_seen_by(session, team_id, actor.id, TeamAct.DELETE)
            await teams.remove(session, team_id)
            _record(session, team_id, self._clock(), actor, "team.deleted")

    async def members(self, team_id: str, *, user_id: str, before: Place | None, limit: int) -> Sequence[MemberOf]:
        """Raises ``TeamNotFound``."""
        async with self._database.reading() as session:
            await team_seen_by(session, team_id, user_id, TeamAct.SEE)
            return await teams.members(session, team_id, before=before, limit=limit)

    async def set_role(self, team_id: str, user_id: str, role: TeamRole, *, actor: Actor) -> MemberOf:
        """Raises ``TeamNotFound``, ``Forbidden``, ``MemberNotFound``, and ``LastOwner`` where nobody would be left."""
        async with self._database.writing() as session:
            await teams.lock(session, team_id)
            await team_seen_by(session, team_id, actor.id, TeamAct.SET_ROLES)
            member = await _member(session, team_id, user_id)
            membership, before = member.membership, member.membership.role
            if role is not TeamRole.OWNER:
                await _require_another_owner(session, membership)
            membership.role = role.value
            facts: dict[str, audit.Fact] = {"role": role.value, "before": before}
            _record(session, team_id, self._clock(), actor, "team.role_changed", member=user_id, facts=facts)
            return member

    async def remove(self, team_id: str, user_id: str, *, actor: Actor) -> None:
        """Take somebody out, or leave. Their rooms stay theirs, in no team.

        Raises ``TeamNotFound``, ``Forbidden``, ``MemberNotFound``, and ``LastOwner`` where nobody would be left.
        """
        async with self._database.writing() as session:
            await teams.lock(session, team_id)
            await team_seen_by(session, team_id, actor.id, TeamAct.LEAVE)
            membership = (await _member(session, team_id, user_id)).membership
            leaves = user_id == actor.id
            if not leaves:
                act = act_on(TeamRole(membership.role), TeamAct.REMOVE_MEMBERS)
                await team_seen_by(session, team_id, actor.id, act)
            await _require_another_owner(session, membership)
            await teams.remove_member(session, team_id, user_id)
            await rooms.take_out_of_team(session, team_id, owner_id=user_id)
            action, now = "team.left" if leaves else "team.member_removed", self._clock()
            _record(session, team_id, now, actor, action, member=user_id)
            await webhooks.announce(
                session, team_id=team_id, event=TeamEvent.MEMBER_LEFT, at=now, ids={"user": user_id}
            )


async def hand_over_teams(session: AsyncSession, user_id: str, *, actor: Actor, at: datetime) -> None:
    """Take somebody out of all their teams, before their account is erased, so that no team is left without owner.

    Where they were the only owner, whoever is highest in the team, and longest, becomes it, people whose account is
    closed after all others; where they were alone the team goes with them.
    """
    for team, role, _ in await teams.of_user(session, user_id, limit=MOST_TEAMS):
        await teams.lock(session, team.id)
        heirs = sorted(
            await teams.next_in_line(session, team.id, besides=user_id), key=lambda it: -TeamRole(it.role).rank
        )
        if not heirs:
            await teams.remove(session, team.id)
            _record(session, team.id, at, actor, "team.deleted")
            continue
        if role == TeamRole.OWNER and heirs[0].role != TeamRole.OWNER:
            facts: dict[str, audit.Fact] = {"role": TeamRole.OWNER.value, "before": heirs[0].role}
            heirs[0].role = TeamRole.OWNER.value
            _record(session, team.id, at, actor, "team.role_changed", member=heirs[0].user_id, facts=facts)
        await teams.remove_member(session, team.id, user_id)
        _record(session, team.id, at, actor, "team.left", member=user_id)
        await webhooks.announce(session, team_id=team.id, event=TeamEvent.MEMBER_LEFT, at=at, ids={"user": user_id})


async def _member(session: AsyncSession, team_id: str, user_id: str) -> MemberOf:
    member = await teams.member(session, team_id, user_id)
    if member is None:
        raise MemberNotFound("nobody of this id is in the team")
    return member


async def _require_another_owner(session: AsyncSession, membership: Membership) -> None:
    others = await teams.count_owners(session, membership.team_id, besides=membership.user_id)
    if membership.role == TeamRole.OWNER and others == 0:
        raise LastOwner("a team has an owner: make somebody else owner first, or delete the team")


def _record(
    session: AsyncSession,
    team_id: str,
    at: datetime,
    actor: Actor,
    action: str,
    *,
    member: str | None = None,
    facts: dict[str, audit.Fact] | None = None,
) -> None:
    target = ("team", team_id) if member is None else ("user", member)
    audit.record(session, at=at, actor=actor, action=action, target=target, team_id=team_id, facts=facts)
