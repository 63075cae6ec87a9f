"""The doctor's sentences, and that a machine without anything is told what to do."""

import asyncio
from pathlib import Path

import pytest
from tests.toy_transducer import write_zipformer

from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.engines import EngineKind, RecognitionContext
from dragoman.ground.events import RecognitionOpened
from dragoman.ground.languages import Language, language_name
from dragoman.models.offer import Direction, Offer
from dragoman.services.assembly import EngineWishes, assemble, open_engines, open_store
from dragoman.services.doctor import (
    describe_directions,
    describe_offer,
    describe_recognition,
    describe_voices,
    diagnose,
    hint_for,
)
from dragoman.settings import Settings
from dragoman.testing.observers import RecordingObserver

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

    assert hint == "545 MB more would do it: dragoman models pull whisper-small firefox-en-vi firefox-vi-en"


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


def named(folder: Path, *engines: str, last: tuple[str, ...] = ()) -> Settings:
    return Settings(
        models_dir=folder / "models",
        cache_dir=folder / "cache",
        speech_to_text_engines=engines,
        recognition_final_engines=last,
    )


def test_an_engine_that_follows_the_utterance_has_its_last_words_too(tmp_path: Path) -> None:
    streaming = write_zipformer(tmp_path / "zipformer-en-vi")
    (streaming / "dragoman.json").write_text('{"languages": ["en", "vi"]}', encoding="utf-8")
    wanted = named(tmp_path, f"sherpa:{streaming}", last=(f"faster_whisper:{FIXTURES / 'whisper-pico'}",))

    lines = describe_recognition(wanted)

    assert lines == ["English: sherpa:zipformer-en-vi", "Vietnamese: sherpa:zipformer-en-vi"]


def test_the_engine_that_a_session_asks_for_last_words_is_the_one_that_is_told(tmp_path: Path) -> None:
    wanted = named(tmp_path, "pocketsphinx", last=(f"faster_whisper:{FIXTURES / 'whisper-pico'}",))
    observer = RecordingObserver()

    async def ask() -> None:
        with (
            open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines,
            assemble(wanted, engines, observer) as parts,
        ):
            session = await parts.recognizer.open(language=EN, context=RecognitionContext())
            await session.close()

    asyncio.run(ask())

    (opened,) = [event for event in observer.events if isinstance(event, RecognitionOpened)]
    assert opened.last == opened.first == "pocketsphinx"
    assert describe_recognition(wanted) == ["English: pocketsphinx"]


@pytest.mark.parametrize("engine", ["faster_whisper", "sherpa"])
def test_a_model_in_a_folder_of_ones_own_is_told_as_it_calls_itself(tmp_path: Path, engine: str) -> None:
    folder = write_zipformer(tmp_path / "own") if engine == "sherpa" else FIXTURES / "whisper-pico"
    if engine == "sherpa":
        (folder / "dragoman.json").write_text('{"languages": ["vi"]}', encoding="utf-8")
    wanted = named(tmp_path, f"{engine}:{folder}")
    with open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines:
        info = engines.speech_to_text[0].info

    lines = describe_recognition(wanted)

    assert sorted(lines) == sorted(f"{language_name(code)}: {info.label}" for code in info.languages)
    assert diagnose(wanted).missing == ()
    assert {direction.source for direction in diagnose(wanted).directions} >= set(info.languages) & {EN, ES}


def test_a_recogniser_that_is_named_and_cannot_be_used_is_missing(tmp_path: Path) -> None:
    wanted = named(tmp_path, f"faster_whisper:{tmp_path}", "nobody", last=("faster_whisper:nowhere",))

    missing = diagnose(wanted).missing

    assert missing[0].startswith(f"faster_whisper:{tmp_path}: {tmp_path} lacks model.bin")
    assert missing[1].startswith("nobody: no speech-to-text engine 'nobody'")
    assert missing[2].startswith("faster_whisper:nowhere: no model 'nowhere' and no such folder")


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
    measured = MeasuredSpeed(settings(tmp_path).cache_dir, threads=1).measure(engine)
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
