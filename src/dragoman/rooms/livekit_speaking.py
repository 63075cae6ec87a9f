"""Speak a recording into a LiveKit room as a participant would. For services/practice.py and the tests."""

import asyncio
from pathlib import Path

from livekit import rtc

from dragoman.ground.audio import to_pcm16
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.rooms.audio_file import open_recording
from dragoman.rooms.livekit_participants import describe_participant
from dragoman.rooms.tokens import KeyPair, human_token

RATE = 16_000
CHUNK_S = 0.1
TAIL_S = 2.0
"""Silence after the recording, so that its last utterance ends as speech does."""


async def speak_recording(
    path: Path, *, url: str, keys: KeyPair, room: str, identity: str, name: str, language: Language
) -> None:
    """Join ``room``, say the recording in real time, and leave.

    Raises ``AudioUnreadable``, and ``rtc.ConnectError`` if the room cannot be joined.
    """
    person = Participant(identity=identity, name=name, speaks=language, reads=None, listens=None, consents=True)
    token = human_token(keys, room=room, identity=identity, name=name, attributes=describe_participant(person))
    call = rtc.Room()
    with open_recording(path, sample_rate=RATE) as reader:
        await call.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
        try:
            source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await call.local_participant.publish_track(track, options)
            samples = round(CHUNK_S * RATE)
            while len(chunk := await asyncio.to_thread(reader.read, samples)):
                await source.capture_frame(rtc.AudioFrame(to_pcm16(chunk), RATE, 1, len(chunk)))
            for _ in range(round(TAIL_S / CHUNK_S)):
                await source.capture_frame(rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples))
            await source.wait_for_playout()
        finally:
            await call.disconnect()
