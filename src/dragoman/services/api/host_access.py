"""Who may make rooms: whoever sits at this machine, and whoever knows the host password. To rooms.py.

A link to a room is an invitation by itself (``meetings/invitations.py``); the password is for making new ones.
"""

import hmac

from starlette.requests import HTTPConnection

from dragoman.meetings.errors import NotAllowed
from dragoman.services.api.parts import ApiParts, count_against, is_loopback

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Headers of proxies and tunnels: what they bring to loopback comes from somewhere else."""


def takes_password(parts: ApiParts, request: HTTPConnection) -> bool:
    """Say whether making a room takes the host password of whoever sends ``request``."""
    return parts.host_password is not None and not is_local(parts, request)


def is_local(parts: ApiParts, request: HTTPConnection) -> bool:
    """Say whether a request comes from this machine itself: by loopback, under a name of it, brought by nobody."""
    return (
        request.client is not None
        and is_loopback(request.client.host)
        and origin_of(request) in parts.local_origins
        and not any(name in request.headers for name in _PASSED_ON)
    )


def check_password(parts: ApiParts, request: HTTPConnection, given: str) -> None:
    """Raise ``NotAllowed`` for a wrong host password where one is due, ``TooManyRequests`` for too many in a row.

    The right one counts too: it must not be let through while guesses are held up.
    """
    wanted = parts.host_password
    if wanted is None or is_local(parts, request):
        return
    if given:
        count_against(parts, request, parts.password_tries)
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotAllowed("making a room on this server takes the host password, which stands where it was started")


def link_to(parts: ApiParts, request: HTTPConnection, path: str) -> str:
    """Give the address of ``path`` that other people can open."""
    own = origin_of(request)
    return f"{parts.link_origin if own in parts.local_origins and parts.link_origin else _seen(parts, own)}{path}"


def origin_of(request: HTTPConnection) -> str:
    """Give the origin that a request was sent to, as the server sees it."""
    scheme = {"ws": "http", "wss": "https"}.get(request.url.scheme, request.url.scheme)
    return f"{scheme}://{request.headers.get('host', '').lower()}"


def origin_as_seen(parts: ApiParts, request: HTTPConnection) -> str:
    """Give the origin that a request was sent to, as the browser sees it."""
    return _seen(parts, origin_of(request))


def _seen(parts: ApiParts, own: str) -> str:
    """Give the origin as the browser sees it: a proxy in front speaks https there and http here."""
    same_host = parts.public_origin.partition("://")[2] == own.partition("://")[2]
    return parts.public_origin if parts.public_origin and same_host else own
