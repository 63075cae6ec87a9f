"""The API over a real livekit-server, without engines: people join as the page does, through its one port."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from livekit import rtc
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
class ApiSite:
    """A whole installation without engines."""

    sfu: Sfu
    address: str
    client: httpx2.AsyncClient
    calls: LiveKitCalls

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


@asynccontextmanager
async def api_site(folder: Path, *, most_members: int = 3) -> AsyncIterator[ApiSite]:
    """Run the media server and the API; files go into ``folder``."""
    async with running_livekit(folder) as sfu:
        url = sfu.url.replace("ws", "http", 1)
        calls = LiveKitCalls(url=url, key=sfu.keys.key, secret=sfu.keys.secret, agent_name=AGENT)

        def token(*, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str:
            return human_token(sfu.keys, room=room, identity=identity, name=name, attributes=attributes)

        with listening() as listener:
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            parts = make_parts(
                calls,
                clock=time.monotonic,
                most_members=most_members,
                origins=frozenset({origin}),
                livekit_url=url,
                human_token=token,
            )
            async with running(make_app(parts), listener) as address, httpx2.AsyncClient(base_url=origin) as client:
                yield ApiSite(sfu=sfu, address=address, client=client, calls=calls)
        await calls.close()


async def eventually(holds: Callable[[], Awaitable[bool]], *, within_s: float = 10.0) -> float:
    """Wait until ``holds``; gives how long it took."""
    began_s = time.monotonic()
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110  # what it waits for is in other processes
            await asyncio.sleep(0.05)
    return time.monotonic() - began_s
