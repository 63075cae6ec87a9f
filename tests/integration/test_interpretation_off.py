"""Interpretation switched off, and who may not be transcribed: an interpreter's room on a real livekit-server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit import rtc
from tests.livekit_server import Sfu, guest, person, running_livekit

from dragoman.ground.audio import RECOGNITION_RATE, silence
from dragoman.meetings.standing import Standing
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.room_metadata import write_metadata
from dragoman.rooms.tokens import interpreter_token
from dragoman.services.api.call_server import LiveKitCalls

ROOM = "room"
SOUND = silence(0.1, RECOGNITION_RATE)
"""Enough for a microphone to be there."""
ON, OFF = write_metadata(interpretation=True), write_metadata(interpretation=False)


@pytest.fixture
async def sfu(tmp_path: Path) -> AsyncIterator[Sfu]:
    async with running_livekit(tmp_path) as running:
        yield running


@pytest.fixture
async def calls(sfu: Sfu) -> AsyncIterator[LiveKitCalls]:
    """What the API works with."""
    url = sfu.url.replace("ws", "http", 1)
    made = LiveKitCalls(url=url, key=sfu.keys.key, secret=sfu.keys.secret, agent_name="nobody")
    yield made
    await made.close()


class WatchedRoom(LiveKitRoom):
    """The interpreter's room, in which a test can see who is heard."""

    async def until_heard(self, *identities: str) -> None:
        """Wait until the microphones of these people, and of nobody else, are subscribed."""
        async with asyncio.timeout(20):
            while self._heard() != set(identities):  # noqa: ASYNC110  # LiveKit has no event for our own wish
                await asyncio.sleep(0.01)

    def _heard(self) -> set[str]:
        people: list[rtc.RemoteParticipant] = list(self._rtc.remote_participants.values())
        return {it.identity for it in people if any(track.subscribed for track in it.track_publications.values())}


async def test_no_microphone_is_heard_while_interpretation_is_off(sfu: Sfu, calls: LiveKitCalls) -> None:
    await calls.open_room(ROOM, most_people=5, metadata=OFF)
    an, eva = person("an", speaks="vi"), person("eva", speaks="en")

    async with (
        guest(sfu, ROOM, an) as an_there,
        guest(sfu, ROOM, eva) as eva_there,
        WatchedRoom(url=sfu.url, token=interpreter_token(sfu.keys, room=ROOM)) as room,
    ):
        await asyncio.gather(an_there.speak(SOUND), eva_there.speak(SOUND))
        kept = await calls.rooms()
        await room.until_heard()
        await calls.tell_room(ROOM, ON)
        await room.until_heard("an", "eva")
        await calls.tell_room(ROOM, OFF)
        await room.until_heard()
        still_open = room.open_microphones

    assert kept == {ROOM: OFF} and still_open == 0


async def test_who_may_not_be_transcribed_is_not_heard_and_the_others_are(sfu: Sfu, calls: LiveKitCalls) -> None:
    await calls.open_room(ROOM, most_people=5, metadata=ON)
    an, eva = person("an", speaks="vi"), person("eva", speaks="en")

    async with (
        guest(sfu, ROOM, an) as an_there,
        guest(sfu, ROOM, eva) as eva_there,
        WatchedRoom(url=sfu.url, token=interpreter_token(sfu.keys, room=ROOM)) as room,
    ):
        await asyncio.gather(an_there.speak(SOUND), eva_there.speak(SOUND))
        await room.until_heard("an", "eva")
        await calls.change_attributes(ROOM, "an", Standing(transcribed=False).attributes())
        await room.until_heard("eva")
        await calls.change_attributes(ROOM, "an", Standing().attributes())
        await room.until_heard("an", "eva")
