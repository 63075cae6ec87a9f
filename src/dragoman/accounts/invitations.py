"""Links that let one person sign up, or into a team: given out, looked at, taken once, taken back.

From the API and from sign-up, which takes one in its own transaction; to store/invitations.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import (
    AlreadyMember,
    Forbidden,
    InvitationNotFound,
    NotSignedIn,
    TeamFull,
    TeamNotFound,
    TooManyInvitations,
    TooManyTeams,
)
from dragoman.accounts.roles import act_on
from dragoman.accounts.teams import MOST_PEOPLE, MOST_TEAMS, NOT_IN_TEAM, Place, team_seen_by
from dragoman.ground.accounts import Actor, TeamRole
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.team_roles import TeamAct
from dragoman.ground.webhooks import TeamEvent
from dragoman.store import audit, invitations, teams, users, webhooks
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import Invitation
from dragoman.store.teams import TeamOf

GOOD_FOR = timedelta(days=14)
MOST_OPEN = 200
"""Invitations of a team, or to the server itself, that nobody has taken yet."""
GONE = "this invitation is not good any more, or never was; ask who sent it for a new link"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """An invitation with its token, which is shown this once."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSeen:
    """What an invitation says to who has its link."""

    invitation: Invitation
    team_name: str | None
    """None for one to the server itself."""


async def take_invitation(session: AsyncSession, token: str, *, email: str, now: datetime) -> Invitation:
    """Take an invitation for the person of this address, once and for all if the transaction is kept.

    Raises ``InvitationNotFound``, the same whether it was taken, taken back, ran out or never was, and ``Forbidden``
    for one that is bound to another address. ``join_by_invitation`` then lets them in.
    """
    invitation = await invitations.lock(session, token)
    if invitation is None or not _is_open(invitation, now):
        raise InvitationNotFound(GONE)
    if invitation.email is not None and invitation.email != normal_email(email):
        raise Forbidden("this invitation is for another e-mail address; use that one, or ask for a new link")
    invitation.used_at = now
    return invitation


async def join_by_invitation(
    session: AsyncSession, invitation: Invitation, *, user_id: str, actor: Actor, now: datetime
) -> None:
    """Let somebody into the team of an invitation that they have taken; one to the server has no team.

    Raises ``AlreadyMember``, ``TeamFull``, ``TooManyTeams``.
    """
    invitation.used_by = user_id
    target = ("invitation", invitation.id)
    if invitation.team_id is None:
        audit.record(session, at=now, actor=actor, action="invitation.taken", target=target)
        return
    await users.lock(session, user_id)
    if await teams.lock(session, invitation.team_id) is None:
        raise InvitationNotFound(GONE)
    if await teams.membership(session, invitation.team_id, user_id) is not None:
        raise AlreadyMember("you are in this team already")
    if await teams.count_people(session, invitation.team_id) >= MOST_PEOPLE:
        raise TeamFull(
            f"a team has at most {MOST_PEOPLE} people; somebody has to leave first",
            facts=Facts(limit=Bound.PEOPLE_IN_TEAM, allowed=MOST_PEOPLE, helps=(Help.SOMEBODY_LEAVES,)),
        )
    if await teams.count_of_user(session, user_id) >= MOST_TEAMS:
        raise TooManyTeams(
            f"one person is in at most {MOST_TEAMS} teams; leave one first",
            facts=Facts(limit=Bound.TEAMS_OF_PERSON, allowed=MOST_TEAMS, helps=(Help.LEAVE_TEAM,)),
        )
    role = TeamRole(invitation.role)
    await teams.add_member(session, team_id=invitation.team_id, user_id=user_id, role=role, at=now)
    await webhooks.announce(
        session, team_id=invitation.team_id, event=TeamEvent.MEMBER_JOINED, at=now, ids={"user": user_id}
    )
    audit.record(
        session,
        at=now,
        actor=actor,
        action="invitation.taken",
        target=target,
        team_id=invitation.team_id,
        facts={"role": role.value},
    )


