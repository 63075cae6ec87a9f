"""What the benchmarks of recognition keep: which talks they hear, and where each result is written."""

from pathlib import Path

import pytest
from benchmarks.recognition_peers import result_name
from benchmarks.recognition_run import Heard, Written
from benchmarks.true_costs import CASES, TALKS_OF_EACH, Case, since_own_start

from dragoman.ground.speech import Word


def test_no_comparison_takes_the_place_of_another() -> None:
    names = [result_name(true_cost=size, cross=cross) for size in (None, "base", "small") for cross in (False, True)]

    assert names[:2] == ["peers", "peers-cross"]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_speaker_has_a_talk_of_their_own_in_their_language(tmp_path: Path, case: Case) -> None:
    wavs = [tmp_path / f"{language}-fresh-{at}.wav" for at in range(TALKS_OF_EACH) for language in ("vi", "en")]

    chosen = case.choose(wavs)

    assert [wav.stem[:2] for wav in chosen] == list(case.languages)
    assert len(set(chosen)) == len(chosen)


def test_true_costs_are_measured_of_small_in_both_languages_alone_with_more_threads_and_after_base() -> None:
    small = {(case.looks, case.threads, case.languages) for case in CASES if case.size == "small"}

    ways = (("base", 1), ("", 1), ("", 2))
    assert small == {(looks, threads, (language,)) for looks, threads in ways for language in ("en", "vi")}
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_talk_that_begins_later_is_timed_from_its_own_start() -> None:
    word = Word(text="good", start_s=2.5, end_s=2.9)
    heard = Heard(
        words=(Written(word=word, at_s=3.4, committed=True),), audio_s=12.0, cpu_s=1.0, looks=1, first_shown_s=()
    )

    moved = since_own_start(heard, 2.0)

    assert moved.words[0].at_s == pytest.approx(1.4)
    assert moved.audio_s == 10.0
