"""Whose an interpreting socket is, where there are accounts, and what their plan allows it while it is open.

From interpret.py; to accounts/standing.py, accounts/enforcement.py and socket_rates.py. A session is a request and a
call like any other: its plan has the API, it is counted in the hour and among the rooms at once, and lasts as a call
may.
"""

import asyncio
import secrets
from typing import NoReturn, Self

import structlog
from starlette.websockets import WebSocket

from dragoman.accounts.rate_limits import Asking, RouteClass
from dragoman.accounts.standing import Known
from dragoman.ground.errors import StoreError
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.live_rooms import the_live_of
from dragoman.services.api.parts import parts_of
from dragoman.services.api.request_limits import count_socket_over, rate_limits_of, too_many
from dragoman.services.api.socket_rates import socket_rates_of

log = structlog.get_logger()

CHECK_EVERY_S = 1.5
"""What another process changed is known here three seconds later: who may no longer is out within five."""


class SocketAccount:
    """Of one session; made by ``of``."""

    def __init__(self, websocket: WebSocket, known: Known, secret: str, *, priority: int) -> None:
        self._accounts = accounts_of(websocket)
        self._live = the_live_of(websocket)
        self._rates = rate_limits_of(websocket)
        self._parts = parts_of(websocket)
        self._clock = self._parts.clock
        self._known = known
        self._secret = secret
        self.priority = priority
        """By the plan of whose it is, among work of one kind."""
        self._call = f"socket-{secrets.token_hex(8)}"
        """Stands for a room among the calls of its owner."""
        self._began_s = self._clock()

    @classmethod
    async def of(cls, websocket: WebSocket, secret: str) -> Self:
        """Say whose ``secret`` is, and count the session as one request of theirs, its messages for all their teams.

        In which teams somebody is was asked when the session began; who leaves one is counted there until it ends.
        Raises ``NotSignedIn``, ``AccountDisabled``, ``LimitReached``, ``TooManyRequests``, ``StoreUnavailable``.
        """
        accounts = accounts_of(websocket)
        known = await accounts.standing.of(secret)
        granted = await accounts.limits.granted(known.user_id)
        granted.require("api")
        asking = Asking(
            route=RouteClass.JOIN,
            address=None,  # counted at the handshake
            user_id=known.user_id,
            most_per_hour=granted.limits.requests_per_hour,
        )
        verdict = rate_limits_of(websocket).take(asking)
        if not verdict.granted:
            raise too_many(verdict, granted)
        socket_rates_of(websocket).count_for({it.team.id for it in await accounts.teams.of_user(known.user_id)})
        return cls(websocket, known, secret, priority=granted.priority)

    def takes_message(self) -> bool:
        """Count one message; False if all sockets of its user together send too many."""
        takes = self._rates.takes_message_of_user(self._known.user_id)
        if not takes:
            count_socket_over(self._parts, "user")
        return takes

    async def begin(self) -> None:
        """Take one of the user's rooms at once; ``end`` is owed for it. Raises ``LimitReached``, ``StoreError``."""
        self._live.sockets.add(self._call)
        try:
            await self._accounts.limits.open_call(self._call, self._known.user_id)
        except BaseException:
            await self.end()  # it may have been written down although no answer came
            raise
        self._began_s = self._clock()

    async def end(self) -> None:
        """Give it back. Where the database is away it is given back with the calls that were forgotten."""
        self._live.sockets.discard(self._call)
        try:
            await self._accounts.limits.close_call(self._call)
        except StoreError as error:
            log.warning("call_not_stored", code=error.code)

    async def until_refused(self) -> NoReturn:
        """Wait until the session may not go on. Raises ``NotSignedIn``, ``AccountDisabled``, ``LimitReached``.

        While the database is away it goes on.
        """
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self._check()
            except StoreError as error:
                log.warning("socket_not_checked", code=error.code)

    async def _check(self) -> None:
        limits = self._accounts.limits
        await self._accounts.standing.still(self._known, self._secret)
        granted = await limits.granted(self._known.user_id)
        granted.require("api")
        granted.check("room_minutes", int((self._clock() - self._began_s) // 60) + 1)
        if await limits.call_in(self._call) is None:  # another process took it for forgotten
            await limits.open_call(self._call, self._known.user_id)
