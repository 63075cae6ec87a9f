"""``POST /livekit/webhook``: the media server says that something happened; the watch then looks for itself.

What it says is only a hint: events come late, twice, or not at all.
"""

import base64
import hashlib
import hmac

import jwt
from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError

from dragoman.meetings.errors import NotAllowed
from dragoman.services.api.parts import bearer, parts_of

LEFT = "participant_left"


class _Room(BaseModel):
    name: str = ""


class _Participant(BaseModel):
    identity: str = ""


class _Event(BaseModel):
    """What matters of an event; of those that are about something else, the rest is empty."""

    event: str = ""
    room: _Room = _Room()
    participant: _Participant = _Participant()


def webhook_route(*, key: str, secret: str) -> APIRouter:
    """Take what is signed with the key pair that we share with the media server."""
    router = APIRouter(include_in_schema=False)

    @router.post("/livekit/webhook", status_code=204)
    async def webhook(request: Request) -> None:
        token = bearer(request) or request.headers.get("authorization", "")
        body = await request.body()
        _check(token, body, key=key, secret=secret)
        watch = parts_of(request).watch
        try:
            told = _Event.model_validate_json(body)
        except ValidationError:
            told = _Event()  # of a kind that is new to us
        if told.event == LEFT:
            watch.left(told.room.name, told.participant.identity)
        else:
            watch.look_again()

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
