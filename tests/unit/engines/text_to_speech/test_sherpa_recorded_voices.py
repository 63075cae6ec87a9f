"""ZipVoice and Pocket, whose voices are recordings, through sherpa-onnx with models whose symbols are tones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.spoken import ENGLISH, heard, opened, say, through_opus
from tests.tone_graphs import RATE, SYMBOL_SAMPLES
from tests.tone_pocket import POCKET_RATE, hear_pieces, make_tone_pocket
from tests.tone_voice import hear_symbols
from tests.tone_zipvoice import REFERENCE_TEXT, make_tone_zipvoice

from dragoman.engines.text_to_speech.sherpa import SherpaTextToSpeech
from dragoman.ground.engines import Voice
from dragoman.ground.errors import (
    EngineOutputInvalid,
    ModelCorrupt,
    ModelError,
    ModelIncomplete,
    ModelWrongFamily,
    TextNotReadable,
)
from dragoman.ground.languages import Language

LEXICON = {REFERENCE_TEXT: "hɛlɔ", "world": "wɜd", "你": "ni", "好": "hao"}
AFTER_THE_END = 3
"""Frames that Pocket is let to make; they are silent here."""
SENTENCE = "The nurse will call you, when the doctor is ready."


def zipvoice(folder: Path) -> Path:
    return make_tone_zipvoice(folder, lexicon=LEXICON)


@pytest.fixture(scope="module")
def pocket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SherpaTextToSpeech]:
    folder = make_tone_pocket(tmp_path_factory.mktemp("pocket"), voices={"ann": 3, "bob": 5, "cleo": 12})
    with opened(folder) as engine:
        yield engine


def test_zipvoice_is_read_back_after_opus_without_the_words_of_its_recording(tmp_path: Path) -> None:
    with opened(zipvoice(tmp_path / "zipvoice")) as engine:
        assert heard(through_opus(say(engine, "Hello, world."))) == "hɛlɔ,wɜd."
        assert heard(say(engine, "你好", language=Language("zh"))) == "nihao"


@pytest.mark.parametrize("speed", [0.8, 1.6])
def test_zipvoice_honours_speed(tmp_path: Path, speed: float) -> None:
    with opened(zipvoice(tmp_path / "zipvoice")) as engine:
        assert heard(say(engine, "Hello, world.", speed=speed), speed=speed) == "hɛlɔ,wɜd."


def test_zipvoice_refuses_words_that_its_lexicon_lacks(tmp_path: Path) -> None:
    with opened(zipvoice(tmp_path / "zipvoice")) as engine, pytest.raises(TextNotReadable, match="'ben'"):
        say(engine, "Hello Ben")


def test_zipvoice_refuses_a_recording_whose_words_its_lexicon_lacks(tmp_path: Path) -> None:
    folder = zipvoice(tmp_path / "zipvoice")
    (folder / "voices" / "ann.txt").write_text("Hello Ben")

    with opened(folder) as engine, pytest.raises(EngineOutputInvalid, match=r"'ben'.*recording of the voice 'ann'"):
        say(engine, "Hello")


def test_zipvoice_takes_no_recording_of_which_it_would_hear_only_the_beginning(tmp_path: Path) -> None:
    folder = zipvoice(tmp_path / "zipvoice")
    soundfile.write(folder / "voices" / "ann.wav", np.zeros(11 * RATE), RATE)

    with pytest.raises(ModelCorrupt, match=r"11\.0 s"):
        SherpaTextToSpeech(folder)


def test_zipvoice_takes_no_recording_without_its_words(tmp_path: Path) -> None:
    folder = zipvoice(tmp_path / "zipvoice")
    (folder / "voices" / "ann.txt").unlink()

    with pytest.raises(ModelIncomplete, match=r"NAME\.txt"):
        SherpaTextToSpeech(folder)


@pytest.mark.parametrize("graph", ["encoder.onnx", "decoder.onnx"])
def test_zipvoice_with_a_graph_of_other_inputs_is_not_loaded(tmp_path: Path, graph: str) -> None:
    folder = zipvoice(tmp_path / "zipvoice")
    (folder / graph).write_bytes((folder / "vocos_16khz.onnx").read_bytes())

    with pytest.raises(ModelWrongFamily, match="inputs mels"):
        SherpaTextToSpeech(folder)


def test_pocket_is_read_back_after_opus(pocket: SherpaTextToSpeech) -> None:
    spoken = say(pocket, SENTENCE)

    assert spoken.sample_rate == POCKET_RATE
    assert hear_pieces(hear_symbols(through_opus(spoken))[:-AFTER_THE_END], raised=3) == SENTENCE


@pytest.mark.parametrize(("voice", "heard_s"), [("ann", 3), ("bob", 5), ("cleo", 10)])
def test_pocket_hears_the_recording_of_each_voice_and_ten_seconds_at_most(
    pocket: SherpaTextToSpeech, voice: str, heard_s: int
) -> None:
    spoken = hear_symbols(say(pocket, "Yes.", voice=Voice(name=voice)))

    assert hear_pieces(spoken, raised=heard_s) == "Yes."


def test_pocket_may_speak_as_long_at_a_speed_that_it_ignores(tmp_path: Path) -> None:
    text = "abcdefghijklmnopqrst"
    with opened(make_tone_pocket(tmp_path / "pocket", symbol_samples=5 * SYMBOL_SAMPLES)) as engine:
        plain, quick = say(engine, text), say(engine, text, speed=2.0)

    assert np.array_equal(plain.samples, quick.samples)


def test_pocket_spells_in_bytes_what_its_vocabulary_lacks(pocket: SherpaTextToSpeech) -> None:
    letter, other = say(pocket, "u"), say(pocket, "ü")

    assert len(hear_symbols(other)) == len(hear_symbols(letter)) + 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 0}', '{"a": 100000000}', '{"a": "0"}'])
@pytest.mark.parametrize("name", ["vocab.json", "token_scores.json"])
def test_pocket_with_a_damaged_vocabulary_is_not_loaded(tmp_path: Path, name: str, content: str) -> None:
    folder = make_tone_pocket(tmp_path / "pocket")
    (folder / name).write_text(content)

    with pytest.raises(ModelError, match=name):
        SherpaTextToSpeech(folder)


def test_pocket_without_the_bytes_is_not_loaded(tmp_path: Path) -> None:
    folder = make_tone_pocket(tmp_path / "pocket")
    pieces = json.loads((folder / "vocab.json").read_text())
    (folder / "vocab.json").write_text(json.dumps({piece: at for piece, at in pieces.items() if piece[:3] != "<0x"}))

    with pytest.raises(ModelCorrupt, match="0x00"):
        SherpaTextToSpeech(folder)


@pytest.mark.parametrize("graph", ["lm_flow.onnx", "lm_main.onnx"])
def test_pocket_with_a_graph_of_other_inputs_is_not_loaded(tmp_path: Path, graph: str) -> None:
    folder = make_tone_pocket(tmp_path / "pocket")
    (folder / graph).write_bytes((folder / "encoder.onnx").read_bytes())

    with pytest.raises(ModelWrongFamily, match="inputs audio"):
        SherpaTextToSpeech(folder)


@pytest.mark.parametrize("make", [zipvoice, make_tone_pocket])
def test_a_recording_that_is_no_sound_is_not_used(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "model")
    for content in (b"", b"odd"):
        (folder / "voices" / "ann.wav").write_bytes(content)
        with pytest.raises(ModelCorrupt, match=r"ann\.wav"):
            SherpaTextToSpeech(folder)


def test_says_that_pocket_ignores_speed_and_zipvoice_wants_a_transcript(
    pocket: SherpaTextToSpeech, tmp_path: Path
) -> None:
    with opened(zipvoice(tmp_path / "zipvoice")) as engine:
        assert (engine.info.honours_speed, engine.info.needs_transcript) == (True, True)
    assert (pocket.info.honours_speed, pocket.info.needs_transcript) == (False, False)
    assert pocket.info.languages == (ENGLISH,)
