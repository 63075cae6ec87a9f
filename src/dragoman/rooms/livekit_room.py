"""A room of LiveKit as the interpreter sees it (``ground/rooms.py``): the interpreter is a participant in it.

What LiveKit's callbacks tell is only noted, by identity; one task then compares the people noted with what is known of
them, so that nothing piles up, whatever happens how often. Neighbours: ``livekit_participants.py`` (who they are),
``livekit_microphone.py`` (what they say), ``livekit_outbox.py`` (captions and messages), ``livekit_dub_tracks.py``.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog
from livekit import rtc

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import (
    MicrophoneOpened,
    Notice,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    RoomEvent,
)
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.livekit_dub import LiveKitDubTrack
from dragoman.rooms.livekit_dub_tracks import DubTracks
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.rooms.livekit_microphone import LiveKitMicrophone
from dragoman.rooms.livekit_outbox import Outbox
from dragoman.rooms.livekit_participants import find_microphone, is_person, read_participant
from dragoman.rooms.room_metadata import is_interpreted

log = structlog.get_logger()

CONNECT_S = 10.0
ATTEMPT_S = 3.0
"""One of four attempts of LiveKit's library; on one machine joining takes 0.05 s."""
GIVEN_UP_S = 15.0
"""What the library may need besides ``CONNECT_S`` to end by itself."""
DISCONNECT_S = 5.0
HEAR_AGAIN_AFTER_S = 1.0
"""A microphone that broke off is opened again so much later: one that breaks off at once costs little."""
MAX_EVENTS = 1000
"""Events nobody has read; one more means that the interpreter hangs, and the room ends for it."""

DUPLICATE_IDENTITY = "DUPLICATE_IDENTITY"
"""``end_reason`` when another interpreter has taken this one's place."""
_LEAVING: set[asyncio.Task[None]] = set()
"""Of rooms that were joined when nobody wanted them any more: nobody else keeps these."""

LEFT = "LEFT"
"""``end_reason`` when we left by ourselves."""


