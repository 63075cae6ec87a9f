"""The doctor's sentences, and that a machine without anything is told what to do."""

from pathlib import Path

import pytest

from dragoman.ground.languages import Language
from dragoman.models.offer import Direction, Offer
from dragoman.services.doctor import describe_directions, describe_offer, diagnose, hint_for
from dragoman.settings import Settings

EN, ES, FR, EU, VI, TH, ID = map(Language, ("en", "es", "fr", "eu", "vi", "th", "id"))


def settings(folder: Path) -> Settings:
    return Settings(models_dir=folder / "models", cache_dir=folder / "cache")


def test_directions_are_told_a_line_for_each_language_that_is_spoken() -> None:
    directions = [
        Direction(source=EN, target=ES, voice=True),
        Direction(source=EN, target=FR, voice=True),
        Direction(source=EN, target=EU, voice=False),
        Direction(source=ES, target=EN, voice=True),
        Direction(source=VI, target=EN, voice=False),
    ]

    lines = describe_directions(directions)

    assert lines == [
        "English -> Spanish, French; captions only: Basque",
        "Spanish -> English",
        "Vietnamese -> captions only: English",
    ]


def test_an_offer_names_the_first_pair_first_and_counts_the_rest() -> None:
    conversations = ((EN, ES), (EN, FR), (EN, EU), (EN, TH), (EN, ID), (EN, VI))
    offer = Offer(conversations=conversations, models=("whisper-small",), download_bytes=486_400_000)

    sentence = describe_offer(offer)

    assert sentence == (
        "with 486 MB more: Vietnamese <-> English, English <-> Spanish, English <-> French, English <-> Basque"
        " and 2 more: dragoman models pull whisper-small"
    )


def test_vietnamese_and_english_are_offered_before_all_others(tmp_path: Path) -> None:
    diagnosis = diagnose(settings(tmp_path))

    assert diagnosis.healthy
    assert diagnosis.offers[0].conversations == ((EN, VI),)
    assert len(diagnosis.offers) <= 3


def test_a_machine_without_programs_is_told_which_packages_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    diagnosis = diagnose(settings(tmp_path))

    assert not diagnosis.healthy
    assert diagnosis.directions == ()
    assert any("apt-get install apertium " in sentence for sentence in diagnosis.missing)
    assert any("apt-get install espeak-ng" in sentence for sentence in diagnosis.missing)


def test_a_model_of_which_only_a_part_is_here_is_missing(tmp_path: Path) -> None:
    (tmp_path / "models" / "whisper-tiny").mkdir(parents=True)

    diagnosis = diagnose(settings(tmp_path))

    assert diagnosis.missing == (
        "whisper-tiny: only a part of it is here; this completes it: dragoman models pull whisper-tiny",
    )


def test_a_pull_that_is_not_done_is_nothing_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "models" / ".incoming" / "whisper-tiny").mkdir(parents=True)

    assert diagnose(settings(tmp_path)).missing == ()


def test_a_hint_names_the_models_that_would_do(tmp_path: Path) -> None:
    hint = hint_for(settings(tmp_path), VI, EN)

    assert hint == "780 MB more would do it: dragoman models pull whisper-small opus-mt-en-vi opus-mt-vi-en"


def test_a_hint_for_captions_of_what_is_spoken_names_a_recogniser_alone(tmp_path: Path) -> None:
    assert hint_for(settings(tmp_path), VI, VI) == "486 MB more would do it: dragoman models pull whisper-small"


def test_where_no_model_of_the_table_helps_one_of_ones_own_can(tmp_path: Path) -> None:
    hint = hint_for(settings(tmp_path), TH, ID)

    assert hint == "no model of the table adds it; one of your own can: dragoman models add FOLDER"
