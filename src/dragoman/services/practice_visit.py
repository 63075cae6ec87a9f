"""``dragoman practice``: come into a room of a running site as anybody with the link does, and give the talk.

From cli.py; what is said, and how, is practice.py's, as with the page's button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx2

from dragoman.ground.errors import WireError
from dragoman.ground.languages import Language
from dragoman.meetings.errors import MeetingError, RoomNotFound
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.services.practice import NAME, give_talk, practice_choices
from dragoman.wire.fields import Fields

ANSWER_WITHIN_S = 10.0
ROOM_PATH = "/r/"
"""Of the page that joins a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAddress:
    """Where a room is."""

    origin: str
    """Of the site, such as ``http://127.0.0.1:8000``."""
    room: str

    @property
    def signalling_url(self) -> str:
        return self.origin.replace("http", "ws", 1)


def find_room(text: str, *, here: str) -> RoomAddress:
    """Read a room's id, of the site at ``here``, or the link that people join by. Raises ``RoomNotFound``."""
    if "/" not in text:
        return RoomAddress(origin=here, room=text)
    link = urlsplit(text)
    room = link.path.removeprefix(ROOM_PATH).rstrip("/")
    if link.scheme not in ("http", "https") or not link.netloc or not link.path.startswith(ROOM_PATH) or "/" in room:
        raise RoomNotFound(f"{text} is no link to a room; it looks like {here}{ROOM_PATH}ROOM")
    return RoomAddress(origin=f"{link.scheme}://{link.netloc}", room=room)


async def visit(
    address: RoomAddress, language: Language, *, again_and_again: bool, on_joined: Callable[[], None]
) -> None:
    """Join, speak, and leave. Raises ``RoomUnavailable`` if no site answers, and a ``MeetingError`` if it refuses."""
    token = await _join(address, language)
    on_joined()
    await give_talk(language, url=address.signalling_url, token=token, again_and_again=again_and_again)


async def _join(address: RoomAddress, language: Language) -> str:
    """Give the token that opens the media server's door."""
    choices = practice_choices(language)
    body = {"name": NAME, "speaks": choices.speaks, "reads": None, "listens": None, "consent": choices.consents}
    try:
        async with httpx2.AsyncClient(base_url=address.origin, timeout=ANSWER_WITHIN_S, trust_env=False) as client:
            answer = await client.post(f"/api/v1/rooms/{quote(address.room, safe='')}/join", json=body)
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        raise RoomUnavailable(_nobody_at(address.origin)) from error
    try:
        fields = Fields(answer.json(), of="the site's answer")
        if answer.is_success:
            return fields.text("token")
        detail = fields.text("detail")
    except (ValueError, WireError) as error:
        raise RoomUnavailable(f"what answers at {address.origin} is no site of Dragoman") from error
    raise MeetingError(detail)


def _nobody_at(origin: str) -> str:
    if origin.startswith("https:"):
        return (
            f"no site answers at {origin}, or its certificate is not known here; on the machine that it runs on give "
            "the room's id instead of the link"
        )
    return f"no site answers at {origin}; start it with: dragoman up"
