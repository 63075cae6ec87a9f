"""What two people do at the same moment leaves a team and a server whole, on both databases."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from tests.accounts_site import NOON
from tests.databases import Kind, both, open_database

from dragoman.accounts import invitations as rules_of_invitations
from dragoman.accounts import teams as rules_of_teams
from dragoman.accounts.access_tokens import AccessTokens
from dragoman.accounts.administration import AccountChange, Administration
from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.erasure import Erasure
from dragoman.accounts.errors import (
    Forbidden,
    InvitationNotFound,
    LastAdmin,
    LastOwner,
    TeamFull,
    TooManyInvitations,
    TooManyTeams,
)
from dragoman.accounts.export import Exports
from dragoman.accounts.invitations import Invitations
from dragoman.accounts.sessions import Sessions
from dragoman.accounts.teams import Teams
from dragoman.ground.accounts import Actor, TeamRole
from dragoman.store import teams, users
from dragoman.store.admins import lock_admins
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs

ROUNDS = 5
KEY = bytes(32)


async def add_people(database: Database, count: int, *, admins: bool = False) -> list[Actor]:
    found = []
    async with database.writing() as session:
        for number in range(count):
            user = await users.add(session, email=f"p{number}@example.org", name="An", at=NOON, is_admin=admins)
            found.append(Actor(kind="user", id=user.id))
    return found


def teams_of(database: Database) -> Teams:
    return Teams(database, enforcement=Enforcement(database))


async def two_owners(database: Database, people: list[Actor]) -> str:
    one, other = people
    team = (await teams_of(database).make("Nachtigall", actor=one)).team.id
    async with database.writing() as session:
        await teams.add_member(session, team_id=team, user_id=other.id or "", role=TeamRole.OWNER, at=NOON)
    return team


async def at_once(*doing: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*doing, return_exceptions=True)


@both
async def test_two_owners_who_demote_each_other_leave_one(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        people = await add_people(database, 2)
        one, other = people
        rules = teams_of(database)
        for _ in range(ROUNDS):
            team = await two_owners(database, people)

            answers = await at_once(
                rules.set_role(team, other.id or "", TeamRole.MEMBER, actor=one),
                rules.set_role(team, one.id or "", TeamRole.MEMBER, actor=other),
            )

            # Whoever comes second is no owner any more.
            assert sum(isinstance(it, Forbidden) for it in answers) == 1
            async with database.reading() as session:
                assert await teams.count_owners(session, team) == 1


@both
async def test_two_owners_who_leave_at_once_leave_one(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        people = await add_people(database, 2)
        rules = teams_of(database)
        for _ in range(ROUNDS):
            team = await two_owners(database, people)

            answers = await at_once(*(rules.remove(team, it.id or "", actor=it) for it in people))

            assert sum(isinstance(it, LastOwner) for it in answers) == 1
            async with database.reading() as session:
                assert await teams.count_owners(session, team) == 1


@both
async def test_an_invitation_taken_by_many_at_once_lets_one_in(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, *others = await add_people(database, 9)
        team = (await teams_of(database).make("Nachtigall", actor=owner)).team.id
        rules = Invitations(database)
        made = await rules.invite_to_team(team, role=TeamRole.MEMBER, email=None, actor=owner)

        answers = await at_once(*(rules.accept(made.token, actor=it) for it in others))

        assert sum(isinstance(it, InvitationNotFound) for it in answers) == len(others) - 1
        async with database.reading() as session:
            assert await teams.count_people(session, team) == 2


@both
async def test_the_limits_of_people_teams_and_invitations_hold_at_once(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_of_teams, "MOST_TEAMS", 3)
    monkeypatch.setattr(rules_of_invitations, "MOST_PEOPLE", 3)
    monkeypatch.setattr(rules_of_invitations, "MOST_OPEN", 6)
    async with open_database(kind, tmp_path) as database:
        owner, *others = await add_people(database, 7)
        rules, links = teams_of(database), Invitations(database)

        made = await at_once(*(rules.make("Nachtigall", actor=owner) for _ in range(9)))
        assert sum(isinstance(it, TooManyTeams) for it in made) == 6
        team = next(it for it in made if not isinstance(it, TooManyTeams)).team.id

        invited = await at_once(
            *(links.invite_to_team(team, role=TeamRole.MEMBER, email=None, actor=owner) for _ in range(9))
        )
        good = [it for it in invited if not isinstance(it, TooManyInvitations)]
        assert len(good) == 6

        came = await at_once(*(links.accept(it.token, actor=who) for it, who in zip(good, others, strict=True)))
        assert sum(isinstance(it, TeamFull) for it in came) == 4
        async with database.reading() as session:
            assert await teams.count_people(session, team) == 3


@both
async def test_two_admins_who_demote_each_other_leave_one(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        one, other = await add_people(database, 2, admins=True)
        sessions = Sessions(database, AccessTokens(KEY), key=KEY)
        rules = Administration(database, sessions, enforcement=Enforcement(database))

        answers = await at_once(
            rules.change(other.id or "", AccountChange(is_admin=False), actor=one),
            rules.change(one.id or "", AccountChange(disabled=True), actor=other),
        )

        assert sum(isinstance(it, Forbidden | LastAdmin) for it in answers) == 1
        async with database.writing() as session:
            assert len(await lock_admins(session)) == 1


@both
async def test_two_last_admins_who_erase_themselves_at_once_leave_one(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        jobs = StoredJobs(database)
        sessions = Sessions(database, AccessTokens(KEY), key=KEY)
        exports = Exports(database, jobs, data_dir=tmp_path)
        erasure = Erasure(database, jobs, sessions, exports, data_dir=tmp_path)
        people = await add_people(database, 2, admins=True)

        answers = await at_once(*(erasure.request(it.id or "", actor=it) for it in people))

        assert sum(isinstance(it, LastAdmin) for it in answers) == 1
        async with database.writing() as session:
            assert len(await lock_admins(session)) == 1
