"""The network of an address: one household or office, as far as one can tell. To tries and sessions."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


@lru_cache(maxsize=4096)
def network_of(address: str, *, v4_bits: int = 24, v6_bits: int = 64) -> str:
    """Give ``192.0.2.0/24`` or ``2001:db8::/64``; what is no address as it is, up to 64 letters."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or IPv6Address(int(parsed))  # without its zone
    bits = v4_bits if isinstance(parsed, IPv4Address) else v6_bits
    return str(ip_network((parsed, bits), strict=False))
