"""A worker's places are free again when their jobs are over, whatever became of the connection meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import pytest
from livekit.protocol import agent as proto
from livekit.protocol.models import Room

from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms import dispatch
from dragoman.rooms.dispatch import DispatchWorker, Serve
from dragoman.rooms.key_pair import make_keys
from dragoman.rooms.livekit_worker_protocol import Job, Terms, WorkerProtocol

JOB = proto.Job(id="J1", room=Room(name="room"))


class ScriptedServer:
    """Every connection is one to it. It says what the test lets it say, and breaks off when it is told that a job runs,
    if ``breaks_off``."""

    def __init__(self, *, breaks_off: bool = False) -> None:
        self.connections = 0
        self.told: list[proto.WorkerMessage] = []
        self._breaks_off = breaks_off
        self._said: asyncio.Queue[bytes] = asyncio.Queue()

    def say(self, **message: object) -> None:
        self._said.put_nowait(proto.ServerMessage(**message).SerializeToString())  # type: ignore[arg-type]

    def ends(self) -> list[tuple[str, str]]:
        """Jobs that were reported as over, with why."""
        updates = [message.update_job for message in self.told if message.WhichOneof("message") == "update_job"]
        return [(it.job_id, it.error) for it in updates if it.status != proto.JobStatus.JS_RUNNING]

    def __call__(self, url: str, **options: object) -> Self:
        return self

    async def __aenter__(self) -> Self:
        self.connections += 1
        self.say(register=proto.RegisterWorkerResponse(worker_id="W"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield await self._said.get()

    async def send(self, data: bytes) -> None:
        message = proto.WorkerMessage.FromString(data)
        if self._breaks_off and message.update_job.status == proto.JobStatus.JS_RUNNING:
            raise ConnectionResetError("broken off")
        self.told.append(message)

    async def close(self) -> None: ...


async def running(server: ScriptedServer, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> asyncio.Task[None]:
    """Start a worker of one place that has promised to take ``JOB``, and drains from then on."""
    monkeypatch.setattr(dispatch, "connect", server)
    worker = DispatchWorker(
        protocol=WorkerProtocol(agent_name="dragoman", url="ws://sfu", max_jobs=1, version="1"),
        url="ws://sfu",
        keys=make_keys(),
        serve=serve,
        terms=lambda offer: Terms(),
        load=lambda: 0.1,
    )
    task = asyncio.create_task(worker.run())
    await worker.registered.wait()
    server.say(availability=proto.AvailabilityRequest(job=JOB))
    await asyncio.sleep(0.1)
    server.say(assignment=proto.JobAssignment(job=JOB))
    worker.drain()
    return task


def test_a_job_is_served_though_the_connection_breaks_off_when_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> tuple[list[str], int, list[tuple[str, str]]]:
        served: list[str] = []

        async def serve(job: Job) -> None:
            await asyncio.sleep(5)
            served.append(job.room)

        server = ScriptedServer(breaks_off=True)
        async with asyncio.timeout(120):
            await (await running(server, serve, monkeypatch))
        return served, server.connections, server.ends()

    assert run_in_virtual_time(scene) == (["room"], 2, [("J1", "")])


def test_a_job_that_is_called_off_before_its_first_step_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> tuple[list[str], list[tuple[str, str]]]:
        served: list[str] = []

        async def serve(job: Job) -> None:
            served.append(job.room)

        server = ScriptedServer()
        async with asyncio.timeout(120):
            draining = await running(server, serve, monkeypatch)
            server.say(termination=proto.JobTermination(job_id="J1"))
            await draining
        return served, server.ends()

    assert run_in_virtual_time(scene) == ([], [("J1", "cancelled")])


def test_a_job_that_fails_is_reported_with_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> list[tuple[str, str]]:
        async def serve(job: Job) -> None:
            raise RuntimeError("a defect")

        server = ScriptedServer()
        async with asyncio.timeout(120):
            await (await running(server, serve, monkeypatch))
        return server.ends()

    assert run_in_virtual_time(scene) == [("J1", "RuntimeError")]
