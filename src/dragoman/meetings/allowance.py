"""How often one address may ask: a token bucket for each. A plain class; to the API.

Addresses of IPv6 count by their /64, which one household has. Source: token bucket, RFC 2697's idea with one rate.
"""

import ipaddress
from collections import OrderedDict

MAX_ADDRESSES = 10_000
"""Remembered at once; the one not seen for longest is forgotten, which only ever gives it a full bucket."""


class Allowance:
    """``burst`` requests at once, then ``per_minute``."""

    def __init__(self, *, burst: int, per_minute: float) -> None:
        self._burst = float(burst)
        self._per_s = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, *, at_s: float) -> float:
        """Take one token: 0 if there was one, else how many seconds until there is."""
        key = _household(address)
        left, seen_s = self._buckets.pop(key, (self._burst, at_s))
        left = min(self._burst, left + (at_s - seen_s) * self._per_s)
        granted = left >= 1
        self._buckets[key] = (left - 1 if granted else left, at_s)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - left) / self._per_s


def _household(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
