"""Apertium's directions and chains, and its pipelines when stages die, stop, or answer out of step."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dragoman.engines.programs import ProgramOwner
from dragoman.engines.translation.apertium import MAX_PIPELINES, ApertiumTranslator, find_routes, parse_modes
from dragoman.engines.translation.apertium_pipeline import ApertiumPipeline, read_mode
from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import Language

EN, ES, FR, IT, PT, HR, SR = (Language(code) for code in ("en", "es", "fr", "it", "pt", "hr", "sr"))
HOUSE = "The house is big."
CASA = "La casa es grande."


@pytest.fixture
def engine() -> Iterator[ApertiumTranslator]:
    engine = ApertiumTranslator()
    yield engine
    engine.close()


@pytest.fixture
def owner() -> Iterator[ProgramOwner]:
    owner = ProgramOwner()
    yield owner
    owner.close()


def to_spanish(engine: ApertiumTranslator, text: str, deadline_s: float | None = None) -> str:
    (translation,) = engine.translate([text], source=EN, target=ES, deadline_s=deadline_s)
    return translation.text


def pipeline_of(owner: ProgramOwner, *scripts: str) -> ApertiumPipeline:
    return ApertiumPipeline(mode="test", stages=[["sh", "-c", script] for script in scripts], owner=owner)


def write_script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_reads_mode_names_of_two_and_three_letters_and_leaves_dialects_alone() -> None:
    modes = parse_modes("  eng-spa\n  en-gl\n  eng-cat_valencia\n  es-pt_BR\n  eo-en-j\n  es-pt\n")

    assert modes == {(EN, ES): "eng-spa", (EN, Language("gl")): "en-gl", (ES, PT): "es-pt"}


def test_serbo_croatian_is_read_as_one_language_and_written_in_its_three_standards() -> None:
    modes = parse_modes("eng-hbs eng-hbs_HR eng-hbs_SR hbs-eng")

    assert modes[EN, HR] == "eng-hbs_HR"
    assert modes[EN, SR] == "eng-hbs_SR"
    assert modes[HR, EN] == modes[Language("bs"), EN] == "hbs-eng"
    assert (EN, Language("bs")) not in modes


def test_prefers_a_direct_mode_to_a_chain() -> None:
    routes = find_routes(parse_modes("eng-spa spa-eng es-fr fr-es fra-eng"))
    with_direct = find_routes(parse_modes("eng-spa spa-eng es-fr fr-es fr-en"))

    assert routes[FR, EN] == ((FR, ES), (ES, EN))
    assert with_direct[FR, EN] == ((FR, EN),)


def test_does_not_translate_a_language_into_another_standard_of_itself_by_way_of_english() -> None:
    routes = find_routes(parse_modes("eng-hbs_HR eng-hbs_SR hbs-eng"))

    assert (HR, SR) not in routes


def test_the_packages_of_debian_give_english_spanish_french_italian_and_portuguese(engine: ApertiumTranslator) -> None:
    base = {EN, ES, FR, IT, PT}

    assert {(source, target) for source in base for target in base if source != target} <= engine.info.pairs
    assert not any(Language("vi") in pair for pair in engine.info.pairs)


@pytest.mark.parametrize(
    ("languages", "text", "expected", "model_used"),
    [
        ((EN, ES), HOUSE, CASA, "apertium:en-es"),
        ((EN, FR), HOUSE, "La maison est grande.", "apertium:en-es+es-fr"),
        ((EN, PT), HOUSE, "A casa é grande.", "apertium:en-es+es-pt"),
        ((EN, IT), HOUSE, "La casa è grande.", "apertium:en-es+es-it"),
        ((FR, EN), "La maison est grande.", "The house is big.", "apertium:fr-es+es-en"),
    ],
)
def test_translates_directly_and_through_spanish(
    engine: ApertiumTranslator, languages: LanguagePair, text: str, expected: str, model_used: str
) -> None:
    (translation,) = engine.translate([text], source=languages[0], target=languages[1])

    assert translation.text == expected
    assert translation.model_used == model_used


def test_every_installed_direction_translates_and_eight_stay_alive(engine: ApertiumTranslator) -> None:
    listed = subprocess.run(["apertium", "-l"], check=True, capture_output=True, text=True).stdout
    directions = sorted(parse_modes(listed).items(), key=lambda direction: direction[1])

    for (source, target), _ in directions:
        (translation,) = engine.translate(["2027."], source=source, target=target)

        assert translation.text == "2027.", (source, target)
    assert len(engine.pipeline_pids()) == MAX_PIPELINES


def test_the_pipeline_that_was_used_last_stays_when_another_needs_its_place(engine: ApertiumTranslator) -> None:
    languages = [Language(code) for code in ("es", "ca", "gl", "eo", "hr", "sr", "bs")]
    for target in languages:
        engine.prepare(source=EN, target=target)
    engine.prepare(source=ES, target=EN)
    engine.prepare(source=EN, target=ES)

    engine.prepare(source=ES, target=PT)

    assert len(engine.pipeline_pids()) == MAX_PIPELINES
    assert {"eng-spa", "spa-eng", "es-pt"} <= set(engine.pipeline_pids())
    assert "eng-cat" not in engine.pipeline_pids()


def test_more_threads_than_pipelines_all_get_their_answers(engine: ApertiumTranslator) -> None:
    pairs = [pair for pair in sorted(engine.info.pairs) if pair[0] == EN] + [(ES, EN), (FR, EN), (PT, EN), (IT, EN)]

    def ask(pair: LanguagePair) -> str:
        return engine.translate(["2027."], source=pair[0], target=pair[1], deadline_s=60)[0].text

    with ThreadPoolExecutor(len(pairs)) as executor:
        answers = list(executor.map(ask, pairs, timeout=90))

    assert answers == ["2027."] * len(pairs)
    assert len(engine.pipeline_pids()) == MAX_PIPELINES


def test_unknown_words_and_stream_characters_pass_unchanged(engine: ApertiumTranslator) -> None:
    text = "Zxqvy [Qwq] {Kzk} ^ $ @ <Vzv> / \\ #7 *8 +9"

    assert to_spanish(engine, text) == text


def test_nothing_to_say_starts_no_program(engine: ApertiumTranslator) -> None:
    texts = [translation.text for translation in engine.translate(["", " \x00\n"], source=EN, target=FR)]

    assert texts == ["", ""]
    assert engine.pipeline_pids() == {}


def test_prepare_starts_the_programs_of_both_steps_of_a_chain(engine: ApertiumTranslator) -> None:
    engine.warm_up()
    assert engine.pipeline_pids() == {}

    engine.prepare(source=EN, target=FR)

    assert set(engine.pipeline_pids()) == {"eng-spa", "es-fr"}
    assert all(engine.pipeline_pids().values())


def test_refuses_a_source_it_does_not_read(engine: ApertiumTranslator) -> None:
    with pytest.raises(LanguageNotSupported, match="does not read"):
        engine.translate(["x"], source=Language("vi"), target=EN)


def test_closing_ends_a_translation_in_another_thread_and_all_programs(engine: ApertiumTranslator) -> None:
    to_spanish(engine, HOUSE)
    pids = engine.pipeline_pids()["eng-spa"]

    with ThreadPoolExecutor(1) as executor:
        asked = executor.submit(engine.translate, [HOUSE] * 100_000, source=EN, target=ES)
        engine.close()
        failure = asked.exception(timeout=10)

    assert isinstance(failure, EngineUnavailable)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_sentence_after_a_stage_died_or_stopped_is_right(engine: ApertiumTranslator, kind: signal.Signals) -> None:
    to_spanish(engine, HOUSE)
    stages = range(len(engine.pipeline_pids()["eng-spa"]))

    for stage in (0, len(stages) // 2, stages[-1]):
        os.kill(engine.pipeline_pids()["eng-spa"][stage], kind)

        assert to_spanish(engine, HOUSE) == CASA
        assert to_spanish(engine, "I have three dogs.") == "Tengo tres perros."


def test_a_stopped_stage_costs_no_more_than_the_deadline(engine: ApertiumTranslator) -> None:
    to_spanish(engine, HOUSE)
    os.kill(engine.pipeline_pids()["eng-spa"][3], signal.SIGSTOP)
    began_s = time.monotonic()

    with pytest.raises(EngineTimeout):
        to_spanish(engine, HOUSE, deadline_s=0.3)

    assert time.monotonic() - began_s < 0.9
    assert to_spanish(engine, HOUSE) == CASA


def test_a_missing_program_is_named_with_its_packages() -> None:
    with pytest.raises(EngineUnavailable, match="apt-get install apertium apertium-eng-spa"):
        ApertiumTranslator(program="no-such-apertium")


def test_no_installed_pair_is_named_with_its_packages(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="apt-get install"):
        ApertiumTranslator(program=write_script(tmp_path / "apertium", "echo swe-dan"))


def test_a_mode_whose_file_is_missing_or_damaged_is_unavailable(tmp_path: Path) -> None:
    engine = ApertiumTranslator(modes_folder=tmp_path)
    (tmp_path / "spa-eng.mode").write_text("lt-proc 'unclosed | x")

    for source, target in ((EN, ES), (ES, EN)):
        with pytest.raises(EngineUnavailable, match="install"):
            engine.translate(["x"], source=source, target=target)
    engine.close()


def test_reads_a_mode_file_as_stages_that_flush_at_nul(tmp_path: Path) -> None:
    mode = tmp_path / "x.mode"
    mode.write_text("lt-proc -w '/a b/c.bin' | tagger -g $2 'd' | lt-proc $1 'e'")

    assert read_mode(mode) == [
        ["lt-proc", "-z", "-w", "/a b/c.bin"],
        ["tagger", "-z", "-g", "d"],
        ["lt-proc", "-z", "-n", "e"],
    ]


def test_a_stage_that_is_no_program_is_unavailable(owner: ProgramOwner) -> None:
    pipeline = ApertiumPipeline(mode="test", stages=[["cat"], ["no-such-stage"]], owner=owner)

    with pytest.raises(EngineUnavailable, match="no-such-stage"):
        pipeline.ask("hello", deadline_s=None)

    assert pipeline.pids == ()


def test_a_pipeline_that_only_gives_empty_answers_has_crashed(owner: ProgramOwner) -> None:
    with pytest.raises(EngineCrashed, match="empty"):
        pipeline_of(owner, r"while read -r line; do printf '\n\0'; done").ask("hello", deadline_s=None)


def test_a_pipeline_that_answers_twice_has_crashed(owner: ProgramOwner) -> None:
    doubling = r"while IFS= read -r line; do printf '%s\n\0%s\n\0' one two; done"

    with pytest.raises(EngineCrashed, match="twice"):
        pipeline_of(owner, doubling).ask("hello", deadline_s=None)


def test_a_pipeline_whose_last_stage_ends_has_crashed(owner: ProgramOwner) -> None:
    with pytest.raises(EngineCrashed, match="last stage ended"):
        pipeline_of(owner, "cat", "exit 0").ask("hello", deadline_s=None)


def test_a_silent_pipeline_times_out_at_the_deadline_and_is_ended(owner: ProgramOwner) -> None:
    pipeline = pipeline_of(owner, "cat > /dev/null")

    with pytest.raises(EngineTimeout):
        pipeline.ask("hello", deadline_s=time.monotonic() + 0.3)

    assert pipeline.pids == ()


def test_a_pipeline_that_stutters_once_is_started_anew_and_asked_again(owner: ProgramOwner, tmp_path: Path) -> None:
    once = f"if [ -e {tmp_path}/again ]; then exec cat; fi; touch {tmp_path}/again; exit 1"

    assert pipeline_of(owner, once).ask("hello", deadline_s=None) == "hello\n"


def test_a_long_text_does_not_block_a_pipeline_at_both_ends(owner: ProgramOwner) -> None:
    text = "word " * 200_000

    assert pipeline_of(owner, "cat", "cat").ask(text, deadline_s=None).strip() == text.strip()
