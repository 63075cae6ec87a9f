"""Take rooms from LiveKit's dispatch: a thin shell around ``livekit_worker_protocol.py``, and one task per room.

LiveKit chooses the machine by the load that we report, and never dispatches twice: a job whose interpreter dies is lost
until our API dispatches again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.livekit_worker_protocol import (
    Assigned,
    GoAway,
    Job,
    Offer,
    Registered,
    Terminated,
    Terms,
    WorkerProtocol,
)
from dragoman.rooms.tokens import worker_token

log = structlog.get_logger()

STATUS_EVERY_S = 2.5
REGISTER_S = 10.0
SILENCE_S = 10.0
"""A server that has answered no ping for so long is gone, whatever the connection says."""
MAX_BACK_OFF_S = 10.0
MAX_MESSAGE_BYTES = 1 << 20

Serve = Callable[[Job], Awaitable[None]]
"""Interprets a room until it ends. Raising means that the job failed."""


class DispatchWorker:
    """Registers, takes jobs and serves each in a task. ``run`` is its task; ``drain`` lets it end by itself."""

    def __init__(
        self,
        *,
        protocol: WorkerProtocol,
        url: str,
        keys: KeyPair,
        serve: Serve,
        terms: Callable[[Offer], Terms],
        load: Callable[[], float],
    ) -> None:
        """``url`` is the server's (``ws://host:7880``); ``load`` gives 0 to 1 and is asked every 2.5 s."""
        parts = urlsplit(url)
        scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
        self._url = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/agent"
        self._protocol = protocol
        self._keys = keys
        self._serve = serve
        self._terms = terms
        self._load = load
        self._jobs: dict[str, asyncio.Task[str]] = {}
        self._report = asyncio.Event()
        self.registered = asyncio.Event()
        """Set while the server knows us."""

    async def run(self) -> None:
        """Serve until ``drain`` has been called and the last job has ended. Cancelling it ends all jobs at once."""
        async with asyncio.TaskGroup() as tasks:
            failures = 0
            while not self._is_drained():
                began_s = _now_s()
                try:
                    await self._converse(tasks)
                except (OSError, TimeoutError, ValueError, WebSocketException) as error:
                    log.warning("dispatch_lost", detail=str(error) or "no answer")
                finally:
                    self.registered.clear()
                if self._is_drained():
                    return
                # A connection that held for a while starts the back-off anew.
                failures = 0 if _now_s() - began_s > MAX_BACK_OFF_S else failures + 1
                await asyncio.sleep(min(2.0 * failures, MAX_BACK_OFF_S) if failures > 1 else 0.2)

    def drain(self) -> None:
        """Take no further job, and let ``run`` end with the last one."""
        self._protocol.draining = True
        self._report.set()

    async def _converse(self, tasks: asyncio.TaskGroup) -> None:
        """Hold one connection until it breaks, or until everything is drained."""
        headers = {"Authorization": f"Bearer {worker_token(self._keys)}"}
        async with connect(
            self._url,
            additional_headers=headers,
            open_timeout=REGISTER_S,
            close_timeout=2.0,
            max_size=MAX_MESSAGE_BYTES,
            proxy=None,
        ) as socket:
            await socket.send(self._protocol.hello(_now_s()))
            reading = asyncio.create_task(self._read(socket, tasks), name="dispatch reads")
            reporting = asyncio.create_task(self._report_regularly(socket), name="dispatch reports")
            both = {reading, reporting}
            try:
                done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)
                await socket.close()  # else a cancelled worker leaves with an error, and the server logs a stack trace
            for task in done:
                task.result()

    async def _read(self, socket: ClientConnection, tasks: asyncio.TaskGroup) -> None:
        async for data in socket:
            event = self._protocol.receive(data if isinstance(data, bytes) else data.encode(), _now_s())
            match event:
                case Registered(worker_id=worker_id):
                    log.info("dispatch_registered", worker=worker_id)
                    self.registered.set()
                    self._report.set()
                case Offer():
                    await socket.send(self._protocol.accept(event, self._terms(event), _now_s()))
                case Assigned(job=job):
                    # Before it is told: whatever becomes of the connection, the end of the job frees its place.
                    self._begin(job, tasks)
                    await socket.send(self._protocol.started(job))
                case Terminated(job_id=job_id) if job_id in self._jobs:
                    self._jobs[job_id].cancel()
                case GoAway():
                    return

    async def _report_regularly(self, socket: ClientConnection) -> None:
        """Say how busy we are, at once when something changes, until there is nothing more to do or nobody there."""
        async with asyncio.timeout(REGISTER_S):
            await self.registered.wait()
        while True:
            for message in self._protocol.status(load=self._load(), now_s=_now_s()):
                await socket.send(message)
            if self._is_drained():
                return
            if self._protocol.silent_for_s(_now_s()) > SILENCE_S:
                raise TimeoutError(f"the server has answered no ping for {SILENCE_S:g} s")
            try:
                async with asyncio.timeout(STATUS_EVERY_S):
                    await self._report.wait()
            except TimeoutError:
                continue
            self._report.clear()

    def _begin(self, job: Job, tasks: asyncio.TaskGroup) -> None:
        def ended(task: asyncio.Task[str]) -> None:
            """Also of a task that was cancelled before its first step."""
            self._jobs.pop(job.id, None)
            failed = task.cancelled() or task.exception() is not None
            self._protocol.ended(job.id, error="cancelled" if failed else task.result())
            self._report.set()

        working = self._jobs[job.id] = tasks.create_task(self._work(job), name=f"job {job.room}")
        working.add_done_callback(ended)
        self._report.set()

    async def _work(self, job: Job) -> str:
        """Serve a room; give the name of what went wrong, empty for nothing."""
        try:
            await self._serve(job)
        except Exception as failure:  # the top of a task: the other rooms must go on
            log.exception("job_failed", room=job.room)
            return type(failure).__name__
        return ""

    def _is_drained(self) -> bool:
        return self._protocol.draining and not self._protocol.running


def _now_s() -> float:
    return asyncio.get_running_loop().time()
