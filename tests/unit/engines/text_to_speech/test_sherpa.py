"""sherpa-onnx with models whose symbols are tones: what is written is what is heard, and nothing is lost silently."""

import os
import signal
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import helper
from tests.spoken import ENGLISH, heard, opened, say, through_opus, without_pauses
from tests.tone_graphs import RATE
from tests.tone_voice import (
    KOKORO_SYMBOLS,
    SUPERTONIC_SYMBOLS,
    SYMBOLS,
    hear_symbols,
    make_tone_kokoro,
    make_tone_supertonic,
    make_tone_voice,
)

from dragoman.engines.text_to_speech.espeak_phonemes import EspeakPhonemizer
from dragoman.engines.text_to_speech.sherpa import SherpaTextToSpeech
from dragoman.ground.engines import DEFAULT_VOICE, Gender, Voice
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
    ModelCorrupt,
    ModelError,
    ModelIncomplete,
    ModelNotFound,
    ModelWrongFamily,
    TextNotReadable,
)
from dragoman.ground.languages import Language

VIETNAMESE, CHINESE = Language("vi"), Language("zh")
SENTENCE = "The nurse will call you, when the doctor is ready."


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SherpaTextToSpeech]:
    """An English voice for the tests that leave it as it is."""
    with opened(make_tone_voice(tmp_path_factory.mktemp("voice") / "tones")) as engine:
        yield engine


@pytest.mark.parametrize(
    ("language", "espeak", "text"),
    [
        (ENGLISH, "en-us", SENTENCE),
        (VIETNAMESE, "vi", "Cô y tá sẽ gọi bạn, khi bác sĩ sẵn sàng."),
        (Language("de"), "de", "Die Schwester ruft Sie, wenn der Arzt so weit ist!"),
    ],
)
def test_a_sentence_is_read_back_from_its_sound_after_opus(
    tmp_path: Path, language: Language, espeak: str, text: str
) -> None:
    phonemizer = EspeakPhonemizer(espeak)
    with opened(make_tone_voice(tmp_path / "tones", language=espeak)) as engine:
        spoken = through_opus(say(engine, text, language=language))

    assert without_pauses(heard(spoken)) == phonemizer.phonemes(text)
    phonemizer.close()


@pytest.mark.parametrize("speed", [0.8, 1.0, 1.6])
def test_speed_makes_every_symbol_shorter(tones: SherpaTextToSpeech, speed: float) -> None:
    spoken = say(tones, "Hello, world.", speed=speed)

    assert without_pauses(heard(spoken, speed=speed)) == "həlˈoʊ, wˈɜːld."


def test_a_voice_with_a_lexicon_spells_its_words(tmp_path: Path) -> None:
    folder = make_tone_voice(tmp_path / "tones", lexicon={"hello": "hɛlɔ", "world": "wɜd"})
    with opened(folder) as engine:
        spoken = say(engine, "Hello world")

    assert heard(through_opus(spoken)).replace(" ", "") == "hɛlɔwɜd"


def test_a_voice_of_letters_reads_letters(tmp_path: Path) -> None:
    with opened(make_tone_voice(tmp_path / "tones", letters=True)) as engine:
        spoken = say(engine, "Hello World!")

    assert without_pauses(heard(spoken)) == "hello world!"


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("phonemes", "Hello, world.", "'ɜ'"),
        ("lexicon", "Hello Ben", "'ben'"),
        ("letters", "Grüße", "'ü'"),
    ],
)
def test_what_the_voice_has_no_symbol_for_is_an_error_that_names_it(
    tmp_path: Path, kind: str, text: str, told: str
) -> None:
    folder = make_tone_voice(
        tmp_path / "tones",
        symbols=[symbol for symbol in SYMBOLS if symbol not in "ɜü"],
        lexicon={"hello": "hɛlɔ"} if kind == "lexicon" else None,
        letters=kind == "letters",
    )
    with opened(folder) as engine, pytest.raises(TextNotReadable, match=told):
        say(engine, text)


def test_nothing_of_a_text_sounds_if_a_later_sentence_cannot_be_said(tmp_path: Path) -> None:
    folder = make_tone_voice(tmp_path / "tones", lexicon={"hello": "hɛlɔ"})
    with opened(folder) as engine, pytest.raises(TextNotReadable):
        next(engine.speak("Hello. Hello. Goodbye.", language=ENGLISH, voice=DEFAULT_VOICE, speed=1.0))


def test_marks_that_the_voice_does_not_know_become_ones_that_it_knows(tmp_path: Path) -> None:
    symbols = [symbol for symbol in SYMBOLS if symbol not in "!;?"]
    with opened(make_tone_voice(tmp_path / "tones", symbols=symbols)) as engine:
        spoken = heard(say(engine, "Yes; no!"), symbols)

    assert without_pauses(spoken) == "jˈɛs, nˈoʊ."


def test_every_sentence_is_a_piece_and_abbreviations_end_none(tones: SherpaTextToSpeech) -> None:
    text = "Dr. Smith pays 3.50 today. Yes."

    pieces = list(tones.speak(text, language=ENGLISH, voice=DEFAULT_VOICE, speed=1.0))

    assert len(pieces) == 2


