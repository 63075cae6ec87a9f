"""The pages of a server with accounts in a real browser: signing in, rooms, a team, my account, and the admin.

Pictures of every page are left beside those of ``test_browser_looks.py``.
"""

import asyncio
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Dialog, Locator, expect
from tests.acceptance.commands import Home
from tests.acceptance.scripts_in_names import PAYLOADS
from tests.acceptance.test_browser_looks import PICTURES, Look
from tests.browsers.axe import find_faults
from tests.browsers.chromium import DESKTOP, FAKE_DEVICES, PHONE, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.site import Site, call, running_site

EMAIL, PASSWORD = "an@example.org", "a long enough phrase 7"
LANS = "another phrase that is long"
TEAM, ROOM = "Field trips", "Weekly meeting"
NOBODY = "http://127.0.0.1:9"
"""Where no one listens."""
WEBHOOK = f"{NOBODY}/dragoman"
"""Of a name that never leads anywhere."""
SCRIPT = "<img src=x onerror=window.scriptRan=1>"
"""The name of a guest."""
LOOKS = (
    Look(name="desktop"),
    Look(name="phone-dark", phone=True, dark=True),
    Look(name="vietnamese", words="vi"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    settings = {"DRAGOMAN_DATA_DIR": str(folder / "data"), "DRAGOMAN_WEBHOOK_ORIGINS": NOBODY}
    with running_site(folder, **settings) as running:
        asyncio.run(turn_accounts_on(running, Home(folder=folder), settings))
        yield running


async def turn_accounts_on(site: Site, home: Home, settings: dict[str, str]) -> None:
    """Make the first account while the server runs and somebody is in a call, who stays in it."""
    async with call(site, ("Minh", "en", "es")) as (minh,), httpx2.AsyncClient(base_url=api_of(site)) as client:
        assert (await client.get("/site")).json()["accounts"] is False
        await asyncio.to_thread(add_admin, home, settings)
        async with asyncio.timeout(60):
            while not await has_accounts(client):  # noqa: ASYNC110  # another process is asked
                await asyncio.sleep(0.1)

        known = await client.get(f"/rooms/{minh.room}/captions", headers={"Authorization": f"Bearer {minh.secret}"})
        await minh.guest.wait_for(lambda: minh.guest.rtc.isconnected() and minh.guest.sees_interpreter(), timeout_s=60)
        assert known.status_code == 200, known.text
        assert (await client.post("/rooms", json={})).status_code == 401, "calls are begun by who is signed in"


async def has_accounts(client: httpx2.AsyncClient) -> bool:
    try:
        return bool((await client.get("/site")).json()["accounts"])
    except httpx2.TransportError:  # between the API of before and the next one
        return False


def api_of(site: Site) -> str:
    return f"http://{site.address}/api/v1"


def add_admin(home: Home, settings: dict[str, str]) -> None:
    """Turn accounts on as whoever runs a server does."""
    subprocess.run(
        [sys.executable, "-m", "dragoman", "user", "add-admin", EMAIL, "--name", "An Nguyen", "--password-stdin"],
        input=PASSWORD,
        text=True,
        env={**home.environment(), **settings},
        check=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An, the admin, at a server with her team and its room, which has a meeting planned."""

    an: Person
    room_link: str
    invitation: str


@pytest.fixture(scope="module")
def office(site: Site, browser: Browser) -> Office:
    an = sit_down(new_visitor(browser), host=site.address)
    an.open(f"http://{site.address}/")
    sign_in(an)
    go(an, "nav.team")
    invitation = invite(an)
    add_a_webhook(an)
    go(an, "nav.home")
    return Office(an=an, room_link=make_a_room(an), invitation=invitation)


def sign_in(person: Person, email: str = EMAIL, password: str = PASSWORD) -> None:
    person.page.get_by_label(person.text("signIn.email")).fill(email)
    person.page.get_by_label(person.text("signIn.password"), exact=True).fill(password)
    person.button("signIn.title").click()
    expect(places(person)).to_be_visible()


def places(person: Person) -> Locator:
    return person.page.get_by_role("navigation", name=person.text("nav.label"))


def go(person: Person, name: str) -> None:
    """Follow the navigation."""
    places(person).get_by_role("link", name=person.text(name)).click()
    expect(places(person).get_by_role("link", name=person.text(name))).to_have_attribute("aria-current", "page")


def section(person: Person, name: str) -> Locator:
    return person.page.get_by_role("region", name=person.text(name), exact=True)


def invite(person: Person) -> str:
    """Make a team, and a link into it."""
    person.button("team.new").first.click()
    person.page.get_by_label(person.text("team.name")).fill(TEAM)
    person.button("team.make").click()
    expect(person.page.get_by_role("heading", level=1, name=TEAM)).to_be_visible()
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


def dialog(person: Person, title: str, /, **words: str) -> Locator:
    return person.page.get_by_role("dialog", name=person.text(title, **words), exact=True)


def options_of(person: Person, menu: str, item: str, /, **words: str) -> None:
    """Choose from the menu of one line of a list."""
    person.page.get_by_role("button", name=person.text(menu, **words), exact=True).click()
    person.page.get_by_role("menuitem", name=person.text(item), exact=True).click()


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


@contextmanager
def visitor(site: Site, browser: Browser, look: Look | None = None) -> Iterator[Person]:
    """Let somebody come who has never been here, and go."""
    look = look or LOOKS[0]
    context = new_visitor(
        browser,
        language={"en": "en-US", "vi": "vi-VN"}[look.words],
        colours="dark" if look.dark else "light",
        size=PHONE if look.phone else DESKTOP,
    )
    yield sit_down(context, host=site.address, words=look.words)
    context.close()


def test_the_link_of_a_room_lasts_and_a_guest_comes_by_it_without_an_account(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as guest:
        guest.open(office.room_link)

        guest.sees("lobby.joinTitle")
        complaints = guest.complaints.all()

    assert re.fullmatch(rf"http://{re.escape(site.address)}/r/[\w-]+", office.room_link)
    assert complaints == []


def test_a_guest_of_a_room_with_a_lobby_waits_until_its_host_lets_them_in(
    site: Site, browser: Browser, office: Office
) -> None:
    faults: list[str] = []
    with visitor(site, browser) as host, visitor(site, browser, LOOKS[1]) as guest:

        def look_at(person: Person, page: str) -> None:
            person.page.screenshot(path=PICTURES / f"{page}.png", animations="disabled")
            faults.extend(f"{page}: {fault}" for fault in find_faults(person.page))

        host.open(f"http://{site.address}/")
        sign_in(host)
        host.button("rooms.new").first.click()
        host.page.get_by_label(host.text("room.title")).fill("Consultation")
        host.page.get_by_text(host.text("room.lobby"), exact=True).click()
        host.button("room.make").click()
        link = host.page.get_by_label(host.text("call.inviteLink")).input_value()
        guest.open(link)
        guest.sees("end.room_not_open")
        look_at(guest, "33-not-open")

        host.button("rooms.start").click()
        host.turn_camera_off()
        host.join()
        guest.turn_camera_off()
        guest.page.get_by_label(guest.text("lobby.name")).fill(SCRIPT)
        guest.button("lobby.join").click()
        guest.sees("waiting.title")
        look_at(guest, "34-waiting")
        admit = host.button("waiting.admitNamed", name=SCRIPT)
        expect(admit).to_be_visible()
        look_at(host, "35-asked-to-admit")
        admit.click()

        guest.is_in_the_call()
        host.sees_person(SCRIPT)
        ran = [person.page.evaluate("window.scriptRan ?? 0") for person in (host, guest)]
        # Chromium complains of every refusal: 409 is the room that was not open yet.
        complaints = [it for person in (host, guest) for it in person.complaints.all() if "409" not in it]

    assert faults == []
    assert ran == [0, 0], "a name is never taken for HTML: not in the list of who waits, and not on a tile"
    assert complaints == []


def test_whoever_is_invited_makes_an_account_and_sees_the_rooms_of_the_team(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as lan:
        lan.open(office.invitation)
        lan.sees("invitation.toTeam", team=TEAM)
        lan.page.get_by_label(lan.text("signUp.name")).fill("Lan Pham")
        lan.page.get_by_label(lan.text("signIn.email")).fill("lan@example.org")
        lan.page.get_by_label(lan.text("signIn.password"), exact=True).fill(LANS)
        lan.button("signUp.make").click()

        expect(section(lan, "team.members").get_by_text("An Nguyen")).to_be_visible()
        go(lan, "nav.home")
        expect(lan.page.get_by_role("heading", name=ROOM)).to_be_visible()
        complaints = lan.complaints.all()
    with visitor(site, browser) as late:
        late.open(office.invitation)
        late.sees("invitation.over")

    assert complaints == []


def test_a_session_that_is_ended_elsewhere_leads_to_signing_in_and_back(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as elsewhere:
        elsewhere.open(f"http://{site.address}/account")
        elsewhere.sees("signIn.needed")
        sign_in(elsewhere)
        expect(elsewhere.page.get_by_role("heading", level=1, name=elsewhere.text("account.title"))).to_be_visible()

        go(office.an, "nav.account")
        office.an.button("account.endOthers").click()
        expect(section(office.an, "account.sessions").get_by_role("listitem")).to_have_count(1)
        elsewhere.page.reload()

        expect(elsewhere.button("signIn.title")).to_be_visible()
        assert elsewhere.page.url == f"http://{site.address}/account"


def test_signing_out_is_heard_by_the_other_tabs(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        person.open(f"http://{site.address}/")
        sign_in(person)
        other = sit_down(person.page.context, host=site.address)
        other.open(f"http://{site.address}/account")
        expect(places(other)).to_be_visible()

        person.page.get_by_role("button", name=person.text("nav.me", name="An Nguyen")).click()
        person.page.get_by_role("menuitem", name=person.text("nav.signOut")).click()

        expect(person.button("signIn.title")).to_be_visible()
        expect(other.button("signIn.title")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_free_of_faults_and_has_its_picture(
    site: Site, browser: Browser, office: Office, look: Look
) -> None:
    faults: list[str] = []
    with visitor(site, browser, look) as person:

        def look_at(page: str) -> None:
            PICTURES.mkdir(parents=True, exist_ok=True)
            person.page.screenshot(
                path=PICTURES / f"{look.name}-{page}.png", animations="disabled", full_page=not look.phone
            )
            faults.extend(f"{page}: {fault}" for fault in find_faults(person.page))

        _tour(person, site, office, look_at)
        complaints = person.complaints.all()

    assert faults == []
    assert complaints == []


def _tour(person: Person, site: Site, office: Office, look_at: Callable[[str], None]) -> None:
    """Walk through every page, and look at each."""
    page = person.page
    person.open(f"http://{site.address}/")
    expect(person.button("signIn.title")).to_be_visible()
    look_at("20-sign-in")
    person.open(f"http://{site.address}/sign-in?problem=oidc_refused")
    person.sees("signIn.problem.oidc_refused")
    look_at("27-sign-in-refused")
    sign_in(person)
    expect(page.get_by_role("heading", name=ROOM)).to_be_visible()
    look_at("21-rooms")
    person.button("rooms.new").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at("22-new-room")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=ROOM, exact=True).click()
    expect(section(person, "meetings.title").get_by_role("listitem")).to_have_count(1)
    person.button("meetings.plan").click()
    expect(page.get_by_label(person.text("meetings.slots"))).to_be_visible()
    look_at("23-room")
    section(person, "meetings.title").get_by_role("listitem").get_by_role("button").nth(1).click()
    expect(dialog(person, "meetings.edit")).to_be_visible()
    look_at("28-meeting")
    page.keyboard.press("Escape")
    go(person, "nav.team")
    expect(section(person, "webhooks.title").get_by_text(WEBHOOK)).to_be_visible()
    expect(section(person, "team.members").get_by_role("listitem").first).to_be_visible()
    expect(section(person, "audit.title").get_by_role("listitem").first).to_be_visible()
    look_at("24-team")
    person.button("webhooks.add").click()
    look_at("29-new-webhook")
    options_of(person, "webhooks.optionsOf", "webhooks.deliveries", url=WEBHOOK)
    expect(dialog(person, "webhooks.deliveries").get_by_role("listitem").first).to_be_visible()
    look_at("30-deliveries")
    page.keyboard.press("Escape")
    go(person, "nav.account")
    expect(section(person, "account.sessions").get_by_role("listitem").first).to_be_visible()
    look_at("25-account")
    go(person, "nav.admin")
    expect(section(person, "admin.users").get_by_role("listitem").first).to_be_visible()
    person.sees("admin.plansOn")
    expect(section(person, "jobs.title").get_by_role("listitem").first).to_be_visible()
    expect(section(person, "audit.title").get_by_role("listitem").first).to_be_visible()
    look_at("26-admin")


def test_a_planned_meeting_is_put_at_another_time(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        person.open(f"http://{site.address}/")
        sign_in(person)
        person.page.get_by_role("link", name=ROOM, exact=True).click()
        line = section(person, "meetings.title").get_by_role("listitem")
        line.get_by_role("button").nth(1).click()
        form = dialog(person, "meetings.edit")
        form.get_by_label(person.text("meetings.time"), exact=True).fill("16:45")
        form.get_by_label(person.text("meetings.slots")).fill("1")
        form.get_by_role("button", name=person.text("room.save")).click()

        expect(form).not_to_be_visible()
        expect(line.get_by_text(person.text("meetings.keeps_one"))).to_be_visible()
        person.page.reload()
        line.get_by_role("button").nth(1).click()
        expect(form.get_by_label(person.text("meetings.time"), exact=True)).to_have_value("16:45")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_an_account_of_the_enterprise_plan_has_limits_of_its_own(
    site: Site, browser: Browser, office: Office, look: Look
) -> None:
    with visitor(site, browser, look) as person:
        person.open(f"http://{site.address}/")
        sign_in(person)
        token = _access_token(person)
        _ask(person, token, "PUT", "/admin/plans", {"on": True})
        go(person, "nav.admin")
        options_of(person, "admin.optionsOf", "plan.name.enterprise", name="An Nguyen")
        expect(section(person, "admin.users").get_by_role("listitem")).to_contain_text(
            [person.text("plan.name.enterprise")]
        )
        options_of(person, "admin.optionsOf", "limits.open", name="An Nguyen")
        form = dialog(person, "limits.title", name="An Nguyen")
        people = form.get_by_label(person.text("plan.limit.people"))
        people.fill("30")
        person.page.screenshot(path=PICTURES / f"{look.name}-31-limits.png", animations="disabled")
        faults = find_faults(person.page)
        form.get_by_role("button", name=person.text("room.save")).click()
        expect(form).not_to_be_visible()

        options_of(person, "admin.optionsOf", "limits.open", name="An Nguyen")
        expect(people).to_have_value("30")
        people.fill("")
        form.get_by_role("button", name=person.text("room.save")).click()
        expect(form).not_to_be_visible()
        _ask(person, token, "PUT", "/admin/plans", {"on": False})
        complaints = person.complaints.all()

    assert faults == []
    assert complaints == []


def test_an_account_is_made_used_by_a_program_taken_along_and_deleted(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser, LOOKS[1]) as kim:
        faults = sign_up_by_invitation(kim, office, "Kim Tran", "kim@example.org")
        go(kim, "nav.account")
        kim.button("account.newKey").click()
        kim.page.get_by_label(kim.text("account.keyName")).fill("captions")
        kim.button("account.makeKey").click()
        kim.sees("account.keyOnce")
        keys = section(kim, "account.keys")
        key = keys.locator("code").inner_text()
        kim.button("account.keyKept").click()
        kim.page.reload()
        expect(keys.get_by_role("listitem")).to_have_count(1)
        assert key.startswith("dgm_") and key not in kim.page.content(), "it is shown once"
        assert _by_key(kim, key) == 200

        kim.button("account.exportNow").click()
        with kim.page.expect_download() as saving:
            kim.button("account.exportSave").click()
        with zipfile.ZipFile(saving.value.path()) as saved:
            assert any(b"kim@example.org" in saved.read(name) for name in saved.namelist())

        kim.button("account.deleteNow").click()
        sheet = dialog(kim, "account.deleteConfirm")
        sheet.get_by_label(kim.text("account.currentPassword"), exact=True).fill(PASSWORD)
        sheet.get_by_role("button", name=kim.text("account.deleteNow")).click()
        expect(kim.button("signIn.title")).to_be_visible()
        assert _by_key(kim, key) == 401

    assert faults == []


def test_an_admin_switches_plans_and_closes_an_account(site: Site, browser: Browser, office: Office) -> None:
    an = office.an
    with visitor(site, browser) as vy:
        faults = sign_up_by_invitation(vy, office, "Vy Le", "vy@example.org")
        go(an, "nav.home")
        go(an, "nav.admin")
        for on in (True, False):
            an.page.get_by_text(an.text("admin.plansOn"), exact=True).click()
            an.sees("admin.plansOnText" if on else "admin.plansOffText")
        options_of(an, "admin.optionsOf", "admin.close", name="Vy Le")
        dialog(an, "admin.closeConfirm", name="Vy Le").get_by_role("button", name=an.text("admin.close")).click()
        line = section(an, "admin.users").get_by_role("listitem").filter(has_text="Vy Le")
        expect(line.get_by_text(an.text("admin.isClosed"))).to_be_visible()
        vy.page.reload()

        expect(vy.button("signIn.title")).to_be_visible()

    assert faults == []


def sign_up_by_invitation(person: Person, office: Office, name: str, email: str) -> list[str]:
    """Make an account by a link of the admin's; gives the faults of the page."""
    link = _ask(office.an, _access_token(office.an), "POST", "/admin/invitations", {})["link"]
    person.open(link)
    person.page.get_by_label(person.text("signUp.name")).fill(name)
    person.page.get_by_label(person.text("signIn.email")).fill(email)
    person.page.get_by_label(person.text("signIn.password"), exact=True).fill(PASSWORD)
    person.page.screenshot(path=PICTURES / f"32-sign-up-{name.partition(' ')[0].lower()}.png", animations="disabled")
    faults = find_faults(person.page)
    person.button("signUp.make").click()
    expect(places(person)).to_be_visible()
    return faults


def _by_key(person: Person, key: str) -> int:
    """Ask as a program does; gives the status."""
    answer = person.page.context.request.get(_api(person, "/teams"), headers={"Authorization": f"Bearer {key}"})
    return int(answer.status)


def test_names_and_titles_that_are_scripts_stay_text(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        ran: list[str] = []

        def note(dialog: Dialog) -> None:
            ran.append(dialog.message)
            dialog.dismiss()

        person.page.on("dialog", note)
        person.open(f"http://{site.address}/")
        sign_in(person)
        token = _access_token(person)
        for payload in PAYLOADS:
            _ask(person, token, "POST", "/my/rooms", {"title": payload})
        _ask(person, token, "POST", "/teams", {"name": PAYLOADS[0]})
        _ask(person, token, "POST", "/me/api-keys", {"name": PAYLOADS[1]})
        _ask(person, token, "PATCH", "/me", {"name": PAYLOADS[2]})

        go(person, "nav.account")
        go(person, "nav.home")
        shown = person.page.get_by_role("list", name=person.text("rooms.title")).get_by_role("heading")
        expect(shown.filter(has_text="alert").first).to_be_visible()
        titles = shown.count()
        for place in ("nav.team", "nav.account", "nav.admin", "nav.home"):
            go(person, place)
            person.page.wait_for_load_state("networkidle")
        shown.first.get_by_role("link").click()
        expect(section(person, "meetings.title")).to_be_visible()
        _ask(person, token, "PATCH", "/me", {"name": "An Nguyen"})
        marks = person.page.evaluate("window.scriptRan ?? 0")
        complaints = person.complaints.all()

    assert titles > len(PAYLOADS) // 2
    assert ran == []
    assert marks == 0
    assert complaints == []


def _access_token(person: Person) -> str:
    """Sign in once more beside the page, for its API."""
    answer = person.page.context.request.post(
        _api(person, "/session"), data={"email": EMAIL, "password": PASSWORD}, headers={"Origin": _origin(person)}
    )
    token: str = answer.json()["access_token"]
    return token


def _ask(person: Person, token: str, method: str, path: str, body: dict[str, object]) -> Any:
    answer = person.page.context.request.fetch(
        _api(person, path), method=method, data=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.ok, answer.text()
    return answer.json()


def _origin(person: Person) -> str:
    return f"http://{person.complaints.host}"


def _api(person: Person, path: str) -> str:
    return f"{_origin(person)}/api/v1{path}"