class LiveKitRoom:
    """See ``Room``. ``async with`` joins and leaves. Raises ``RoomUnavailable`` if it cannot be joined.

    ``epoch`` grows with every replacement of an interpreter; captions carry it.
    """

    def __init__(self, *, url: str, token: str, epoch: int = 1) -> None:
        self._url = url
        self._token = token
        self._epoch = epoch
        self._rtc = rtc.Room()
        self._opened_at_s = 0.0
        self._end_reason: str | None = None
        self._gone = False
        """LiveKit has closed the connection for good."""
        self._noted: dict[str, None] = {}
        self._something_noted = asyncio.Event()
        self._events: asyncio.Queue[RoomEvent | None] = asyncio.Queue(MAX_EVENTS + 1)
        self._people: dict[str, Participant] = {}
        self._microphones: dict[str, LiveKitMicrophone] = {}
        self._subscribed: dict[str, str] = {}
        """Track id of the microphone that was subscribed, by identity."""

    async def __aenter__(self) -> Self:
        self._listen_to_livekit()
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._connect()
        except (TimeoutError, rtc.ConnectError) as error:
            raise RoomUnavailable(f"the room at {self._url} cannot be joined: {error or 'no answer'}") from error
        now_s = asyncio.get_running_loop().time()
        # The age of the room, not of this participant: a replacement's captions go on where the first one's ended.
        self._opened_at_s = now_s - max(0.0, time.time() - self._rtc.creation_time.timestamp())
        self._stack = AsyncExitStack()
        self._tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        me = self._rtc.local_participant
        self._outbox = Outbox(me=me, epoch=self._epoch)
        self._dubs = DubTracks(me=me, tasks=self._tasks, sounding=self._tell_sounding)
        self._listen_to_the_connection()
        self._service = [self._tasks.create_task(self._attend(), name="attend"), *self._outbox.start(self._tasks)]
        for identity in self._rtc.remote_participants:
            self._note(identity)
        return self

    async def _connect(self) -> None:
        """Join, and see it to its end even if nobody wants it any more.

        LiveKit's library panics, and the process with all its rooms ends, when a connection comes about that was
        cancelled meanwhile.
        """
        options = rtc.RoomOptions(auto_subscribe=False, connect_timeout=ATTEMPT_S)
        connecting = asyncio.create_task(self._rtc.connect(self._url, self._token, options), name="join the room")
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # A task of its own: whoever waits for it may be cancelled once more.
            leaving = asyncio.create_task(self._leave_once_joined(connecting), name="leave the room again")
            _LEAVING.add(leaving)
            leaving.add_done_callback(_LEAVING.discard)
            await asyncio.wait([leaving], timeout=GIVEN_UP_S)
            raise

    async def _leave_once_joined(self, connecting: asyncio.Task[None]) -> None:
        await asyncio.wait([connecting])
        if not connecting.cancelled() and connecting.exception() is None:
            await self._rtc.disconnect()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._gone:
                await self._outbox.flush()
        finally:  # whoever is cancelled while the last captions go out leaves all the same
            self._end(LEFT)
            self._dubs.end()
            for task in self._service:
                task.cancel()
            try:
                async with asyncio.timeout(DISCONNECT_S):
                    await self._rtc.disconnect()
            except TimeoutError:
                log.warning("room_not_left", room=self.name)
            finally:
                await self._stack.__aexit__(kind, error, trace)

    @property
    def name(self) -> str:
        return self._rtc.name

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def opened_at_s(self) -> float:
        return self._opened_at_s

    @property
    def end_reason(self) -> str | None:
        """Why the room ended, in LiveKit's word (``DUPLICATE_IDENTITY``, ``ROOM_DELETED``); None while it lasts."""
        return self._end_reason

    @property
    def open_microphones(self) -> int:
        """How many microphones are being heard."""
        return sum(not microphone.ending for microphone in self._microphones.values())

    def end(self) -> None:
        """End the room for its interpreter, who can still publish what was said. ``async with`` then leaves it."""
        self._end(LEFT)

    async def events(self) -> AsyncIterator[RoomEvent]:
        while (event := await self._events.get()) is not None:
            yield event
        self._events.put_nowait(None)  # for whoever asks again

    def microphone(self, identity: str) -> AsyncIterator[Audio]:
        """See ``Room``. A microphone that was never open gives nothing."""
        microphone = self._microphones.get(identity)
        return _nothing() if microphone is None else microphone.frames()

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        """See ``Room``. Never waits: what cannot be sent yet waits in the outbox."""
        if not self._gone:
            self._outbox.put_caption(caption, readers)

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        listeners = [
            who.identity for who in self._people.values() if who.listens == language and wish in (None, who.voice)
        ]
        self._outbox.put_unvoiced(segment=segment, language=language, listeners=listeners)

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> LiveKitDubTrack:
        """See ``Room``. Raises ``RuntimeError`` if it is open, ``RoomUnavailable`` if it cannot be published."""
        return await self._dubs.open(speaker=speaker, language=language, listeners=listeners, wish=wish)

    async def set_listeners(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        self._dubs.set_listeners(speaker=speaker, language=language, listeners=listeners, wish=wish)

    async def tell(self, notice: Notice) -> None:
        """See ``Room``. The notices in force stand in the interpreter's attribute ``dragoman.notices``.

        An attribute rather than a message: who comes late sees it too, and nobody else can set it.
        """
        self._outbox.put_notice(notice)

    # What LiveKit tells

    def _listen_to_livekit(self) -> None:
        def person(participant: rtc.Participant) -> None:
            self._note(participant.identity)

        def attributes(changed: dict[str, str], participant: rtc.Participant) -> None:
            self._note(participant.identity)

        def publication(what: rtc.TrackPublication, participant: rtc.Participant) -> None:
            self._note(participant.identity)

        def subscription(track: rtc.Track, what: rtc.TrackPublication, participant: rtc.Participant) -> None:
            self._note(participant.identity)

        def mute(participant: rtc.Participant, what: rtc.TrackPublication) -> None:
            self._note(participant.identity)

        def metadata(before: str, now: str) -> None:
            for identity in self._rtc.remote_participants:
                self._note(identity)

        room = self._rtc
        room.on("room_metadata_changed", metadata)
        room.on("participant_connected", person)
        room.on("participant_disconnected", person)
        room.on("participant_name_changed", person)
        room.on("participant_attributes_changed", attributes)
        room.on("track_published", publication)
        room.on("track_unpublished", publication)
        room.on("track_subscribed", subscription)
        room.on("track_unsubscribed", subscription)
        room.on("track_muted", mute)
        room.on("track_unmuted", mute)

    def _listen_to_the_connection(self) -> None:
        """Only once it stands: an attempt that fails is told as an error and not by these."""
        self._rtc.on("local_track_republished", self._republished)
        self._rtc.on("reconnecting", self._reconnecting)
        self._rtc.on("reconnected", self._reconnected)
        self._rtc.on("disconnected", self._disconnected)

    def _note(self, identity: str) -> None:
        self._noted[identity] = None
        self._something_noted.set()

    def _republished(self) -> None:
        """A dub has got a new id: who may hear it must be said anew."""
        self._dubs.grant()

    def _disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self._gone = True
        self._dubs.end()
        self._end(rtc.DisconnectReason.Name(reason))

    def _reconnecting(self) -> None:
        self._outbox.pause()

    def _reconnected(self) -> None:
        """LiveKit may have forgotten everything: ask for the microphones again, and give the permissions anew."""
        log.info("room_reconnected", room=self.name)
        self._outbox.resume()
        self._subscribed.clear()
        self._dubs.grant()
        for identity in [*self._people, *self._rtc.remote_participants]:
            self._note(identity)

    async def _attend(self) -> None:
        while True:
            await self._something_noted.wait()
            self._something_noted.clear()
            noted, self._noted = self._noted, {}
            for identity in noted:
                try:
                    self._compare(identity)
                except Exception:  # the top of a task: the others must be heard
                    log.exception("participant_not_followed", room=self.name)

    def _compare(self, identity: str) -> None:
        """Find out what has changed about somebody, tell the interpreter, and open or close the microphone."""
        if self._end_reason is not None:
            return
        remote = self._rtc.remote_participants.get(identity)
        if remote is None or not is_person(remote):
            self._forget(identity)
            return
        participant = read_participant(identity, remote.name, remote.attributes)
        if not is_interpreted(self._rtc.metadata):
            participant = replace(participant, consents=False)
        publication = find_microphone(remote)
        if not participant.consents or participant.speaks is None or publication is None:
            self._stop_hearing(identity, publication, discard=not participant.consents)
            publication = None
        if self._people.get(identity) != participant:
            self._people[identity] = participant
            self._emit(ParticipantChanged(participant=participant))
        if publication is not None:
            self._hear(identity, publication)

    def _forget(self, identity: str) -> None:
        self._subscribed.pop(identity, None)
        microphone = self._microphones.pop(identity, None)
        if microphone is not None:
            microphone.mute()
        if self._people.pop(identity, None) is not None:
            self._outbox.forget_notices(identity)
            self._emit(ParticipantLeft(identity=identity))

    def _stop_hearing(self, identity: str, publication: rtc.RemoteTrackPublication | None, *, discard: bool) -> None:
        if self._subscribed.pop(identity, None) is not None and publication is not None:
            publication.set_subscribed(False)
        microphone = self._microphones.get(identity)
        if microphone is not None:
            microphone.end(discard=discard)

    def _hear(self, identity: str, publication: rtc.RemoteTrackPublication) -> None:
        if self._subscribed.get(identity) != publication.sid:
            self._subscribed[identity] = publication.sid
            publication.set_subscribed(True)
        microphone = self._microphones.get(identity)
        track = publication.track
        if publication.muted or not isinstance(track, rtc.RemoteAudioTrack):
            if microphone is not None:
                microphone.mute()
            return
        if microphone is not None:
            if microphone.track is track and not microphone.ending:
                return
            microphone.end()
        opened = LiveKitMicrophone(identity, track)
        self._microphones[identity] = opened
        self._tasks.create_task(self._listen(opened), name=f"microphone {identity}")
        self._emit(MicrophoneOpened(identity=identity))

    async def _listen(self, microphone: LiveKitMicrophone) -> None:
        try:
            await microphone.listen()
        except Exception:  # the top of a task: the others must be heard
            log.exception("microphone_failed", room=self.name)
        if microphone.overflowed:
            self._note(microphone.identity)
        elif microphone.broke_off:
            asyncio.get_running_loop().call_later(HEAR_AGAIN_AFTER_S, self._note, microphone.identity)

    def _tell_sounding(self, speaker: str, language: Language, listeners: frozenset[str], begins: bool) -> None:
        self._outbox.put_sounding(speaker=speaker, language=language, listeners=listeners, begins=begins)

    def _emit(self, event: RoomEvent) -> None:
        if self._end_reason is not None:
            return
        if self._events.qsize() >= MAX_EVENTS:
            log.error("room_events_not_read", room=self.name)
            self._end("EVENTS_NOT_READ")
            return
        self._events.put_nowait(event)

    def _end(self, reason: str) -> None:
        if self._end_reason is not None:
            return
        self._end_reason = reason
        for microphone in self._microphones.values():
            microphone.end()
        self._events.put_nowait(None)


async def _nothing() -> AsyncIterator[Audio]:
    return
    yield
