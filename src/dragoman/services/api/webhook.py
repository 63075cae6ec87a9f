"""``POST /livekit/webhook``: the media server says that something happened; the watch then looks for itself.

What it says is only a hint: events come late, twice, or not at all.
"""

import base64
import hashlib
import hmac

import jwt
from fastapi import APIRouter, Request

from dragoman.meetings.errors import NotAllowed
from dragoman.services.api.parts import bearer, parts_of


def webhook_route(*, key: str, secret: str) -> APIRouter:
    """Take what is signed with the key pair that we share with the media server."""
    router = APIRouter(include_in_schema=False)

    @router.post("/livekit/webhook", status_code=204)
    async def webhook(request: Request) -> None:
        token = bearer(request) or request.headers.get("authorization", "")
        _check(token, await request.body(), key=key, secret=secret)
        parts_of(request).watch.look_again()

    return router


def _check(token: str, body: bytes, *, key: str, secret: str) -> None:
    """Raises ``NotAllowed`` unless the token is the server's and belongs to this body."""
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], issuer=key, options={"require": ["exp", "iss", "sha256"]}
        )
    except jwt.InvalidTokenError as error:
        raise NotAllowed("this is for the media server, which signs what it says") from error
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if not hmac.compare_digest(str(claims["sha256"]), digest):
        raise NotAllowed("the signature belongs to another message")
