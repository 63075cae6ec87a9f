"""Ports for servers that a test or a benchmark starts."""

import random
import socket


def free_ports(count: int) -> list[int]:
    """Find ports that nobody has, for TCP and UDP on every address.

    They are below those that the system hands out by itself (from 32768): a connection of somebody else may have such a
    port by the time it is wanted. They are held together, so that they differ.
    """
    held: dict[int, tuple[socket.socket, socket.socket]] = {}
    chooser = random.SystemRandom()
    try:
        while len(held) < count:
            port = chooser.randrange(20_000, 32_768)
            tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
            try:
                tcp.bind(("", port))
                udp.bind(("", port))
            except OSError:
                tcp.close()
                udp.close()
            else:
                held[port] = (tcp, udp)
        return list(held)
    finally:
        for pair in held.values():
            for each in pair:
                each.close()
