"""A room that cannot be joined: refused in time, and without harm to the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.livekit_server import guest, person, running_livekit

from dragoman.rooms.key_pair import make_keys
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.tokens import interpreter_token


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Take connections and never answer."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_server_that_never_answers_is_given_up() -> None:
    async with silent_server() as url:
        room = LiveKitRoom(url=url, token=interpreter_token(make_keys(), room="attic"))

        with pytest.raises(RoomUnavailable, match="cannot be joined"):
            async with room:
                pass


async def test_who_is_called_off_while_joining_leaves_nobody_in_the_room(tmp_path: Path) -> None:
    async with running_livekit(tmp_path) as sfu, guest(sfu, "cellar", person("ben", reads="en")) as ben:
        joining = asyncio.create_task(sfu.interpreter_room("cellar").__aenter__())
        await asyncio.sleep(0.01)
        joining.cancel()
        await asyncio.wait([joining])

        await ben.wait_for(lambda: not ben.sees_interpreter())

        assert joining.cancelled()
