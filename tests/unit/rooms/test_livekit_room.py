"""Whoever is called off while a room is joined or left leaves nothing of it behind."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from livekit import rtc

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.key_pair import make_keys
from dragoman.rooms.livekit_room import GIVEN_UP_S, LEFT, LiveKitRoom
from dragoman.rooms.tokens import interpreter_token

VI = Language("vi")
CAPTION = Caption(
    segment="an.1", speaker="an", language=VI, source_language=VI, text="xin", start_s=0.0, end_s=1.0, final=True, seq=1
)


class Connection:
    """Stands for ``rtc.Room``: stands after ``joins_after_s``, and keeps what was asked of it."""

    def __init__(self, *, joins_after_s: float = 0.0) -> None:
        self.asked: list[str] = []
        self.handlers: dict[str, Callable[..., None]] = {}
        self.name, self.metadata = "room", ""
        self.creation_time = datetime.now(UTC)
        self.local_participant = SimpleNamespace(set_track_subscription_permissions=lambda **permissions: None)
        self.remote_participants: dict[str, rtc.RemoteParticipant] = {}
        self._joins_after_s = joins_after_s

    def on(self, event: str, handler: Callable[..., None]) -> None:
        self.handlers[event] = handler

    async def connect(self, url: str, token: str, options: rtc.RoomOptions) -> None:
        await asyncio.sleep(self._joins_after_s)
        self.asked.append("joined")

    async def disconnect(self) -> None:
        await asyncio.sleep(0.1)
        self.asked.append("left")


def room_over(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> LiveKitRoom:
    monkeypatch.setattr(rtc, "Room", lambda: connection)
    return LiveKitRoom(url="ws://sfu", token=interpreter_token(make_keys(), room="room"))


@pytest.mark.parametrize("joins_after_s", [3.0, GIVEN_UP_S + 2.0])
@pytest.mark.parametrize("times", [1, 2])
def test_who_is_called_off_while_joining_leaves_once_joined_even_if_called_off_again(
    monkeypatch: pytest.MonkeyPatch, joins_after_s: float, times: int
) -> None:
    async def scene() -> list[str]:
        connection = Connection(joins_after_s=joins_after_s)
        joining = asyncio.create_task(room_over(connection, monkeypatch).__aenter__())
        for _ in range(times):
            await asyncio.sleep(1.0)
            joining.cancel()
        await asyncio.wait([joining])
        assert joining.cancelled()
        await asyncio.sleep(60)
        return connection.asked

    assert run_in_virtual_time(scene) == ["joined", "left"]


def test_who_is_called_off_while_the_last_captions_go_out_leaves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> tuple[list[str], str | None, float]:
        connection = Connection()
        room = room_over(connection, monkeypatch)
        inside = asyncio.Event()

        async def stay() -> None:
            async with room:
                connection.handlers["reconnecting"]()  # nothing goes out any more
                await room.publish(CAPTION, readers=frozenset({"an"}))
                inside.set()

        staying = asyncio.create_task(stay())
        await inside.wait()
        await asyncio.sleep(0.1)
        called_off_s = asyncio.get_running_loop().time()
        staying.cancel()
        await asyncio.wait([staying])
        assert staying.cancelled()
        return connection.asked, room.end_reason, asyncio.get_running_loop().time() - called_off_s

    asked, end_reason, took_s = run_in_virtual_time(scene)

    assert (asked, end_reason) == (["joined", "left"], LEFT)
    assert took_s < 1.0
