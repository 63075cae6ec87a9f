"""The API with a real livekit-server behind it: one port for all, interpreters sent and replaced."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from livekit import rtc
from livekit.api import CreateRoomRequest, ListRoomsRequest
from tests.api_house import EN, INNER, VI, listening, make_parts, running, secret
from tests.livekit_server import Sfu, running_livekit

from dragoman.ground.captions import Caption
from dragoman.ground.rooms import Room
from dragoman.rooms.dispatch import DispatchWorker
from dragoman.rooms.livekit_worker_protocol import WorkerProtocol
from dragoman.rooms.tokens import human_token
from dragoman.services.api.app import make_app
from dragoman.services.api.call_server import LiveKitCalls
from dragoman.services.api.inner_client import InnerClient
from dragoman.services.interpreter import InterpreterProcess, terms_of

AGENT = "dragoman"
JOIN = {"name": "An", "speaks": "vi", "reads": "en", "listens": "en", "consent": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A whole installation without engines."""

    sfu: Sfu
    address: str
    client: httpx2.AsyncClient

    async def join(self, room: str) -> tuple[dict[str, str], rtc.Room]:
        """Join as the page does: through the API, then through its port into the call."""
        answer = await self.client.post(f"/api/v1/rooms/{room}/join", json=JOIN)
        joined: dict[str, str] = answer.json()
        call = rtc.Room()
        await call.connect(f"ws://{self.address}", joined["token"])
        return joined, call

    @asynccontextmanager
    async def interpreters(self) -> AsyncIterator[None]:
        """Run an interpreter process that says one sentence in every room."""
        async with InnerClient.connect(f"http://{self.address}", INNER) as inner:
            process = InterpreterProcess(
                api=InnerClient(inner), interpret=say_a_sentence, worker="w1", load=lambda: 0.1
            )
            worker = DispatchWorker(
                protocol=WorkerProtocol(agent_name=AGENT, url=self.sfu.url, max_jobs=4, version="1"),
                url=self.sfu.url,
                keys=self.sfu.keys,
                serve=process.serve,
                terms=terms_of,
                load=lambda: 0.1,
            )
            async with asyncio.TaskGroup() as tasks:
                serving = [
                    tasks.create_task(worker.run(), name="worker"),
                    tasks.create_task(process.tell_ready(worker.registered), name="tell ready"),
                ]
                try:
                    yield
                finally:
                    for task in serving:
                        task.cancel()

    async def captions(self, room: str, holder: str) -> list[tuple[int, str]]:
        answer = await self.client.get(f"/api/v1/rooms/{room}/captions", headers=secret(holder))
        return [(it["seq"], it["segment"]) for it in answer.json()["captions"]]


async def say_a_sentence(room: Room) -> None:
    caption = Caption(
        segment="an.1",
        speaker="an",
        language=EN,
        source_language=VI,
        text="hello",
        start_s=0.0,
        end_s=1.0,
        final=True,
        seq=1,
    )
    await room.publish(caption, readers=frozenset())
    async for _ in room.events():
        pass


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_livekit(tmp_path) as sfu:
        url = sfu.url.replace("ws", "http", 1)
        calls = LiveKitCalls(url=url, key=sfu.keys.key, secret=sfu.keys.secret, agent_name=AGENT)

        def token(*, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str:
            return human_token(sfu.keys, room=room, identity=identity, name=name, attributes=attributes)

        with listening() as listener:
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            parts = make_parts(
                calls, clock=time.monotonic, origins=frozenset({origin}), livekit_url=url, human_token=token
            )
            async with running(make_app(parts), listener) as address, httpx2.AsyncClient(base_url=origin) as client:
                yield Site(sfu=sfu, address=address, client=client)
        await calls.close()


async def eventually(holds: Callable[[], Awaitable[bool]], *, within_s: float = 10.0) -> float:
    """Wait until ``holds``; gives how long it took."""
    began_s = time.monotonic()
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110  # what it waits for is in other processes
            await asyncio.sleep(0.05)
    return time.monotonic() - began_s


async def test_a_call_goes_through_one_port_and_its_choices_reach_everybody(site: Site) -> None:
    room = (await site.client.post("/api/v1/rooms", json={})).json()
    name, host = room["room"], secret(room["host_secret"])

    async def was_told() -> bool:
        return call.local_participant.attributes.get("dragoman.listens") == "original"

    async def is_out() -> bool:
        return call.connection_state == rtc.ConnectionState.CONN_DISCONNECTED

    joined, call = await site.join(name)
    path = f"/api/v1/rooms/{name}/participants/{joined['identity']}"
    before = dict(call.local_participant.attributes)
    changed = await site.client.patch(path, json={"listens": "original"}, headers=secret(joined["secret"]))
    await eventually(was_told)
    muted = await site.client.post(f"{path}/mute", headers=host)
    removed = await site.client.delete(path, headers=host)
    await eventually(is_out)
    await call.disconnect()

    assert call.name == name
    assert before["dragoman.speaks"] == "vi"
    assert (changed.status_code, muted.status_code, removed.status_code) == (200, 204, 204)


async def test_an_interpreter_comes_and_is_replaced_and_the_numbers_go_on(site: Site) -> None:
    name = (await site.client.post("/api/v1/rooms", json={})).json()["room"]
    joined, call = await site.join(name)

    async def has_finals(count: int) -> bool:
        return len(await site.captions(name, joined["secret"])) == count

    async def is_seen() -> bool:
        return "interpreter" in call.remote_participants

    async with site.interpreters():
        await eventually(lambda: has_finals(1))
        await eventually(is_seen)
        first = call.remote_participants["interpreter"]
        seen = (await site.client.get(f"/api/v1/rooms/{name}")).json()
    async with site.interpreters():
        took_s = await eventually(lambda: has_finals(2))
    finals = await site.captions(name, joined["secret"])
    await call.disconnect()

    assert first.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    assert seen["interpreted"]
    assert [seq for seq, _ in finals] == [1, 2]
    assert len({segment for _, segment in finals}) == 2
    assert took_s < 5.0


async def test_ending_a_call_puts_everybody_out_and_a_stranger_room_is_deleted(site: Site) -> None:
    made = (await site.client.post("/api/v1/rooms", json={})).json()
    joined, call = await site.join(made["room"])
    async with site.sfu.api() as direct:
        await direct.room.create_room(CreateRoomRequest(name="of a stranger"))

        async def is_empty() -> bool:
            return not (await direct.room.list_rooms(ListRoomsRequest())).rooms

        ended = await site.client.delete(f"/api/v1/rooms/{made['room']}", headers=secret(made["host_secret"]))
        await eventually(is_empty)
    again = await site.client.post(f"/api/v1/rooms/{made['room']}/join", json=JOIN)
    await call.disconnect()

    assert (ended.status_code, again.status_code) == (204, 404)
    assert joined["room"] == made["room"]