def test_a_reader_that_goes_away_keeps_nobody_waiting(tones: SherpaTextToSpeech) -> None:
    pieces = tones.speak(f"{SENTENCE} " * 20, language=ENGLISH, voice=DEFAULT_VOICE, speed=1.0)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # it is a generator

    assert without_pauses(heard(say(tones, "Yes."))) == "jˈɛs."


def test_a_killed_worker_is_an_error_and_the_next_sentence_is_spoken(tmp_path: Path) -> None:
    with opened(make_tone_voice(tmp_path / "tones")) as engine:
        engine.warm_up()
        assert engine.worker_pid is not None
        os.kill(engine.worker_pid, signal.SIGKILL)

        with pytest.raises(EngineCrashed):
            say(engine, "Yes.")

        assert without_pauses(heard(say(engine, "Yes."))) == "jˈɛs."


def test_a_worker_that_hangs_is_an_error_and_the_next_sentence_is_spoken(tmp_path: Path) -> None:
    with opened(make_tone_voice(tmp_path / "tones"), piece_s=2.0) as engine:
        engine.warm_up()
        assert engine.worker_pid is not None
        os.kill(engine.worker_pid, signal.SIGSTOP)

        with pytest.raises(EngineTimeout):
            say(engine, "Yes.")

        assert without_pauses(heard(say(engine, "Yes."))) == "jˈɛs."


def test_a_model_that_ends_its_process_ends_nothing_else(tmp_path: Path) -> None:
    folder = make_tone_voice(tmp_path / "tones")
    model = onnx.load(str(folder / "tones.onnx"))
    model.graph.node[0].op_type = "NoSuchOperation"
    onnx.save(model, str(folder / "tones.onnx"))
    with opened(folder) as engine:
        for _ in range(2):
            with pytest.raises(EngineCrashed):
                engine.warm_up()


def test_endless_sound_is_cut_off_as_babble(tmp_path: Path) -> None:
    with (
        opened(make_tone_voice(tmp_path / "tones", symbol_samples=2 * RATE)) as engine,
        pytest.raises(EngineOutputInvalid, match="babble"),
    ):
        say(engine, "Yes.")


def test_kokoro_has_its_voices_by_language_with_name_and_gender(tmp_path: Path) -> None:
    names = ("af_heart", "am_adam", "zf_001", "ef_dora")
    folder = make_tone_kokoro(tmp_path / "kokoro", names=names, lexicon={"hello": "hɛl"})
    (folder / "lexicon-us-en.txt").rename(folder / "lexicon-zh.txt")
    with opened(folder) as engine:
        assert [(voice.name, voice.gender) for voice in engine.voices(ENGLISH)] == [
            ("af_heart", Gender.FEMALE),
            ("am_adam", Gender.MALE),
        ]
        assert engine.voices(CHINESE) == (Voice(name="zf_001"),)
        assert engine.voices(Language("es")) == ()


def test_kokoro_asks_espeak_for_words_that_its_lexicon_lacks(tmp_path: Path) -> None:
    folder = make_tone_kokoro(tmp_path / "kokoro", names=("af_heart",), lexicon={"hello": "hɛl"})
    with opened(folder) as engine:
        assert heard(say(engine, "Hello"), KOKORO_SYMBOLS).strip("$") == "hɛl"
        assert heard(through_opus(say(engine, "Hello Ben.")), KOKORO_SYMBOLS).strip("$") == "həlˈoʊ bˈɛn."


def test_kokoro_is_never_given_more_symbols_than_it_survives(tmp_path: Path) -> None:
    with opened(make_tone_kokoro(tmp_path / "kokoro", names=("af_heart",), symbol_samples=160)) as engine:
        spoken = say(engine, "www " * 70)

    assert spoken.duration_s > 510 * 160 / RATE


def test_each_voice_of_a_model_sounds_like_itself(tmp_path: Path) -> None:
    with opened(make_tone_kokoro(tmp_path / "kokoro", names=("af_heart", "am_adam"))) as engine:
        first = hear_symbols(say(engine, "Yes."))
        second = hear_symbols(say(engine, "Yes.", voice=Voice(name="am_adam")))

    assert second == [number + 2 for number in first]


def test_says_licence_and_languages_of_the_card(tmp_path: Path) -> None:
    folder = make_tone_voice(tmp_path / "tones")
    (folder / "dragoman.json").write_text(
        '{"id": "my-voice", "languages": ["vi"], "licence": "CC-BY-4.0", "commercial": true, "attribution": "Ann"}'
    )
    with opened(folder) as engine:
        info = engine.info

        assert (info.model, info.licence, info.commercial, info.attribution) == ("my-voice", "CC-BY-4.0", True, "Ann")
        assert engine.voices(VIETNAMESE) == (Voice(name="my-voice"),)
        with pytest.raises(LanguageNotSupported, match="Vietnamese"):
            say(engine, "Yes.")


def test_a_folder_without_a_card_may_not_be_used_commercially(tones: SherpaTextToSpeech) -> None:
    assert not tones.info.commercial


