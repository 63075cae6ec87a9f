"""What the API asks of the media server. From the resources and watch.py; ``LiveKitCalls`` asks LiveKit."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from livekit.api import LiveKitAPI, TwirpError
from livekit.protocol.agent_dispatch import CreateAgentDispatchRequest
from livekit.protocol.models import ParticipantInfo, TrackSource
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    ListParticipantsRequest,
    ListRoomsRequest,
    MuteRoomTrackRequest,
    RoomParticipantIdentity,
    UpdateParticipantRequest,
    UpdateRoomMetadataRequest,
)

from dragoman.meetings.errors import ParticipantNotFound
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.rooms.livekit_participants import EPOCH

ANSWER_WITHIN_S = 3.0
EMPTY_TIMEOUT_S, DEPARTURE_TIMEOUT_S = 300, 20
ROOM_EXTRA = 8
"""Places beyond ``most_people`` that LiveKit allows: people who reconnect, practice speakers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A person whom the media server sees; interpreters are not among them."""

    identity: str
    name: str
    attributes: dict[str, str]


class CallServer(Protocol):
    """Everything raises ``RoomUnavailable`` if the server does not answer within seconds."""

    async def open_room(self, room: str, *, most_people: int, metadata: str = "") -> None:
        """Make the room; one that is there stays as it is, but for its metadata."""
        ...

    async def tell_room(self, room: str, metadata: str) -> None:
        """Replace what everybody in the room may know of it (``rooms/room_metadata.py``).

        Raises ``ParticipantNotFound`` for a room that is not there yet.
        """
        ...

    async def end_room(self, room: str) -> None:
        """Put everybody out and delete it; a room that is not there is fine."""
        ...

    async def rooms(self) -> dict[str, str]:
        """List the rooms that are there, each with its metadata."""
        ...

    async def people(self, room: str) -> list[Seen]: ...

    async def interpreter_epoch(self, room: str) -> int:
        """Give the epoch of the newest interpreter that is seen in the room; 0 where there is none."""
        ...

    async def send_interpreter(self, room: str, *, epoch: int, last_seq: int) -> None:
        """Ask for an interpreter; whether one comes, its lease tells."""
        ...

    async def change_attributes(self, room: str, identity: str, attributes: Mapping[str, str]) -> None:
        """Raises ``ParticipantNotFound`` for somebody who is not connected."""
        ...

    async def mute(self, room: str, identity: str) -> None:
        """Mute the person's microphone. Raises ``ParticipantNotFound``."""
        ...

    async def remove(self, room: str, identity: str) -> None:
        """Put somebody out; whoever is not there is fine."""
        ...


class LiveKitCalls:
    """See ``CallServer``. Make it on the running loop and close it; ``agent_name`` is what workers register as."""

    def __init__(self, *, url: str, key: str, secret: str, agent_name: str) -> None:
        self._api = LiveKitAPI(url, key, secret, timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S))
        self._agent_name = agent_name

    async def close(self) -> None:
        await self._api.aclose()

    async def open_room(self, room: str, *, most_people: int, metadata: str = "") -> None:
        request = CreateRoomRequest(
            name=room,
            metadata=metadata,
            empty_timeout=EMPTY_TIMEOUT_S,
            departure_timeout=DEPARTURE_TIMEOUT_S,
            max_participants=most_people + ROOM_EXTRA,
        )
        async with _translated():
            await self._api.room.create_room(request)

    async def end_room(self, room: str) -> None:
        async with _translated(missing_is_fine=True):
            await self._api.room.delete_room(DeleteRoomRequest(room=room))

    async def tell_room(self, room: str, metadata: str) -> None:
        async with _translated():
            await self._api.room.update_room_metadata(UpdateRoomMetadataRequest(room=room, metadata=metadata))

    async def rooms(self) -> dict[str, str]:
        async with _translated():
            listed = (await self._api.room.list_rooms(ListRoomsRequest())).rooms
            return {room.name: room.metadata for room in listed}

    async def people(self, room: str) -> list[Seen]:
        return [
            Seen(identity=it.identity, name=it.name, attributes=dict(it.attributes))
            for it in await self._present(room)
            if not _is_agent(it)
        ]

    async def interpreter_epoch(self, room: str) -> int:
        epochs = [it.attributes.get(EPOCH, "") for it in await self._present(room) if _is_agent(it)]
        return max((int(epoch) for epoch in epochs if epoch.isdecimal()), default=0)

    async def _present(self, room: str) -> list[ParticipantInfo]:
        async with _translated(missing_is_fine=True):
            return list((await self._api.room.list_participants(ListParticipantsRequest(room=room))).participants)
        return []

    async def send_interpreter(self, room: str, *, epoch: int, last_seq: int) -> None:
        metadata = json.dumps({"epoch": epoch, "last_seq": last_seq})
        request = CreateAgentDispatchRequest(agent_name=self._agent_name, room=room, metadata=metadata)
        async with _translated():
            await self._api.agent_dispatch.create_dispatch(request)

    async def change_attributes(self, room: str, identity: str, attributes: Mapping[str, str]) -> None:
        request = UpdateParticipantRequest(room=room, identity=identity, attributes=dict(attributes))
        async with _translated():
            await self._api.room.update_participant(request)

    async def mute(self, room: str, identity: str) -> None:
        async with _translated():
            who = await self._api.room.get_participant(RoomParticipantIdentity(room=room, identity=identity))
            for track in who.tracks:
                if track.source == TrackSource.MICROPHONE and not track.muted:
                    await self._api.room.mute_published_track(
                        MuteRoomTrackRequest(room=room, identity=identity, track_sid=track.sid, muted=True)
                    )

    async def remove(self, room: str, identity: str) -> None:
        async with _translated(missing_is_fine=True):
            await self._api.room.remove_participant(RoomParticipantIdentity(room=room, identity=identity))


def _is_agent(participant: ParticipantInfo) -> bool:
    return participant.kind == ParticipantInfo.Kind.AGENT


@asynccontextmanager
async def _translated(*, missing_is_fine: bool = False) -> AsyncIterator[None]:
    """Turn what LiveKit and its client raise into our errors."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S + 1):
            yield
    except TwirpError as error:
        if error.code == "not_found":
            if missing_is_fine:
                return
            raise ParticipantNotFound("nobody of this identity is connected now; join the room again") from error
        raise RoomUnavailable(f"the media server refused: {error.code}") from error
    except (TimeoutError, aiohttp.ClientError) as error:
        raise RoomUnavailable("the media server does not answer; try again in a moment") from error
