"""An API over fakes, for the tests of ``services/api``: a media server in memory, and a real server in front."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import httpx2
import uvicorn
from fastapi import FastAPI

from dragoman.ground.languages import Language
from dragoman.meetings.errors import ParticipantNotFound
from dragoman.meetings.invitations import Invitations
from dragoman.meetings.meetings import Meetings
from dragoman.meetings.warden import Warden
from dragoman.models.offer import Direction, Offer
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.services.api.app import make_app, server_options
from dragoman.services.api.call_server import CallServer, Seen
from dragoman.services.api.directions import Directions
from dragoman.services.api.models_desk import ModelDesk
from dragoman.services.api.parts import ApiParts, HumanToken, RunInterpreter
from dragoman.services.api.watch import Watch
from dragoman.services.doctor import Diagnosis
from dragoman.settings import Settings

EN, VI, ES, CA, EU = (Language(code) for code in ("en", "vi", "es", "ca", "eu"))
KEY = bytes(range(32))
INNER = "-".join(["only", "our", "processes"])
HOME = "http://127.0.0.1:8000"

DIAGNOSIS = Diagnosis(
    directions=(
        Direction(source=EN, target=VI, voice=True),
        Direction(source=EN, target=ES, voice=True),
        Direction(source=EN, target=EU, voice=False),
        Direction(source=VI, target=EN, voice=True),
    ),
    offers=(Offer(conversations=((EN, CA),), models=("some-model",), download_bytes=5_000_000),),
    missing=(),
)


@dataclass(slots=True)
class FakeCalls:
    """A media server that remembers; ``away`` makes it refuse everything."""

    present: dict[str, dict[str, Seen]] = field(default_factory=dict)
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    """Interpreters: room, epoch, last seq."""
    muted: list[tuple[str, str]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    """By room."""
    epochs: dict[str, int] = field(default_factory=dict)
    """Of the interpreter that is seen in a room, by room."""
    away: bool = False

    def connect(self, room: str, identity: str, attributes: Mapping[str, str], name: str = "") -> None:
        """Let somebody come in with their token."""
        seen = Seen(identity=identity, name=name, attributes=dict(attributes))
        self.present.setdefault(room, {})[identity] = seen

    async def open_room(self, room: str, *, most_people: int, metadata: str = "") -> None:
        self._check()
        self.present.setdefault(room, {})
        if metadata:
            self.metadata[room] = metadata

    async def tell_room(self, room: str, metadata: str) -> None:
        self._check()
        if room not in self.present:
            raise ParticipantNotFound("no such room")
        self.metadata[room] = metadata

    async def end_room(self, room: str) -> None:
        self._check()
        self.present.pop(room, None)
        self.metadata.pop(room, None)

    async def rooms(self) -> dict[str, str]:
        self._check()
        return {room: self.metadata.get(room, "") for room in self.present}

    async def people(self, room: str) -> list[Seen]:
        self._check()
        return list(self.present.get(room, {}).values())

    async def interpreter_epoch(self, room: str) -> int:
        self._check()
        return self.epochs.get(room, 0)

    async def send_interpreter(self, room: str, *, epoch: int, last_seq: int) -> None:
        self._check()
        self.sent.append((room, epoch, last_seq))

    async def change_attributes(self, room: str, identity: str, attributes: Mapping[str, str]) -> None:
        person = self._person(room, identity)
        self.present[room][identity] = replace(person, attributes=dict(attributes))

    async def mute(self, room: str, identity: str) -> None:
        self._person(room, identity)
        self.muted.append((room, identity))

    async def remove(self, room: str, identity: str) -> None:
        self._check()
        self.present.get(room, {}).pop(identity, None)

    def _person(self, room: str, identity: str) -> Seen:
        self._check()
        if identity not in self.present.get(room, {}):
            raise ParticipantNotFound("not connected")
        return self.present[room][identity]

    def _check(self) -> None:
        if self.away:
            raise RoomUnavailable("away")


@dataclass(slots=True)
class Clock:
    """Wound by hand."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def fake_token(*, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str:
    """Stand in for LiveKit's token: readable."""
    return f"token of {identity} for {room}"


def make_parts(
    calls: CallServer,
    *,
    clock: Callable[[], float] | None = None,
    most_members: int = 3,
    origins: frozenset[str] = frozenset({HOME}),
    livekit_url: str = "http://127.0.0.1:9",
    page: Path | None = None,
    host_password: str | None = None,
    interpret: RunInterpreter | None = None,
    diagnosis: Diagnosis = DIAGNOSIS,
    human_token: HumanToken | None = None,
    models: tuple[ModelDesk, Settings] | None = None,
    local_origins: frozenset[str] = frozenset(),
    invitations: Invitations | None = None,
) -> ApiParts:
    clock = clock or Clock()
    meetings = Meetings(invitations or Invitations(KEY), most_members=most_members)
    return ApiParts(
        meetings=meetings,
        calls=calls,
        watch=Watch(meetings=meetings, calls=calls, warden=Warden(first_epoch=100), clock=clock),
        directions=Directions(lambda: diagnosis),
        human_token=human_token or fake_token,
        origins=origins,
        inner_token=INNER,
        livekit_url=livekit_url,
        page=page,
        host_password=host_password,
        interpret=interpret,
        models=models,
        local_origins=local_origins,
        clock=clock,
    )


def client_of(parts: ApiParts, *, base_url: str = HOME) -> httpx2.AsyncClient:
    """Ask the app without a network. Its watch does not run: tests call ``look`` and ``decide`` themselves."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=make_app(parts)), base_url=base_url)


def secret(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def listening() -> socket.socket:
    """Take a free port of loopback."""
    return socket.create_server(("127.0.0.1", 0))


@asynccontextmanager
async def running(
    app: FastAPI, listener: socket.socket, *, lifespan: Literal["on", "off"] = "on"
) -> AsyncIterator[str]:
    """Serve ``app`` as it is served for people; gives its ``host:port``. ``lifespan="off"``: nothing runs beside it."""
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2, lifespan=lifespan, **server_options())
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listener]), name="uvicorn")
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
                await asyncio.sleep(0.01)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
