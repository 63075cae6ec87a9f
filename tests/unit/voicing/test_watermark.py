"""The watermark of a clause: there in every piece, as long as the speech, without a click, and never left out."""

from collections.abc import Iterator

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.toy_audioseal import write_audioseal

from dragoman.engines.watermark.audioseal import AudioSeal, open_audioseal
from dragoman.engines.watermark.detection import SAMPLE_RATE
from dragoman.ground.audio import Audio, Samples, join_audio
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.testing.tones import hear_tones, say_as_tones
from dragoman.voicing.watermark import LEAST_S, Watermark, payload_of, read_payload


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> AudioSeal:
    return open_audioseal(write_audioseal(tmp_path_factory.mktemp("audioseal")))


def cut(audio: Audio, length: int) -> list[Audio]:
    starts = range(0, len(audio.samples), length)
    return [Audio(samples=audio.samples[at : at + length], sample_rate=audio.sample_rate) for at in starts]


def mark(maker: Watermark, pieces: list[Audio]) -> list[Audio]:
    return list(maker.mark(lambda: iter(pieces), engine="espeak"))


def at_detector(audio: Audio) -> Samples:
    return np.asarray(soxr.resample(audio.samples, audio.sample_rate, SAMPLE_RATE), np.float32)


class Loud:
    """Marks as loud as can be."""

    def watermark(self, samples: Samples, *, payload: int) -> Samples:
        return np.ones_like(samples)


class Broken:
    def watermark(self, samples: Samples, *, payload: int) -> Samples:
        raise EngineOutputInvalid("the watermark generator gave numbers that are none")


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("piece_s", [0.05, 0.4, 60.0])
def test_speech_of_any_rate_in_any_pieces_is_marked_and_stays_readable(
    rate: int, piece_s: float, model: AudioSeal
) -> None:
    speech = say_as_tones("we start at nine in the morning", sample_rate=rate)

    marked = join_audio(mark(Watermark(model, site=7), cut(speech, round(piece_s * rate))), rate)

    found = model.detect(at_detector(marked))
    assert len(marked.samples) == len(speech.samples)
    assert found.found
    assert found.payload == payload_of(7, "espeak").bits
    assert [word.text for word in hear_tones(marked)] == "we start at nine in the morning".split()


@given(lengths=st.lists(st.integers(0, 9000), max_size=12))
@settings(max_examples=30, deadline=None)
def test_no_sample_is_lost_or_added_however_speech_is_cut(lengths: list[int]) -> None:
    pieces = [Audio(samples=np.full(length, 0.5, np.float32), sample_rate=24_000) for length in lengths]

    marked = mark(Watermark(Loud()), pieces)

    assert sum(len(piece.samples) for piece in marked) == sum(lengths)
    assert all(float(np.abs(piece.samples).max(initial=0.0)) <= 1.0 for piece in marked)


def test_the_first_sound_does_not_wait_for_the_rest_of_the_clause(model: AudioSeal) -> None:
    taken: list[float] = []

    def spoken() -> Iterator[Audio]:
        for piece in cut(say_as_tones("one two three four", sample_rate=24_000), round(LEAST_S * 24_000)):
            taken.append(piece.duration_s)
            yield piece

    first = next(Watermark(model).mark(spoken, engine="espeak"))

    assert len(taken) == 1
    assert first.duration_s == pytest.approx(LEAST_S)


def test_stretches_meet_without_a_click() -> None:
    quiet = Audio(samples=np.zeros(48_000, np.float32), sample_rate=48_000)

    marked = join_audio(mark(Watermark(Loud()), cut(quiet, 12_000)), 48_000)

    steps = np.abs(np.diff(marked.samples))
    assert float(steps.max()) < 0.02
    assert float(marked.samples.max()) == pytest.approx(1.0, abs=0.05)


def test_what_cannot_be_marked_is_not_spoken() -> None:
    with pytest.raises(EngineOutputInvalid):
        mark(Watermark(Broken()), [say_as_tones("hello")])


@given(site=st.integers(0, 255), engine=st.text(max_size=40))
def test_the_payload_says_the_site_and_fits_in_sixteen_bits(site: int, engine: str) -> None:
    payload = payload_of(site, engine)

    assert read_payload(payload.bits) == payload
    assert 0 <= payload.bits < 1 << 16
    assert read_payload(payload.bits).site == site


@pytest.mark.parametrize("site", [-1, 256])
def test_a_site_beyond_its_bits_is_refused(site: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 255"):
        Watermark(Loud(), site=site)
