"""An API that starts again: with another service token, as by every ``dragoman up``, or while its database is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from tests.accounts_site import PASSWORD
from tests.api_house import Clock, FakeCalls, client_of, make_parts, secret
from tests.lasting import ROOMS, assert_problem, join

from dragoman.meetings.meetings import Meetings
from dragoman.services.api.live_rooms import COMING_BACK_S
from dragoman.services.api.watch import Watch
from dragoman.services.call_secrets import derive_secrets, make_invitations
from dragoman.services.open_accounts import open_accounts
from dragoman.services.user_commands import add_admin
from dragoman.settings import Settings

EMAIL = "an@example.org"
FIRST, SECOND = "the token of the first start", "the token of the second start"
MEETING = {"starts_local": "2026-11-23T09:30", "time_zone": "Europe/Berlin", "minutes": 45}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the data folder of a server with one account."""
    folder = tmp_path / "data"
    add_admin(Settings(data_dir=folder), email=EMAIL, name="An", password=PASSWORD)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An API, and what it knows."""

    client: httpx2.AsyncClient
    meetings: Meetings
    watch: Watch
    clock: Clock

    async def sign_in(self) -> dict[str, str]:
        """Give the headers of who has signed in."""
        signed_in = await self.client.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        return secret(signed_in.json()["access_token"])

    async def make_room(self, by: dict[str, str], **body: object) -> str:
        made = await self.client.post(ROOMS, json={"title": "Standup", **body}, headers=by)
        room: str = made.json()["id"]
        return room


@asynccontextmanager
async def started(data: Path, calls: FakeCalls | None = None, *, token: str = FIRST) -> AsyncIterator[Started]:
    """Start an API as its process does, beside a media server that may run already."""
    async with open_accounts(Settings(data_dir=data)) as accounts:
        room_links = None if accounts is None else accounts.room_links
        invitations = make_invitations(derive_secrets(token), room_links=room_links)
        clock = Clock()
        parts = replace(make_parts(calls or FakeCalls(), invitations=invitations, clock=clock), accounts=accounts)
        async with client_of(parts) as client:
            yield Started(client=client, meetings=parts.meetings, watch=parts.watch, clock=clock)


async def test_links_to_lasting_rooms_outlive_a_start_with_another_service_token(data: Path) -> None:
    async with started(data, token=FIRST) as before:
        an = await before.sign_in()
        room = await before.make_room(an)
        await before.client.post(f"{ROOMS}/{room}/meetings", json=MEETING, headers=an)

    async with started(data, token=SECOND) as after:
        an = await after.sign_in()
        seen = await after.client.get(f"/api/v1/rooms/{room}")
        joined = await join(after.client, room)
        opened = await after.client.post(f"{ROOMS}/{room}/open", headers=an)
        calendar = await after.client.get(f"/api/v1/rooms/{room}/calendar.ics")

    assert [it.status_code for it in (seen, joined, opened, calendar)] == [200, 201, 200, 200]
    assert f"/r/{room}" in calendar.text.replace("\r\n ", "")


async def test_a_call_of_before_the_first_account_is_known_after_it(tmp_path: Path) -> None:
    data, calls = tmp_path / "data", FakeCalls()
    async with started(data, calls) as private:
        made = (await private.client.post("/api/v1/rooms", json={})).json()
        inside = (await join(private.client, made["room"])).json()
        calls.connect(made["room"], inside["identity"], {})
    await asyncio.to_thread(add_admin, Settings(data_dir=data), email=EMAIL, name="An", password=PASSWORD)

    async with started(data, calls) as after:
        again = await join(after.client, made["room"], inside["secret"])
        ended = await after.client.delete(f"/api/v1/rooms/{made['room']}", headers=secret(made["host_secret"]))

    assert (again.status_code, again.json()["identity"]) == (201, inside["identity"])
    assert ended.status_code == 204


async def test_a_host_who_opens_a_call_that_goes_on_changes_nothing_that_was_decided_in_it(data: Path) -> None:
    calls = FakeCalls()
    async with started(data, calls) as before:
        an = await before.sign_in()
        room = await before.make_room(an, lobby=True)
        host = (await before.client.post(f"{ROOMS}/{room}/open", headers=an)).json()["host_secret"]
        inside = (await join(before.client, room, host)).json()
        calls.connect(room, inside["identity"], {})
        locking = await before.client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))

    async with started(data, calls) as after:
        an = await after.sign_in()
        opened = await after.client.post(f"{ROOMS}/{room}/open", headers=an)
        meeting = after.meetings.get(room)

    assert (locking.status_code, opened.status_code) == (204, 200)
    assert meeting.decided.locked
    assert not meeting.came_uninvited(inside["identity"])


async def test_who_was_asleep_while_the_api_started_again_comes_back_into_the_call_that_goes_on(data: Path) -> None:
    calls = FakeCalls()
    async with started(data, calls) as before:
        room = await before.make_room(await before.sign_in())
        an = (await join(before.client, room)).json()
        bo = (await join(before.client, room)).json()
        calls.connect(room, an["identity"], {})

    async with started(data, calls) as after:
        # LiveKit names only who is connected, and the store says that the room lasts.
        await after.watch.look()
        await after.client.post(f"{ROOMS}/{room}/open", headers=await after.sign_in())
        after.clock.now_s += COMING_BACK_S
        back = await join(after.client, room, bo["secret"], again=True)

    assert back.status_code == 201, back.text


async def test_nobody_gets_past_a_lobby_where_the_api_starts_without_its_database(data: Path) -> None:
    calls, file = FakeCalls(), data / "dragoman.db"
    async with started(data, calls) as before:
        an = await before.sign_in()
        room = await before.make_room(an, lobby=True)
        host = (await before.client.post(f"{ROOMS}/{room}/open", headers=an)).json()["host_secret"]
        inside = (await join(before.client, room, host)).json()
        calls.connect(room, inside["identity"], {})
    file.rename(data / "elsewhere")

    async with started(data, calls) as after:
        away = await join(after.client, room)
        signing_in = await after.client.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
        made_anew = file.exists()
        (data / "elsewhere").rename(file)
        back = await join(after.client, room)
        await after.sign_in()

    assert_problem(away, 503, "store_unavailable")
    assert_problem(signing_in, 503, "store_unavailable")
    assert "put its file back" in signing_in.json()["detail"] and not made_anew
    assert (back.status_code, back.json().get("ticket") is not None) == (202, True), back.text
