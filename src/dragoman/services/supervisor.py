"""Keep processes running: started in order, watched, started again, and all ended together. For up.py.

``processes.py`` says which there are, ``restarts.py`` decides when one is started again; here is what waits.
"""

import asyncio
import os
import signal
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from dragoman.ground.errors import DragomanError, EngineUnavailable
from dragoman.services.probe import probe
from dragoman.services.processes import ProcessPlan
from dragoman.services.restarts import Pulse, Restarts, RestartTuning
from dragoman.services.work_done import WorkDone
from dragoman.settings import environment_for

ASK_AGAIN_AFTER_S = 0.1
"""While a process starts, and after a heartbeat that was missed."""
TOLD_WITHIN_S = 0.5
"""Whoever must know of an end takes no longer: what ended is to be started again."""
KILLED_WITHIN_S = 5.0
REST_OF_LOG_WITHIN_S = 0.5
"""For the last lines of a process that has ended; a program of its own may hold the pipe open for longer."""
MAX_LINE_CHARS = 4000
REFUSED = 1
"""Exit status of our commands after saying in one sentence what is wrong."""

OnLine = Callable[[str, str], None]
"""Takes the name of a process and a line that it wrote."""

OnEnd = Callable[[str, int], Awaitable[None]]
"""Told the name and the process id of a process that has ended or hangs, before it is started again."""


