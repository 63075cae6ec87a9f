"""Decide where a webhook may lead: public addresses by https, and nothing inside. Plain; outgoing.py connects.

A name is checked twice: its form when the webhook is made, and every address that it resolves to at every delivery,
where the connection then goes to the very address that was checked.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from dragoman.accounts.errors import WebhookAddressRefused
from dragoman.ground.facts import Facts, Help, Reason

MAX_URL_CHARS = 2000
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_CARRYING_IPV4 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
"""Translated (RFC 6052, RFC 8215) and old compatible addresses: their last 32 bits are reached."""
_GIVEN_OUT = IPv6Network("2000::/3")
"""All of IPv6 that is given out to anybody."""
_NOT_PUBLIC = (ip_network("192.0.0.0/24"), ip_network("2001::/23"), ip_network("3fff::/20"))
"""For protocols and examples (IANA's registries of special purposes), which not every Python knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect and what to ask for there."""

    secure: bool
    host: str
    port: int
    path: str
    """With its query."""
    allowed: bool
    """The server's settings name its origin: it may lead inside."""

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def read_target(url: str, *, allowed_origins: Collection[str] = ()) -> Target:
    """Read the address of a webhook. Raises ``WebhookAddressRefused`` unless it is one of https, without a password.

    ``allowed_origins``, such as ``http://10.0.0.5:8080``, may also be of http and inside.
    """
    if len(url) > MAX_URL_CHARS or not _VISIBLE.fullmatch(url):
        raise WebhookAddressRefused(
            f"an address has up to {MAX_URL_CHARS} visible letters of ASCII",
            facts=Facts(reason=Reason.ADDRESS_TOO_LONG, allowed=MAX_URL_CHARS),
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise WebhookAddressRefused(
            f"this is no address: {error}", facts=Facts(reason=Reason.NOT_AN_ADDRESS)
        ) from error
    if parts.scheme not in ("https", "http") or not _NAME.fullmatch(host) or port == 0:
        raise WebhookAddressRefused(
            "an address looks like https://example.org/dragoman", facts=Facts(reason=Reason.NOT_AN_ADDRESS)
        )
    if parts.username is not None or parts.password is not None:
        raise WebhookAddressRefused(
            "leave name and password out of the address; deliveries are signed",
            facts=Facts(reason=Reason.ADDRESS_WITH_PASSWORD),
        )
    secure = parts.scheme == "https"
    number = port or (443 if secure else 80)
    allowed = (parts.scheme, host, number) in map(_origin, allowed_origins)
    if not secure and not allowed:
        raise WebhookAddressRefused(
            "webhooks are delivered by https only; begin the address with https://",
            facts=Facts(reason=Reason.NOT_HTTPS),
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(secure=secure, host=host, port=number, path=path, allowed=allowed)
    if _is_literal(host):
        check_address(host, target)
    return target


def check_address(address: str, target: Target) -> None:
    """Raise ``WebhookAddressRefused`` for what a name resolved to, if it is not of the public network."""
    if target.allowed:
        return
    if not is_public(address):
        raise WebhookAddressRefused(
            f"{target.host} leads to an address inside a network, where webhooks are not delivered; "
            "whoever runs the server may allow it",
            facts=Facts(reason=Reason.INSIDE_NETWORK, helps=(Help.ASK_ADMIN,)),
        )


def is_public(address: str) -> bool:
    """Say whether an address, with or without a zone, is one of the public network."""
    parsed = ip_address(address.partition("%")[0])
    return all(_is_public(it) for it in _reached(parsed))


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    if address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global


def _reached(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Give the address, or those of IPv4 that it stands for."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if any(address in network for network in _CARRYING_IPV4):
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def _origin(text: str) -> tuple[str, str, int]:
    parts = urlsplit(text)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
