"""How people find their way on the pages of a server with accounts. For the tests beside it, with conftest.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, expect
from tests.acceptance.test_browser_looks import OF_COLOURS, PICTURES, Look
from tests.browsers.axe import find_faults
from tests.browsers.chromium import DESKTOP, PHONE, new_visitor
from tests.browsers.person import Person, sit_down
from tests.by_hand import EMAIL, PASSWORD
from tests.site import Site

TEAM, ROOM = "Field trips", "Weekly meeting"
NOBODY = "http://127.0.0.1:9"
"""Where no one listens."""
WEBHOOK = f"{NOBODY}/dragoman"
"""Of a name that never leads anywhere."""
DESK = Look(name="desktop")
POCKET = Look(name="phone", phone=True, colours=("dark", "light"))
"""Whoever comes with it has its first colours."""

_HAS_AN_ACCOUNT = """
if (!localStorage.getItem('test.came')) {
  localStorage.setItem('test.came', 'yes');
  localStorage.setItem('dragoman.account', 'maybe');
}
"""
"""What the page remembers of who has signed in once, beside the cookie (``web/src/session``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An, the admin, at a server with her team and its room, which has a meeting planned."""

    an: Person
    room_link: str
    invitation: str


@contextmanager
def visitor(site: Site, browser: Browser, look: Look = DESK) -> Iterator[Person]:
    """Let somebody come who has never been here, and go."""
    context = new_visitor(
        browser,
        language={"en": "en-US", "vi": "vi-VN"}[look.words],
        colours=look.colours[0],
        size=PHONE if look.phone else DESKTOP,
    )
    yield sit_down(context, host=site.address, words=look.words)
    context.close()


def sign_in(person: Person, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Sign in on the page that asks for it."""
    person.page.get_by_label(person.text("signIn.email")).fill(email)
    person.page.get_by_label(person.text("signIn.password"), exact=True).fill(password)
    person.button("signIn.title").click()
    expect(places(person)).to_be_visible()


def come_in(person: Person, path: str = "/", *, email: str = EMAIL) -> str:
    """Come as who has signed in before, whose browser has the cookie; gives an access token for ``ask``."""
    token = access_token(person, email)
    person.page.context.add_init_script(_HAS_AN_ACCOUNT)
    person.open(f"{origin(person)}{path}")
    expect(places(person)).to_be_visible()
    return token


def places(person: Person) -> Locator:
    return person.page.get_by_role("navigation", name=person.text("nav.label"))


def go(person: Person, name: str) -> None:
    """Follow the navigation."""
    places(person).get_by_role("link", name=person.text(name)).click()
    expect(places(person).get_by_role("link", name=person.text(name))).to_have_attribute("aria-current", "page")


def section(person: Person, name: str) -> Locator:
    return person.page.get_by_role("region", name=person.text(name), exact=True)


def dialog(person: Person, title: str, /, **words: str) -> Locator:
    return person.page.get_by_role("dialog", name=person.text(title, **words), exact=True)


def options_of(person: Person, menu: str, item: str, /, **words: str) -> None:
    """Choose from the menu of one line of a list."""
    person.page.get_by_role("button", name=person.text(menu, **words), exact=True).click()
    person.page.get_by_role("menuitem", name=person.text(item), exact=True).click()


def sign_up_by_invitation(person: Person, office: Office, name: str, email: str) -> None:
    """Make an account by a link of the admin's."""
    link = ask(office.an, access_token(office.an), "POST", "/admin/invitations", {})["link"]
    person.open(link)
    person.page.get_by_label(person.text("signUp.name")).fill(name)
    person.page.get_by_label(person.text("signIn.email")).fill(email)
    person.page.get_by_label(person.text("signIn.password"), exact=True).fill(PASSWORD)
    person.button("signUp.make").click()
    expect(places(person)).to_be_visible()


def look_at(person: Person, name: str, *rules: str, whole: bool = False) -> list[str]:
    """Leave a picture of the page, and give the faults of it against ``rules`` of axe, or against all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    person.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", full_page=whole)
    return [f"{name}: {fault}" for fault in find_faults(person.page, *rules)]


@dataclass(slots=True)
class Looker:
    """Looks at the pages of a person in each of the colours of their look, and notes what is wrong with them."""

    person: Person
    look: Look
    faults: list[str] = field(default_factory=list)

    def look_here(self, page: str) -> None:
        own = self.look.colours[0]
        for colours in self.look.colours:
            self.person.page.emulate_media(color_scheme=colours)
            rules = () if colours == own else OF_COLOURS
            self.faults += look_at(self.person, f"{self.look.name}-{colours}-{page}", *rules, whole=True)
        self.person.page.emulate_media(color_scheme=own)


def access_token(person: Person, email: str = EMAIL) -> str:
    """Sign in beside the page, for its API."""
    answer = person.page.context.request.post(
        api(person, "/session"), data={"email": email, "password": PASSWORD}, headers={"Origin": origin(person)}
    )
    token: str = answer.json()["access_token"]
    return token


def ask(person: Person, token: str, method: str, path: str, body: dict[str, object]) -> Any:
    """Ask the API; it must not refuse."""
    answer = person.page.context.request.fetch(
        api(person, path), method=method, data=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.ok, answer.text()
    return answer.json()


def by_key(person: Person, key: str) -> int:
    """Ask as a program does; gives the status."""
    answer = person.page.context.request.get(api(person, "/teams"), headers={"Authorization": f"Bearer {key}"})
    return int(answer.status)


def origin(person: Person) -> str:
    return f"http://{person.complaints.host}"


def api(person: Person, path: str) -> str:
    return f"{origin(person)}/api/v1{path}"
