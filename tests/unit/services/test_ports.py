"""The port that a service listens on."""

import asyncio
import socket

import pytest

from dragoman.ground.errors import SettingsInvalid
from dragoman.services.ports import listen


async def test_what_a_service_sends_is_not_held_back_for_more() -> None:
    """With an acknowledgement that is late (40 ms) Nagle's algorithm would delay every second small packet."""
    served: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()

    def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.set_result(writer.get_extra_info("socket"))

    listener = listen("127.0.0.1", 0, setting="api_port")
    async with await asyncio.start_server(serve, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        connection = await served

        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        writer.close()


def test_a_port_that_is_taken_is_named_with_the_setting_that_changes_it() -> None:
    with listen("127.0.0.1", 0, setting="api_port") as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SettingsInvalid, match=rf"port {port} of 127.0.0.1 is taken .*api_port.*DRAGOMAN_API_PORT"):
            listen("127.0.0.1", port, setting="api_port")
