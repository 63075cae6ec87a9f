"""Lasting rooms as tests make, open and join them. From the tests of rooms and their lobbies, calendars and limits."""

from typing import Any

import httpx2
from tests.accounts_site import AccountsSite, Person
from tests.api_house import Clock, secret

from dragoman.ground.accounts import TeamRole
from dragoman.services.api.live_rooms import LiveRooms
from dragoman.store import teams

JOIN = {"name": "Guest", "speaks": "vi", "reads": "vi", "listens": "vi", "consent": True}
ROOMS = "/api/v1/my/rooms"


def live(site: AccountsSite) -> LiveRooms:
    """Give what holds the calls; it does not run by itself in tests."""
    found: LiveRooms = site.app.state.live
    return found


def wind(site: AccountsSite, seconds: float) -> None:
    """Let both clocks go on."""
    clock = site.parts.clock
    assert isinstance(clock, Clock)
    clock.now_s += seconds
    site.clock.wind(seconds=seconds)


async def make_room(person: Person, **body: Any) -> dict[str, Any]:
    answer = await person.client.post(ROOMS, json={"title": "Standup", **body})
    assert answer.status_code == 201, answer.text
    room: dict[str, Any] = answer.json()
    return room


async def open_room(person: Person, room: str) -> str:
    """Give the host secret."""
    answer = await person.client.post(f"{ROOMS}/{room}/open")
    assert answer.status_code == 200, answer.text
    host: str = answer.json()["host_secret"]
    return host


async def join(client: httpx2.AsyncClient, room: str, proof: str = "", **changes: Any) -> httpx2.Response:
    path = f"/api/v1/rooms/{room}/join"
    return await client.post(path, json={**JOIN, **changes}, headers=secret(proof) if proof else {})


async def make_team(site: AccountsSite, owner: Person, *members: Person) -> str:
    made = (await owner.client.post("/api/v1/teams", json={"name": "Sales"})).json()
    team: str = made["id"]
    async with site.database.writing() as session:
        for member in members:
            await teams.add_member(session, team_id=team, user_id=member.user_id, role=TeamRole.MEMBER, at=site.clock())
    return team


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
