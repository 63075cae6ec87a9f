"""Who may say that something happened at the media server: only who signs this very message with our key."""

import base64
import hashlib
import json
import time

import httpx2
import jwt
import pytest
from tests.api_house import HOME, FakeCalls, make_parts

from dragoman.services.api.app import make_app
from dragoman.services.api.parts import ApiParts

SHARED = "-".join(["a", "shared", "secret", "of", "at", "least", "32", "characters"])
BODY = b'{"event": "room_started"}'


def signed(body: bytes = BODY, *, key: str = SHARED, algorithm: str = "HS256", **changes: object) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": "devkey", "exp": int(time.time()) + 60, "sha256": digest, **changes}
    return jwt.encode({name: it for name, it in claims.items() if it is not None}, key, algorithm=algorithm)


async def post(token: str) -> int:
    async with api(make_parts(FakeCalls())) as client:
        return await tell(client, token, BODY)


def api(parts: ApiParts) -> httpx2.AsyncClient:
    app = make_app(parts, webhook_key="devkey", webhook_secret=SHARED)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOME)


async def tell(client: httpx2.AsyncClient, token: str, body: bytes) -> int:
    headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
    return (await client.post("/livekit/webhook", content=body, headers=headers)).status_code


async def test_the_media_server_is_heard() -> None:
    assert await post(signed()) == 204


async def test_who_left_is_counted_no_longer_and_their_name_is_free() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with api(parts) as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        choices = {"name": "Lan", "speaks": "vi", "reads": "vi", "listens": "original", "consent": True}
        lan = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
        calls.connect(room, lan["identity"], {})
        await parts.watch.look()
        await calls.remove(room, lan["identity"])
        event = {"event": "participant_left", "room": {"name": room}, "participant": {"identity": lan["identity"]}}
        body = json.dumps(event).encode()

        heard = await tell(client, signed(body), body)
        await parts.watch.look()

        people = (await client.get(f"/api/v1/rooms/{room}")).json()["people"]
        again = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
    assert heard == 204
    assert people == 0
    assert again["name"] == "Lan"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event": 7}', b'{"event": "participant_left"}', b"\xff"])
async def test_events_of_an_unknown_form_do_no_harm(body: bytes) -> None:
    async with api(make_parts(FakeCalls())) as client:
        assert await tell(client, signed(body), body) == 204


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        signed(b"another message"),
        signed(key="x" * 40),
        signed(algorithm="none", key=""),
        signed(algorithm="HS512"),
        signed(exp=None),
        signed(exp=1),
        signed(iss="somebody"),
        signed(sha256=None),
        "a" * 12_000,
    ],
)
async def test_nobody_else_is(token: str) -> None:
    assert await post(token) == 403
