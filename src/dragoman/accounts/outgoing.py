"""Post to an address that people gave, without being led inside. From webhook_deliveries.py.

``webhook_addresses.py`` decides; here names are resolved, the connection goes to the address that was checked, and
the answer is read as far as its status: at most 64 KiB, within 5 s all together, no redirect followed.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from dragoman.accounts.errors import WebhookAddressRefused
from dragoman.accounts.webhook_addresses import Target, check_address

WITHIN_S = 5.0
MAX_ANSWER_BYTES = 64 << 10
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")
_HEADER = re.compile(r"[\x20-\x7e]*")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a name, best first. Raises ``OSError``."""


class DeliveryFailed(Exception):
    """Nothing that came back is an answer. ``reason`` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system, which also knows ``0x7f.1`` and ``2130706433`` for what they are."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolve = resolve,
    trust: ssl.SSLContext | None = None,
    within_s: float = WITHIN_S,
) -> int:
    """Post ``body`` and give the status of the answer.

    ``trust``: the authorities to believe; None for those of the system. Raises ``DeliveryFailed``.
    """
    try:
        async with asyncio.timeout(within_s):
            address = await _checked_address(target, resolve)
            return await _exchange(target, address, _write_request(target, body, headers), trust)
    except TimeoutError as error:
        raise DeliveryFailed("too_slow") from error
    except WebhookAddressRefused as error:
        raise DeliveryFailed("address_refused") from error
    except ssl.SSLError as error:
        raise DeliveryFailed("not_trusted") from error
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed("unreachable") from error


async def _checked_address(target: Target, resolve: Resolve) -> str:
    """Refuse a name of which any address leads inside: which one is taken would be up to whoever answers for it."""
    addresses = await resolve(target.host, target.port)
    if not addresses:
        raise OSError("no address")
    for address in addresses:
        check_address(address, target)
    return addresses[0]


async def _exchange(target: Target, address: str, request: bytes, trust: ssl.SSLContext | None) -> int:
    context = (trust or ssl.create_default_context()) if target.secure else None
    reader, writer = await asyncio.open_connection(
        address,
        target.port,
        ssl=context,
        server_hostname=target.host if context else None,
        limit=MAX_ANSWER_BYTES,
    )
    try:
        writer.write(request)
        await writer.drain()
        return await _read_status(reader)
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()


def _write_request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    own = {"Host": target.host_header, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"POST {target.path} HTTP/1.1"]
    for name, value in {**headers, **own}.items():
        if not _HEADER.fullmatch(value):
            raise ValueError(f"the header {name} would not stay one line")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


async def _read_status(reader: asyncio.StreamReader) -> int:
    """Read up to the end of the headers, past those that only announce the answer (1xx)."""
    left = MAX_ANSWER_BYTES
    while left > 0:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise DeliveryFailed("no_http") from error
        found = _STATUS_LINE.match(head)
        if found is None:
            raise DeliveryFailed("no_http")
        status = int(found[1])
        if status >= 200:
            return status
        left -= len(head)
    raise DeliveryFailed("no_http")
