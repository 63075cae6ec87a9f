"""A call of a server with accounts whose host works at the API meanwhile. For test_call_on_a_bad_day.py."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
from tests.by_hand import EMAIL, PASSWORD
from tests.livekit_server import Guest, person
from tests.site import Caller, Site
from tests.talking import talk

SAID = ("vi-3", "vi-6")
"""What An says, in turns and again and again."""
BACK_WITHIN_S = 60.0
"""From the end of a fault to the next answer, on a machine that is busy with other things."""


@dataclass(slots=True, kw_only=True)
class AccountsCall:
    """An, who is signed in and speaks Vietnamese, and Ben, a guest, who reads English."""

    site: Site
    client: httpx2.AsyncClient
    """An's, with her access token and her cookie."""
    room: str
    an: Caller
    ben: Caller
    titles: list[str] = field(default_factory=list)
    """Of the rooms that An was told she has."""
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask_for_a_room(self) -> httpx2.Response:
        """Write something, and remember whether that was promised."""
        title = f"Room {next(self.numbers)}"
        answer = await self.client.post("/my/rooms", json={"title": title})
        if answer.status_code == 201:
            self.titles.append(title)
        return answer

    async def list_rooms(self) -> httpx2.Response:
        return await self.client.get("/my/rooms?limit=100")

    async def renew(self) -> httpx2.Response:
        """Get a new access token, as the page does when the one it has is refused."""
        answer = await self.client.post("/session/refresh")
        if answer.status_code == 200:
            self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return answer

    async def works_again(self) -> None:
        """Wait until rooms are made again, by itself: nobody does anything about it."""
        until_s = time.monotonic() + BACK_WITHIN_S
        while (answer := await self.ask_for_a_room()).status_code != 201:
            assert answer.status_code in (503, 507), answer.text
            assert time.monotonic() < until_s, answer.text
            await asyncio.sleep(0.1)

    async def captions_go_on(self) -> None:
        """Wait until Ben reads something new in his language."""
        read = self._read()
        await self.ben.guest.wait_for(lambda: self._read() > read, timeout_s=60)

    async def join_late(self, name: str) -> httpx2.Response:
        """Come to the call by its link."""
        choices = {"name": name, "speaks": "en", "reads": "en", "listens": "en", "consent": False}
        return await self.client.post(f"/rooms/{self.room}/join", json=choices, headers={"Authorization": ""})

    async def end(self) -> httpx2.Response:
        """End it for all."""
        host = {"Authorization": f"Bearer {self.an.host_secret}"}
        return await self.client.delete(f"/rooms/{self.room}", headers=host)

    def _read(self) -> int:
        return sum(len(it.text) for it in self.ben.guest.captions)

    async def speak(self) -> None:
        """Say one fixture after the other until it is cancelled."""
        for name in itertools.cycle(SAID):
            await self.an.guest.speak(talk(name, before_s=0.2))


@asynccontextmanager
async def accounts_call(site: Site) -> AsyncIterator[AccountsCall]:
    """Sign An in, open a lasting room of hers, and let her and Ben talk there."""
    async with httpx2.AsyncClient(base_url=f"http://{site.address}/api/v1", timeout=60) as client:
        client.headers["Origin"] = f"http://{site.address}"
        signed_in = await client.post("/session", json={"email": EMAIL, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        room = (await client.post("/my/rooms", json={"title": "The call"})).json()["id"]
        host = (await client.post(f"/my/rooms/{room}/open")).json()["host_secret"]
        callers = [await _join(site, client, room, host, *who) for who in (("An", "vi", "vi"), ("Ben", "en", "en"))]
        for caller in callers:
            await caller.guest.wait_for(caller.guest.sees_interpreter, timeout_s=60)
        made = AccountsCall(site=site, client=client, room=room, an=callers[0], ben=callers[1], titles=["The call"])
        speaking = asyncio.create_task(made.speak(), name="An speaks")
        try:
            yield made
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])
            for caller in callers:
                await caller.guest.leave()


async def _join(
    site: Site, client: httpx2.AsyncClient, room: str, host: str, name: str, speaks: str, reads: str
) -> Caller:
    choices = {"name": name, "speaks": speaks, "reads": reads, "listens": reads, "consent": True}
    headers = {"Authorization": f"Bearer {host}"}
    answer = await client.post(f"/rooms/{room}/join", json=choices, headers=headers)
    assert answer.status_code == 201, answer.text
    joined = answer.json()
    guest = Guest(person(joined["identity"], speaks=speaks, reads=reads, listens=reads))
    await guest.join(f"ws://{site.address}", joined["token"])
    return Caller(guest=guest, identity=joined["identity"], secret=joined["secret"], room=room, host_secret=host)


def problem_of(answer: httpx2.Response) -> tuple[int, str, bool]:
    """Give status, code, and whether it says when to come again."""
    body = json.loads(answer.text)
    return answer.status_code, body.get("code", ""), "retry-after" in answer.headers
