"""Read the WAV that a program writes to a pipe, where it cannot go back to fill in the lengths. For espeak.py."""

import struct

from dragoman.ground.audio import Audio, from_pcm16
from dragoman.ground.errors import EngineOutputInvalid

_PCM = 1


def read_wav_stream(data: bytes, *, program: str) -> Audio:
    """Read mono 16-bit PCM; a stated length of the sound that is 0 or beyond the end means all that came.

    Raises ``EngineOutputInvalid`` naming ``program`` if ``data`` is anything else.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise EngineOutputInvalid(f"{program} did not answer with a WAV file but with {len(data)} bytes; reinstall it")
    sample_rate = 0
    position = 12
    while position + 8 <= len(data):
        chunk, size = struct.unpack_from("<4sI", data, position)
        position += 8
        if chunk == b"fmt " and position + 16 <= len(data):
            layout, channels, sample_rate, _, _, bits = struct.unpack_from("<HHIIHH", data, position)
            if (layout, channels, bits) != (_PCM, 1, 16) or not 4_000 <= sample_rate <= 192_000:
                raise EngineOutputInvalid(f"{program} did not answer with mono 16-bit PCM; reinstall it")
        elif chunk == b"data" and sample_rate:
            sound = data[position : position + size] if size else data[position:]
            return Audio(samples=from_pcm16(sound[: len(sound) & ~1]), sample_rate=sample_rate)
        position += size + size % 2
    raise EngineOutputInvalid(f"{program} answered with a WAV file without sound; reinstall it")
