"""Firefox's models: the real engine on computed weights, its workers dying and hanging, wrong files."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.word_models import ENGLISH_SPANISH, write_firefox_pairs

from dragoman.engines.translation.firefox import FirefoxTranslator, open_engine
from dragoman.engines.translation.firefox_folder import find_models
from dragoman.ground.engines import Translation
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    ModelCorrupt,
    ModelIncomplete,
    ModelNotFound,
)
from dragoman.ground.languages import Language
from dragoman.testing.firefox_model import write_firefox_model, write_shortlist

EN, ES, VI, JA = Language("en"), Language("es"), Language("vi"), Language("ja")
HOUSE, CASA = "The house is big.", "La casa es grande."
MODEL = "model.enes.intgemm.alphas.bin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_firefox_pairs(tmp_path_factory.mktemp("firefox"))


@pytest.fixture
def engine(folder: Path) -> Iterator[FirefoxTranslator]:
    engine = FirefoxTranslator([folder])
    yield engine
    engine.close()


def spanish(engine: FirefoxTranslator, *sentences: str) -> list[str]:
    return [it.text for it in engine.translate(sentences, source=EN, target=ES)]


def test_a_folder_of_folders_is_used_whole_and_goes_through_english(engine: FirefoxTranslator) -> None:
    (through,) = engine.translate(["Ngôi nhà là lớn."], source=VI, target=ES)

    assert engine.info.pairs == {(EN, ES), (VI, EN), (VI, ES)}
    assert through == Translation(text=CASA, model_used="firefox:vi-en+en-es")


def test_a_model_in_anothers_place_has_its_name_and_another_version(folder: Path, tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(folder / "vi-en", tmp_path / str(number) / "vi-en")) for number in range(3)]
    with next(copies[2].glob("model*.bin")).open("ab") as model:
        model.write(b"\0")

    engines = [open_engine(copy, threads=1) for copy in copies]

    assert {engine.info.label for engine in engines} == {"firefox:vi-en"}
    same, as_well, other = (engine.info.version for engine in engines)
    assert same == as_well != other
    for engine in engines:
        engine.close()


def test_several_folders_are_one_engine(folder: Path) -> None:
    engine = open_engine(folder / "vi-en", threads=1, further=[folder / "en-es"])

    assert (VI, ES) in engine.info.pairs
    assert engine.info.label == "firefox:vi-en+en-es"
    engine.close()


def test_a_long_sentence_is_translated_to_its_end(engine: FirefoxTranslator) -> None:
    (answer,) = spanish(engine, f"{HOUSE[:-1]}, " * 40 + "I have dogs.")

    assert answer.startswith("La casa es grande, La casa")
    assert answer.endswith("Yo tengo perros.")
    assert answer.count("casa") == 40


def test_a_shortlist_is_used(tmp_path: Path) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", ENGLISH_SPANISH)
    write_shortlist(folder, "enes", ENGLISH_SPANISH, without="lunes")
    engine = FirefoxTranslator([folder])

    answers = spanish(engine, "We work on Monday.")

    assert answers[0].startswith("Nosotros trabajamos el ")
    assert "lunes" not in answers[0]
    engine.close()


def test_a_shortlist_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", ENGLISH_SPANISH)
    (folder / "lex.50.50.enes.s2t.bin").write_bytes(b"\x00" * 400)

    with pytest.raises(ModelCorrupt, match="shortlist"):
        FirefoxTranslator([folder])


@pytest.mark.parametrize("damage", [b"", b"\xff" * 3000], ids=["cut short", "garbage inside"])
def test_a_damaged_model_is_named_and_the_worker_lives_on(folder: Path, tmp_path: Path, damage: bytes) -> None:
    broken = write_firefox_model(tmp_path / "en-vi", "envi", {"house": "nhà"})
    model = broken / "model.envi.intgemm.alphas.bin"
    model.write_bytes(model.read_bytes()[:2000] + damage)
    engine = FirefoxTranslator([broken, folder])
    before = spanish(engine, HOUSE), engine.worker_pids

    with pytest.raises(EngineUnavailable, match=r"model\.envi.* cannot be loaded"):
        engine.translate([HOUSE], source=EN, target=VI)

    assert (spanish(engine, HOUSE), engine.worker_pids) == before
    engine.close()


@given(position=st.integers(8, 60_000), noise=st.binary(min_size=1, max_size=64))
@settings(max_examples=10, deadline=None)
def test_whatever_is_wrong_in_a_model_it_is_an_error_of_ours(folder: Path, position: int, noise: bytes) -> None:
    whole = (folder / "en-es" / MODEL).read_bytes()
    with TemporaryDirectory() as place:
        broken = Path(place) / "en-es"
        shutil.copytree(folder / "en-es", broken)
        (broken / MODEL).write_bytes(whole[:position] + noise + whole[position + len(noise) :])
        engine = FirefoxTranslator([broken])
        try:
            engine.translate([HOUSE], source=EN, target=ES, deadline_s=20.0)
        except EngineError:
            pass
        finally:
            engine.close()


def test_after_its_worker_was_killed_the_next_call_works(engine: FirefoxTranslator) -> None:
    spanish(engine, HOUSE)
    (killed,) = engine.worker_pids
    used_s = engine.cpu_s()

    os.kill(killed, signal.SIGKILL)
    with pytest.raises(EngineCrashed, match="started again"):
        spanish(engine, HOUSE)

    assert spanish(engine, HOUSE) == [CASA]
    assert engine.worker_pids != (killed,)
    assert engine.cpu_s() > used_s > 0


def test_a_worker_that_hangs_is_replaced(folder: Path) -> None:
    engine = FirefoxTranslator([folder], patience_s=0.5)
    spanish(engine, HOUSE)
    (hanging,) = engine.worker_pids

    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(EngineTimeout, match="started again"):
        spanish(engine, HOUSE)

    assert engine.worker_pids == ()
    engine.close()


def test_a_worker_for_each_thread_is_started_when_it_is_needed(folder: Path) -> None:
    engine = FirefoxTranslator([folder], threads=2)
    spanish(engine, HOUSE)
    alone = len(engine.worker_pids)
    together = threading.Barrier(2)

    def ask() -> list[str]:
        together.wait(timeout=10)
        return spanish(engine, *[HOUSE] * 50)

    with ThreadPoolExecutor(2) as executor:
        answers = [it.result(timeout=60) for it in [executor.submit(ask) for _ in range(2)]]

    assert alone == 1
    assert len(engine.worker_pids) <= 2
    assert answers == [[CASA] * 50] * 2
    engine.close()


def test_who_waits_for_the_worker_of_another_gives_up_at_the_deadline(engine: FirefoxTranslator) -> None:
    spanish(engine, HOUSE)
    busy, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with engine._crew.borrow(until_s=float("inf")):
            busy.set()
            enough.wait(timeout=30)

    with ThreadPoolExecutor(1) as executor:
        held = executor.submit(hold)
        busy.wait(timeout=10)
        with pytest.raises(EngineTimeout, match="busy"):
            engine.translate([HOUSE], source=EN, target=ES, deadline_s=0.05)
        enough.set()
        held.result(timeout=10)


def test_closing_frees_a_thread_that_waits_for_the_worker(folder: Path) -> None:
    engine = FirefoxTranslator([folder], patience_s=60.0)
    spanish(engine, HOUSE)
    os.kill(engine.worker_pids[0], signal.SIGSTOP)

    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(spanish, engine, HOUSE)
        while engine._crew._free.qsize():
            time.sleep(0.005)
        engine.close()
        error = waiting.exception(timeout=30)

    assert isinstance(error, EngineUnavailable)


def test_an_answer_in_circles_is_refused(engine: FirefoxTranslator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_ask", lambda part, model, until_s: "la casa " * 20)

    with pytest.raises(EngineOutputInvalid, match="circles"):
        spanish(engine, HOUSE)


@pytest.mark.parametrize(
    ("name", "pair"),
    [("en-es", (EN, ES)), ("firefox-vi-en", (VI, EN)), ("anything", (EN, ES)), ("mt.fx.en-ja", (EN, JA))],
)
def test_the_pair_is_read_from_the_folder_or_else_the_file(tmp_path: Path, name: str, pair: tuple[str, str]) -> None:
    (model,) = find_models(write_firefox_model(tmp_path / name, "enes", {}))

    assert model.pair == pair
    assert (model.licence, model.commercial) == ("MPL-2.0", True)


def test_what_is_stated_goes_before_names(tmp_path: Path) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", {})
    stated = {"id": "mt.fx", "pairs": [["en", "ja"]], "licence": "CC0-1.0", "commercial": True}
    (folder / "dragoman.json").write_text(json.dumps(stated))

    (model,) = find_models(folder)

    assert (model.id, model.pair, model.licence) == ("mt.fx", (EN, JA), "CC0-1.0")


def test_a_pair_of_vocabularies_is_told_apart(tmp_path: Path) -> None:
    folder = write_firefox_model(tmp_path / "en-ja", "enja", {})
    (folder / "vocab.enja.spm").rename(folder / "srcvocab.enja.spm")
    with pytest.raises(ModelIncomplete, match="trgvocab"):
        find_models(folder)
    (folder / "trgvocab.enja.spm").write_bytes((folder / "srcvocab.enja.spm").read_bytes())

    (model,) = find_models(folder)

    assert model.source_vocabulary.name == "srcvocab.enja.spm"
    assert model.target_vocabulary.name == "trgvocab.enja.spm"


def test_what_is_no_model_says_what_would_be(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no folder"):
        FirefoxTranslator([tmp_path / "none"])
    with pytest.raises(ModelIncomplete, match=r"model\*\.bin"):
        FirefoxTranslator([tmp_path])
    with pytest.raises(ModelNotFound, match="firefox:FOLDER"):
        open_engine(None, threads=1)
    folder = write_firefox_model(tmp_path / "some", "xx", {})
    with pytest.raises(ModelIncomplete, match="models add"):
        find_models(folder)


@pytest.mark.parametrize(("name", "error"), [(MODEL, ModelCorrupt), ("vocab.enes.spm", ModelCorrupt)])
def test_a_file_of_garbage_is_refused_before_anything_is_loaded(
    tmp_path: Path, name: str, error: type[Exception]
) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", {})
    (folder / name).write_bytes(b"garbage" * 100)

    with pytest.raises(error, match="fetch the model again"):
        find_models(folder)