class Invitations:
    """Gives out, shows and takes back invitations. Who may is said in ground/team_roles.py."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def invite_to_team(self, team_id: str, *, role: TeamRole, email: str | None, actor: Actor) -> NewInvitation:
        """Raises ``TeamNotFound``, ``Forbidden``, ``TooManyInvitations``, ``EmailInvalid``."""
        async with self._database.writing() as session:
            if await teams.lock(session, team_id) is None:
                raise TeamNotFound(NOT_IN_TEAM)
            await team_seen_by(session, team_id, actor.id, act_on(role, TeamAct.INVITE_MEMBERS))
            return await self._add(session, team_id, role=role, email=email, actor=actor)

    async def invite_to_server(self, *, email: str | None, actor: Actor) -> NewInvitation:
        """Let somebody make an account; for admins. Raises ``TooManyInvitations``, ``EmailInvalid``."""
        async with self._database.writing() as session:
            return await self._add(session, None, role=TeamRole.MEMBER, email=email, actor=actor)

    async def open_of_team(
        self, team_id: str, *, user_id: str, before: Place | None, limit: int
    ) -> Sequence[Invitation]:
        """Raises ``TeamNotFound``, ``Forbidden``."""
        async with self._database.reading() as session:
            await team_seen_by(session, team_id, user_id, TeamAct.INVITE_MEMBERS)
            return await invitations.open_ones(session, team_id, at=self._clock(), before=before, limit=limit)

    async def open_to_server(self, *, before: Place | None, limit: int) -> Sequence[Invitation]:
        """Give those that make an account and are still open; for admins."""
        async with self._database.reading() as session:
            return await invitations.open_ones(session, None, at=self._clock(), before=before, limit=limit)

    async def revoke(self, team_id: str, invitation_id: str, *, actor: Actor) -> None:
        """Raises ``TeamNotFound``, ``Forbidden``, ``InvitationNotFound``."""
        now = self._clock()
        async with self._database.writing() as session:
            await team_seen_by(session, team_id, actor.id, TeamAct.INVITE_MEMBERS)
            invitation = await invitations.get_open(session, team_id, invitation_id, at=now)
            if invitation is None:
                raise InvitationNotFound("the team has no such invitation; it may have been taken already")
            await team_seen_by(session, team_id, actor.id, act_on(TeamRole(invitation.role), TeamAct.INVITE_MEMBERS))
            await _take_back(session, invitation, actor=actor, now=now)

    async def revoke_to_server(self, invitation_id: str, *, actor: Actor) -> None:
        """Take one back that makes an account; for admins. Raises ``InvitationNotFound``."""
        now = self._clock()
        async with self._database.writing() as session:
            invitation = await invitations.get_open(session, None, invitation_id, at=now)
            if invitation is None:
                raise InvitationNotFound("the server has no such invitation; it may have been taken already")
            await _take_back(session, invitation, actor=actor, now=now)

    async def look_at(self, token: str) -> InvitationSeen:
        """Say what an invitation is for, to whoever has it. Raises ``InvitationNotFound``."""
        async with self._database.reading() as session:
            invitation = await invitations.find(session, token)
            if invitation is None or not _is_open(invitation, self._clock()):
                raise InvitationNotFound(GONE)
            name = None if invitation.team_id is None else await teams.name_of(session, invitation.team_id)
            return InvitationSeen(invitation=invitation, team_name=name)

    async def accept(self, token: str, *, actor: Actor) -> TeamOf:
        """Let somebody who has an account into the team.

        Raises ``InvitationNotFound``, ``Forbidden``, ``AlreadyMember``, ``TeamFull``, ``TooManyTeams``; the invitation
        then stays as it was.
        """
        now = self._clock()
        async with self._database.writing() as session:
            person = await users.lock(session, actor.id or "")
            if person is None:
                raise NotSignedIn("this takes an account; sign in first")
            invitation = await take_invitation(session, token, email=person.email, now=now)
            if invitation.team_id is None:
                raise AlreadyMember("this invitation is for making an account, and you have one")
            await join_by_invitation(session, invitation, user_id=person.id, actor=actor, now=now)
            return await team_seen_by(session, invitation.team_id, person.id, TeamAct.SEE)

    async def _add(
        self, session: AsyncSession, team_id: str | None, *, role: TeamRole, email: str | None, actor: Actor
    ) -> NewInvitation:
        now = self._clock()
        if await invitations.count_open(session, team_id, at=now) >= MOST_OPEN:
            raise TooManyInvitations(
                f"{MOST_OPEN} invitations are open; take one back, or wait until one runs out",
                facts=Facts(limit=Bound.OPEN_INVITATIONS, allowed=MOST_OPEN, helps=(Help.DELETE_SOME, Help.WAIT)),
            )
        token = invitations.new_token()
        invitation = await invitations.add(
            session,
            token=token,
            team_id=team_id,
            role=role,
            email=None if email is None else normal_email(email),
            created_by=actor.id,
            at=now,
            expires_at=now + GOOD_FOR,
        )
        audit.record(
            session,
            at=now,
            actor=actor,
            action="invitation.made",
            target=("invitation", invitation.id),
            team_id=team_id,
            facts={"role": role.value, "bound": email is not None},
        )
        return NewInvitation(invitation=invitation, token=token)


async def _take_back(session: AsyncSession, invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    await session.delete(invitation)
    audit.record(
        session,
        at=now,
        actor=actor,
        action="invitation.revoked",
        target=("invitation", invitation.id),
        team_id=invitation.team_id,
    )


def _is_open(invitation: Invitation, now: datetime) -> bool:
    return invitation.used_at is None and now < invitation.expires_at
