"""What the interpreter sends into a LiveKit room: captions, the notices in force, and hints about the dubs.

From livekit_room.py. Putting never waits; three tasks send, each with its own queue (``livekit_captions.py``), so that
a slow one holds up nobody.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import structlog
from livekit import rtc

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice
from dragoman.rooms.livekit_captions import CAPTION_TOPIC, CaptionQueue, Outgoing, caption_attributes
from dragoman.rooms.livekit_notices import NoticeBoard, describe_notices
from dragoman.rooms.livekit_participants import NOTICES
from dragoman.wire.frames import Header

log = structlog.get_logger()

DUB_TOPIC = "dragoman.dub"
"""Lossy: ``{"event": "start"|"end", "speaker", "language", "epoch"}`` to the listeners of a dub."""
UNVOICED_TOPIC = "dragoman.unvoiced"
"""Reliable: ``{"segment", "language", "epoch"}`` to the listeners of the language."""

SEND_S = 5.0
RETRY_S = 0.5
FINAL_TRIES = 40
"""A restarted SFU is back after seconds; whoever was away longer fetches finals by HTTP."""
FLUSH_S = 2.0
MAX_HINTS = 200
"""Hints that wait; the oldest makes room."""
_SEND_ERRORS = (TimeoutError, rtc.StreamError, rtc.participant.PublishDataError)


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
        self._captions = CaptionQueue()
        self._hints: deque[_Hint] = deque(maxlen=MAX_HINTS)
        self._notices = NoticeBoard()
        self._caption_waits = asyncio.Event()
        self._hint_waits = asyncio.Event()
        self._notices_changed = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._connected = asyncio.Event()
        self._connected.set()

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Begin to send; the tasks never end by themselves."""
        return [
            tasks.create_task(self._send_captions(), name="send captions"),
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
        await _in_time(FLUSH_S, self._all_sent.wait)

    def put_caption(self, caption: Caption, readers: frozenset[str]) -> None:
        self._captions.put(caption, readers)
        if len(self._captions):
            self._all_sent.clear()
            self._caption_waits.set()

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

    async def _send_captions(self) -> None:
        while True:
            await self._caption_waits.wait()
            self._caption_waits.clear()
            while len(self._captions):
                await self._connected.wait()
                if (outgoing := self._captions.take()) is not None:
                    await self._send_caption(outgoing)
            self._all_sent.set()

    async def _send_caption(self, outgoing: Outgoing) -> None:
        caption = outgoing.caption

        async def send() -> None:
            await self._me.send_text(
                caption.text,
                topic=CAPTION_TOPIC,
                attributes=caption_attributes(caption, epoch=self._epoch),
                destination_identities=sorted(outgoing.readers),
            )

        # A partial is not worth a second try: the next one is better.
        for _ in range(FINAL_TRIES if caption.final else 1):
            if await _in_time(SEND_S, send):
                return
            await asyncio.sleep(RETRY_S)
        log.warning("caption_not_sent", seq=caption.seq, language=caption.language)

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

                await _in_time(SEND_S, send)

    async def _send_notices(self) -> None:
        while True:
            await self._notices_changed.wait()
            self._notices_changed.clear()
            await self._connected.wait()

            async def send() -> None:
                await self._me.set_attributes({NOTICES: describe_notices(self._notices.notices)})

            if not await _in_time(SEND_S, send):
                self._notices_changed.set()
                await asyncio.sleep(RETRY_S)


async def _in_time(seconds: float, send: Callable[[], Awaitable[object]]) -> bool:
    """Try to send; say whether it went out in time."""
    try:
        async with asyncio.timeout(seconds):
            await send()
    except _SEND_ERRORS as error:
        log.warning("not_sent", detail=str(error) or f"no answer within {seconds:g} s")
        return False
    return True
