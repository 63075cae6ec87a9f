"""The benchmark of voices: it works on what the operating system brings, and its figures are what they say."""

import json
from pathlib import Path

import pytest
from benchmarks.voices import main
from benchmarks.voices_run import HURRIES, SENTENCES, SPEAKERS_LUFS
from tests.toy_audioseal import write_audioseal

from dragoman.services.saying.wishes import check_text


def test_a_quick_look_measures_everything_and_writes_it_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))
    figures = tmp_path / "figures.json"
    watermark = write_audioseal(tmp_path / "audioseal")

    status = main(["--quick", "--engine", "espeak", "--watermark", str(watermark), "--json", str(figures)])

    told, written = capsys.readouterr().out, json.loads(figures.read_text(encoding="utf-8"))
    assert status == 0
    assert [(each["engine"], each["language"], each["clauses"]) for each in written["spoken"]] == [
        ("espeak", "vi", len(SPEAKERS_LUFS) * len(SENTENCES["vi"]))  # type: ignore[index]
    ]
    assert all(first_s > 0 for first_s in written["spoken"][0]["first_sound_s"])
    # Held against one figure for all, the quiet speaker's dub would be 4 LU off.
    assert max(abs(error) for error in written["spoken"][0]["loudness_errors_lu"]) < 2.5
    assert {each["step"].split()[0] for each in written["added"]} == {"loudness", "stretch", "watermark"}
    assert [each["hurry"] for each in written["backlog"]] == list(HURRIES[1::2])
    assert all(each["skipped"] < each["clauses"] for each in written["backlog"])
    assert "cores usable" in told


def test_an_engine_that_is_not_here_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--quick", "--engine", "nobody"])

    assert status == 1
    assert "no text-to-speech engine 'nobody'" in capsys.readouterr().err


def test_every_sentence_can_be_spoken() -> None:
    for language, sentences in SENTENCES.items():
        for sentence in sentences:
            check_text(sentence, language, most_characters=200)
