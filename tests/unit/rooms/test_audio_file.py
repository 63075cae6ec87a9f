"""Recordings of every format come out as the same mono sound at the rate asked for."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import Samples
from dragoman.rooms.audio_file import RecordingReader, measure_recording, open_recording

SPEECH = Path(__file__).parents[2] / "fixtures" / "speech"


def tone(seconds: float, rate: int, hertz: float = 440.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def read_all(reader: RecordingReader, piece: int = 777) -> Samples:
    pieces = []
    while len(samples := reader.read(piece)):
        pieces.append(samples)
    return np.concatenate(pieces)


def loudest_hertz(samples: Samples, rate: int) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


def write_upload(path: Path, container: str, codec: str, seconds: float) -> None:
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 32_000
        samples = tone(seconds, 48_000)
        for number in range(round(seconds * 50)):
            piece = samples[None, number * 960 : number * 960 + 960]
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.rate, frame.pts = 48_000, number * 960
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.mark.parametrize("rate", [16_000, 24_000])
@pytest.mark.parametrize(
    ("name", "container", "subtype"),
    [
        ("a.wav", "WAV", None),
        ("a.flac", "FLAC", None),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.opus", "OGG", "OPUS"),
        ("a.mp3", "MP3", None),
    ],
)
def test_every_format_gives_the_tone_that_was_written(
    tmp_path: Path, name: str, container: str, subtype: str | None, rate: int
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(2.0, 48_000), 48_000, format=container, subtype=subtype)

    with open_recording(path, sample_rate=rate) as reader:
        heard = read_all(reader)

    assert len(heard) == pytest.approx(2.0 * rate, abs=0.06 * rate)
    assert loudest_hertz(heard[rate // 2 : rate + rate // 2], rate) == pytest.approx(440, abs=1)
    assert np.abs(heard[rate // 2 : rate]).max() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [("a.webm", "webm", "libopus"), ("a.mp4", "mp4", "aac"), ("a.m4a", "ipod", "aac")],
)
def test_what_browsers_and_phones_record_gives_the_tone_that_was_recorded(
    tmp_path: Path, name: str, container: str, codec: str
) -> None:
    path = tmp_path / name
    write_upload(path, container, codec, 2.0)

    with open_recording(path) as reader:
        heard = read_all(reader)

    assert len(heard) / 16_000 == pytest.approx(2.0, abs=0.1)
    assert loudest_hertz(heard[8_000:24_000], 16_000) == pytest.approx(440, abs=1)
    assert not reader.cut_short


def test_an_upload_that_nobody_reads_any_more_is_let_go_at_once(tmp_path: Path) -> None:
    path = tmp_path / "long.webm"
    write_upload(path, "webm", "libopus", 30.0)
    reader = open_recording(path)

    reader.read(100)
    reader.close()
    reader.close()

    assert len(reader.read(100)) == 0
    assert reader.decoded_s < 10  # the pipe held the decoder back


def test_channels_are_mixed_down(tmp_path: Path) -> None:
    path = tmp_path / "eight.wav"
    channels = np.linspace(-0.1, 0.6, 8, dtype=np.float32)
    soundfile.write(path, np.tile(channels, (16_000, 1)), 16_000, subtype="FLOAT")

    with open_recording(path) as reader:
        heard = read_all(reader)

    np.testing.assert_allclose(heard, channels.mean(), atol=1e-6)


def test_a_flac_that_does_not_state_its_length_is_read_to_its_last_sample(tmp_path: Path) -> None:
    path = tmp_path / "streamed.flac"
    soundfile.write(path, tone(1.3, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    content[18:26] = (int.from_bytes(content[18:26], "big") >> 36 << 36).to_bytes(8, "big")
    path.write_bytes(content)

    recording = measure_recording(path)

    assert recording.duration_s == pytest.approx(1.3)
    assert not recording.cut_short


def test_a_wav_streamed_through_a_pipe_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "streamed.wav"
    soundfile.write(path, tone(1.0, 16_000), 16_000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)

    recording = measure_recording(path)

    assert recording.duration_s == pytest.approx(1.0)
    assert not recording.cut_short


def test_resampling_in_pieces_equals_the_samples_of_one_long_read() -> None:
    with open_recording(SPEECH / "en-1.wav", sample_rate=24_000) as reader:
        in_pieces = read_all(reader, piece=311)
    with open_recording(SPEECH / "en-1.wav", sample_rate=24_000) as reader:
        at_once = reader.read(10_000_000)

    np.testing.assert_array_equal(in_pieces, at_once)
