"""Speak a recording into a LiveKit room as a participant would. For services/practice.py and the tests."""

import asyncio
from pathlib import Path

from livekit import rtc

from dragoman.ground.audio import to_pcm16
from dragoman.rooms.audio_file import open_recording
from dragoman.rooms.livekit_errors import RoomUnavailable

RATE = 16_000
CHUNK_S = 0.1
TAIL_S = 2.0
"""Silence after the recording, so that its last utterance ends as speech does."""
CONNECT_WITHIN_S = 10.0


async def speak_recording(path: Path, *, url: str, token: str, again_and_again: bool = False) -> None:
    """Join the room of ``token``, say the recording in real time, and leave.

    ``again_and_again`` stays and repeats it until cancelled, or put out. Raises ``AudioUnreadable``, and
    ``RoomUnavailable`` if the room cannot be joined.
    """
    call = rtc.Room()
    over = asyncio.Event()
    call.on("disconnected", lambda _: over.set())
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            options = rtc.RoomOptions(auto_subscribe=False, connect_timeout=CONNECT_WITHIN_S / 2)
            await call.connect(url, token, options)
    except (TimeoutError, rtc.ConnectError) as error:
        raise RoomUnavailable("the media server does not let the speaker in; is the site still running?") from error
    source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
    try:
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options_of_track = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await call.local_participant.publish_track(track, options_of_track)
        await _say(path, source, over)
        while again_and_again and not over.is_set():
            await _say(path, source, over)
    finally:
        source.clear_queue()  # the library complains where the process ends while it still takes a frame
        await source.aclose()
        await call.disconnect()


async def _say(path: Path, source: rtc.AudioSource, over: asyncio.Event) -> None:
    samples = round(CHUNK_S * RATE)
    with open_recording(path, sample_rate=RATE) as reader:
        while not over.is_set() and len(chunk := await asyncio.to_thread(reader.read, samples)):
            await source.capture_frame(rtc.AudioFrame(to_pcm16(chunk), RATE, 1, len(chunk)))
    for _ in range(round(TAIL_S / CHUNK_S)):
        await source.capture_frame(rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples))
    await source.wait_for_playout()
