"""Sound that nobody has read yet waits for a reader, but not for ever. Over a stand-in for LiveKit's stream."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import cast

import numpy as np
import pytest
from livekit import rtc

from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.livekit_microphone import TAIL_S, UNCLAIMED_S, LiveKitMicrophone

SAID = 6
"""Frames."""
LATER_S = UNCLAIMED_S + 1.0


class Stream:
    """Stands for ``rtc.AudioStream``: a short word in the loop's time, then nothing, as of a muted track."""

    def __init__(self, track: rtc.RemoteAudioTrack, **options: object) -> None:
        self._left = SAID

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrameEvent]:
        return self

    async def __anext__(self) -> rtc.AudioFrameEvent:
        if not self._left:
            await asyncio.Event().wait()
        await asyncio.sleep(FRAME_S)
        self._left -= 1
        samples = round(FRAME_S * RECOGNITION_RATE)
        frame = rtc.AudioFrame(np.full(samples, 8000, np.int16).tobytes(), RECOGNITION_RATE, 1, samples)
        return rtc.AudioFrameEvent(frame)

    async def aclose(self) -> None: ...


async def read(microphone: LiveKitMicrophone) -> int:
    """Count the frames in which something sounds."""
    return len([frame async for frame in microphone.frames() if frame.samples.any()])


@pytest.fixture
def muted_after_a_word(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Say a short word, mute, and let ``then`` do something with the microphone; gives what that gives."""
    monkeypatch.setattr(rtc, "AudioStream", Stream)

    def run(then: Callable[[LiveKitMicrophone], Coroutine[None, None, int]]) -> int:
        async def scene() -> int:
            microphone = LiveKitMicrophone("an", cast(rtc.RemoteAudioTrack, None))
            listening = asyncio.create_task(microphone.listen())
            await asyncio.sleep((SAID + 1) * FRAME_S)
            microphone.mute()
            await asyncio.sleep(TAIL_S + 0.1)
            heard = await then(microphone)
            await listening
            return heard

        return run_in_virtual_time(scene)

    return run


def test_a_word_before_a_mute_waits_for_a_reader_who_is_slow_to_come(muted_after_a_word: Callable[..., int]) -> None:
    async def come_late(microphone: LiveKitMicrophone) -> int:
        await asyncio.sleep(UNCLAIMED_S - 1.0)
        return await read(microphone)

    assert muted_after_a_word(come_late) == SAID


def test_who_was_refused_and_muted_long_ago_is_not_heard_as_if_they_spoke_now(
    muted_after_a_word: Callable[..., int],
) -> None:
    async def come_too_late(microphone: LiveKitMicrophone) -> int:
        await asyncio.sleep(LATER_S)
        return await read(microphone) + await read(microphone)

    assert muted_after_a_word(come_too_late) == 0


def test_what_one_reader_left_unread_is_kept_for_the_next_however_late(muted_after_a_word: Callable[..., int]) -> None:
    async def come_again(microphone: LiveKitMicrophone) -> int:
        await anext(microphone.frames())
        await asyncio.sleep(LATER_S)
        return await read(microphone)

    assert muted_after_a_word(come_again) == SAID - 1
