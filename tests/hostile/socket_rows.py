"""The WebSocket routes of the authorization matrix as data: whom each opens for, and what the others are told.

A socket without a row fails test_authorization.py. To add one: its first message, and who gets ``OPENED`` or a code.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message
from tests.api_house import HOME, Clock
from tests.hostile.authorization_world import Caller, World

OPENED = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketRow:
    who: Mapping[Caller, str]
    first: Mapping[str, Any] = field(default_factory=dict)
    """What a client says first."""


_NOBODY = dict.fromkeys((Caller.ANONYMOUS, Caller.GUEST, Caller.HOST, Caller.DISABLED), "not_signed_in")

SOCKETS: dict[str, SocketRow] = {
    "WS /api/v1/interpret": SocketRow(
        who=dict.fromkeys(Caller, OPENED) | _NOBODY, first={"speaks": "vi", "reads": ["en"], "listens": []}
    ),
}


async def answer_to(world: World, caller: Caller, path: str, first: Mapping[str, Any]) -> str:
    """Open a socket as ``caller``, a minute after the one before, and leave: ``OPENED``, a code, or a status."""
    clock = world.site.parts.clock
    assert isinstance(clock, Clock)
    clock.now_s += 60
    said: asyncio.Queue[Message] = asyncio.Queue()
    for message in ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps(first)}):
        said.put_nowait(message)
    heard: list[str] = []

    async def send(message: Message) -> None:
        match message["type"]:
            case "websocket.send" if "text" in message:
                told = json.loads(message["text"])
                heard.append(told["code"] if told["type"] == "error" else told["type"])
            case "websocket.http.response.start":
                heard.append(f"status {message['status']}")
            case "websocket.close":
                heard.append(f"closed {message['code']}")
        if heard:
            said.put_nowait({"type": "websocket.disconnect", "code": 1000})

    headers = {"host": HOME.removeprefix("http://"), **world.clients[caller].headers}
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 5000),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    await world.site.app(scope, said.get, send)
    return heard[0]
