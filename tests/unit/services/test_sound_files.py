"""Speech that is encoded while it is made: all of it is sent once, and what was sent is not touched again."""

import io
import tracemalloc

import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import Audio
from dragoman.services.saying.sound_files import SoundFormat, SpeechEncoder, encode

RATE = 24_000


def _sound(seconds: float) -> Audio:
    samples = np.asarray(0.3 * np.sin(np.arange(round(seconds * RATE)) * 0.05), np.float32)
    return Audio(samples=samples, sample_rate=RATE)


@pytest.mark.parametrize("sound_format", [SoundFormat.WAV, SoundFormat.PCM, SoundFormat.OPUS])
def test_what_is_sent_piece_by_piece_is_the_whole(sound_format: SoundFormat) -> None:
    encoder = SpeechEncoder(sound_format, sample_rate=RATE, mark="made by a machine", whole=False)
    whole = _sound(3.0)
    sent = b""

    for start in range(0, len(whole.samples), RATE // 10):
        sent += encoder.push(Audio(samples=whole.samples[start : start + RATE // 10], sample_rate=RATE))
    sent += encoder.end()

    if sound_format is SoundFormat.PCM:
        assert sent == encode(whole, sound_format, mark="made by a machine")
        return
    with soundfile.SoundFile(io.BytesIO(sent)) as file:
        # What was streamed does not know its own length.
        assert len(file.read(10 * file.samplerate)) / file.samplerate == pytest.approx(3.0, abs=0.1)
        assert file.comment == "made by a machine"


@pytest.mark.parametrize("sound_format", [SoundFormat.WAV, SoundFormat.PCM])
def test_a_piece_costs_no_copy_of_all_that_was_sent_before(sound_format: SoundFormat) -> None:
    encoder = SpeechEncoder(sound_format, sample_rate=RATE, mark="x", whole=False)
    sent_bytes = len(encoder.push(_sound(120.0)))
    encoder.push(_sound(0.1))

    tracemalloc.start()
    try:
        encoder.push(_sound(0.1))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak_bytes < sent_bytes // 10
