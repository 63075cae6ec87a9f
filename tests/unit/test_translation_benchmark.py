"""The benchmark of translation: its sums are right, its models have their shape, and each goes all the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import translation, translation_models
from benchmarks.translation_models import EN, FIREFOX_WORDS, FORM, VI, Transformer, make_model
from benchmarks.translation_run import Ran, Timed, _measure
from benchmarks.translation_words import PIECES, WORDS, sentence, word

from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.models.families import recognise_engine
from dragoman.testing.firefox_model import Shape

SMALL = {"vocabulary": 2500, "width": 64, "layers": 1, "heads": 2, "inner": 64}
SHAPES = {
    "nllb": Transformer(**SMALL, pre_norm=True, codes=("eng_Latn", "vie_Latn"), shortlisted=2200),  # type: ignore[arg-type]
    "opus": Transformer(**SMALL, pre_norm=False),  # type: ignore[arg-type]
}


def _timed(way: str, seconds: float, sentences: int = 1, model: str = "nllb-600m") -> Timed:
    return Timed(model=model, way=way, sentences=sentences, seconds=(seconds,) * 3)


def test_a_goal_that_is_missed_says_by_how_much_and_one_that_is_met_says_so() -> None:
    timed = (_timed("ours", 1.0), _timed("unlisted", 2.0), _timed("plain", 3.0))
    ran = Ran(timed=timed, rss_mib=700.0, same_answers=1.0)

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


def test_sentences_are_of_twelve_words_that_nobody_else_says() -> None:
    said = [sentence(number) for number in range(8)]

    assert {len(text.split()) for text in said} == {WORDS}
    assert len({spoken for text in said for spoken in text.split()}) == 8 * WORDS


@pytest.fixture(params=sorted(SHAPES))
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(translation_models.TRANSFORMERS, request.param, SHAPES[request.param])
    return make_model(request.param, tmp_path)


def test_a_model_is_made_once_and_again_when_its_form_has_changed(made: Path) -> None:
    first = (made / "model.bin").stat().st_mtime_ns

    assert recognise_engine(made) == "ctranslate2"
    assert (make_model(made.name, made.parent) / "model.bin").stat().st_mtime_ns == first

    (made / "README.json").write_text(json.dumps({"weights": "random", "form": FORM - 1}))
    assert (make_model(made.name, made.parent) / "model.bin").stat().st_mtime_ns != first


def test_our_engine_answers_a_model_of_random_weights_in_as_many_pieces_as_it_was_asked_in(made: Path) -> None:
    engine = CTranslate2Translator(made)
    convention = read_folder(made)
    said = [sentence(number) for number in range(3)]

    answers = engine.translate(said, source=EN, target=VI)
    engine.close()

    assert [len(convention.pieces(text)) for text in said] == [PIECES] * 3
    assert [len(convention.pieces(answer.text)) for answer in answers] == [PIECES] * 3


def test_all_ways_say_the_same_of_each_kind_of_model(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation_models, "FIREFOX_WORDS", 200)
    monkeypatch.setitem(translation_models.FIREFOX, "firefox-tiny", Shape())

    for name in (made.name, "firefox-tiny"):
        ran = _measure(name, (1, 2), rounds=1, folder=made.parent, threads=1)

        ways = ["ours", "unlisted", "plain"] if name == "nllb" else ["ours", "plain"]
        assert ran.same_answers == 1.0
        assert [(one.way, one.sentences) for one in ran.timed] == [(way, size) for size in (1, 2) for way in ways]


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
