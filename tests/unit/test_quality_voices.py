"""The measure of how well voices are understood: what it counts and asks for; the plain voice, held to limits in CI."""

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.quality_voices import count_wrong, limit_of, main
from tests.unit.test_quality import FIXTURES, write_manifest

from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTextToSpeech

PICO = FIXTURES / "whisper-pico"
EN, VI = Language("en"), Language("vi")


class Cloning(FakeTextToSpeech):
    """Says that it can clone."""

    @property
    def info(self):  # type: ignore[no-untyped-def]
        return replace(super().info, clones=True)


def test_the_tiny_model_understands_the_plain_voice_on_the_texts_that_it_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_manifest(tmp_path, ["en-1", "en-2", "vi-1", "vi-2"])

    limits = ["--limit", "en=8", "--limit", "vi=5"]
    status = main(["--model", str(PICO), "--data", str(data), "--voice", "espeak", *limits])

    told = capsys.readouterr()
    assert (status, told.err) == (0, "")
    assert [line.split()[:2] for line in told.out.splitlines()[2:]] == [["en", "2"], ["vi", "2"]]


def test_a_voice_that_is_not_understood_passes_its_limit_and_the_status_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_manifest(tmp_path, ["en-1"], en="whatever the tiny model never learnt to write")

    status = main(["--model", str(PICO), "--data", str(data), "--voice", "espeak", "--limit", "en=8"])

    assert status == 1
    assert "en, voice espeak" in capsys.readouterr().err


def test_voices_for_calls_are_held_to_limits_and_the_plain_one_only_if_somebody_asks() -> None:
    natural, plain = FakeTextToSpeech(name="natural"), FakeTextToSpeech(name="espeak")

    assert limit_of(natural, VI, {}) == 5.0
    assert limit_of(Cloning(name="cloning"), VI, {}) == 8.0
    assert limit_of(Cloning(name="vieneu"), VI, {}) == 5.0
    assert limit_of(plain, VI, {}) is None
    assert limit_of(plain, VI, {"vi": 30.0}) == 30.0
    assert limit_of(natural, EN, {}) is None


@pytest.mark.parametrize(
    ("truth", "heard", "wrong"),
    [("xin chào", "xin chào", 0), ("xin chào", "xin chao", 1), ("xin chào", "", 8), ("", "xin", 3), ("", "", 0)],
)
def test_wrong_characters_are_counted(truth: str, heard: str, wrong: int) -> None:
    assert count_wrong(truth, heard) == wrong


def test_what_is_missing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_manifest(tmp_path, ["en-1"])

    assert main(["--model", str(PICO), "--data", str(data), "--voice", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
    assert main(["--model", str(tmp_path), "--data", str(data)]) == 2
    assert "model.bin" in capsys.readouterr().err
    assert main(["--model", str(FIXTURES / "mt-pico"), "--data", str(data)]) == 2
    assert "recognises no speech" in capsys.readouterr().err
