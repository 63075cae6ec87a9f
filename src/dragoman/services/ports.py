"""Take a port to listen on, or say clearly that it is taken and which setting changes it. To serve.py and up.py."""

import errno
import socket

from dragoman.ground.errors import SettingsInvalid

BACKLOG = 128


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """Open a listening socket. Raises ``SettingsInvalid`` that names ``setting`` if the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Connections of a process that was killed may still be closing; a program that listens is still refused.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        what = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise SettingsInvalid(
            f"port {port} of {host} {what}; choose another: {setting} in dragoman.toml, "
            f"or the variable DRAGOMAN_{setting.upper()}"
        ) from error
    return listener


def check_free(host: str, port: int, *, setting: str) -> None:
    """Raise ``SettingsInvalid`` as ``listen`` would."""
    listen(host, port, setting=setting).close()
