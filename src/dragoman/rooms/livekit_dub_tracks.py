"""The dubbed tracks of a room and who may hear them. From livekit_room.py; a track itself is ``livekit_dub.py``.

LiveKit lets nobody hear a track of ours whose permission was not given: each grant replaces all grants before it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from livekit import rtc

from dragoman.ground.languages import Language
from dragoman.ground.rooms import dub_name
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.livekit_dub import LiveKitDubTrack
from dragoman.rooms.livekit_errors import RoomUnavailable

log = structlog.get_logger()

PUBLISH_S = 5.0
DUB_BITRATE = 24_000

Sounding = Callable[[str, Language, frozenset[str], bool], None]
"""Told that a dub begins (true) or has ended: speaker, language, its listeners."""


@dataclass(slots=True, kw_only=True)
class _Dub:
    listeners: frozenset[str]
    track: LiveKitDubTrack
    publication: rtc.LocalTrackPublication | None = None
    task: asyncio.Task[None] | None = None


class DubTracks:
    """Of one room. Tracks run as tasks of ``tasks``."""

    def __init__(self, *, me: rtc.LocalParticipant, tasks: asyncio.TaskGroup, sounding: Sounding) -> None:
        self._me = me
        self._tasks = tasks
        self._sounding = sounding
        self._dubs: dict[tuple[str, Language, VoiceWish], _Dub] = {}
        self._ended = False
        self.grant()

    async def open(
        self, *, speaker: str, language: Language, listeners: frozenset[str], wish: VoiceWish
    ) -> LiveKitDubTrack:
        """Publish ``dub_name`` for ``listeners`` alone.

        Raises ``RuntimeError`` if it is open already, ``RoomUnavailable`` if LiveKit does not take it. In a room that
        has ended the track is a mute one.
        """
        key = (speaker, language, wish)
        name = dub_name(*key)
        if key in self._dubs:
            raise RuntimeError(f"{name} is open already")

        def sounding(begins: bool) -> None:
            self._sounding(speaker, language, dub.listeners, begins)

        async def unpublish() -> None:
            await self._unpublish(key)

        dub = _Dub(listeners=listeners, track=LiveKitDubTrack(sounding=sounding, unpublish=unpublish))
        if self._ended:
            dub.track.stop()
            return dub.track
        # Known before it is published: whoever changes the listeners meanwhile must not be forgotten.
        self._dubs[key] = dub
        try:
            async with asyncio.timeout(PUBLISH_S):
                dub.publication = await self._publish(name, language, dub.track.source)
        except (TimeoutError, rtc.participant.PublishTrackError) as error:
            self._dubs.pop(key, None)  # the room may have ended meanwhile
            await dub.track.source.aclose()
            raise RoomUnavailable(
                f"LiveKit did not take the dub in {language}; the next sentence tries again"
            ) from error
        self.grant()
        dub.task = self._tasks.create_task(dub.track.run(), name=name)
        return dub.track

    def set_listeners(self, *, speaker: str, language: Language, listeners: frozenset[str], wish: VoiceWish) -> None:
        dub = self._dubs.get((speaker, language, wish))
        if dub is not None and dub.listeners != listeners:
            dub.listeners = listeners
            self.grant()

    def grant(self) -> None:
        """Let exactly the listeners of each track hear it. Also after a reconnection: LiveKit has forgotten then."""
        if self._ended:
            return
        heard: dict[str, list[str]] = {}
        for dub in self._dubs.values():
            if dub.publication is not None:
                for identity in dub.listeners:
                    heard.setdefault(identity, []).append(dub.publication.sid)
        self._me.set_track_subscription_permissions(
            allow_all_participants=False,
            participant_permissions=[
                rtc.ParticipantTrackPermission(participant_identity=who, allow_all=False, allowed_track_sids=sids)
                for who, sids in sorted(heard.items())
            ],
        )

    def end(self) -> None:
        """The room is over: every track falls silent, and LiveKit is asked for nothing more."""
        self._ended = True
        for dub in self._dubs.values():
            dub.track.stop()
        self._dubs.clear()

    async def _publish(self, name: str, language: Language, source: rtc.AudioSource) -> rtc.LocalTrackPublication:
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_UNKNOWN,  # it is nobody's microphone
            dtx=True,
            red=True,
            stream=f"dub-{language}",
        )
        options.audio_encoding.max_bitrate = DUB_BITRATE
        return await self._me.publish_track(rtc.LocalAudioTrack.create_audio_track(name, source), options)

    async def _unpublish(self, key: tuple[str, Language, VoiceWish]) -> None:
        dub = self._dubs.pop(key, None)
        if dub is None or self._ended:
            return
        if dub.task is not None:
            await asyncio.wait([dub.task])
        if dub.publication is not None:
            try:
                async with asyncio.timeout(PUBLISH_S):
                    await self._me.unpublish_track(dub.publication.sid)
            except (TimeoutError, rtc.participant.UnpublishTrackError):
                log.warning("dub_not_unpublished", language=key[1])
        self.grant()
