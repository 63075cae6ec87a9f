"""The ways into this server: where it listens, what it is called there, and where media goes. Plain values.

One door is on this machine (plain http, loopback), one on its networks (https), and a proxy or tunnel of somebody else
may stand in front (``public_address``). From settings and addresses.py; to serve_api.py, processes.py and welcome.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from dragoman.services.addresses import machine_names
from dragoman.settings import Settings

LOOPBACK = IPv4Address("127.0.0.1")
EVERYWHERE = "0.0.0.0"  # noqa: S104  only with a certificate of one's own
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where people come in. An origin is ``scheme://host[:port]`` in lower case, as browsers write it."""

    local: tuple[str, ...]
    """Origins of this machine itself, where it is served on loopback; the first is the one to print."""
    plain: tuple[str, ...]
    """Origins of plain http beyond loopback, where ``api_host`` says so; browsers give no microphone to them."""
    secure: tuple[str, ...]
    """Origins of https; the first is the one to print."""
    listen: tuple[str, ...]
    """Addresses that https is served on; none for no https."""
    public: str
    """Origin of what stands in front; empty for nothing."""
    media: IPv4Address
    """The address that clients send sound and pictures to; loopback for calls on this machine alone."""
    media_interfaces: tuple[IPv4Address, ...]
    """Addresses of this machine beyond loopback that sound and pictures arrive at."""

    @property
    def origins(self) -> frozenset[str]:
        """Every name that is answered to."""
        return frozenset((*self.local, *self.plain, *self.secure, *([self.public] if self.public else [])))

    @property
    def open_to_others(self) -> bool:
        """Somebody who is not at this machine may come in."""
        return bool(self.plain or self.listen or self.public)

    @property
    def link_origin(self) -> str:
        """Where people from elsewhere come in; empty for nowhere."""
        return self.public or next(iter(self.secure), "")


def plan_doors(settings: Settings, *, certified: Sequence[str] = (), addresses: Sequence[IPv4Address]) -> Doors:
    """Decide where to listen and what to be called. ``addresses`` are this machine's, the main one first.

    ``certified`` are the names of a certificate of one's own.
    """
    # A certificate of one's own is for machines anywhere; one made here is for this network alone.
    private = tuple(address for address in addresses if not address.is_global)
    listen = _listen(settings, private)
    hosts = [name for name in certified if not name.startswith("*.")]
    if listen and settings.lan:
        hosts += [*([settings.https_host] if settings.https_host else map(str, private)), *machine_names()]
    plain_hosts = _plain_hosts(settings.api_host, addresses)
    plain = tuple(dict.fromkeys(origin("http", host, settings.api_port) for host in plain_hosts))
    local_hosts = [settings.api_host] * (not plain) + ["127.0.0.1", "localhost"] * _has_loopback(settings.api_host)
    beyond = bool(listen or plain or settings.public_address or settings.media_address)
    interfaces = _interfaces(settings, addresses if settings.tls_certificate or settings.public_address else private)
    return Doors(
        local=tuple(dict.fromkeys(origin("http", host, settings.api_port) for host in local_hosts)),
        plain=plain,
        secure=tuple(dict.fromkeys(origin("https", host, settings.https_port) for host in hosts)),
        listen=listen,
        public=settings.public_address.lower(),
        media=settings.media_address or (interfaces[0] if beyond and interfaces else LOOPBACK),
        # Firefox sends nothing to loopback, also from the same machine (docs/decisions/0013).
        media_interfaces=interfaces,
    )


def origin(scheme: str, host: str, port: int) -> str:
    """Write an origin as browsers do: no port where it is the usual one, brackets around IPv6."""
    written = f"[{host}]" if ":" in host else host.lower()
    return f"{scheme}://{written}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{written}:{port}"


def reached_at(host: str) -> str:
    """Say where this machine reaches what listens on ``host``: there, or on loopback if it listens everywhere."""
    address = _address(host)
    if address is None or not address.is_unspecified:
        return host
    return str(LOOPBACK) if address.version == 4 else "::1"


def api_for_processes(settings: Settings) -> str:
    """Give the address of the API for the other processes of this machine."""
    return origin("http", reached_at(settings.api_host), settings.api_port)


def _listen(settings: Settings, private: Sequence[IPv4Address]) -> tuple[str, ...]:
    if not (settings.lan or settings.tls_certificate):
        return ()
    if settings.https_host:
        return (settings.https_host,)
    return (EVERYWHERE,) if settings.tls_certificate else tuple(map(str, private))


def _interfaces(settings: Settings, addresses: Sequence[IPv4Address]) -> tuple[IPv4Address, ...]:
    """Say where media arrives: at the address itself, or behind a router that passes it on, at the main one.

    Somebody who sets loopback wants no other.
    """
    wanted = settings.media_address
    if wanted is not None and wanted.is_loopback:
        return ()
    return (wanted,) if wanted is not None and wanted in addresses else tuple(addresses[:1])


def _plain_hosts(api_host: str, addresses: Sequence[IPv4Address]) -> list[str]:
    """Name what plain http is served on beyond loopback."""
    address = _address(api_host)
    if api_host == "localhost" or (address is not None and address.is_loopback):
        return []
    everywhere = address is not None and address.is_unspecified
    return [api_host, *(map(str, addresses) if everywhere else ())]


def _has_loopback(api_host: str) -> bool:
    """Say whether what listens on ``api_host`` is reached by the names of loopback."""
    address = _address(api_host)
    return api_host == "localhost" or (address is not None and (address.is_loopback or address.is_unspecified))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
