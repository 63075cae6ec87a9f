"""What the API is made of, as plain arguments. From assembly; to app.py and every resource."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from dragoman.ground.errors import TooManyRequests
from dragoman.ground.facts import Facts, Rated, Scope
from dragoman.ground.languages import Language
from dragoman.meetings.allowance import Allowance
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.meetings.meetings import Meetings
from dragoman.observe.metrics import Metrics
from dragoman.services.api.call_server import CallServer
from dragoman.services.api.directions import Directions
from dragoman.services.api.glossary_bell import GlossaryBell
from dragoman.services.api.machine import Machine
from dragoman.services.api.models_desk import ModelDesk
from dragoman.services.api.watch import Watch
from dragoman.settings import Settings

if TYPE_CHECKING:
    from dragoman.services.api.accounts_parts import AccountsParts

JOIN_BURST, JOINS_PER_MINUTE = 60, 60.0
"""Of one address, making rooms included: an office or a class behind one address comes together on the hour."""
TRY_BURST, TRIES_PER_MINUTE = 10, 6.0
"""Host passwords of one address, right ones included."""
MAX_SESSIONS = 4
"""Interpreting sockets at once."""


class HumanToken(Protocol):
    """Makes a token that lets a person into a room for ten minutes: ``human_token`` of ``rooms/tokens.py``."""

    def __call__(self, *, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str: ...


RunInterpreter = Callable[[ContinuedRoom], Awaitable[None]]
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
    local_origins: frozenset[str] = frozenset()
    """Those of this machine itself, where making a room takes no password."""
    link_origin: str = ""
    """The one that other people reach; empty where there is none, and a link is as good as where it was made."""
    public_origin: str = ""
    """That of a proxy or a tunnel in front, which comes here by plain http."""
    own_certificate: bool = False
    """Https is there to stay: browsers may be told so."""
    inner_token: str = field(repr=False)
    """What our own processes carry."""
    livekit_url: str
    """Where LiveKit's signalling is, ``http://127.0.0.1:7880``."""
    page: Path | None = None
    """Folder of the built page; None or a missing one says how to build it."""
    host_password: str | None = field(default=None, repr=False)
    """What making rooms takes of people who are not at this machine; None lets everybody, which is for loopback."""
    interpret: RunInterpreter | None = None
    """For ``WS /api/v1/interpret``; None refuses it."""
    practise: StartPractice | None = None
    models: tuple[ModelDesk, Settings] | None = None
    """Who fetches models, and the settings that say where they lie; None fetches none."""
    metrics: Metrics | None = None
    machine: Machine | None = None
    """None where nobody measured it."""
    accounts: "AccountsParts | None" = None
    """None on a private machine: nobody signs in."""
    max_sessions: int = MAX_SESSIONS
    allowance: Allowance = field(default_factory=lambda: Allowance(burst=JOIN_BURST, per_minute=JOINS_PER_MINUTE))
    password_tries: Allowance = field(default_factory=lambda: Allowance(burst=TRY_BURST, per_minute=TRIES_PER_MINUTE))
    glossary_bell: GlossaryBell = field(default_factory=GlossaryBell)
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


def count_against(parts: ApiParts, request: HTTPConnection, allowance: Allowance | None = None) -> None:
    """Count a request against its address, in ``parts.allowance`` or another one. Raises ``TooManyRequests``."""
    wait_s = (allowance or parts.allowance).wait_s(address_of(parts, request), at_s=parts.clock())
    if wait_s > 0:
        seconds = int(wait_s) + 1
        raise TooManyRequests(
            f"too many requests from this address; try again in {seconds} s",
            retry_after_s=seconds,
            facts=Facts(limit=Rated.REQUEST, scope=Scope.ADDRESS),
        )


def address_of(parts: ApiParts, request: HTTPConnection) -> str:
    """Say who asks: for what came by the proxy in front, the last address that it wrote down itself."""
    address = request.client.host if request.client else ""
    passed_on = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    by_proxy = parts.public_origin and request.headers.get("host", "").lower() == urlsplit(parts.public_origin).netloc
    return passed_on if by_proxy and passed_on and is_loopback(address) else address


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
