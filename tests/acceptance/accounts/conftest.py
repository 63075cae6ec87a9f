"""One server with accounts, one browser, and an admin at it, for all tests of this folder."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import (
    NOBODY,
    ROOM,
    TEAM,
    WEBHOOK,
    Office,
    come_in,
    go,
    section,
)
from tests.acceptance.commands import Home
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.by_hand import EMAIL, PASSWORD, dragoman
from tests.site import Caller, Site, call, running_site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    settings = {"DRAGOMAN_DATA_DIR": str(folder / "data"), "DRAGOMAN_WEBHOOK_ORIGINS": NOBODY}
    with running_site(folder, **settings) as running:
        asyncio.run(turn_accounts_on(running, Home(folder=folder), settings))
        yield running


async def turn_accounts_on(site: Site, home: Home, settings: dict[str, str]) -> None:
    """Make the first account while the server runs and somebody is in a call, who stays in it."""
    api = f"http://{site.address}/api/v1"
    async with call(site, ("Minh", "en", "es")) as (minh,), httpx2.AsyncClient(base_url=api) as client:
        assert (await client.get("/site")).json()["accounts"] is False
        await asyncio.to_thread(add_admin, home, settings)
        async with asyncio.timeout(60):
            while not await has_accounts(client):  # noqa: ASYNC110  # another process is asked
                await asyncio.sleep(0.1)

            while not await knows(client, minh):  # noqa: ASYNC110  # it asks the media server who is in which room
                await asyncio.sleep(0.1)
        await minh.guest.wait_for(lambda: minh.guest.rtc.isconnected() and minh.guest.sees_interpreter(), timeout_s=60)
        assert (await client.post("/rooms", json={})).status_code == 401, "calls are begun by who is signed in"


async def has_accounts(client: httpx2.AsyncClient) -> bool:
    try:
        return bool((await client.get("/site")).json()["accounts"])
    except httpx2.TransportError:  # between the API of before and the next one
        return False


async def knows(client: httpx2.AsyncClient, caller: Caller) -> bool:
    """Say whether the API gives somebody the captions of their call."""
    headers = {"Authorization": f"Bearer {caller.secret}"}
    return (await client.get(f"/rooms/{caller.room}/captions", headers=headers)).status_code == 200


def add_admin(home: Home, settings: dict[str, str]) -> None:
    """Turn accounts on as whoever runs a server does."""
    dragoman(home, "user", "add-admin", EMAIL, "--name", "An Nguyen", "--password-stdin", says=PASSWORD, **settings)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@pytest.fixture(scope="package")
def office(site: Site, browser: Browser) -> Office:
    an = sit_down(new_visitor(browser), host=site.address)
    come_in(an)
    go(an, "nav.team")
    invitation = invite(an)
    add_a_webhook(an)
    go(an, "nav.home")
    return Office(an=an, room_link=make_a_room(an), invitation=invitation)


def invite(person: Person) -> str:
    """Make a team, and a link into it."""
    person.button("team.new").first.click()
    person.page.get_by_label(person.text("team.name")).fill(TEAM)
    person.button("team.make").click()
    expect(person.page.get_by_role("heading", level=1, name=TEAM)).to_be_visible()
    person.page.wait_for_load_state("networkidle")  # what is still to come moves what is there
    person.button("team.invite").click()
    person.button("team.makeLink").click()
    return person.page.get_by_label(person.text("team.link")).input_value()


def add_a_webhook(person: Person) -> None:
    """Add one to the team, and keep its secret, which is shown once."""
    person.button("webhooks.add").click()
    person.page.get_by_label(person.text("webhooks.url")).fill(WEBHOOK)
    person.button("webhooks.make").click()
    person.sees("webhooks.secretOnce")
    expect(section(person, "webhooks.title").locator("code")).not_to_be_empty()
    person.button("account.keyKept").click()
    expect(section(person, "webhooks.title").get_by_role("listitem")).to_have_count(1)
    person.page.reload()
    expect(section(person, "webhooks.title").get_by_text(WEBHOOK)).to_be_visible()


def make_a_room(person: Person) -> str:
    """Make a room of the team with a meeting every week; gives its link."""
    person.button("rooms.new").first.click()
    person.page.get_by_label(person.text("room.title")).fill(ROOM)
    person.choose("room.whose", TEAM)
    person.button("room.make").click()
    expect(person.page.get_by_role("heading", level=1, name=ROOM)).to_be_visible()
    person.button("meetings.plan").click()
    person.page.get_by_text(person.text("meetings.weekly"), exact=True).click()
    person.button("meetings.save").click()
    expect(section(person, "meetings.title").get_by_role("listitem")).to_have_count(1)
    return person.page.get_by_label(person.text("call.inviteLink")).input_value()
