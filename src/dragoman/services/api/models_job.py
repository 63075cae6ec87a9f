"""One pull in a process of its own, so that it can be broken off at once and holds nobody up. For models_desk.py."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

END_WITHIN_S = 5.0
_MAX_LINE_BYTES = 1 << 16

Event = Mapping[str, object]
"""A line of ``dragoman models pull --json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOrder:
    """What is to be fetched."""

    models: tuple[str, ...]
    accepted: tuple[str, ...] = ()
    """Licences, by SPDX identifier, that whoever ordered it accepts."""
    by: str = ""
    """Who that is, as it is written down."""


def pull_command(order: PullOrder) -> tuple[str, ...]:
    """Give the command of a pull that does not outlive this process."""
    leash = (sys.executable, "-m", "dragoman.services.leash", str(os.getpid()))
    accepted = [option for licence in order.accepted for option in ("--accept-licence", licence)]
    pull = (sys.executable, "-m", "dragoman", "models", "pull", "--json", "--accepted-by", order.by, *accepted)
    return (*leash, *pull, "--", *order.models)


async def run_pull(command: Sequence[str], *, on_event: Callable[[Event], None], stop: asyncio.Event) -> int:
    """Run a pull to its end, or until ``stop`` is set; give its exit status. No process is left."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, limit=_MAX_LINE_BYTES, process_group=0
    )
    stopping = asyncio.create_task(stop.wait(), name="wait for the pull's cancellation")
    reading = asyncio.create_task(_read(process, on_event), name="read the pull's lines")
    try:
        await asyncio.wait([stopping, reading], return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            with suppress(ProcessLookupError):
                process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                await process.wait()
                await asyncio.wait([reading])  # its last words
    finally:
        for task in (stopping, reading):
            task.cancel()
        await asyncio.wait([stopping, reading])
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0


async def _read(process: Process, on_event: Callable[[Event], None]) -> None:
    if process.stdout is None:
        return
    with suppress(ValueError):  # a line without end is not ours
        while line := await process.stdout.readline():
            event = _parse(line)
            if event is not None:
                on_event(event)


def _parse(line: bytes) -> Event | None:
    with suppress(ValueError):
        event = json.loads(line)
        return event if isinstance(event, dict) else None
    return None
