# ruff: noqa: A005  # it is imported as tests.site
"""A running ``dragoman up`` for tests: everything as processes, and people who join as the page does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from tests.acceptance.commands import PICO_MODELS
from tests.livekit_server import Guest, person

from dragoman.testing.free_ports import free_ports

START_S = 120.0
STOP_S = 30.0
SETTINGS = ("speech_to_text", "translation", "text_to_speech", "api", "interpreter", "livekit", "livekit_tcp")
READY = "everything is ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Its processes and where they answer."""

    process: subprocess.Popen[bytes]
    address: str
    log_file: Path
    ports: dict[str, int]
    """By the names of ``SETTINGS``."""
    started_s: float
    """When it was started, monotonic seconds."""

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def process_id(self, name: str) -> int:
        """Find one of its processes by what it serves. Raises ``LookupError`` while there is none."""
        for pid, command in self._children():
            if f"serve {name} " in f"{command} " or (name == "livekit-server" and name in command):
                return pid
        raise LookupError(name)

    def _children(self) -> Iterator[tuple[int, str]]:
        """Give process id and command of what the supervisor started."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (OSError, ValueError, IndexError):
                continue
            if parent == self.process.pid:
                yield int(folder.name), command


@contextmanager
def running_site(folder: Path, prepare: Callable[[], object] | None = None, /, **settings: str) -> Iterator[Site]:
    """Run ``dragoman up`` on free ports; ``settings`` are further variables of its environment.

    ``prepare`` is called in its process before it begins, where what it mounts is seen by nobody else.
    """
    ports = site_ports()
    host = settings.get("DRAGOMAN_API_HOST", "127.0.0.1")
    log_file = folder / "up.log"
    started_s = time.monotonic()
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dragoman", "up"],
            env={**site_environment(folder, ports), **settings},
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=prepare,  # noqa: PLW1509  # nothing but a mount
        )
    address = f"{host}:{ports['api']}"
    running = Site(process=process, address=address, log_file=log_file, ports=ports, started_s=started_s)
    try:
        until_s = time.monotonic() + START_S
        while READY not in running.log():
            assert process.poll() is None, running.log()
            assert time.monotonic() < until_s, running.log()
            time.sleep(0.05)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)
    assert not own_faults(running.log()), "a fault of our own was caught and logged:\n" + own_faults(running.log())


def site_ports() -> dict[str, int]:
    """Find a free port for each of its processes, by the names of ``SETTINGS``."""
    return dict(zip([*SETTINGS, "livekit_udp"], free_ports(len(SETTINGS) + 1), strict=True))


def site_environment(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    """Give an environment in which it listens on ``ports`` and writes below ``folder`` alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {f"DRAGOMAN_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    folders = {f"DRAGOMAN_{kind.upper()}_DIR": str(folder / kind) for kind in ("models", "cache", "data")}
    return {**kept, **own, **folders}


def own_faults(log: str) -> str:
    """Give the lines of a log that belong to tracebacks of our processes; the media server's are its own affair."""
    lines = [line for line in log.splitlines() if not line.startswith("livekit-server")]
    first = next((number for number, line in enumerate(lines) if "Traceback (most recent call last)" in line), None)
    return "" if first is None else "\n".join(lines[max(0, first - 1) : first + 40])


@contextmanager
def pico_site(folder: Path, prepare: Callable[[], object] | None = None, /, **settings: str) -> Iterator[Site]:
    """Run it with the fixtures' models, which know what the fixtures say."""
    with running_site(folder, prepare, **PICO_MODELS, **settings) as site:
        yield site


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who joined as the page does."""

    guest: Guest
    identity: str
    secret: str
    room: str
    host_secret: str
    """Of the room, whoever they are."""


@asynccontextmanager
async def call(site: Site, *people: tuple[str, str, str]) -> AsyncIterator[list[Caller]]:
    """Open a room and let people in: name, what they speak, what they read and hear."""
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        made = (await client.post("/api/v1/rooms", json={})).json()
        room, host_secret = made["room"], made["host_secret"]
        callers = []
        for name, speaks, reads in people:
            choices = {"name": name, "speaks": speaks, "reads": reads, "listens": reads, "consent": True}
            joined = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
            guest = Guest(person(joined["identity"], speaks=speaks, reads=reads, listens=reads))
            await guest.join(f"ws://{site.address}", joined["token"])
            callers.append(
                Caller(
                    guest=guest,
                    identity=joined["identity"],
                    secret=joined["secret"],
                    room=room,
                    host_secret=host_secret,
                )
            )
        try:
            for caller in callers:
                await caller.guest.wait_for(caller.guest.sees_interpreter, timeout_s=60)
            yield callers
        finally:
            for caller in callers:
                await caller.guest.leave()


async def missed(site: Site, caller: Caller, language: str | None) -> list[dict[str, object]]:
    """Give the finals that a latecomer fetches: those of one language, or all."""
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        headers = {"Authorization": f"Bearer {caller.secret}"}
        query = {} if language is None else {"language": language}
        answer = await client.get(f"/api/v1/rooms/{caller.room}/captions", params=query, headers=headers)
        captions: list[dict[str, object]] = answer.json()["captions"]
        return captions
