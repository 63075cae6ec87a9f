"""Take a port to listen on, or say clearly that it is taken and which setting changes it. To serve.py and up.py."""

import errno
import socket

from dragoman.ground.errors import SettingsInvalid

BACKLOG = 128


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """Open a listening socket. Raises ``SettingsInvalid`` that names ``setting`` if the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio lets small packets go at once only where it is told that this is TCP; held back, each waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Connections of a process that was killed may still be closing; a program that listens is still refused.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _not_to_be_had(host, port, setting, error) from error
    return listener


def check_free(host: str, port: int, *, setting: str) -> None:
    """Raise ``SettingsInvalid`` as ``listen`` would."""
    listen(host, port, setting=setting).close()


def check_free_udp(host: str, port: int, *, setting: str) -> None:
    """Raise ``SettingsInvalid`` if datagrams could not be received."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        try:
            receiver.bind((host, port))
        except OSError as error:
            raise _not_to_be_had(host, port, setting, error) from error


def _not_to_be_had(host: str, port: int, setting: str, error: OSError) -> SettingsInvalid:
    if error.errno == errno.EADDRINUSE:
        what = "is taken by another program, or by a dragoman that runs already"
    elif error.errno == errno.EACCES:
        what = "may not be used by this user (ports below 1024 are root's)"
    else:
        what = f"cannot be used: {error.strerror}"
    return SettingsInvalid(
        f"port {port} of {host} {what}; choose another: {setting} in dragoman.toml, "
        f"or the variable DRAGOMAN_{setting.upper()}"
    )
