"""What the API is made of, as plain arguments. From assembly; to app.py and every resource."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fastapi import Request
from starlette.requests import HTTPConnection

from dragoman.ground.languages import Language
from dragoman.ground.rooms import Room
from dragoman.meetings.allowance import Allowance
from dragoman.meetings.errors import TooManyRequests
from dragoman.meetings.meetings import Meetings
from dragoman.observe.metrics import Metrics
from dragoman.services.api.call_server import CallServer
from dragoman.services.api.directions import Directions
from dragoman.services.api.watch import Watch

JOIN_BURST, JOINS_PER_MINUTE = 20, 30.0
"""Of one address, making rooms included: an office behind one address comes together on the hour."""
MAX_SESSIONS = 4
"""Interpreting sockets at once."""


class HumanToken(Protocol):
    """Makes a token that lets a person into a room for ten minutes: ``human_token`` of ``rooms/tokens.py``."""

    def __call__(self, *, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str: ...


RunInterpreter = Callable[[Room], Awaitable[None]]
"""Interprets a room to its end."""

StartPractice = Callable[[str, Language], Awaitable[None]]
"""Lets a practice speaker of a language into a room (by id); returns once it is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """Everything that the resources work with."""

    meetings: Meetings
    calls: CallServer
    watch: Watch
    directions: Directions
    human_token: HumanToken
    origins: frozenset[str]
    """Where people open the page, such as ``http://127.0.0.1:8000``: every other Host and Origin is refused."""
    inner_token: str = field(repr=False)
    """What our own processes carry."""
    livekit_url: str
    """Where LiveKit's signalling is, ``http://127.0.0.1:7880``."""
    page: Path | None = None
    """Folder of the built page; None or a missing one says how to build it."""
    host_password: str | None = field(default=None, repr=False)
    """What making rooms takes; None lets everybody, which is for loopback."""
    interpret: RunInterpreter | None = None
    """For ``WS /api/v1/interpret``; None refuses it."""
    practise: StartPractice | None = None
    metrics: Metrics | None = None
    max_sessions: int = MAX_SESSIONS
    allowance: Allowance = field(default_factory=lambda: Allowance(burst=JOIN_BURST, per_minute=JOINS_PER_MINUTE))
    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of this process: an interpreter that meets another one sends its finals again."""
    clock: Callable[[], float] = time.monotonic
    """Seconds; only grows."""


def parts_of(request: HTTPConnection) -> ApiParts:
    """Give the parts of the app that serves ``request``."""
    parts: ApiParts = request.app.state.parts
    return parts


def bearer(request: HTTPConnection) -> str:
    """Give the secret in ``Authorization: Bearer ...``, empty if there is none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def count_against(parts: ApiParts, request: Request) -> None:
    """Count a request against its address. Raises ``TooManyRequests``."""
    address = request.client.host if request.client else ""
    wait_s = parts.allowance.wait_s(address, at_s=parts.clock())
    if wait_s > 0:
        seconds = int(wait_s) + 1
        raise TooManyRequests(f"too many requests from this address; try again in {seconds} s", retry_after_s=seconds)
