"""A language model: the real llama.cpp on computed weights, deadlines, its worker dying and hanging, wrong files."""

import importlib.util
import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.gguf_model import write_gguf

from dragoman.engines.translation.llama_cpp import LlamaCppTranslator, open_engine
from dragoman.engines.translation.llama_worker import PROMPTS_MIB, parameters
from dragoman.ground.engines import Capability, Glossary, GlossaryTerm
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    ModelCorrupt,
    ModelError,
    ModelIncomplete,
    ModelNotFound,
)
from dragoman.ground.languages import Language

EN, ES, VI, CA = Language("en"), Language("es"), Language("vi"), Language("ca")
ANSWERS = {
    "The house is big.": "La casa es grande.",
    "We work on Monday.": "Trabajamos lunes.",
    "Be quiet.": '"Silencio."',
}
ENDLESS = {"Round and round.": "vuelta tras"}
HOUSE, CASA = "The house is big.", "La casa es grande."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hy-mt2")
    write_gguf(folder / "Hy-MT2-tiny.gguf", ANSWERS, endless=ENDLESS)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[LlamaCppTranslator]:
    engine = LlamaCppTranslator(folder)
    engine.warm_up()
    yield engine
    engine.close()


def spanish(
    engine: LlamaCppTranslator, *sentences: str, glossary: Glossary | None = None, deadline_s: float | None = 60.0
) -> list[str]:
    answers = engine.translate(sentences, source=EN, target=ES, glossary=glossary, deadline_s=deadline_s)
    return [answer.text for answer in answers]


def test_it_states_what_it_honours(engine: LlamaCppTranslator) -> None:
    assert engine.info.capabilities == {Capability.TERMS, Capability.CONTEXT}
    assert (engine.info.licence, engine.info.commercial) == ("Apache-2.0", True)
    assert {(EN, VI), (VI, EN), (VI, ES)} <= engine.info.pairs
    assert not any(CA in pair for pair in engine.info.pairs)


def test_terms_and_background_are_asked_in_the_models_own_form(engine: LlamaCppTranslator) -> None:
    glossary = Glossary(terms=(GlossaryTerm(source="house", target="casa"),), background="Ben sells his house.")

    assert spanish(engine, HOUSE, glossary=glossary) == [CASA]


def tokens_of(engine: LlamaCppTranslator, sentence: str, background: str) -> tuple[int, int]:
    """Say how many tokens of the prompt the model read, and how many it knew."""
    before = engine.prompt_tokens
    spanish(engine, sentence, glossary=Glossary(background=background))
    after = engine.prompt_tokens
    return after.read - before.read, after.kept - before.kept


def test_what_prompts_of_a_meeting_begin_with_is_read_once(engine: LlamaCppTranslator) -> None:
    background = "Ben sells his house in Hanoi and moves to Da Nang. " * 20

    first_read, first_kept = tokens_of(engine, HOUSE, background)
    next_read, next_kept = tokens_of(engine, "We work on Monday.", background)

    # Of the tiny model nearly each letter is a token.
    assert first_read > 1000 > first_kept
    assert next_read <= len("We work on Monday.") + 4
    assert next_kept > 1000


def test_meetings_that_take_turns_need_not_begin_anew_each_time(engine: LlamaCppTranslator) -> None:
    backgrounds = ["The weather of the north in autumn. " * 20, "A new bridge over the river. " * 20]
    for background in backgrounds:
        tokens_of(engine, HOUSE, background)

    again = [tokens_of(engine, "We work on Monday.", background) for background in backgrounds]

    assert all(read <= len("We work on Monday.") + 4 < kept for read, kept in again)


def test_prompts_that_are_kept_take_a_stated_amount_of_memory() -> None:
    made = parameters("model.gguf", 2)

    assert made.cache_ram_mib == PROMPTS_MIB <= 512


def test_quotes_that_nobody_said_are_left_out(engine: LlamaCppTranslator) -> None:
    assert spanish(engine, "Be quiet.") == ["Silencio."]


