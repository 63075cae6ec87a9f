"""How often one WebSocket may send: by itself, its address, and the teams that it belongs to. From request_limits.py.

To accounts/rate_limits.py and accounts/team_sockets.py. The signalling of a call belongs to the team of its room, which
its token names; an interpreting socket to the teams of whose it is, as socket_account.py says. That one's user is
counted there too.
"""

from collections.abc import Callable, Set
from contextlib import suppress
from typing import Literal

import jwt
from jwt.types import Options
from starlette.requests import HTTPConnection

from dragoman.accounts.rate_limits import RateLimits, SocketMessages
from dragoman.accounts.team_sockets import NO_TEAMS, TeamSockets
from dragoman.services.api.parts import bearer
from dragoman.services.api.signalling import PATHS

Limit = Literal["socket", "address", "user", "team"]

_STATE = "socket_rates"
_AT_ANY_TIME: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class SocketRates:
    """Of one socket; ``close`` is owed for it."""

    def __init__(
        self,
        messages: SocketMessages,
        *,
        address: str,
        limits: RateLimits,
        teams: TeamSockets,
        team_of_room: Callable[[], str | None] | None = None,
    ) -> None:
        """``team_of_room``: for the signalling of a call. Asked at every message, for a room may change its team, and
        just after a start it is not known yet."""
        self._messages = messages
        self._address = address
        self._limits = limits
        self._teams = teams
        self._team_of_room = team_of_room

    def count_for(self, team_ids: Set[str]) -> None:
        """Count the socket in these teams from now on."""
        self._teams.place(self._messages, team_ids)

    def over(self) -> Limit | None:
        """Count a message; say which limit has no room for it, or None."""
        if self._team_of_room is not None:
            team_id = self._team_of_room()
            self.count_for(NO_TEAMS if team_id is None else {team_id})
        if not self._messages.take():
            return self._leave("socket")
        if not self._limits.takes_message_of_address(self._address):
            return self._leave("address")
        return None if self._teams.takes_message(self._messages) else "team"

    def close(self) -> None:
        self.count_for(NO_TEAMS)

    def _leave(self, limit: Limit) -> Limit:
        self._teams.leaves(self._messages)
        return limit


def put_socket_rates(connection: HTTPConnection, rates: SocketRates) -> None:
    setattr(connection.state, _STATE, rates)


def socket_rates_of(connection: HTTPConnection) -> SocketRates:
    """Give what counts the messages of this socket, in an app with accounts."""
    rates: SocketRates = getattr(connection.state, _STATE)
    return rates


def room_of_signalling(connection: HTTPConnection, *, key: str, secret: str) -> str | None:
    """Give the room that a signalling socket is about, by its token, if ``key`` and ``secret`` have signed that.

    The token is looked for where the media server does: in the header, then in the query; who says several is counted
    by the first that is ours. Whether it is still good in time is for the media server to say.
    """
    if connection.scope["path"] not in PATHS or not secret:
        return None
    for token in (bearer(connection), *connection.query_params.getlist("access_token")):
        with suppress(jwt.InvalidTokenError):
            match jwt.decode(token, secret, algorithms=["HS256"], issuer=key, options=_AT_ANY_TIME):
                case {"video": {"room": str(room)}}:
                    return room
    return None
