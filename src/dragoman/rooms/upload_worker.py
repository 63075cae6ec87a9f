"""The child process that decodes what nobody vouches for. ``upload_decoder.py`` starts, reads and ends it.

``python -m dragoman.rooms.upload_worker PATH CONTAINER RATE`` writes frames (``wire/frames.py``) to its standard
output: ``audio`` with 16-bit mono PCM at RATE hertz, then ``end``, which says whether the file was ``cut_short``, or
``failed`` with a reason. FFmpeg, with its history of crashes on crafted files, lives here alone, with little memory,
little time, no right to write files, and no way to reach another file or the network: it gets an open file, one
demuxer and no protocols. libsndfile works here too when the file is a stranger's.
"""

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dragoman.rooms.recording_formats import Container
from dragoman.wire.frames import pack_frame

if TYPE_CHECKING:
    import av

    from dragoman.rooms.sound_file_source import SoundFileSource

MEMORY_BYTES = 768 << 20
"""Address space, not memory in use: PyAV alone maps 120 MB."""
CPU_BASE_S = 20
CPU_PER_MB_S = 10
"""Opus of 16 kb/s decodes 380 times as fast as it plays: 1.4 s per MB on one 2025 server core."""
CPU_MOST_S = 900
_PIECE_BYTES = 32_768


def limit_this_process(file_bytes: int) -> None:
    """Take away what decoding does not need, before anything of the file is looked at."""
    cpu_s = min(CPU_BASE_S + CPU_PER_MB_S * file_bytes // 1_000_000, CPU_MOST_S)
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, (limit, limit))


def decode_pcm(file: BinaryIO, container: str, sample_rate: int) -> Iterator[bytes]:
    """Yield 16-bit mono PCM of the first sound track, piece by piece.

    Raises ``av.error.FFmpegError`` for damage that cannot be skipped and ``LookupError`` if there is no sound track.
    """
    import av
    import av.logging

    av.logging.set_level(av.logging.PANIC)
    with av.open(
        file, mode="r", format=container, options={"protocol_whitelist": "none"}, metadata_errors="replace"
    ) as opened:
        if not opened.streams.audio:
            raise LookupError("no sound track")
        stream = opened.streams.audio[0]
        resampler, setup = av.AudioResampler(format="s16", layout="mono", rate=sample_rate), None
        for packet in opened.demux(stream):
            for frame in _decode_packet(packet):
                if setup not in (None, _setup(frame)):  # channels or rate changed on the way
                    resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
                setup = _setup(frame)
                yield from map(_pcm, resampler.resample(frame))
        if setup is not None:
            yield from map(_pcm, resampler.resample(None))


def _decode_packet(packet: "av.Packet[av.AudioStream]") -> "list[av.AudioFrame]":
    """Decode one packet; a damaged one is left out, as players do."""
    import av.error

    try:
        return list(packet.decode())
    except av.error.InvalidDataError:
        return []


def _setup(frame: "av.AudioFrame") -> tuple[str, str, int]:
    return (frame.format.name, frame.layout.name, frame.sample_rate)


def _pcm(frame: "av.AudioFrame") -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


def open_sound_file(path: Path, container: Container) -> "SoundFileSource":
    """Open a WAV, FLAC, OGG or MP3 file. Raises ``AudioUnreadable`` if libsndfile refuses it."""
    from dragoman.rooms.sound_file_source import SoundFileSource

    return SoundFileSource(path, container)


def decode_sound_file(source: "SoundFileSource", sample_rate: int) -> Iterator[bytes]:
    """Yield 16-bit mono PCM, piece by piece."""
    import soxr

    from dragoman.ground.audio import to_pcm16

    resampler = soxr.ResampleStream(source.sample_rate, sample_rate, 1, dtype="float32", quality="HQ")
    at_end = False
    while not at_end:
        block = source.read_block()
        at_end = not len(block)
        yield to_pcm16(resampler.resample_chunk(block, last=at_end))


def _send_all(pieces: Iterator[bytes], out: BinaryIO) -> None:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _PIECE_BYTES:
            out.write(pack_frame({"kind": "audio"}, bytes(waiting)))
            waiting.clear()
    if waiting:
        out.write(pack_frame({"kind": "audio"}, bytes(waiting)))


def _reason_for(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "no_decoder"
    if isinstance(error, LookupError):
        return "no_sound"
    return "damaged"


def main() -> int:
    """Decode the named file to standard output. Returns 0 also for a bad file: the frames tell."""
    path, container, sample_rate = Path(sys.argv[1]), Container(sys.argv[2]), int(sys.argv[3])
    out = sys.stdout.buffer
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each of its threads would take address space
    with path.open("rb") as file:
        limit_this_process(path.stat().st_size)
        try:
            cut_short = False
            if container.needs_upload_decoder:
                _send_all(decode_pcm(file, container.value, sample_rate), out)
            else:
                source = open_sound_file(path, container)
                _send_all(decode_sound_file(source, sample_rate), out)
                cut_short = source.cut_short
            out.write(pack_frame({"kind": "end", "cut_short": cut_short}))
        except BrokenPipeError:
            return 0  # the reader has gone
        except Exception as error:  # noqa: BLE001  # the top of a process
            out.write(pack_frame({"kind": "failed", "reason": _reason_for(error), "detail": str(error)[:500]}))
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
