"""The measure of quality: what it counts and refuses; the tiny models of the tests, held to limits of their own."""

import json
import shutil
from pathlib import Path

import pytest
import soundfile
from benchmarks.quality import main
from benchmarks.quality_run import Errors, count_errors, find_recognisers, read_manifest
from benchmarks.translation_quality import read_pairs
from tests.toy_transducer import say_in_letters, write_zipformer

from dragoman.ground.errors import InputError, ModelWrongFamily

FIXTURES = Path(__file__).parents[1] / "fixtures"
SPEECH = FIXTURES / "speech"
RATE = 16_000


def write_manifest(folder: Path, names: list[str], **changed: str) -> Path:
    lines = []
    for name in names:
        text = json.loads((SPEECH / f"{name}.json").read_text(encoding="utf-8"))["text"]
        lines.append({"file": str(SPEECH / f"{name}.wav"), "language": name[:2], "text": changed.get(name[:2], text)})
    (folder / "manifest.jsonl").write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    return folder


def test_the_tiny_models_hear_the_fixtures_and_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_manifest(tmp_path, ["en-1", "en-2", "vi-1", "vi-2"])
    soundfile.write(tmp_path / "quiet.wav", [0.0] * 3 * RATE, RATE)
    with (data / "manifest.jsonl").open("a", encoding="utf-8") as manifest:
        manifest.write('\n{"file": "quiet.wav", "language": "vi", "text": ""}\n')
    figures = tmp_path / "figures.json"

    limits = ["--limit", "en=3", "--limit", "vi=3", "--invented", "0"]
    status = main(
        ["--models", str(FIXTURES / "whisper-pico"), "--data", str(data), "--json", str(figures), *limits]
    )  # fmt: skip

    told = capsys.readouterr()
    recordings = json.loads(figures.read_text(encoding="utf-8"))["recordings"]
    assert (status, told.err) == (0, "")
    assert "whisper-pico" in told.out
    assert [one["sample"]["file"] for one in recordings][-1] == "quiet.wav"
    assert all(0.0 < lag_s < 5.0 for one in recordings for lag_s in one["final_lags_s"])
    assert sum(len(one["final_lags_s"]) for one in recordings) >= 4


def test_a_streaming_transducer_is_measured_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models, data, figures = tmp_path / "models", tmp_path / "data", tmp_path / "figures.json"
    write_zipformer(models / "zipformer-en")
    data.mkdir()
    soundfile.write(data / "tones.wav", say_in_letters("we begin now").samples, RATE)
    line = {"file": "tones.wav", "language": "en", "text": "We begin now."}
    (data / "manifest.jsonl").write_text(json.dumps(line), encoding="utf-8")

    # Live, voice activity takes tones for no speech: of what is heard there, nothing is asked for.
    main(["--models", str(models), "--data", str(data), "--json", str(figures), "--limit", "en=100"])

    told = capsys.readouterr()
    (one,) = json.loads(figures.read_text(encoding="utf-8"))["recordings"]
    assert one["model_used"] == "sherpa:zipformer-en"
    assert one["offline"] == {"said": 3, "wrong": 0, "written": 3, "invented": 0}
    assert "sherpa:zipformer-en" in told.out
    assert told.err == ""


