"""Every word that was said is captioned once: no more errors than the engine alone makes on the same recording."""

import pytest
from tests.acceptance.commands import SAMPLES
from tests.acceptance.conftest import ALLOWED_WORD_ERRORS, TALKS, Figures, Runs, said_in, speech_files
from tests.acceptance.hearing import WordErrors, doubled_words, hear, load, plain, total, word_errors
from tests.acceptance.results import Results, said
from tests.recordings import librivox_readings

from dragoman.ground.engines import SpeechToText


def test_people_who_read_are_understood_as_well_as_the_engine_alone_understands_them(
    readings: Results, sphinx: SpeechToText, figures: Figures
) -> None:
    errors: dict[str, tuple[WordErrors, WordErrors]] = {}

    for reading in librivox_readings():
        alone = word_errors(said=reading.text, heard=hear(sphinx, load(reading.audio), "en"))
        ours = word_errors(said=reading.text, heard=said(readings.source(reading.name)))
        errors[reading.name] = alone, ours
        figures(f"LibriVox {reading.name[-4:]}", alone=alone, ours=ours)

    figures(
        "LibriVox, all five",
        alone=total([alone for alone, _ in errors.values()]),
        ours=total([ours for _, ours in errors.values()]),
    )
    worse = {name: pair for name, pair in errors.items() if pair[1].rate > pair[0].rate + ALLOWED_WORD_ERRORS}
    assert not worse


def test_the_bundled_talk_is_understood_as_well_as_the_engine_alone_understands_it(
    talk: Results, sphinx: SpeechToText, figures: Figures
) -> None:
    file = SAMPLES / "talk.flac"

    alone = word_errors(said=said_in([file]), heard=hear(sphinx, load(file), "en"))
    ours = word_errors(said=said_in([file]), heard=said(talk.source()))

    figures(file.name, alone=alone, ours=ours)
    assert ours.rate <= alone.rate + ALLOWED_WORD_ERRORS


@pytest.mark.parametrize("speaker", ["dialogue.a", "dialogue.b"])
def test_each_of_two_who_talk_at_once_is_understood_as_well_as_alone(
    speaker: str, dialogue: Results, sphinx: SpeechToText, figures: Figures
) -> None:
    file = SAMPLES / f"{speaker}.flac"

    alone = word_errors(said=said_in([file]), heard=hear(sphinx, load(file), "en"))
    ours = word_errors(said=said_in([file]), heard=said(dialogue.source(speaker)))

    figures(file.name, alone=alone, ours=ours)
    assert ours.rate <= alone.rate + ALLOWED_WORD_ERRORS


@pytest.mark.parametrize(("run", "language"), [("english", "en"), ("vietnamese", "vi")])
def test_every_fixture_is_understood_as_well_as_the_engine_alone_understands_it(
    run: str, language: str, runs: Runs, whisper: SpeechToText, figures: Figures
) -> None:
    results = runs.result(run)

    errors: dict[str, tuple[WordErrors, WordErrors]] = {}
    for file in speech_files(language):
        alone = word_errors(said=said_in([file]), heard=hear(whisper, load(file), language))
        ours = word_errors(said=said_in([file]), heard=said(results.source(file.stem)))
        errors[file.stem] = alone, ours
        figures(file.name, alone=alone, ours=ours)

    worse = {name: pair for name, pair in errors.items() if pair[1].rate > pair[0].rate + ALLOWED_WORD_ERRORS}
    assert not worse


@pytest.mark.parametrize(("run", "language"), [("english", "en"), ("vietnamese", "vi")])
def test_every_word_of_a_minute_of_talk_is_captioned_exactly_once(
    run: str, language: str, runs: Runs, whisper: SpeechToText
) -> None:
    results = runs.result(run)
    file = speech_files(language)[-1]
    assert load(file).duration_s > 60

    alone = word_errors(said=said_in([file]), heard=hear(whisper, load(file), language))
    ours = word_errors(said=said_in([file]), heard=said(results.source(file.stem)))

    assert ours.insertions <= alone.insertions
    assert ours.deletions <= alone.deletions


@pytest.mark.parametrize(
    ("run", "language", "engine"),
    [
        ("dense_talk", "en", "sphinx"),
        ("dense_english", "en", "whisper"),
        ("dense_vietnamese", "vi", "whisper"),
    ],
)
def test_a_minute_without_any_pause_is_split_without_losing_or_doubling_a_word(
    run: str, language: str, engine: str, runs: Runs, request: pytest.FixtureRequest, figures: Figures
) -> None:
    results = runs.result(run)
    files = TALKS if run == "dense_talk" else speech_files(language)
    recording = load(runs.recording(run))
    text, heard = said_in(files), said(results.source())

    alone = word_errors(said=text, heard=hear(request.getfixturevalue(engine), recording, language))
    ours = word_errors(said=text, heard=heard)

    figures(f"{recording.duration_s:.0f} s of {language} without pauses ({engine})", alone=alone, ours=ours)
    allowed = ALLOWED_WORD_ERRORS * ours.words
    assert ours.rate <= alone.rate + ALLOWED_WORD_ERRORS
    assert ours.insertions <= alone.insertions + allowed
    assert ours.deletions <= alone.deletions + allowed
    assert set(doubled_words(heard)) <= set(doubled_words(text)), plain(heard)
