"""How often somebody may ask: per address, user and team, by what kind of request it is. Plain.

From request_limits.py of the API. A moving window each; a request that any of them refuses is counted in none, so that
who keeps knocking still gets exactly what is allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.strategies import MovingWindowRateLimiter

from dragoman.accounts.moving_windows import MovingWindows
from dragoman.accounts.networks import network_of
from dragoman.ground.facts import Facts, Rated, Scope

HOUR_S = 3600
REQUESTS_PER_HOUR = "requests-per-hour"
"""The policy of a plan; all others are the machine's."""


class RouteClass(StrEnum):
    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    JOIN = "join"
    """Coming into a call, its lobby included."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in any stretch of ``within_s`` seconds."""

    most: int
    within_s: int


Rates = Mapping[RouteClass, Rate]

# An office of thirty is one address; a page reads some ten times a minute while it is looked at.
ADDRESS_RATES: Rates = MappingProxyType(
    {
        RouteClass.READ: Rate(3600, 60),
        RouteClass.WRITE: Rate(1200, 60),
        RouteClass.SIGN_IN: Rate(120, 900),
        RouteClass.JOIN: Rate(120, 60),
    }
)
USER_RATES: Rates = MappingProxyType(
    {
        RouteClass.READ: Rate(600, 60),
        RouteClass.WRITE: Rate(120, 60),
        RouteClass.SIGN_IN: Rate(30, 900),
        RouteClass.JOIN: Rate(60, 60),
    }
)
TEAM_RATES: Rates = MappingProxyType(
    {
        RouteClass.READ: Rate(3000, 60),
        RouteClass.WRITE: Rate(600, 60),
        RouteClass.SIGN_IN: Rate(300, 900),
        RouteClass.JOIN: Rate(300, 60),
    }
)
SOCKET_RATE = Rate(3000, 10)
"""Messages of one WebSocket: sound in pieces of 20 ms is 500, and who reconnects sends half a minute of it at once."""

ADDRESS_SOCKETS_RATE = Rate(12_000, 10)
USER_SOCKETS_RATE = Rate(6000, 10)
"""Messages of all WebSockets of one address or one user together; those of a team are team_sockets.py's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request, as far as it is counted."""

    route: RouteClass
    address: str | None
    """Of IPv6 its /64 counts. None for what was counted against it before."""
    user_id: str | None = None
    team_id: str | None = None
    most_per_hour: int | None = None
    """What the user's plan allows, if this request counts against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a request passes, and where the window that it is nearest to the end of stands."""

    granted: bool
    policy: str
    """``read-address``, ``write-user``, ``requests-per-hour``."""
    rate: Rate
    left: int
    resets_in_s: float
    """Until the oldest request leaves the window, and one more may come."""

    @property
    def facts(self) -> Facts:
        """Say which window it is, for programs."""
        if self.policy == REQUESTS_PER_HOUR:
            return Facts(
                limit="requests_per_hour", allowed=self.rate.most, within_s=self.rate.within_s, scope=Scope.USER
            )
        rated, _, scope = self.policy.rpartition("-")
        return Facts(limit=Rated(rated), allowed=self.rate.most, within_s=self.rate.within_s, scope=Scope(scope))


@dataclass(frozen=True, slots=True)
class _Window:
    policy: str
    rate: Rate
    key: str

    @property
    def item(self) -> RateLimitItem:
        return RateLimitItemPerSecond(self.rate.most, self.rate.within_s, namespace=self.policy)


class RateLimits:
    """Counts every request. One for a process, and for one thread."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        addresses: Rates = ADDRESS_RATES,
        users: Rates = USER_RATES,
        teams: Rates = TEAM_RATES,
    ) -> None:
        """``clock``: seconds; only grows."""
        self._clock = clock
        self._addresses, self._users, self._teams = addresses, users, teams
        # Apart, so that a crowd of addresses makes nobody's user or team forgotten.
        self._by_address = MovingWindowRateLimiter(MovingWindows(clock))
        self._by_account = MovingWindowRateLimiter(MovingWindows(clock))
        self._messages = MovingWindowRateLimiter(MovingWindows(clock))

    def take(self, asking: Asking) -> Verdict:
        """Count a request, if every window has room for it."""
        refusal = self.refusal(asking)
        if refusal is not None:
            return refusal
        windows = self._windows(asking)
        for limiter, window in windows:
            limiter.hit(window.item, window.key)
        verdicts = [self._verdict(limiter, window, granted=True) for limiter, window in windows]
        return min(verdicts, key=lambda verdict: verdict.left / verdict.rate.most)

    def takes_message_of_address(self, address: str) -> bool:
        """Count a message of a WebSocket, if the address has room for one more."""
        return self._messages.hit(_item(ADDRESS_SOCKETS_RATE), "address", network_of(address, v4_bits=32))

    def takes_message_of_user(self, user_id: str) -> bool:
        """Count a message of a WebSocket, if its user has room for one more."""
        return self._messages.hit(_item(USER_SOCKETS_RATE), "user", user_id)

    def refusal(self, asking: Asking) -> Verdict | None:
        """Say what would refuse a request, without counting it; None for one that passes."""
        for limiter, window in self._windows(asking):
            if not limiter.test(window.item, window.key):
                return self._verdict(limiter, window, granted=False)
        return None

    def _windows(self, asking: Asking) -> list[tuple[MovingWindowRateLimiter, _Window]]:
        route, windows = asking.route, []
        if asking.address is not None:
            address = network_of(asking.address, v4_bits=32)
            windows.append((self._by_address, _Window(f"{route}-address", self._addresses[route], address)))
        if asking.user_id is not None:
            windows.append((self._by_account, _Window(f"{route}-user", self._users[route], asking.user_id)))
            if asking.most_per_hour is not None:
                hourly = Rate(asking.most_per_hour, HOUR_S)
                windows.append((self._by_account, _Window(REQUESTS_PER_HOUR, hourly, asking.user_id)))
            # Who is nobody uses up no team's share.
            if asking.team_id is not None:
                windows.append((self._by_account, _Window(f"{route}-team", self._teams[route], asking.team_id)))
        return windows

    def _verdict(self, limiter: MovingWindowRateLimiter, window: _Window, *, granted: bool) -> Verdict:
        stats = limiter.get_window_stats(window.item, window.key)
        return Verdict(
            granted=granted,
            policy=window.policy,
            rate=window.rate,
            left=max(0, stats.remaining),
            resets_in_s=max(0.0, stats.reset_time - self._clock()),
        )


class SocketMessages:
    """Counts the messages of one WebSocket."""

    def __init__(self, clock: Callable[[], float], rate: Rate = SOCKET_RATE) -> None:
        self._limiter = MovingWindowRateLimiter(MovingWindows(clock))
        self._item = _item(rate)

    def take(self) -> bool:
        """Say whether one more may come now."""
        return self._limiter.hit(self._item)

    @property
    def sent(self) -> int:
        """How many have come in the window that ends now."""
        return self._item.amount - self._limiter.get_window_stats(self._item).remaining


def _item(rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.most, rate.within_s)
