"""Who asks and what there is to ask for, in the authorization matrix: two teams that know nothing of each other."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import Clock
from tests.databases import Kind, new_url

from dragoman.accounts import api_keys, invitations, teams, webhooks
from dragoman.accounts.administration import AccountChange
from dragoman.ground.accounts import COMMAND, Actor, TeamRole
from dragoman.ground.rooms import Room
from dragoman.meetings.allowance import Allowance
from dragoman.services.api.models_desk import ModelDesk
from dragoman.settings import Settings
from dragoman.store import teams as team_rows

JOIN = {"name": "An", "speaks": "vi", "reads": "en", "listens": "en", "consent": True}


class Caller(StrEnum):
    """Everybody there is, seen from one team and its room."""

    ANONYMOUS = "anonymous"
    GUEST = "guest in the call"
    HOST = "host of the call"
    MEMBER = "member of the team"
    TEAM_ADMIN = "admin of the team"
    OWNER = "owner of the team"
    API_KEY = "API key of the member"
    FOREIGN = "owner of another team"
    SITE_ADMIN = "admin of the server"
    DISABLED = "closed account of the team"


IN_TEAM = {
    Caller.OWNER: TeamRole.OWNER,
    Caller.TEAM_ADMIN: TeamRole.ADMIN,
    Caller.MEMBER: TeamRole.MEMBER,
    Caller.DISABLED: TeamRole.MEMBER,
}


@dataclass(slots=True, kw_only=True)
class Side:
    """A team, a lasting room of its owner, and a call with a guest."""

    owner: Person
    team: str
    room: str
    """The lasting one."""
    call: str
    """The instant one."""
    host_secret: str
    guest: str
    guest_secret: str

    @property
    def actor(self) -> Actor:
        return Actor(kind="user", id=self.owner.user_id)


@dataclass(slots=True, kw_only=True)
class World:
    site: AccountsSite
    home: Side
    away: Side
    people: dict[Caller, Person]
    clients: dict[Caller, httpx2.AsyncClient]
    made: int = 0

    def person(self, caller: Caller) -> Person:
        """Give whoever stands behind a caller; the owner for those without an account."""
        return self.people.get(caller, self.home.owner)

    def next_email(self) -> str:
        self.made += 1
        return f"p{self.made}@example.org"

    async def another(self) -> Person:
        """Make somebody new."""
        return await self.site.sign_up(self.next_email())

    async def join_team(self, team: str, who: Person, role: TeamRole) -> None:
        async with self.site.database.writing() as session:
            at = self.site.clock()
            await team_rows.add_member(session, team_id=team, user_id=who.user_id, role=role, at=at)

    async def join_call(self, side: Side) -> tuple[str, str]:
        """Let somebody into the call; gives identity and secret."""
        joined = await _join(self.site, side.call)
        return joined["identity"], joined["secret"]

    def wind(self) -> None:
        """Go on by a minute."""
        clock = self.site.parts.clock
        assert isinstance(clock, Clock)
        clock.now_s += 60

    async def ask(self, caller: Caller, method: str, path: str, ask: "Ask") -> httpx2.Response:
        """Send a request as ``caller``. Every request comes a minute after the one before, so no rate is in its way."""
        self.wind()
        client = ask.client or self.clients[caller]
        answer = await client.request(
            method, path.format(**ask.params), json=ask.json, content=ask.content, params=ask.query
        )
        client.cookies.clear()
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: what stands in its path, and its body."""

    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    client: httpx2.AsyncClient | None = None
    """Of a throwaway twin of the caller, where the request ends an account."""


Maker = Callable[[World, Side, Caller], Awaitable[Ask]]
"""Makes what is asked for on one side, anew for each request."""


@contextmanager
def nobody_is_full() -> Iterator[None]:
    """Let there be more of everything than anybody asks for; how much there may be has tests of its own."""
    with ExitStack() as patched:
        for module, name in _MOST:
            patched.enter_context(patch.object(module, name, 10_000))
        yield