def write_translations(folder: Path, pattern: str, **changed: str) -> Path:
    """Write sentences of the speech fixtures with their translations; the tiny models were not trained on them."""
    lines = []
    for path in sorted(SPEECH.glob(pattern)):
        talk = json.loads(path.read_text(encoding="utf-8"))
        target = "vi" if talk["language"] == "en" else "en"
        lines += [
            {"language": talk["language"], "target": target, "text": one["text"], "translation": one["translation"]}
            | changed
            for one in talk["sentences"]
        ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "manifest.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_the_tiny_model_translates_the_fixtures_and_the_scores_can_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, figures = write_translations(tmp_path, "*-[1-6].json"), tmp_path / "figures.json"

    limits = ["--chrf", "en-vi=90", "--chrf", "vi-en=90"]
    status = main(
        ["--models", str(FIXTURES / "mt-pico"), "--data", str(data), "--json", str(figures), *limits]
    )  # fmt: skip

    told = capsys.readouterr()
    scores = json.loads(figures.read_text(encoding="utf-8"))["translations"]
    assert (status, told.err) == (0, "")
    assert [score["languages"] for score in scores] == [["en", "vi"], ["vi", "en"]]
    assert all(score["failed"] == 0 and score["bleu"] > 80 for score in scores)
    assert "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:" in told.out
    assert "tok:13a" in told.out


def test_translations_that_are_too_far_off_pass_the_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_translations(tmp_path, "en-1.json", translation="Hoàn toàn khác")

    status = main(["--models", str(FIXTURES), "--data", str(data)])

    assert status == 1
    assert "en-vi: chrF++" in capsys.readouterr().err


def test_translations_need_a_model_that_translates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_translations(tmp_path, "en-1.json")

    status = main(["--models", str(FIXTURES / "whisper-pico"), "--data", str(data)])

    assert status == 2
    assert "no translation model" in capsys.readouterr().err


@pytest.mark.parametrize("line", ['{"language": "en", "text": "a", "translation": "b"}', '{"translation": "b"}'])
def test_a_translation_without_its_languages_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "manifest.jsonl").write_text(f"\n{line}\n", encoding="utf-8")

    with pytest.raises(InputError, match="line 2"):
        read_pairs(tmp_path / "manifest.jsonl")


def test_words_that_are_heard_wrongly_pass_the_limit_and_the_status_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_manifest(tmp_path, ["en-1"], en="nothing like this was said")

    status = main(["--models", str(FIXTURES / "whisper-pico"), "--data", str(data)])

    assert status == 1
    assert "en offline: word error rate" in capsys.readouterr().err


def test_spelling_counts_and_capitals_and_punctuation_do_not() -> None:
    assert count_errors("Xin chào, David!", "xin chào david") == Errors(said=3, wrong=0, written=3, invented=0)
    assert count_errors("Xin chào, David!", "xin chao david").wrong == 1


def test_runs_of_words_that_nobody_said_are_invented_and_single_ones_misheard() -> None:
    run = count_errors("we begin now", "we begin now thank you for watching")
    single = count_errors("we begin now", "we all begin now")
    nobody = count_errors("", "thank you")

    assert (run.invented, run.wrong) == (4, 4)
    assert (single.invented, single.wrong) == (0, 1)
    assert (nobody.invented, nobody.written, nobody.said) == (2, 2, 0)


def test_silence_that_stays_silent_is_no_error() -> None:
    assert count_errors("", "") == Errors()
    assert count_errors("", "").invented_share == 0.0


@pytest.mark.parametrize(
    "line",
    [
        '{"file": "a.wav"}',
        "no json",
        "[]",
        '{"file": "none.wav", "language": "vi", "text": ""}',
        '{"file": "a.wav", "language": "xx", "text": ""}',
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    shutil.copy(SPEECH / "en-1.wav", tmp_path / "a.wav")
    (tmp_path / "manifest.jsonl").write_text(f"\n{line}\n", encoding="utf-8")

    with pytest.raises(InputError, match="line 2"):
        read_manifest(tmp_path)


def test_a_folder_without_a_manifest_or_a_model_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without_models = main(["--models", str(tmp_path), "--data", str(write_manifest(tmp_path, ["en-1"]))])

    assert without_models == 2
    assert "model.bin" in capsys.readouterr().err
    with pytest.raises(InputError, match="manifest"):
        read_manifest(FIXTURES)


def test_models_of_all_engines_are_found_the_largest_first(tmp_path: Path) -> None:
    small, large = write_zipformer(tmp_path / "a-en"), Path(shutil.copytree(FIXTURES / "whisper-pico", tmp_path / "b"))

    assert find_recognisers(tmp_path) == [large, small]
    assert find_recognisers(small) == [small]


def test_of_a_folder_of_models_those_that_recognise_are_taken() -> None:
    assert find_recognisers(FIXTURES) == find_recognisers(FIXTURES / "whisper-pico") == [FIXTURES / "whisper-pico"]
    with pytest.raises(ModelWrongFamily, match="recognises no speech"):
        find_recognisers(FIXTURES / "mt-pico")
