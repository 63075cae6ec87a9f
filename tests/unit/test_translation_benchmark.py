"""The benchmark of translation: its sums are right, its models have their shape, and one model goes all the way."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import translation, translation_models
from benchmarks.translation_models import FIREFOX_WORDS, Transformer, make_model, word
from benchmarks.translation_run import Ran, Timed

from dragoman.models.families import recognise_engine


def _timed(way: str, seconds: float, sentences: int = 1, model: str = "nllb-600m") -> Timed:
    return Timed(model=model, way=way, sentences=sentences, seconds=(seconds,) * 3)


def test_a_goal_that_is_missed_says_by_how_much_and_one_that_is_met_says_so() -> None:
    ran = Ran(timed=(_timed("ours", 1.0), _timed("plain", 2.0)), rss_mib=700.0, same_answers=None)

    goals = translation._goals({"nllb-600m": ran})

    assert "+100 ms" in goals
    assert goals.splitlines()[-1].endswith("2.00 times  met")


def test_times_are_for_one_sentence_of_those_that_came_together() -> None:
    timed = (_timed("ours", 0.8, sentences=8), _timed("plain", 1.6, sentences=8))

    (_, ours, plain) = translation._table({"m": Ran(timed=timed, rss_mib=1.0, same_answers=1.0)}).splitlines()

    assert ours.split() == ["m", "8", "ours", "100.0", "100.0", "800", "2.00", "1", "100%"]
    assert plain.split() == ["m", "8", "plain", "200.0", "200.0", "1600"]


def test_words_of_the_computed_model_are_all_different() -> None:
    assert len({word(number) for number in range(2 * FIREFOX_WORDS)}) == 2 * FIREFOX_WORDS


def test_a_model_is_made_once_in_its_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Transformer(vocabulary=50, width=16, layers=1, heads=2, inner=32, pre_norm=True)
    monkeypatch.setitem(translation_models.TRANSFORMERS, "tiny", shape)

    folder = make_model("tiny", tmp_path)
    first = (folder / "model.bin").stat().st_mtime_ns

    assert recognise_engine(folder) == "ctranslate2"
    assert (make_model("tiny", tmp_path) / "model.bin").stat().st_mtime_ns == first


def test_the_tiny_model_goes_all_the_way_in_a_process_of_its_own(tmp_path: Path) -> None:
    ran = translation._run("mt-pico", (1, 2), rounds=1, threads=1)

    assert [(one.way, one.sentences) for one in ran.timed] == [("ours", 1), ("plain", 1), ("ours", 2), ("plain", 2)]
    assert all(seconds > 0 for one in ran.timed for seconds in one.seconds)
    assert ran.same_answers == 1.0
    assert ran.rss_mib > 10


def test_a_model_that_there_is_not_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, translation.__file__, "--models", "gpt"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert "nllb-600m" in done.stderr
