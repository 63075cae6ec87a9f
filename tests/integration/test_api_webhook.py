"""Who may say that something happened at the media server: only who signs this very message with our key."""

import base64
import hashlib
import time

import httpx2
import jwt
import pytest
from tests.api_house import HOME, FakeCalls, make_parts

from dragoman.services.api.app import make_app

SHARED = "-".join(["a", "shared", "secret", "of", "at", "least", "32", "characters"])
BODY = b'{"event": "room_started"}'


def signed(body: bytes = BODY, *, key: str = SHARED, algorithm: str = "HS256", **changes: object) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": "devkey", "exp": int(time.time()) + 60, "sha256": digest, **changes}
    return jwt.encode({name: it for name, it in claims.items() if it is not None}, key, algorithm=algorithm)


async def post(token: str) -> int:
    app = make_app(make_parts(FakeCalls()), webhook_key="devkey", webhook_secret=SHARED)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOME) as client:
        headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
        return (await client.post("/livekit/webhook", content=BODY, headers=headers)).status_code


async def test_the_media_server_is_heard() -> None:
    assert await post(signed()) == 204


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