def test_supertonic_is_told_the_language_and_reads_every_letter_of_it(tmp_path: Path) -> None:
    text = "Cô y tá sẽ gọi bạn, khi bác sĩ sẵn sàng."
    with opened(make_tone_supertonic(tmp_path / "supertonic")) as engine:
        spoken = through_opus(say(engine, text, language=VIETNAMESE))

    assert unicodedata.normalize("NFC", heard(spoken, SUPERTONIC_SYMBOLS)) == f"<vi>{text}</vi>"


def test_supertonic_honours_speed_and_has_the_names_of_its_ten_voices(tmp_path: Path) -> None:
    with opened(make_tone_supertonic(tmp_path / "supertonic")) as engine:
        voices = engine.voices(ENGLISH)
        plain, quicker = (say(engine, "Hello.", voice=voices[7], speed=speed).duration_s for speed in (1.0, 1.6))

    assert [voice.name for voice in voices] == ["F1", "F2", "F3", "F4", "F5", "M1", "M2", "M3", "M4", "M5"]
    assert [voice.gender for voice in voices] == [Gender.FEMALE] * 5 + [Gender.MALE] * 5
    assert quicker == pytest.approx(plain / 1.6, rel=0.05)


def test_supertonic_refuses_letters_that_are_not_in_its_table(tmp_path: Path) -> None:
    with opened(make_tone_supertonic(tmp_path / "supertonic")) as engine, pytest.raises(TextNotReadable, match="П"):
        say(engine, "Привет", language=Language("ru"))


@pytest.mark.parametrize("name", ["voice.bin", "unicode_indexer.bin", "tts.json", "vocoder.int8.onnx"])
@pytest.mark.parametrize("content", [b"", b"odd"])
def test_damaged_files_of_supertonic_are_not_loaded(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(ModelError):
        SherpaTextToSpeech(damaged(make_tone_supertonic(tmp_path / "supertonic"), name, content))


# What is looked at before sherpa-onnx sees it.


def damaged(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder


def without_metadata(folder: Path, key: str) -> Path:
    model = onnx.load(str(folder / "tones.onnx"))
    kept = [entry for entry in model.metadata_props if entry.key != key]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, str(folder / "tones.onnx"))
    return folder


def stating(folder: Path, **metadata: str) -> Path:
    model = onnx.load(str(folder / "tones.onnx"))
    helper.set_model_props(model, {entry.key: entry.value for entry in model.metadata_props} | metadata)
    onnx.save(model, str(folder / "tones.onnx"))
    return folder


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        SherpaTextToSpeech(tmp_path / "nowhere")


def test_an_empty_folder_is_told_what_would_be_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelWrongFamily, match=r"tokens\.txt"):
        SherpaTextToSpeech(tmp_path)


@pytest.mark.parametrize("key", ["sample_rate", "n_speakers", "language", "comment"])
def test_a_model_without_its_metadata_is_not_loaded(tmp_path: Path, key: str) -> None:
    with pytest.raises(ModelWrongFamily, match=key):
        SherpaTextToSpeech(without_metadata(make_tone_voice(tmp_path / "tones"), key))


def test_a_model_of_other_inputs_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelWrongFamily, match="input"):
        SherpaTextToSpeech(stating(make_tone_voice(tmp_path / "tones"), comment="icefall"))


def test_a_model_of_no_known_language_says_where_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(ModelIncomplete, match=r"dragoman\.json"):
        SherpaTextToSpeech(stating(make_tone_voice(tmp_path / "tones"), language="tlh", voice="tlh"))


@pytest.mark.parametrize("rate", ["0", "-1", "many", "999999999"])
def test_an_impossible_sample_rate_is_not_believed(tmp_path: Path, rate: str) -> None:
    with pytest.raises(ModelCorrupt):
        SherpaTextToSpeech(stating(make_tone_voice(tmp_path / "tones"), sample_rate=rate))


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\x08", b"PK\x03\x04" + bytes(100), bytes(4096)])
def test_a_damaged_model_is_not_loaded(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError):
        SherpaTextToSpeech(damaged(make_tone_voice(tmp_path / "tones"), "tones.onnx", content))


@pytest.mark.parametrize("content", [b"", b"a b c\n", b"\xff\xfe\n", b"a 0\n"])
def test_a_damaged_table_of_symbols_is_not_used(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError):
        SherpaTextToSpeech(damaged(make_tone_voice(tmp_path / "tones"), "tokens.txt", content))


@pytest.mark.parametrize("content", [b"", b"\0" * 12])
def test_damaged_voices_of_kokoro_are_not_loaded(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError):
        SherpaTextToSpeech(damaged(make_tone_kokoro(tmp_path / "kokoro", names=("af_heart",)), "voices.bin", content))


def test_a_voice_changes_its_version_with_its_files(tmp_path: Path) -> None:
    folder = make_tone_voice(tmp_path / "tones")
    with opened(folder) as engine:
        before = engine.info.version
    make_tone_voice(folder, symbol_samples=640)
    with opened(folder) as engine:
        assert engine.info.version != before
