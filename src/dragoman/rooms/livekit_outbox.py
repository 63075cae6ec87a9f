"""What the interpreter sends into a LiveKit room: captions, the notices in force, and hints about the dubs.

From livekit_room.py. Putting never waits; three tasks send, so that a slow one holds up nobody: captions
(``livekit_caption_lanes.py``), hints and notices.
"""

import asyncio
import json
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from livekit import rtc

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice
from dragoman.rooms.livekit_caption_lanes import RETRY_S, SEND_S, CaptionLanes, in_time
from dragoman.rooms.livekit_notices import NoticeBoard, describe_notices
from dragoman.rooms.livekit_participants import NOTICES
from dragoman.wire.frames import Header

DUB_TOPIC = "dragoman.dub"
"""Lossy: ``{"event": "start"|"end", "speaker", "language", "epoch"}`` to the listeners of a dub."""
UNVOICED_TOPIC = "dragoman.unvoiced"
"""Reliable: ``{"segment", "language", "epoch"}`` to the listeners of the language."""

FLUSH_S = 2.0
MAX_HINTS = 200
"""Hints that wait; the oldest makes room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hint:
    topic: str
    payload: str
    reliable: bool
    receivers: list[str]


class Outbox:
    """Of one participant in one room."""

    def __init__(self, *, me: rtc.LocalParticipant, epoch: int) -> None:
        self._me = me
        self._epoch = epoch
        self._hints: deque[_Hint] = deque(maxlen=MAX_HINTS)
        self._notices = NoticeBoard()
        self._hint_waits = asyncio.Event()
        self._notices_changed = asyncio.Event()
        self._connected = asyncio.Event()
        self._connected.set()
        self._captions = CaptionLanes(me=me, epoch=epoch, connected=self._connected)

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Begin to send; the tasks never end by themselves."""
        return [
            tasks.create_task(self._captions.run(), name="send captions"),
            tasks.create_task(self._send_hints(), name="send hints"),
            tasks.create_task(self._send_notices(), name="send notices"),
        ]

    def pause(self) -> None:
        """The connection is away: what is put waits."""
        self._connected.clear()

    def resume(self) -> None:
        self._connected.set()
        self._notices_changed.set()  # the server may have forgotten our attributes

    async def flush(self) -> None:
        """Wait until the captions are out, two seconds at most."""
        await in_time(FLUSH_S, self._captions.all_sent)

    def put_caption(self, caption: Caption, readers: frozenset[str]) -> None:
        self._captions.put(caption, readers)

    def put_notice(self, notice: Notice) -> None:
        self._notices.put(notice)
        self._notices_changed.set()

    def forget_notices(self, speaker: str) -> None:
        if self._notices.forget(speaker):
            self._notices_changed.set()

    def put_unvoiced(self, *, segment: str, language: Language, listeners: Collection[str]) -> None:
        payload: Header = {"segment": segment, "language": language, "epoch": self._epoch}
        self._put_hint(UNVOICED_TOPIC, payload, listeners, reliable=True)

    def put_sounding(self, *, speaker: str, language: Language, listeners: Collection[str], begins: bool) -> None:
        event = "start" if begins else "end"
        payload: Header = {"event": event, "speaker": speaker, "language": language, "epoch": self._epoch}
        self._put_hint(DUB_TOPIC, payload, listeners, reliable=False)

    def _put_hint(self, topic: str, payload: Header, receivers: Collection[str], *, reliable: bool) -> None:
        if receivers:  # to LiveKit, no receivers mean everybody
            hint = _Hint(topic=topic, payload=json.dumps(payload), reliable=reliable, receivers=sorted(receivers))
            self._hints.append(hint)
            self._hint_waits.set()

    async def _send_hints(self) -> None:
        while True:
            await self._hint_waits.wait()
            self._hint_waits.clear()
            while self._hints:
                hint = self._hints.popleft()

                async def send(hint: _Hint = hint) -> None:
                    await self._me.publish_data(
                        hint.payload,
                        reliable=hint.reliable,
                        destination_identities=hint.receivers,
                        topic=hint.topic,
                    )

                await in_time(SEND_S, send)

    async def _send_notices(self) -> None:
        while True:
            await self._notices_changed.wait()
            self._notices_changed.clear()
            await self._connected.wait()

            async def send() -> None:
                await self._me.set_attributes({NOTICES: describe_notices(self._notices.notices)})

            if not await in_time(SEND_S, send):
                self._notices_changed.set()
                await asyncio.sleep(RETRY_S)
