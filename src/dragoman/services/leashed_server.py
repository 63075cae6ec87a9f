"""A web server in a process of its own: it ends on SIGINT and SIGTERM, and when its supervisor has ended.

From serve.py and the processes of a call; the other leash, the kernel's, is leash.py.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn


class LeashedServer(uvicorn.Server):
    """``supervised``: standard input is the supervisor's pipe, and its end is ours."""

    def __init__(self, config: uvicorn.Config, *, supervised: bool) -> None:
        super().__init__(config)
        self._supervised = supervised

    async def serve_leashed(self, listener: socket.socket, *, beside: "ServerBeside | None" = None) -> None:
        """Serve ``listener`` until asked to end, and as long ``beside``. Call it under ``quiet_signals``."""
        if self._supervised:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._read_leash)
        async with asyncio.TaskGroup() as tasks:
            if beside is not None:
                tasks.create_task(beside.serve_beside(), name="the server beside")
            await self.serve(sockets=[listener])
            if beside is not None:
                beside.should_exit = True

    def _read_leash(self) -> None:
        """End when the supervisor's end of the pipe is closed: the second leash, should the kernel's not hold."""
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.should_exit = True


class ServerBeside(uvicorn.Server):
    """A second server of the same process on ``listeners``: it ends when the first one does, whatever the signal."""

    def __init__(self, config: uvicorn.Config, *, listeners: Sequence[socket.socket]) -> None:
        super().__init__(config)
        self._listeners = list(listeners)

    async def serve_beside(self) -> None:
        await self.serve(sockets=self._listeners)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the first server."""
        yield


@contextmanager
def quiet_signals() -> Iterator[None]:
    """Let uvicorn end on SIGINT and SIGTERM without dying of them.

    When it has ended it raises the signal once more for whoever handled it before; the default would kill this process
    before what it owns is closed.
    """
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
