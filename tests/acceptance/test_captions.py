"""Captions are complete, in order, the same in every file, and what the translation engine makes of the source."""

import json
from collections import defaultdict
from itertools import pairwise

import pytest
from tests.acceptance.conftest import Runs, speech_files
from tests.acceptance.hearing import plain
from tests.acceptance.results import Line, Results

from dragoman.ground.engines import Translator
from dragoman.ground.languages import Language

DIRECTIONS = {
    "talk": ("en", ("es", "ca")),
    "dialogue": ("en", ("es",)),
    "readings": ("en", ("es",)),
    "english": ("en", ("vi",)),
    "vietnamese": ("vi", ("en",)),
}
every_run = pytest.mark.parametrize("run", DIRECTIONS)


@every_run
def test_captions_are_numbered_without_gaps(run: str, runs: Runs) -> None:
    lines = runs.result(run).lines()

    assert lines
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


@every_run
def test_captions_of_a_speaker_in_a_language_come_in_the_order_of_speech(run: str, runs: Runs) -> None:
    by_speaker: dict[tuple[str, str], list[Line]] = defaultdict(list)

    for line in runs.result(run).lines():
        by_speaker[line.speaker, line.language].append(line)

    for lines in by_speaker.values():
        assert all(first.start_s < second.start_s for first, second in pairwise(lines))
        assert all(line.start_s < line.end_s for line in lines)


@every_run
def test_every_source_caption_has_one_translation_per_target_with_its_times(run: str, runs: Runs) -> None:
    results = runs.result(run)
    source, targets = DIRECTIONS[run]

    sources = {line.segment: line for line in results.source()}

    assert len(sources) == len(results.source())
    assert {line.language for line in sources.values()} == {source}
    for target in targets:
        translations = {line.segment: line for line in results.target(target)}
        assert len(translations) == len(results.target(target))
        assert translations.keys() == sources.keys()
        for segment, line in translations.items():
            spoken = sources[segment]
            assert (line.speaker, line.start_s, line.end_s) == (spoken.speaker, spoken.start_s, spoken.end_s)
            assert line.text
            assert not line.untranslated


@every_run
def test_subtitles_are_valid_and_say_what_the_caption_log_says(run: str, runs: Runs) -> None:
    results = runs.result(run)
    source, targets = DIRECTIONS[run]
    files = {f"source.{source}.vtt": results.source()} | {f"{to}.vtt": results.target(to) for to in targets}

    for name, lines in files.items():
        cues = {cue.seq: cue for cue in results.cues(name)}

        assert cues.keys() == {line.seq for line in lines}
        for line in lines:
            cue = cues[line.seq]
            assert cue.text == line.text
            assert cue.start_s == pytest.approx(line.start_s, abs=0.0011)
            assert cue.end_s == pytest.approx(line.end_s, abs=0.0011)
    assert {path.name for path in results.out.glob("*.vtt")} == files.keys()


@every_run
def test_translations_are_the_engines_own(
    run: str, runs: Runs, apertium_translator: Translator, pico_translator: Translator
) -> None:
    results = runs.result(run)
    source, targets = DIRECTIONS[run]
    engine = pico_translator if "vi" in {source, *targets} else apertium_translator
    sources = {line.segment: line.text for line in results.source()}

    for target in targets:
        for line in results.target(target):
            own = engine.translate([sources[line.segment]], source=Language(source), target=Language(target))
            assert line.text == own[0].text


def test_the_words_that_matter_of_the_talk_are_there_in_all_three_languages(talk: Results) -> None:
    english = plain(" ".join(line.text for line in talk.source())).split()
    spanish = plain(" ".join(line.text for line in talk.target("es"))).split()
    catalan = plain(" ".join(line.text for line in talk.target("ca"))).split()

    assert {"hospital", "doctors", "patients", "families", "medicine", "city", "questions"} <= set(english)
    assert {"hospital", "doctores", "pacientes", "familias", "medicina", "ciudad", "gracias"} <= set(spanish)
    assert {"doctors", "pacients", "famílies", "ciutat", "preguntes", "gràcies"} <= set(catalan)
    assert "l'hospital" in catalan


@pytest.mark.parametrize(("run", "language", "target"), [("english", "en", "vi"), ("vietnamese", "vi", "en")])
def test_nine_of_ten_sentences_reach_the_right_translation_word_for_word(
    run: str, language: str, target: str, runs: Runs
) -> None:
    results = runs.result(run)

    right, sentences = 0, 0
    for file in speech_files(language):
        wanted = [
            sentence["translation"] for sentence in json.loads(file.with_suffix(".json").read_text())["sentences"]
        ]
        captions = {line.text for line in results.target(target, file.stem)}
        right += sum(text in captions for text in wanted)
        sentences += len(wanted)

    assert sentences == 34
    assert right >= 0.9 * sentences
