"""Recordings made to hurt: each is refused or read in bounded time and memory, with a sentence that helps."""

import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import Samples
from dragoman.ground.errors import AudioTooLong, AudioUnreadable
from dragoman.rooms.audio_file import RecordingReader, measure_recording, open_recording

NOBODY = 65534
MOST_GROWTH_BYTES = 100 << 20
SHORT_S = 1.0


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Fail if the inside takes longer, or if memory grows by 100 MB at its peak."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak restarts from what is in use now
    before = resident_bytes("VmHWM")
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds
    assert resident_bytes("VmHWM") - before < MOST_GROWTH_BYTES


def resident_bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def noise(seconds: float, rate: int = 16_000) -> Samples:
    return (0.1 * np.random.default_rng(1).standard_normal(round(seconds * rate))).astype(np.float32)


def wav_header(*, data_bytes: int, rate: int = 16_000, channels: int = 1) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    data = struct.pack("<4sI", b"data", data_bytes)
    return struct.pack("<4sI4s", b"RIFF", min(2**32 - 1, 36 + data_bytes), b"WAVE") + form + data


def write_upload(path: Path, container: str, codec: str, seconds: float) -> None:
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 32_000
        for number in range(round(seconds * 50)):
            times = (np.arange(960) + number * 960) / 48_000
            tone = (0.3 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.rate, frame.pts = 48_000, number * 960
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def read_all(reader: RecordingReader) -> Samples:
    pieces = []
    while len(piece := reader.read(16_000)):
        pieces.append(piece)
    return np.concatenate(pieces)


def children() -> set[str]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return set(listed.split())


@pytest.mark.parametrize("promised_bytes", [10 * 3600 * 32_000, 2**32 - 2])
def test_a_wav_that_promises_hours_and_holds_a_second_is_read_for_a_second(tmp_path: Path, promised_bytes: int) -> None:
    path = tmp_path / "liar.wav"
    path.write_bytes(wav_header(data_bytes=promised_bytes) + bytes(32_000))

    with bounded(5):
        recording = measure_recording(path)

    assert recording.duration_s == pytest.approx(SHORT_S)
    assert recording.cut_short


def test_a_flac_that_promises_1e9_frames_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "liar.flac"
    soundfile.write(path, noise(SHORT_S), 16_000)
    content = bytearray(path.read_bytes())
    stream_info = int.from_bytes(content[18:26], "big")
    content[18:26] = ((stream_info >> 36 << 36) | 10**9).to_bytes(8, "big")
    path.write_bytes(content)

    with bounded(5):
        recording = measure_recording(path)

    assert recording.duration_s == pytest.approx(SHORT_S)
    assert recording.cut_short


def test_eight_channels_of_768_khz_are_mixed_down_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "studio.wav"
    seconds, rate, channels = 10, 768_000, 8
    with path.open("wb") as file:
        file.write(wav_header(data_bytes=seconds * rate * channels * 2, rate=rate, channels=channels))
        second = np.full((rate, channels), 8192, "<i2").tobytes()
        for _ in range(seconds):
            file.write(second)

    with bounded(20), open_recording(path) as reader:
        heard = read_all(reader)

    assert len(heard) == seconds * 16_000
    assert heard[8000] == pytest.approx(0.25, abs=0.01)


def test_ten_hours_of_silence_in_a_small_flac_are_refused_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "silence.flac"
    with soundfile.SoundFile(path, "w", samplerate=4_000, channels=1, format="FLAC") as file:
        for _ in range(60):
            file.write(np.zeros(4_000 * 600, np.int16))

    with bounded(20), pytest.raises(AudioTooLong, match="4 hours: cut it"):
        measure_recording(path)


def test_an_upload_longer_than_the_limit_is_refused_and_its_decoder_ends(tmp_path: Path) -> None:
    path = tmp_path / "long.webm"
    write_upload(path, "webm", "libopus", 20)
    before = children()

    with bounded(20), pytest.raises(AudioTooLong):
        measure_recording(path, limit_s=5)

    assert children() == before


@pytest.mark.parametrize("rate", [1, 4_000_000])
def test_a_sample_rate_from_nowhere_is_refused(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "rate.wav"
    path.write_bytes(wav_header(data_bytes=20_000, rate=rate) + bytes(20_000))

    with bounded(5), pytest.raises(AudioUnreadable, match="we read 2000 to 768000 Hz"):
        open_recording(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#!/bin/sh\necho hello\n",
        b"RIFF\0\0\0\0WAVE",
        b"fLaC" + bytes(100),
        b"OggS" + bytes(200),
        b"ID3" + bytes(500),
        b"\xff\xfb" + bytes(500),
        b"%PDF-1.7\n" + bytes(100),
        wav_header(data_bytes=0),
    ],
)
def test_what_is_not_audio_is_refused_with_the_formats_that_work(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.wav"
    path.write_bytes(content)

    with bounded(5), pytest.raises(AudioUnreadable, match=r"give WAV, FLAC, OGG \(Vorbis or Opus\) or MP3"):
        open_recording(path)


@pytest.mark.parametrize("signature", [b"\x1a\x45\xdf\xa3", b"\0\0\0\x1cftypisom"])
def test_an_upload_of_garbage_is_refused_and_leaves_no_process(tmp_path: Path, signature: bytes) -> None:
    path = tmp_path / "garbage.webm"
    path.write_bytes(signature + np.random.default_rng(2).bytes(100_000))
    before = children()

    with bounded(10), pytest.raises(AudioUnreadable, match="give WAV"):
        open_recording(path)

    assert children() == before


def test_a_playlist_that_names_other_files_reaches_none_of_them(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    soundfile.write(secret, noise(SHORT_S), 16_000)
    playlist = tmp_path / "list.webm"
    playlist.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")

    with pytest.raises(AudioUnreadable, match="not a recording that we know"):
        open_recording(playlist)


def test_a_folder_a_pipe_a_missing_file_and_a_bad_name_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for name, says in {
        ".": "is a folder: name the recording in it",
        "pipe": "not a regular file: save the recording",
        "missing.wav": "there is no file",
        "a\0b.wav": "cannot be opened",
    }.items():
        with bounded(2), pytest.raises(AudioUnreadable, match=says):
            open_recording(tmp_path / name)


def test_a_file_that_this_user_may_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "private.wav"
    soundfile.write(path, noise(SHORT_S), 16_000)
    path.chmod(0)

    with without_root_rights(), pytest.raises(AudioUnreadable, match="may not be read by this user"):
        open_recording(path)


@contextmanager
def without_root_rights() -> Iterator[None]:
    """Root reads everything, so it becomes nobody for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "opus", "mp3", "webm"])
def test_a_file_cut_in_half_is_read_as_far_as_it_goes(tmp_path: Path, kind: str) -> None:
    whole, half = tmp_path / f"whole.{kind}", tmp_path / f"half.{kind}"
    if kind == "webm":
        write_upload(whole, "webm", "libopus", 4)
    else:
        subtype = {"ogg": "VORBIS", "opus": "OPUS"}.get(kind)
        container = {"opus": "OGG"}.get(kind, kind.upper())
        soundfile.write(whole, noise(4.0), 16_000, format=container, subtype=subtype)
    content = whole.read_bytes()
    half.write_bytes(content[: len(content) // 2])

    with bounded(10):
        uncut, cut = measure_recording(whole), measure_recording(half)

    assert (uncut.cut_short, cut.cut_short) == (False, True)
    assert uncut.duration_s == pytest.approx(4.0, abs=0.1)
    assert 0.8 < cut.duration_s < 3.0  # an Ogg page holds up to a second


def test_an_mp4_without_its_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.mp4"
    write_upload(path, "mp4", "aac", 4)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with bounded(10), pytest.raises(AudioUnreadable, match="damaged"):
        open_recording(path)


def test_values_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    samples = np.array([0.5, np.nan, np.inf, -np.inf, 1e30, -3.0, 0.25] * 100, np.float32)
    soundfile.write(path, samples, 16_000, subtype="FLOAT")

    with open_recording(path) as reader:
        heard = reader.read(7)

    assert heard.tolist() == [0.5, 0.0, 0.0, 0.0, 1.0, -1.0, 0.25]


def test_a_raw_ending_does_not_change_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "speech.raw"
    soundfile.write(path, noise(SHORT_S), 16_000, format="WAV")

    assert measure_recording(path).duration_s == pytest.approx(SHORT_S)


def test_random_damage_never_raises_anything_but_our_errors(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    path = tmp_path / "damaged"
    sources = []
    for container, subtype in (("WAV", None), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)):
        soundfile.write(path, noise(0.5), 16_000, format=container, subtype=subtype)
        sources.append(path.read_bytes())

    with bounded(60):
        for source in sources * 40:
            content = bytearray(source)
            # Mostly in the headers: that is where lengths and counts are.
            for place in (random.exponential(200.0, size=8)).astype(int):
                content[min(place + 4, len(content) - 1)] = int(random.integers(256))
            path.write_bytes(content)
            try:
                measure_recording(path, limit_s=60)
            except (AudioUnreadable, AudioTooLong):
                continue


def test_without_the_decoder_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "call.webm"
    write_upload(path, "webm", "libopus", 1)
    broken = tmp_path / "packages"
    broken.mkdir()
    (broken / "av.py").write_text("raise ModuleNotFoundError('no av')\n")
    program = (
        "import sys, pathlib; from dragoman.rooms.audio_file import open_recording\n"
        "from dragoman.ground.errors import AudioUnreadable\n"
        "try: open_recording(pathlib.Path(sys.argv[1]))\n"
        "except AudioUnreadable as error: print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env=os.environ | {"PYTHONPATH": str(broken)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "make uploads" in done.stdout