def test_an_answer_without_end_is_refused(engine: LlamaCppTranslator) -> None:
    with pytest.raises(EngineOutputInvalid):
        spanish(engine, "Round and round.")
    assert spanish(engine, HOUSE) == [CASA]


def test_no_answer_is_refused(engine: LlamaCppTranslator) -> None:
    with pytest.raises(EngineOutputInvalid):
        spanish(engine, "Nobody knows this one.")


def test_a_deadline_is_kept_without_a_new_start(engine: LlamaCppTranslator) -> None:
    before = engine.worker_pids

    with pytest.raises(EngineTimeout, match="deadline"):
        spanish(engine, *[HOUSE] * 5000, deadline_s=0.3)

    assert spanish(engine, HOUSE) == [CASA]
    assert engine.worker_pids == before


def test_several_threads_take_turns(engine: LlamaCppTranslator) -> None:
    with ThreadPoolExecutor(4) as executor:
        answers = list(executor.map(lambda text: spanish(engine, text), [HOUSE, "We work on Monday."] * 8))

    assert answers == [[CASA], ["Trabajamos lunes."]] * 8


def test_after_its_worker_was_killed_the_next_call_works(folder: Path) -> None:
    engine = LlamaCppTranslator(folder)
    spanish(engine, HOUSE)
    (killed,) = engine.worker_pids

    os.kill(killed, signal.SIGKILL)
    with pytest.raises(EngineCrashed, match="started again"):
        spanish(engine, HOUSE)

    assert spanish(engine, HOUSE) == [CASA]
    engine.close()
    engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        spanish(engine, HOUSE)


def test_a_worker_that_hangs_is_replaced(folder: Path) -> None:
    engine = LlamaCppTranslator(folder, patience_s=0.3)
    spanish(engine, HOUSE)

    os.kill(engine.worker_pids[0], signal.SIGSTOP)
    with pytest.raises(EngineTimeout, match="started again"):
        spanish(engine, HOUSE, deadline_s=0.3)

    assert engine.worker_pids == ()
    engine.close()


@pytest.mark.parametrize("kept_bytes", [24, 4000, 60_000])
def test_a_model_that_is_cut_short_is_refused_in_its_own_process(folder: Path, tmp_path: Path, kept_bytes: int) -> None:
    whole = (folder / "Hy-MT2-tiny.gguf").read_bytes()
    (tmp_path / "Hy-MT2-tiny.gguf").write_bytes(whole[:kept_bytes])
    engine = LlamaCppTranslator(tmp_path)

    with pytest.raises((EngineUnavailable, EngineCrashed)):
        engine.warm_up()
    engine.close()


def test_a_model_says_its_languages_or_is_refused(folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "some-model" / "weights.gguf"
    model.parent.mkdir()
    model.write_bytes((folder / "Hy-MT2-tiny.gguf").read_bytes())
    with pytest.raises(ModelIncomplete, match=r"models add .* --languages"):
        LlamaCppTranslator(model.parent)
    stated = {"id": "llm.tiny", "pairs": [["en", "ca"]], "licence": "MIT", "commercial": True}
    (model.parent / "dragoman.json").write_text(json.dumps(stated))

    engine = open_engine(model.parent, threads=2)

    assert engine.info.pairs == {(EN, CA)}
    assert engine.info.label == "llama_cpp:llm.tiny"
    engine.close()


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({}, ModelIncomplete),
        ({"a.gguf": b"GGUF", "b.gguf": b"GGUF"}, ModelIncomplete),
        ({"hymt.gguf": b"PK"}, ModelCorrupt),
    ],
    ids=["none", "two", "another format"],
)
def test_what_is_no_model_says_so(tmp_path: Path, files: dict[str, bytes], error: type[ModelError]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(error):
        LlamaCppTranslator(tmp_path)


def test_without_a_model_or_the_package_it_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelNotFound, match="llama_cpp:FOLDER"):
        open_engine(None, threads=1)
    with pytest.raises(ModelNotFound, match="no folder"):
        LlamaCppTranslator(folder / "none")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"dragoman\[llm\]"):
        LlamaCppTranslator(folder)
