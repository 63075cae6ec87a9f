"""What this machine is called on its networks: addresses and names. To doors.py and certificate.py.

Only the kernel is asked; nothing is sent to find out.
"""

import fcntl
import re
import socket
import struct
from ipaddress import IPv4Address

_SIOCGIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8915
_UP_AND_RUNNING = 0x1 | 0x40
"""IFF_UP and IFF_RUNNING (netdevice(7)): a bridge of containers that nobody is in does not run."""
_REQUEST_BYTES, _ANSWER_AT = 256, 16
_ELSEWHERE = ("192.0.2.1", 9)
"""Of the block for documentation (RFC 5737): a route to it is the route to the rest of the world."""
_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def local_addresses() -> tuple[IPv4Address, ...]:
    """Give this machine's addresses beyond loopback, one of each interface that is up; the main one first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        found = {_address_of(asking, name) for _, name in socket.if_nameindex()}
    usable = {it for it in found if it is not None and not it.is_loopback and not it.is_link_local}
    main = _main_address()
    return tuple(sorted(usable, key=lambda address: (address != main, address)))


def private_addresses() -> tuple[IPv4Address, ...]:
    """Give those of ``local_addresses`` that only people in the same network reach."""
    return tuple(address for address in local_addresses() if not address.is_global)


def machine_names() -> tuple[str, ...]:
    """Give the names that other machines of a home or an office find this one by; none if it has none of its own."""
    name = socket.gethostname().lower().rstrip(".")
    if not _DNS_NAME.fullmatch(name) or name.startswith("localhost"):
        return ()
    first = name.partition(".")[0]
    return tuple(dict.fromkeys([name, f"{first}.local"]))


def _address_of(asking: socket.socket, interface: str) -> IPv4Address | None:
    """Ask for the first address of an interface that is up; None if it has none (netdevice(7))."""
    request = struct.pack(f"{_REQUEST_BYTES}s", interface.encode()[:15])
    try:
        flags = struct.unpack_from("H", fcntl.ioctl(asking, _SIOCGIFFLAGS, request), _ANSWER_AT)[0]
        if flags & _UP_AND_RUNNING != _UP_AND_RUNNING:
            return None
        answer = fcntl.ioctl(asking, _SIOCGIFADDR, request)
    except OSError:
        return None
    return IPv4Address(answer[_ANSWER_AT + 4 : _ANSWER_AT + 8])


def _main_address() -> IPv4Address | None:
    """Give the address that this machine goes out by; None without a network. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as going:
        try:
            going.connect(_ELSEWHERE)
        except OSError:
            return None
        return IPv4Address(going.getsockname()[0])
