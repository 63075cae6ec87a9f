"""The doctor's sentences, and that a machine without anything is told what to do."""

from pathlib import Path

import pytest

from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.languages import Language
from dragoman.models.offer import Direction, Offer
from dragoman.services.assembly import open_store
from dragoman.services.doctor import (
    describe_directions,
    describe_offer,
    describe_recognition,
    describe_voices,
    diagnose,
    hint_for,
)
from dragoman.settings import Settings

FIXTURES = Path(__file__).parents[2] / "fixtures"
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


def own_model(folder: Path, model_id: str, languages: tuple[Language, ...]) -> None:
    store = open_store(settings(folder))
    store.add(FIXTURES / "whisper-pico", model_id=model_id, languages=languages)


def test_the_doctor_says_who_hears_whom_and_who_is_asked_next(tmp_path: Path) -> None:
    own_model(tmp_path, "for-all", (EN, VI))
    own_model(tmp_path, "for-vietnamese", (VI,))

    lines = describe_recognition(settings(tmp_path))

    assert lines == [
        "English: faster_whisper:for-all, then pocketsphinx",
        "Vietnamese: faster_whisper:for-vietnamese, then faster_whisper:for-all",
    ]


def test_the_doctor_says_who_hears_the_last_words(tmp_path: Path) -> None:
    own_model(tmp_path, "large", (EN, VI))
    own_model(tmp_path, "small", (EN,))
    wanted = Settings(
        models_dir=tmp_path / "models",
        cache_dir=tmp_path / "cache",
        speech_to_text_engines=("faster_whisper:small",),
        recognition_final_engines=("faster_whisper:large",),
    )

    lines = describe_recognition(wanted)

    assert lines == ["English: faster_whisper:small; last words: faster_whisper:large"]


def test_where_a_service_recognises_the_doctor_says_where_to_ask(tmp_path: Path) -> None:
    elsewhere = Settings(models_dir=tmp_path, cache_dir=tmp_path, speech_to_text_url="http://127.0.0.1:8002")

    assert describe_recognition(elsewhere) == [
        "the service at http://127.0.0.1:8002 recognises; GET /languages there says which engine hears whom"
    ]


def test_a_voice_that_nobody_measured_says_what_would_measure_it(tmp_path: Path) -> None:
    assert describe_voices(settings(tmp_path)) == [
        "espeak: not measured yet; its service does it when it starts: dragoman up"
    ]


def test_the_doctor_says_how_fast_the_voices_were_measured_to_be(tmp_path: Path) -> None:
    engine = EspeakTextToSpeech()
    measured = MeasuredSpeed(settings(tmp_path).cache_dir).measure(engine)
    engine.close()

    assert describe_voices(settings(tmp_path)) == [f"espeak: {measured:.2g} s of work for a second of speech"]


def test_the_doctor_says_which_voice_sends_away_what_it_is_given(tmp_path: Path) -> None:
    online = settings(tmp_path).model_copy(update={"text_to_speech_engines": ("gtts", "espeak"), "online_voices": True})

    lines = describe_voices(online)

    assert lines[0] == "gtts: online, what it is given leaves this machine; not measured"


def test_where_a_service_speaks_the_doctor_says_where_to_ask(tmp_path: Path) -> None:
    elsewhere = settings(tmp_path).model_copy(update={"text_to_speech_url": "http://127.0.0.1:8004"})

    assert describe_voices(elsewhere) == [
        "the service at http://127.0.0.1:8004 speaks; GET /health there says with which engines"
    ]