_MOST = (
    (teams, "MOST_TEAMS"),
    (invitations, "MOST_TEAMS"),
    (invitations, "MOST_OPEN"),
    (api_keys, "MOST_KEYS"),
    (webhooks, "MOST_WEBHOOKS"),
)


@asynccontextmanager
async def open_world(folder: Path, kind: Kind = "sqlite", **changes: Any) -> AsyncIterator[World]:
    """``changes``: of ``ApiParts``."""
    plenty = Allowance(burst=10_000, per_minute=10_000)
    url = new_url(kind, folder)
    desk = (ModelDesk(_NothingTakenUp()), Settings(data_dir=folder, models_dir=folder / "models"))
    parts = {"allowance": plenty, "password_tries": plenty, "interpret": _hear_nobody, "models": desk, **changes}
    async with accounts_site(folder, url=url, **parts) as site:
        people = {caller: await site.sign_up(f"{caller.name}@example.org".lower()) for caller in IN_TEAM}
        people[Caller.FOREIGN] = await site.sign_up("foreign@example.org")
        people[Caller.SITE_ADMIN] = await site.sign_up("root@example.org", admin=True)
        people[Caller.API_KEY] = people[Caller.MEMBER]
        home, away = await _side(site, people[Caller.OWNER]), await _side(site, people[Caller.FOREIGN])
        world = World(site=site, home=home, away=away, people=people, clients={})
        for caller, role in IN_TEAM.items():
            if caller is not Caller.OWNER:
                await world.join_team(home.team, people[caller], role)
        world.clients = {caller: person.client for caller, person in people.items()}
        world.clients |= {
            Caller.ANONYMOUS: site.anonymous,
            Caller.GUEST: site.client(home.guest_secret),
            Caller.HOST: site.client(home.host_secret),
            Caller.API_KEY: await key_of(site, people[Caller.MEMBER]),
        }
        await close_account(site, people[Caller.DISABLED])
        yield world


class _NothingTakenUp:
    """What a desk that does not run takes models to."""

    async def try_out(self, models: Sequence[str]) -> None: ...

    def services_of(self, models: Sequence[str]) -> list[str]:
        return []

    async def start_again(self, services: Sequence[str]) -> None: ...

    @property
    def on_changed(self) -> Callable[[], None]:
        return lambda: None


async def _hear_nobody(room: Room) -> None:
    """Interpret a socket in which nobody speaks."""
    async for _ in room.events():
        pass


async def key_of(site: AccountsSite, person: Person) -> httpx2.AsyncClient:
    """Make an API key of somebody's, and a client that sends it."""
    actor = Actor(kind="user", id=person.user_id)
    made = await site.accounts.api_keys.make(person.user_id, name="program", lifetime=None, actor=actor)
    return site.client(made.key)


async def close_account(site: AccountsSite, person: Person) -> None:
    await site.accounts.administration.change(person.user_id, AccountChange(disabled=True), actor=COMMAND)


async def _side(site: AccountsSite, owner: Person) -> Side:
    team = (await owner.client.post("/api/v1/teams", json={"name": "Nachtigall"})).json()["id"]
    room = (await owner.client.post("/api/v1/my/rooms", json={"title": "Weekly", "team_id": team})).json()["id"]
    call = (await owner.client.post("/api/v1/rooms", json={})).json()
    joined = await _join(site, call["room"])
    return Side(
        owner=owner,
        team=team,
        room=room,
        call=call["room"],
        host_secret=call["host_secret"],
        guest=joined["identity"],
        guest_secret=joined["secret"],
    )


async def _join(site: AccountsSite, call: str) -> dict[str, str]:
    """Join as a guest does, and come in."""
    clock = site.parts.clock
    assert isinstance(clock, Clock)
    clock.now_s += 60  # the seats of those before, who never came, are free again
    answer = await site.anonymous.post(f"/api/v1/rooms/{call}/join", json=JOIN)
    assert answer.status_code == 201, answer.text
    joined: dict[str, str] = answer.json()
    member = site.parts.meetings.get(call).member(joined["identity"])
    site.calls.connect(call, joined["identity"], member.choices.attributes(), member.name)
    return joined