@dataclass(slots=True, kw_only=True)
class _Child:
    """One process that is kept, through all its lives."""

    plan: ProcessPlan
    restarts: Restarts
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it is ready for the first time: who needs it may start."""
    process: Process | None = None
    last_line: str = ""


class Supervisor:
    """Runs the processes of ``plans``, each after those it needs.

    ``on_line`` gets every line that they write, and what the supervisor has to say under the name ``dragoman``;
    ``on_end`` is waited for a moment at most.
    """

    def __init__(
        self,
        plans: Sequence[ProcessPlan],
        *,
        on_line: OnLine,
        on_end: OnEnd | None = None,
        tuning: RestartTuning | None = None,
    ) -> None:
        self._tuning = tuning or RestartTuning()
        self._children = {plan.name: _Child(plan=plan, restarts=Restarts(self._tuning)) for plan in plans}
        self._on_line = on_line
        self._on_end = on_end
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask ``run`` to end everything; asked again, it kills instead of waiting."""
        if self._stopping.is_set():
            for child in self._children.values():
                _signal_group(child.process, signal.SIGKILL)
        self._stopping.set()

    def process_id(self, name: str) -> int | None:
        """Give the process id that ``name`` has at the moment."""
        process = self._children[name].process
        return None if process is None else process.pid

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Keep everything running until ``stop``; ``on_ready`` is called once all are ready.

        No process is left when it returns. Raises ``EngineUnavailable`` if one cannot be brought up at all.
        """
        failures: list[DragomanError] = []
        try:
            async with asyncio.TaskGroup() as tasks:
                keepers = {
                    name: tasks.create_task(self._keep(child), name=f"keep {name}")
                    for name, child in self._children.items()
                }
                telling = tasks.create_task(self._tell_ready(on_ready), name="tell that all are ready")
                await self._stopping.wait()
                telling.cancel()
                for first in (True, False):
                    await self._stop(
                        [keepers[it.plan.name] for it in self._children.values() if it.plan.hands_over is first]
                    )
        except* DragomanError as errors:
            failures += [error for error in errors.exceptions if isinstance(error, DragomanError)]
        if failures:
            raise failures[0]

    async def _stop(self, keepers: list[asyncio.Task[None]]) -> None:
        for keeper in keepers:
            keeper.cancel()
        if keepers:
            await asyncio.wait(keepers)

    async def _tell_ready(self, on_ready: Callable[[], None]) -> None:
        for child in self._children.values():
            await child.ready.wait()
        on_ready()

    async def _keep(self, child: _Child) -> None:
        """Run one process again and again, until cancelled."""
        plan = child.plan
        for name in plan.needs:
            await self._children[name].ready.wait()
        while True:
            why = await self._live_once(child)
            if not child.ready.is_set() and child.process is not None and child.process.returncode == REFUSED:
                raise EngineUnavailable(f"{plan.name} does not start: {child.last_line or why}")
            again = child.restarts.ended(time.monotonic())
            if again.parked and not child.ready.is_set():
                raise EngineUnavailable(f"{plan.name} does not start: {why}; its last words: {child.last_line}")
            told = "it ended too often; tried again" if again.parked else "started again"
            self._say(f"{plan.name} {why}; {told} in {again.after_s:.1f} s")
            await asyncio.sleep(again.after_s)

    async def _live_once(self, child: _Child) -> str:
        """Start a process and watch it to its end; give the reason of the end. No trace of it is left."""
        try:
            process = child.process = await self._start(child.plan)
        except OSError as error:
            why = f"cannot be started: {child.plan.command[0]}: {error.strerror}"
            if not child.ready.is_set():
                raise EngineUnavailable(f"{child.plan.name} {why}") from error
            return why  # it was well before: the machine has no memory or no process left for a while
        reading = asyncio.create_task(self._read_log(child, process), name=f"log of {child.plan.name}")
        ended = asyncio.create_task(process.wait(), name=f"end of {child.plan.name}")
        watching = asyncio.create_task(self._watch(child, process.pid), name=f"pulse of {child.plan.name}")
        try:
            await asyncio.wait([ended, watching], return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                why = f"ended by itself ({_describe_status(ended.result())})"
            else:
                # It is silent, so it is not asked to end.
                _signal_group(process, signal.SIGKILL)
                why = watching.result()
            await self._tell_end(child.plan.name, process.pid)
            return why
        finally:
            watching.cancel()
            await _end(process, within_s=child.plan.stop_within_s)
            await asyncio.wait([reading], timeout=REST_OF_LOG_WITHIN_S)
            for task in (reading, ended, watching):
                task.cancel()
            await asyncio.wait([reading, ended, watching])

    async def _tell_end(self, name: str, process_id: int) -> None:
        if self._on_end is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(TOLD_WITHIN_S):
                    await self._on_end(name, process_id)

    async def _start(self, plan: ProcessPlan) -> Process:
        command = [part.replace("{supervisor}", str(os.getpid())) for part in plan.command]
        # A group apart from the terminal's: Ctrl-C reaches us alone, and we end our processes in order.
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            env=environment_for(plan.environment),
            process_group=0,
        )

    async def _watch(self, child: _Child, process_id: int) -> str:
        """Wait until the process is ready, then feel its pulse; give the reason once it must be replaced."""
        plan, started_s = child.plan, time.monotonic()
        while not await probe(plan.host, plan.port, plan.ready_path, within_s=plan.beat_within_s):
            if time.monotonic() - started_s > plan.start_within_s:
                return f"was not ready within {plan.start_within_s:.0f} s"
            await asyncio.sleep(ASK_AGAIN_AFTER_S)
        self._say(f"{plan.name} is ready after {time.monotonic() - started_s:.1f} s")
        child.restarts.became_ready(time.monotonic())
        child.ready.set()
        pulse, work = Pulse(self._tuning), WorkDone(process_id)
        while True:
            work.is_working()  # what it does from here on counts
            if await probe(plan.host, plan.port, plan.live_path, within_s=plan.beat_within_s):
                pulse.beat()
                await asyncio.sleep(plan.beat_every_s)
            elif pulse.miss(at_work=work.is_working()):
                return "hangs: it did not answer, and was killed"
            else:
                await asyncio.sleep(ASK_AGAIN_AFTER_S)

    async def _read_log(self, child: _Child, process: Process) -> None:
        """Pass on what the process writes, line by line; a line without end is cut."""
        if process.stdout is None:
            return
        rest = b""
        while piece := await process.stdout.read(MAX_LINE_CHARS):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > MAX_LINE_CHARS:
                lines.append(rest)
                rest = b""
            for line in lines:
                self._pass_on(child, line)
        if rest:
            self._pass_on(child, rest)

    def _pass_on(self, child: _Child, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            child.last_line = text
            self._on_line(child.plan.name, text)

    def _say(self, text: str) -> None:
        self._on_line("dragoman", text)


async def _end(process: Process, *, within_s: float) -> None:
    """Ask a process to end, kill it if it does not, and reap it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await process.wait()
    # Of its group too: nothing that it started there stays.
    _signal_group(process, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(KILLED_WITHIN_S):
            await process.wait()


def _signal_group(process: Process | None, number: signal.Signals) -> None:
    if process is None:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _describe_status(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"
