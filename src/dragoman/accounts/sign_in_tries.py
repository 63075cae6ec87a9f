"""How often somebody may try to sign in. To sign_in.py.

Tries are counted for each account from each network, so that who guesses from elsewhere does not lock its owner out,
and for each network over all accounts. Who is held up once stays so until old tries are forgotten.
"""

import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dragoman.accounts.networks import network_of
from dragoman.ground.errors import TooManyRequests
from dragoman.ground.facts import Facts, Rated, Scope

WINDOW = timedelta(minutes=15)
TRIES_OF_ACCOUNT = 10
"""For one account, from one network."""
TRIES_OF_NETWORK = 60
"""From one network, an office perhaps, for all accounts."""
MOST_KEYS = 20_000
"""Remembered at once; the longest unused go first."""


@dataclass(slots=True)
class MovingWindow:
    """Lets ``most`` things happen within ``WINDOW``, for each key."""

    most: int
    most_keys: int = MOST_KEYS
    _seen: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def wait(self, key: str, *, at: datetime) -> timedelta:
        """Say how long until one more may happen; zero for now. Counts nothing."""
        seen = self._seen.get(key)
        if seen is None:
            return timedelta()
        while seen and not at - WINDOW < seen[0] <= at:  # a clock that was put back holds nobody up
            seen.popleft()
        return seen[0] + WINDOW - at if len(seen) >= self.most else timedelta()

    def count(self, key: str, *, at: datetime) -> None:
        self._seen.setdefault(key, deque(maxlen=self.most)).append(at)
        self._seen.move_to_end(key)
        if len(self._seen) > self.most_keys:
            self._seen.popitem(last=False)

    def forget(self, key: str) -> None:
        self._seen.pop(key, None)


class SignInTries:
    """Tries in the memory of one process; one that begins is reminded by ``recall`` of those before it."""

    def __init__(self, *, of_account: int = TRIES_OF_ACCOUNT, of_network: int = TRIES_OF_NETWORK) -> None:
        self._accounts = MovingWindow(of_account)
        self._networks = MovingWindow(of_network)

    def count(self, email: str, address: str, *, at: datetime) -> None:
        """Count a try, the right password included. Raises ``TooManyRequests``, the same for accounts that are none."""
        network = network_of(address)
        account = _account_key(email, network)
        wait = max(self._accounts.wait(account, at=at), self._networks.wait(network, at=at))
        if wait > timedelta():
            raise TooManyRequests(
                f"too many tries to sign in from here; try again in {-(-wait // timedelta(minutes=1))} min",
                retry_after_s=int(wait.total_seconds()) + 1,
                facts=Facts(limit=Rated.SIGN_IN, scope=Scope.ADDRESS),
            )
        self._accounts.count(account, at=at)
        self._networks.count(network, at=at)

    def recall(self, email: str, address: str, *, at: datetime) -> None:
        """Count a refused try that another process saw; an account that there is not counts for its network alone."""
        network = network_of(address)
        if email:
            self._accounts.count(_account_key(email, network), at=at)
        self._networks.count(network, at=at)

    def succeeded(self, email: str, address: str) -> None:
        """Forget the tries for an account from a network from which its owner just came in."""
        self._accounts.forget(_account_key(email, network_of(address)))


def _account_key(email: str, network: str) -> str:
    """No address of anybody is kept in memory longer than its request."""
    return hashlib.sha256(f"{network} {email}".encode("utf-8", "replace")).hexdigest()
