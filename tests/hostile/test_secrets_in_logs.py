"""Every secret of a server with accounts is used, rightly and wrongly, and none stands in what any process wrote.

Through ``dragoman up``, at the level of logging that says most: what is scanned is the terminal, into which the logs of
all processes go, the media server's and those of the commands included.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
from sqlalchemy import URL, make_url
from tests.acceptance.commands import Home
from tests.by_hand import EMAIL, PASSWORD, add_admin, dragoman
from tests.databases import postgresql
from tests.livekit_server import Guest, person
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, RunningProvider, running_provider
from tests.site import Site, running_site
from tests.webhook_receiver import Receiver, receiving

from dragoman.services.call_secrets import derive_secrets

SERVICE_TOKEN = "service-token-of-this-test-0123456789"  # noqa: S105
ACCOUNT_KEY = "account-key-of-this-test-0123456789abcdef"
DATABASE_PASSWORD = "database-password-of:this/test"  # noqa: S105
HOST_PASSWORD = "host password of this test"  # noqa: S105
NEW_PASSWORD = "another long phrase 8"  # noqa: S105
WRONG_PASSWORD = "mistyped long phrase 9"  # noqa: S105


@dataclass(slots=True, kw_only=True)
class Desk:
    """An's browser, and every secret that came up."""

    client: httpx2.AsyncClient
    secrets: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: object = None, *, token: str = "", status: int = 0) -> object:
        """Ask the API; it must answer with ``status``, or well."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json() if answer.content else {}

    async def text(self, method: str, path: str, name: str, body: object = None, *, token: str = "") -> str:
        """Ask for something that has the secret ``name``; gives it."""
        answer = await self.ask(method, path, body, token=token)
        assert isinstance(answer, dict)
        found: str = answer[name]
        self.secrets[f"{name} of {path}"] = found
        return found

    def keep_cookies(self) -> None:
        for cookie in self.client.cookies.jar:
            self.secrets[f"cookie {cookie.name} {len(self.secrets)}"] = cookie.value or ""


async def test_no_secret_stands_in_what_the_processes_write(tmp_path: Path) -> None:
    async with running_provider() as provider, receiving() as receiver:
        settings = settings_of(provider, receiver, tmp_path)
        await asyncio.to_thread(add_admin, tmp_path, **settings)
        with running_site(tmp_path, **settings) as site:
            async with desk_at(site) as desk:
                token = await signed_in(desk)
                room, host = await a_room_with_a_guest(desk, site, token)
                await a_room_with_a_lobby(desk, token)
                await keys_and_links(desk, token)
                await a_webhook(desk, receiver, token)
                await by_the_provider(desk, provider)
                await wrongly(desk, room, host)
        said = [
            dragoman(Home(folder=tmp_path), *words, says=NEW_PASSWORD, **settings)
            for words in (("user", "reset-password", EMAIL, "--password-stdin"), ("db", "verify"))
        ]
        written = site.log() + "".join(said) + await asyncio.to_thread(without_its_database, tmp_path, settings)

    secrets = {
        **desk.secrets,
        "password": PASSWORD,
        "new password": NEW_PASSWORD,
        "wrong password": WRONG_PASSWORD,
        "service token": SERVICE_TOKEN,
        "account key": ACCOUNT_KEY,
        "password of the database": DATABASE_PASSWORD,
        "host password": HOST_PASSWORD,
        "client secret": CLIENT_SECRET,
        "secret of the media server": derive_secrets(SERVICE_TOKEN).livekit.secret,
        "inner token": derive_secrets(SERVICE_TOKEN).inner_token,
    }
    assert all(it in written for it in ("webhook.deliver", "oidc_sign_in_failed", "livekit-server")), "it is the log"
    assert len(secrets) > 20 and min(map(len, secrets.values())) > 8, secrets
    assert [name for name, secret in secrets.items() if any(form in written for form in forms_of(secret))] == []


def settings_of(provider: RunningProvider, receiver: Receiver, folder: Path) -> dict[str, str]:
    return {
        "DRAGOMAN_DATA_DIR": str(folder / "data"),
        "DRAGOMAN_DATABASE_URL": with_password(make_url(postgresql().new_url())),
        "DRAGOMAN_LOG_LEVEL": "DEBUG",
        "DRAGOMAN_SERVICE_TOKEN": SERVICE_TOKEN,
        "DRAGOMAN_ACCOUNT_KEY": ACCOUNT_KEY,
        "DRAGOMAN_HOST_PASSWORD": HOST_PASSWORD,
        "DRAGOMAN_SIGN_UP": "open",
        "DRAGOMAN_WEBHOOK_ORIGINS": receiver.origin,
        "DRAGOMAN_OIDC_ISSUER": provider.issuer,
        "DRAGOMAN_OIDC_CLIENT_ID": CLIENT_ID,
        "DRAGOMAN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }


def with_password(url: URL) -> str:
    """Give the address of a database; the server of the tests lets everybody in who may open its socket."""
    return url.set(password=DATABASE_PASSWORD).render_as_string(hide_password=False)


def without_its_database(folder: Path, settings: dict[str, str]) -> str:
    """Give what a command and a start say of a database that nobody serves."""
    nobody = with_password(URL.create("postgresql", "an", host="127.0.0.1", port=9, database="calls"))
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", "db", "verify"],
        capture_output=True,
        text=True,
        env={**Home(folder=folder).environment(), **settings, "DRAGOMAN_DATABASE_URL": nobody},
        check=False,
        timeout=120,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1 and "database" in said, said
    return said


def forms_of(secret: str) -> set[str]:
    """Give a secret as it is, in an address, and in JSON."""
    return {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}


@asynccontextmanager
async def desk_at(site: Site) -> AsyncIterator[Desk]:
    origin = f"http://{site.address}"
    async with httpx2.AsyncClient(base_url=f"{origin}/api/v1", headers={"Origin": origin}, timeout=60) as client:
        yield Desk(client=client)


async def signed_in(desk: Desk) -> str:
    """Sign in, stay signed in, and change nothing; gives the access token."""
    await desk.text("POST", "/session", "access_token", {"email": EMAIL, "password": PASSWORD})
    desk.keep_cookies()
    token = await desk.text("POST", "/session/refresh", "access_token")
    desk.keep_cookies()
    return token


async def a_room_with_a_guest(desk: Desk, site: Site, token: str) -> tuple[str, str]:
    """Let somebody come into a lasting room, as the page does; gives it and the secret of its host."""
    made = await desk.ask("POST", "/my/rooms", {"title": "Standup"}, token=token)
    assert isinstance(made, dict)
    room = str(made["id"])
    host = await desk.text("POST", f"/my/rooms/{room}/open", "host_secret", token=token)
    choices = {"name": "Ben", "speaks": "en", "reads": "es", "listens": "es", "consent": True}
    joined = await desk.ask("POST", f"/rooms/{room}/join", choices)
    assert isinstance(joined, dict)
    desk.secrets |= {"token of the media server": joined["token"], "participant's secret": joined["secret"]}
    guest = Guest(person(joined["identity"], speaks="en", reads="es", listens="es"))
    await guest.join(f"ws://{site.address}", joined["token"])
    await guest.wait_for(guest.sees_interpreter, timeout_s=60)
    await desk.ask("GET", f"/rooms/{room}/captions", token=joined["secret"])
    await guest.leave()
    return room, host


async def a_room_with_a_lobby(desk: Desk, token: str) -> None:
    """Let somebody wait, ask, and come in by their ticket."""
    made = await desk.ask("POST", "/my/rooms", {"title": "Board", "lobby": True}, token=token)
    assert isinstance(made, dict)
    room = str(made["id"])
    host = await desk.text("POST", f"/my/rooms/{room}/open", "host_secret", token=token)
    choices = {"name": "Chi", "speaks": "en", "reads": "es", "listens": "es", "consent": True}
    ticket = await desk.text("POST", f"/rooms/{room}/join", "ticket", choices)
    await desk.ask("GET", f"/rooms/{room}/lobby/{ticket}")
    await desk.ask("GET", f"/rooms/elsewhere/lobby/{ticket}", status=404)
    waiting = await desk.ask("GET", f"/rooms/{room}/lobby", token=host)
    assert isinstance(waiting, list)
    await desk.ask("POST", f"/rooms/{room}/lobby/{waiting[0]['ticket']}", {"admit": True}, token=host)
    inside = await desk.ask("GET", f"/rooms/{room}/lobby/{ticket}")
    assert isinstance(inside, dict)
    desk.secrets |= {f"{name} of who waited": inside["joined"][name] for name in ("token", "secret")}


async def keys_and_links(desk: Desk, token: str) -> None:
    """Make an API key and an invitation, and use both."""
    key = await desk.text("POST", "/me/api-keys", "key", {"name": "captions"}, token=token)
    await desk.ask("GET", "/my/rooms", token=key)
    link = await desk.text("POST", "/admin/invitations", "link", {}, token=token)
    invitation = urlsplit(link).fragment or link.rpartition("/")[2]
    desk.secrets["token of an invitation"] = invitation.rpartition("=")[2]
    body = {"email": "ben@example.org", "name": "Ben", "password": PASSWORD}
    made = await desk.client.post("/users", json={**body, "invitation": desk.secrets["token of an invitation"]})
    assert made.status_code == 201, made.text
    desk.secrets["access token of somebody new"] = made.json()["access_token"]
    desk.keep_cookies()


async def a_webhook(desk: Desk, receiver: Receiver, token: str) -> None:
    """Make one, which is refused first and takes what it is sent then."""
    made = await desk.ask("POST", "/teams", {"name": "Sales"}, token=token)
    assert isinstance(made, dict)
    path = f"/teams/{made['id']}/webhooks"
    hook = await desk.ask("POST", path, {"url": f"{receiver.origin}/x", "events": ["member.joined"]}, token=token)
    assert isinstance(hook, dict)
    desk.secrets["secret of a webhook"] = hook["secret"]
    for answer in (receiver.refuse, receiver.accept):
        answer()
        before = len(receiver.received)
        await desk.ask("POST", f"{path}/{hook['id']}/test", token=token)
        async with asyncio.timeout(60):
            while len(receiver.received) == before:  # noqa: ASYNC110  # another process sends it
                await asyncio.sleep(0.05)


async def by_the_provider(desk: Desk, provider: RunningProvider) -> None:
    """Sign in by OpenID Connect, as somebody new and by a code that is used twice."""
    await provider.set_up(person={"sub": "chi-1", "email": "chi@example.org", "name": "Chi"})
    leaving = await desk.client.get("/session/oidc")
    back = await provider.sign_in(leaving.headers["location"])
    desk.keep_cookies()
    for _ in range(2):
        answer = await desk.client.get(back)
        assert answer.status_code == 303, answer.text
    sent = parse_qs(urlsplit(back).query)
    desk.secrets |= {f"{name} of the provider": sent[name][0] for name in ("code", "state")}
    desk.keep_cookies()


async def wrongly(desk: Desk, room: str, host: str) -> None:
    """Say each in a place where it is refused, or where it does not belong."""
    await desk.ask("POST", "/session", {"email": EMAIL, "password": WRONG_PASSWORD}, status=401)
    await desk.ask("POST", "/session", {"email": EMAIL, "password": [PASSWORD]}, status=422)
    await desk.ask("POST", "/rooms", {"password": HOST_PASSWORD}, status=401)
    for secret in list(desk.secrets.values()):
        await desk.client.get("/me", headers={"Authorization": f"Bearer {secret[:2000]}"})
        await desk.client.get(f"/rooms/{room}/captions", params={"after_seq": secret[:500]})
    await desk.ask("GET", "/me", token=host, status=401)
