"""LiveKit's signalling through our one port, with an echo standing in for LiveKit; and the page's headers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.api_house import HOME, FakeCalls, client_of, listening, make_parts, running
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Origin

from dragoman.services.api.app import make_app
from dragoman.services.api.signalling import MESSAGE_BYTES

GOOD = "a-good-token"


def admit(connection: ServerConnection, request: Request) -> Response | None:
    """Refuse what carries no good token, as LiveKit does, and answer ``validate``."""
    given = request.path + request.headers.get("Authorization", "")
    if GOOD not in given:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "token expired\n")
    if "/validate" in request.path:
        return connection.respond(HTTPStatus.OK, "success")
    return None


async def echo(connection: ServerConnection) -> None:
    """Say where it was asked, then echo; "bye" closes with a code of its own."""
    assert connection.request is not None
    await connection.send(connection.request.path)
    async for message in connection:
        if message == "bye":
            await connection.close(4321, "as you wish")
        elif message == "flood":
            for _ in range(200):
                await connection.send(b"x" * 65_536)
        else:
            await connection.send(message)


@asynccontextmanager
async def through_the_api() -> AsyncIterator[tuple[str, Server]]:
    async with serve(echo, "127.0.0.1", 0, process_request=admit, max_size=MESSAGE_BYTES) as livekit:
        with listening() as listener:
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            port = livekit.sockets[0].getsockname()[1]
            parts = make_parts(FakeCalls(), origins=frozenset({origin}), livekit_url=f"http://127.0.0.1:{port}")
            async with asyncio.timeout(30), running(make_app(parts), listener) as address:
                yield address, livekit


def join(address: str, path: str = "/rtc/v1", *, origin: str | None = None, max_queue: int = 16) -> connect:
    url = f"ws://{address}{path}?access_token={GOOD}&sdk=js"
    return connect(url, proxy=None, max_queue=max_queue, origin=None if origin is None else Origin(origin))


@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1"])
async def test_messages_pass_both_ways_with_path_and_query(path: str) -> None:
    async with through_the_api() as (address, _), join(address, path) as socket:
        asked = await socket.recv()
        await socket.send("text")
        await socket.send(b"\x00binary")

        assert asked == f"{path}?access_token={GOOD}&sdk=js"
        assert [await socket.recv(), await socket.recv()] == ["text", b"\x00binary"]


async def test_close_codes_pass_from_the_media_server_to_the_client() -> None:
    async with through_the_api() as (address, _), join(address) as socket:
        await socket.recv()
        await socket.send("bye")
        with pytest.raises(ConnectionClosed):
            await socket.recv()

        assert (socket.close_code, socket.close_reason) == (4321, "as you wish")


async def test_a_client_that_leaves_is_left_by_the_media_server_with_its_code() -> None:
    async with through_the_api() as (address, livekit):
        async with join(address) as socket:
            await socket.recv()
            (upstream,) = livekit.connections
            await socket.close(4100, "going")
        await upstream.wait_closed()

        assert upstream.close_code == 4100


async def test_an_expired_token_is_refused_as_livekit_refuses_it_and_validate_says_why() -> None:
    async with through_the_api() as (address, _):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{address}/rtc?access_token=old", proxy=None):
                pass
        with_header = {"Authorization": f"Bearer {GOOD}"}
        async with connect(f"ws://{address}/rtc", proxy=None, additional_headers=with_header) as socket:
            welcomed = await socket.recv()
        validated = await fetch(address, f"/rtc/validate?access_token={GOOD}")

    assert refused.value.response.status_code == 401
    assert refused.value.response.body == b"token expired\n"
    assert str(welcomed).startswith("/rtc")
    assert validated.endswith("success")


async def test_a_page_of_another_origin_cannot_join_through_us() -> None:
    async with through_the_api() as (address, livekit):
        with pytest.raises(InvalidStatus) as refused:
            async with join(address, origin="https://evil.example"):
                pass
        reached = len(livekit.connections)
        async with join(address, origin=f"http://{address}") as socket:
            welcomed = await socket.recv()

    assert refused.value.response.status_code == 403
    assert reached == 0
    assert welcomed


async def test_a_message_over_the_limit_ends_the_connection_and_no_other() -> None:
    async with through_the_api() as (address, _), join(address) as other, join(address) as socket:
        await socket.recv()
        with pytest.raises(ConnectionClosed):
            await socket.send(b"x" * (MESSAGE_BYTES + 1))
            await socket.recv()

        assert socket.close_code == 1009
        assert await echoed(other) == "still here"


async def test_a_client_that_reads_nothing_holds_the_sender_back() -> None:
    async with through_the_api() as (address, _), join(address, max_queue=1) as socket:
        await socket.send("flood")
        received = [await socket.recv() for _ in range(201)]

    assert sum(len(message) for message in received[1:]) == 200 * 65_536


async def test_a_media_server_that_is_away_is_said_so() -> None:
    with listening() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parts = make_parts(FakeCalls(), origins=frozenset({origin}))
        async with asyncio.timeout(30), running(make_app(parts), listener) as address:
            with pytest.raises(InvalidStatus) as refused:
                async with join(address):
                    pass

    assert refused.value.response.status_code == 503


async def echoed(socket: ClientConnection) -> str | bytes:
    await socket.recv()
    await socket.send("still here")
    return await socket.recv()


async def fetch(address: str, path: str) -> str:
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Dragoman</title>")
    (folder / "assets" / "app-1a2b.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_the_page_is_served_at_its_addresses_with_headers_that_protect_it(page: Path) -> None:
    async with client_of(make_parts(FakeCalls(), page=page)) as client:
        home, room = await client.get("/"), await client.get("/r/AbC-_12")
        script = await client.get("/assets/app-1a2b.js")

    assert home.text == room.text and "Dragoman" in home.text
    policy = home.headers["content-security-policy"]
    for rule in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "ws://127.0.0.1:8000"):
        assert rule in policy
    assert "unsafe" not in policy
    assert home.headers["x-content-type-options"] == "nosniff"
    assert home.headers["referrer-policy"] == "no-referrer"
    assert home.headers["x-frame-options"] == "DENY"
    assert (home.headers["cache-control"], "immutable" in script.headers["cache-control"]) == ("no-cache", True)


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/assets/%00", "/no.js"],
)
async def test_nothing_beside_the_page_is_served(page: Path, path: str) -> None:
    async with client_of(make_parts(FakeCalls(), page=page)) as client:
        answer = await client.get(path)

    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text


async def test_an_unknown_address_of_the_api_is_a_problem_and_not_the_page(page: Path) -> None:
    async with client_of(make_parts(FakeCalls(), page=page)) as client:
        answer = await client.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


async def test_without_a_built_page_the_server_says_how_to_build_it() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answer = await client.get("/")

    assert answer.status_code == 503
    assert "make run" in answer.text


async def test_health_is_told_to_whoever_asks() -> None:
    async with client_of(make_parts(FakeCalls()), base_url="http://10.0.0.9") as client:
        ready, refused = await client.get("/health/ready"), await client.get("/")

    assert (ready.status_code, refused.status_code) == (200, 403)
    assert HOME not in refused.text
