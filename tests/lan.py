"""A network of two machines on this one: network namespaces joined by a cable (veth), and nothing else in them.

Made as root, or in a user namespace where this user may have one. The first has the server's address, the second the
guest's; neither has a way to anywhere else.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER, GUEST = "10.77.7.1", "10.77.7.2"
MADE_WITHIN_S = 20.0
BURST_BYTES = 3_000
"""Of a narrow cable: two full packets."""
QUEUE_MS = 150
"""What would wait for longer before a narrow cable is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lan:
    """Commands to put before another one, so that it runs there."""

    server: tuple[str, ...]
    guest: tuple[str, ...]

    @contextmanager
    def narrowed(self, kbit_s: int) -> Iterator[None]:
        """Let that much pass in each direction, as a poor mobile network does, by Linux's token bucket (tc-tbf)."""
        bucket = ("tbf", "rate", f"{kbit_s}kbit", "burst", str(BURST_BYTES), "latency", f"{QUEUE_MS}ms")
        for there in (self.server, self.guest):
            configure(there, "tc", "qdisc", "add", "dev", "cable", "root", *bucket)
        try:
            yield
        finally:
            for there in (self.server, self.guest):
                configure(there, "tc", "qdisc", "delete", "dev", "cable", "root")

    @contextmanager
    def unplugged(self) -> Iterator[None]:
        """Let nothing pass."""
        do(self.guest, "link", "set", "cable", "down")
        try:
            yield
        finally:
            do(self.guest, "link", "set", "cable", "up")


@contextmanager
def lan() -> Iterator[Lan]:
    """Make the network. Ending its two keepers takes it away."""
    own_user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    keepers: list[subprocess.Popen[bytes]] = []
    try:
        keepers.append(keep(("unshare", *own_user, "--net")))
        server = inside(keepers[0], own_user=bool(own_user))
        keepers.append(keep((*server, "unshare", "--net"), unlike=keepers[0]))
        guest = inside(keepers[1], own_user=bool(own_user))
        do(server, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(keepers[1].pid))
        for there, address in ((server, SERVER), (guest, GUEST)):
            do(there, "address", "add", f"{address}/24", "dev", "cable")
            do(there, "link", "set", "lo", "up")
            do(there, "link", "set", "cable", "up")
        yield Lan(server=server, guest=guest)
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.wait(10)


@contextmanager
def machine() -> Iterator[tuple[str, ...]]:
    """Make one machine without any cable; gives the command to put before another one."""
    own_user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    keeper = keep(("unshare", *own_user, "--net"))
    try:
        there = inside(keeper, own_user=bool(own_user))
        do(there, "link", "set", "lo", "up")
        yield there
    finally:
        keeper.kill()
        keeper.wait(10)


def keep(before: Sequence[str], *, unlike: subprocess.Popen[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start a process that does nothing in a network namespace of its own, and wait until it is there."""
    keeper = subprocess.Popen([*before, "sleep", "infinity"])
    others = {network_of(os.getpid())} | ({network_of(unlike.pid)} if unlike else set())
    until_s = time.monotonic() + MADE_WITHIN_S
    while network_of(keeper.pid) in others or b"sleep" not in Path(f"/proc/{keeper.pid}/cmdline").read_bytes()[:6]:
        assert keeper.poll() is None, "network namespaces cannot be made here; root may, and users where it is allowed"
        assert time.monotonic() < until_s
        time.sleep(0.01)
    return keeper


def inside(keeper: subprocess.Popen[bytes], *, own_user: bool) -> tuple[str, ...]:
    user = ("--user", "--preserve-credentials") if own_user else ()
    return ("nsenter", "--target", str(keeper.pid), *user, "--net", "--")


def network_of(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def do(there: Sequence[str], *arguments: str) -> None:
    """Configure the network with ``ip``."""
    configure(there, "ip", *arguments)


def configure(there: Sequence[str], *command: str) -> None:
    """Run one of the commands of iproute2 there."""
    subprocess.run([*there, *command], check=True, timeout=MADE_WITHIN_S, capture_output=True)
