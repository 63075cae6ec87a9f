"""Rooms given to workers by a real livekit-server: dispatch asked, job assigned, interpreter in the room."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from livekit import api
from tests.livekit_server import Sfu, guest, person, running_livekit

from dragoman.rooms.dispatch import DispatchWorker, Serve
from dragoman.rooms.livekit_participants import AI_GENERATED, EPOCH
from dragoman.rooms.livekit_room import DUPLICATE_IDENTITY, LiveKitRoom
from dragoman.rooms.livekit_worker_protocol import Job, Terms, WorkerProtocol
from dragoman.rooms.tokens import interpreter_token

AGENT = "dragoman"

JOIN_AND_STAY = """
import asyncio, pathlib, sys
from dragoman.rooms.livekit_room import LiveKitRoom

async def main():
    url, token = pathlib.Path(sys.argv[1]).read_text().split()
    async with LiveKitRoom(url=url, token=token) as room:
        async for _ in room.events():
            pass

asyncio.run(main())
"""


@pytest.fixture
async def sfu(tmp_path: Path) -> AsyncIterator[Sfu]:
    async with running_livekit(tmp_path) as running:
        yield running


class Interpreters:
    """What a worker serves: it joins each room and stays until the room ends."""

    def __init__(self) -> None:
        self.joined: dict[str, LiveKitRoom] = {}
        self.jobs: list[Job] = []
        self.changed = asyncio.Event()

    async def serve(self, job: Job) -> None:
        self.jobs.append(job)
        async with LiveKitRoom(url=job.url, token=job.token, epoch=job.epoch) as room:
            self.joined[job.room] = room
            self.changed.set()
            async for _ in room.events():
                pass

    async def wait_for(self, room: str) -> LiveKitRoom:
        async with asyncio.timeout(10):
            while room not in self.joined:
                self.changed.clear()
                await self.changed.wait()
        return self.joined[room]


def make_worker(sfu: Sfu, serve: Serve, *, max_jobs: int = 4) -> DispatchWorker:
    return DispatchWorker(
        protocol=WorkerProtocol(agent_name=AGENT, url=sfu.url, max_jobs=max_jobs, version="1"),
        url=sfu.url,
        keys=sfu.keys,
        serve=serve,
        terms=lambda offer: Terms(epoch=int(offer.metadata or 1)),
        load=lambda: 0.1,
    )


@asynccontextmanager
async def running_worker(sfu: Sfu, serve: Serve, *, max_jobs: int = 4) -> AsyncIterator[DispatchWorker]:
    worker = make_worker(sfu, serve, max_jobs=max_jobs)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        await worker.registered.wait()
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def dispatch(sfu: Sfu, room: str, *, epoch: int = 1) -> None:
    async with sfu.api() as client:
        request = api.CreateAgentDispatchRequest(agent_name=AGENT, room=room, metadata=str(epoch))
        await client.agent_dispatch.create_dispatch(request)


async def test_a_dispatched_room_has_its_interpreter_within_a_second(sfu: Sfu) -> None:
    interpreters = Interpreters()

    async with guest(sfu, "room", person("an", speaks="vi")) as an, running_worker(sfu, interpreters.serve):
        asked_s = asyncio.get_running_loop().time()
        await dispatch(sfu, "room", epoch=3)
        await interpreters.wait_for("room")
        took_s = asyncio.get_running_loop().time() - asked_s
        await an.wait_for(an.sees_interpreter)
        attributes = an.rtc.remote_participants["interpreter"].attributes

    sys.stdout.write(f"\ndispatch asked -> interpreter in the room {took_s:.2f} s\n")
    assert took_s < 1.0
    assert attributes[EPOCH] == "3"
    assert attributes[AI_GENERATED] == "true"
    assert [(job.room, job.metadata, job.epoch) for job in interpreters.jobs] == [("room", "3", 3)]


async def test_a_new_job_under_the_same_identity_takes_the_room_over(sfu: Sfu) -> None:
    first, second = Interpreters(), Interpreters()

    async with running_worker(sfu, first.serve, max_jobs=1):
        await dispatch(sfu, "room", epoch=1)
        old = await first.wait_for("room")
        async with running_worker(sfu, second.serve):
            await dispatch(sfu, "room", epoch=2)
            new = await second.wait_for("room")
            async with asyncio.timeout(5):
                async for _ in old.events():
                    pass

            assert new.end_reason is None
            assert old.end_reason == DUPLICATE_IDENTITY


async def test_a_killed_interpreter_is_replaced_at_once_when_it_is_dispatched_again(sfu: Sfu, tmp_path: Path) -> None:
    interpreters = Interpreters()
    job_file = tmp_path / "token"

    async with guest(sfu, "room", person("an", speaks="vi")) as an:
        job_file.write_text(f"{sfu.url}\n{interpreter_token(sfu.keys, room='room')}")
        ghost = await asyncio.create_subprocess_exec(sys.executable, "-c", JOIN_AND_STAY, str(job_file))
        await an.wait_for(an.sees_interpreter, timeout_s=20)
        ghost.send_signal(signal.SIGKILL)
        await ghost.wait()
        sid = an.rtc.remote_participants["interpreter"].sid
        async with running_worker(sfu, interpreters.serve):
            asked_s = asyncio.get_running_loop().time()
            await dispatch(sfu, "room", epoch=2)
            await interpreters.wait_for("room")
            await an.wait_for(lambda: an.sees_interpreter() and an.rtc.remote_participants["interpreter"].sid != sid)
            took_s = asyncio.get_running_loop().time() - asked_s

    sys.stdout.write(f"\nghost evicted and replaced, as a person sees it, {took_s:.2f} s after the dispatch\n")
    assert took_s < 4.0


async def test_a_full_worker_takes_no_further_room_until_one_has_ended(sfu: Sfu) -> None:
    interpreters = Interpreters()

    async with running_worker(sfu, interpreters.serve, max_jobs=1):
        await dispatch(sfu, "one")
        one = await interpreters.wait_for("one")
        await dispatch(sfu, "two")
        await asyncio.sleep(1.0)
        assert "two" not in interpreters.joined
        one.end()
        await asyncio.sleep(0.5)
        await dispatch(sfu, "two")
        await interpreters.wait_for("two")


async def test_a_failing_job_leaves_the_worker_at_work(sfu: Sfu) -> None:
    interpreters = Interpreters()

    async def serve(job: Job) -> None:
        if job.room == "bad":
            raise RuntimeError("this room cannot be interpreted")
        await interpreters.serve(job)

    async with running_worker(sfu, serve):
        await dispatch(sfu, "bad")
        await dispatch(sfu, "good")
        await interpreters.wait_for("good")


async def test_a_drained_worker_ends_when_its_last_room_does(sfu: Sfu) -> None:
    interpreters = Interpreters()
    worker = make_worker(sfu, interpreters.serve)

    async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(worker.run())
        await worker.registered.wait()
        await dispatch(sfu, "room")
        room = await interpreters.wait_for("room")
        worker.drain()
        done, _ = await asyncio.wait([running], timeout=0.5)
        assert not done
        room.end()

    assert running.done()


async def test_a_worker_comes_back_after_the_server_was_restarted_and_keeps_its_rooms(sfu: Sfu) -> None:
    interpreters = Interpreters()

    async with running_worker(sfu, interpreters.serve) as worker:
        await dispatch(sfu, "room")
        room = await interpreters.wait_for("room")
        await sfu.server.kill()
        await asyncio.sleep(1.0)
        await sfu.server.start()
        async with asyncio.timeout(20):
            await worker.registered.wait()
        await dispatch(sfu, "other")
        await interpreters.wait_for("other")

        assert room.end_reason is None
