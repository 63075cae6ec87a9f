"""Originals under the dub, in one file that says what it is."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import Samples
from dragoman.ground.languages import Language
from dragoman.rooms.dub_recording import DUB_RATE, DubInterval, DubRecording, DubSpool
from dragoman.rooms.ducking import DUCKED_GAIN
from dragoman.rooms.mixdown import Original, soft_limit, write_mixdown

ES = Language("es")


def write_constant(path: Path, value: float, seconds: float) -> Path:
    soundfile.write(path, np.full(round(seconds * DUB_RATE), value, np.float32), DUB_RATE)
    return path


def make_dub(folder: Path, value: float, start_s: float, end_s: float) -> DubRecording:
    dub = DubRecording(language=ES, spool=DubSpool(folder / "spool"))
    dub.spool.mix_in(round(start_s * DUB_RATE), np.full(round((end_s - start_s) * DUB_RATE), value, np.float32))
    dub.add_interval(DubInterval(start_s=start_s, end_s=end_s, speaker="an", language=ES))
    return dub


def at(samples: Samples, second: float) -> float:
    return float(samples[round(second * DUB_RATE)])


def test_the_original_is_ducked_under_the_dub_and_comes_back(tmp_path: Path) -> None:
    an = write_constant(tmp_path / "an.wav", 0.5, 6.0)
    dub = make_dub(tmp_path, 0.2, 1.0, 3.0)

    lasted_s = write_mixdown(tmp_path / "mix.wav", originals=[Original(path=an)], dub=dub)
    dub.spool.close()

    mix, rate = soundfile.read(tmp_path / "mix.wav", dtype="float32")
    assert (rate, mix.ndim, lasted_s) == (DUB_RATE, 1, 6.0)
    assert at(mix, 0.9) == pytest.approx(0.5, abs=1e-3)
    assert at(mix, 1.2) == pytest.approx(0.5 * DUCKED_GAIN + 0.2, abs=1e-3)
    assert at(mix, 3.3) == pytest.approx(0.5 * DUCKED_GAIN, abs=1e-3)
    assert at(mix, 4.0) == pytest.approx(0.5, abs=0.03)


def test_speakers_are_heard_from_their_own_start_and_those_understood_stay_loud(tmp_path: Path) -> None:
    an = write_constant(tmp_path / "an.wav", 0.4, 2.0)
    eva = write_constant(tmp_path / "eva.wav", 0.1, 2.0)
    dub = make_dub(tmp_path, 0.0, 1.0, 2.0)

    lasted_s = write_mixdown(
        tmp_path / "mix.wav",
        originals=[Original(path=an), Original(path=eva, starts_at_s=1.25, ducked=False)],
        dub=dub,
    )
    dub.spool.close()

    mix, _ = soundfile.read(tmp_path / "mix.wav", dtype="float32")
    assert lasted_s == pytest.approx(3.25)
    assert at(mix, 0.5) == pytest.approx(0.4, abs=1e-3)
    assert at(mix, 1.5) == pytest.approx(0.4 * DUCKED_GAIN + 0.1, abs=1e-3)
    assert at(mix, 3.0) == pytest.approx(0.1, abs=1e-3)


def test_a_dub_that_outlasts_the_originals_is_kept_to_its_end(tmp_path: Path) -> None:
    an = write_constant(tmp_path / "an.wav", 0.4, 1.0)
    dub = make_dub(tmp_path, 0.3, 0.5, 2.7)

    lasted_s = write_mixdown(tmp_path / "mix.wav", originals=[Original(path=an)], dub=dub)
    dub.spool.close()

    mix, _ = soundfile.read(tmp_path / "mix.wav", dtype="float32")
    assert lasted_s == pytest.approx(2.7)
    assert at(mix, 2.6) == pytest.approx(0.3, abs=1e-3)


def test_without_originals_the_dub_is_alone(tmp_path: Path) -> None:
    dub = make_dub(tmp_path, 0.3, 0.5, 1.0)

    lasted_s = write_mixdown(tmp_path / "dub.wav", originals=[], dub=dub)
    dub.spool.close()

    mix, _ = soundfile.read(tmp_path / "dub.wav", dtype="float32")
    assert lasted_s == pytest.approx(1.0)
    assert at(mix, 0.25) == 0
    assert at(mix, 0.75) == pytest.approx(0.3, abs=1e-3)


def test_the_file_says_that_its_voice_is_synthetic(tmp_path: Path) -> None:
    dub = make_dub(tmp_path, 0.3, 0.0, 0.5)

    write_mixdown(tmp_path / "dub.wav", originals=[], dub=dub)
    dub.spool.close()

    with soundfile.SoundFile(tmp_path / "dub.wav") as file:
        assert file.comment.startswith("AI-generated speech by Dragoman")
        assert (file.subtype, file.frames) == ("PCM_16", DUB_RATE // 2)


def test_the_limiter_bends_what_is_loud_and_leaves_the_rest() -> None:
    limited = soft_limit(np.array([0.1, -0.79, 0.9, -1.5, 30.0], np.float32))

    assert limited[:2].tolist() == pytest.approx([0.1, -0.79])
    assert 0.8 < limited[2] < 0.9
    assert -1.0 <= limited[3] < -0.95
    assert limited[4] <= 1.0
