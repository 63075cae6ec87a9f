"""Find livekit-server, run it as a child, and know when it answers. Its configuration is ``livekit_config.py``'s."""

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.rooms.livekit_config import LOOPBACK, LiveKitConfig, write_config
from dragoman.rooms.livekit_errors import LiveKitMissing, RoomUnavailable

LIVEKIT_VERSION = "1.13.5"
"""The version that is tested; ``scripts/install_livekit.sh`` installs it."""

_HOW_TO_GET_IT = "make run installs it, in a checkout, or scripts/install_livekit.sh alone"
READY_S = 15.0
STOP_S = 5.0
_ASK_EVERY_S = 0.05
_VERSION_S = 10.0


def find_livekit_server(*installed: Path) -> Path:
    """Find the pinned version on the path, or among ``installed``. Raises ``LiveKitMissing``. Blocks for 50 ms."""
    on_path = shutil.which("livekit-server")
    candidates = [*([Path(on_path)] if on_path else []), *installed]
    others = []
    for candidate in candidates:
        version = livekit_version(candidate)
        if version == LIVEKIT_VERSION:
            return candidate
        if version:
            others.append(f"{candidate} is {version}")
    found = f" ({'; '.join(others)})" if others else ""
    raise LiveKitMissing(f"no livekit-server {LIVEKIT_VERSION} here{found}; {_HOW_TO_GET_IT}")


def check_livekit_server(program: Path) -> Path:
    """Give ``program``, which the settings name, if it is the pinned version. Raises ``LiveKitMissing``."""
    version = livekit_version(program)
    if version == LIVEKIT_VERSION:
        return program
    is_what = f"is of version {version}, and {LIVEKIT_VERSION} is needed" if version else "is no livekit-server"
    raise LiveKitMissing(f"livekit_server in the settings: {program} {is_what}; {_HOW_TO_GET_IT}")


def livekit_version(program: Path) -> str:
    """Ask a program for its version; an empty text if it gives none."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=_VERSION_S, check=True, text=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    words = answer.stdout.split()
    return words[-1] if words[:2] == ["livekit-server", "version"] else ""


def server_command(program: Path, config_path: Path) -> list[str]:
    """Give the argument list that starts the server."""
    return [str(program), "--config", str(config_path)]


async def is_ready(port: int) -> bool:
    """Say whether the server answers HTTP on its signalling port. Takes a second at most."""
    try:
        async with asyncio.timeout(1.0):
            reader, writer = await asyncio.open_connection(str(LOOPBACK), port)
            try:
                writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))


class LiveKitServer:
    """The server as a child of this process. ``async with`` starts it and stops it; ``kill`` and ``start`` repeat."""

    def __init__(self, *, program: Path, config: LiveKitConfig, folder: Path) -> None:
        self.config = config
        self._program = program
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def log_path(self) -> Path:
        return self._folder / "livekit-server.log"

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises ``RoomUnavailable`` with the end of its log if it ends or does not answer, ``LiveKitMissing`` if it
        cannot be started at all.
        """
        config_path = write_config(self.config, self._folder)
        with self.log_path.open("ab") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *server_command(self._program, config_path),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,
                )
            except OSError as error:
                raise LiveKitMissing(f"{self._program} cannot be started: {error.strerror}") from error
        try:
            await self._wait_until_it_answers(self._process)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server: asked first, then killed. May be called twice."""
        process, self._process = self._process, None
        if process is None:
            return
        # The first SIGTERM drains, which waits for the rooms to end; the second one does not wait.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_S if number == signal.SIGKILL else STOP_S / 5)
                return

    async def kill(self) -> None:
        """End the server as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _wait_until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        port = self.config.ports.signalling
        deadline_s = asyncio.get_running_loop().time() + READY_S
        while process.returncode is None and not await is_ready(port):
            if asyncio.get_running_loop().time() > deadline_s:
                raise RoomUnavailable(f"livekit-server does not answer on port {port} after {READY_S:g} s")
            await asyncio.sleep(_ASK_EVERY_S)
        if process.returncode is not None:
            raise RoomUnavailable(f"livekit-server ended at once: {self._last_words()}")

    def _last_words(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it gave no reason"
