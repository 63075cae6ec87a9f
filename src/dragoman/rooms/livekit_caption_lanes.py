"""Send captions into a LiveKit room: a lane for each language, so that no language's readers wait for another's.

From livekit_outbox.py; what waits in a lane is livekit_captions.py. A reader reads one language at a time, and a lane
keeps its order. A final that LiveKit does not take is tried for a while and then given up, which the next final of its
lane tells: the page fetches what it missed from the API, which keeps all finals.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from livekit import rtc

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.rooms.livekit_captions import CAPTION_TOPIC, CaptionQueue, Outgoing, caption_attributes

log = structlog.get_logger()

MISSED = "dragoman.missed"
"""Attribute of a final: the number of the oldest one before it that its readers were not sent."""
SEND_S = 5.0
RETRY_S = 0.5
FINAL_WITHIN_S = 10.0
"""Of trying to send one final, while there is a connection: a restarted SFU takes seconds to be missed."""
_SEND_ERRORS = (TimeoutError, rtc.StreamError, rtc.participant.PublishDataError)


class TextSender(Protocol):
    """What is needed of LiveKit's local participant."""

    async def send_text(
        self, text: str, *, topic: str, attributes: dict[str, str], destination_identities: list[str]
    ) -> object: ...


@dataclass(slots=True)
class _Lane:
    """Of one language."""

    waiting: CaptionQueue = field(default_factory=CaptionQueue)
    missed: int | None = None
    """Number of the oldest final that was given up since one went out."""
    sending: asyncio.Task[None] | None = None


class CaptionLanes:
    """Of one participant in one room; nothing is sent while ``connected`` is not set."""

    def __init__(self, *, me: TextSender, epoch: int, connected: asyncio.Event) -> None:
        self._me = me
        self._epoch = epoch
        self._connected = connected
        self._lanes: dict[Language, _Lane] = {}
        self._something_waits = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()

    def put(self, caption: Caption, readers: frozenset[str]) -> None:
        """Let ``caption`` wait for its turn. Never waits itself."""
        lane = self._lanes.setdefault(caption.language, _Lane())
        lane.waiting.put(caption, readers)
        if len(lane.waiting):
            self._all_sent.clear()
            self._something_waits.set()

    async def all_sent(self) -> None:
        """Wait until nothing waits."""
        await self._all_sent.wait()

    async def run(self) -> None:
        """Send what is put, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._something_waits.wait()
                self._something_waits.clear()
                for language, lane in self._lanes.items():
                    if len(lane.waiting) and lane.sending is None:
                        lane.sending = tasks.create_task(self._empty(lane), name=f"send captions in {language}")

    async def _empty(self, lane: _Lane) -> None:
        while len(lane.waiting):
            await self._connected.wait()
            if (outgoing := lane.waiting.take()) is not None:
                await self._send(lane, outgoing)
        lane.sending = None
        if not any(it.sending for it in self._lanes.values()) and not self._something_waits.is_set():
            self._all_sent.set()

    async def _send(self, lane: _Lane, outgoing: Outgoing) -> None:
        caption = outgoing.caption
        attributes = caption_attributes(caption, epoch=self._epoch)
        if caption.final and lane.missed is not None:
            attributes[MISSED] = str(lane.missed)

        async def send() -> None:
            await self._me.send_text(
                caption.text,
                topic=CAPTION_TOPIC,
                attributes=attributes,
                destination_identities=sorted(outgoing.readers),
            )

        if not caption.final:
            await in_time(SEND_S, send)  # not worth a second try: the next one is better
        elif await self._try_again_and_again(send):
            lane.missed = None
        else:
            lane.missed = lane.missed or caption.seq
            log.warning("caption_not_sent", seq=caption.seq, language=caption.language)

    async def _try_again_and_again(self, send: Callable[[], Awaitable[None]]) -> bool:
        loop, tried_s = asyncio.get_running_loop(), 0.0
        while tried_s < FINAL_WITHIN_S:
            await self._connected.wait()
            began_s = loop.time()
            if await in_time(SEND_S, send):
                return True
            await asyncio.sleep(RETRY_S)
            tried_s += loop.time() - began_s
        return False


async def in_time(seconds: float, send: Callable[[], Awaitable[object]]) -> bool:
    """Try to send; say whether it went out in time."""
    try:
        async with asyncio.timeout(seconds):
            await send()
    except _SEND_ERRORS as error:
        log.warning("not_sent", detail=str(error) or f"no answer within {seconds:g} s")
        return False
    return True
