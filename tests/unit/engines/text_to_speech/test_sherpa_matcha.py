"""Matcha models whose symbols are tones, through sherpa-onnx and a Vocos vocoder: what is written is what is heard."""

from pathlib import Path
from typing import Literal

import onnx
import pytest
from onnx import helper
from tests.spoken import ENGLISH, heard, opened, say, through_opus, without_pauses
from tests.tone_matcha import make_tone_matcha

from dragoman.engines.text_to_speech.sherpa import SherpaTextToSpeech
from dragoman.ground.errors import ModelIncomplete, ModelWrongFamily, TextNotReadable
from dragoman.ground.languages import Language

CHINESE = Language("zh")
VOCODER, ACOUSTIC = "vocos-16khz-univ.onnx", "model-steps-3.onnx"


def stating(path: Path, **metadata: str) -> None:
    """Let a model state other ``metadata``; what is empty is not stated."""
    model = onnx.load(str(path))
    stated = {entry.key: entry.value for entry in model.metadata_props} | metadata
    del model.metadata_props[:]
    helper.set_model_props(model, {key: value for key, value in stated.items() if value})
    onnx.save(model, str(path))


@pytest.mark.parametrize("vocoder", ["vocos", "hifigan", "inside"])
def test_a_sentence_is_read_back_from_its_sound_after_opus(
    tmp_path: Path, vocoder: Literal["vocos", "hifigan", "inside"]
) -> None:
    with opened(make_tone_matcha(tmp_path / "matcha", vocoder=vocoder)) as engine:
        spoken = through_opus(say(engine, "Hello, world."))

    assert without_pauses(heard(spoken)) == "həlˈoʊ, wˈɜːld."


@pytest.mark.parametrize("scales", [False, True])
def test_speed_makes_every_symbol_shorter(tmp_path: Path, scales: bool) -> None:
    with opened(make_tone_matcha(tmp_path / "matcha", scales=scales)) as engine:
        for speed in (0.8, 1.6):
            spoken = say(engine, "Hello, world.", speed=speed)

            assert without_pauses(heard(spoken, speed=speed)) == "həlˈoʊ, wˈɜːld."


@pytest.mark.parametrize("voice", ["", "zh en-us"])
def test_a_chinese_voice_spells_the_words_of_its_lexicon(tmp_path: Path, voice: str) -> None:
    folder = make_tone_matcha(tmp_path / "matcha", lexicon={"你": "ni", "好": "hao"})
    stating(folder / ACOUSTIC, voice=voice)
    with opened(folder) as engine:
        assert without_pauses(heard(say(engine, "你好", language=CHINESE))).replace(" ", "") == "nihao"
        with pytest.raises(TextNotReadable, match="吗"):
            say(engine, "你好吗", language=CHINESE)


def test_a_chinese_voice_without_its_lexicon_is_not_loaded(tmp_path: Path) -> None:
    folder = make_tone_matcha(tmp_path / "matcha", lexicon={"你": "ni", "好": "hao"})
    (folder / "lexicon.txt").unlink()

    with pytest.raises(ModelIncomplete, match=r"lexicon\.txt"):
        SherpaTextToSpeech(folder)


@pytest.mark.parametrize(
    ("stated", "told"),
    [({"model_type": ""}, "model_type"), ({"model_type": "wavenet"}, "hifigan")]
    + [({"sample_rate": rate}, "16000 Hz") for rate in ("24000", "")],
)
def test_a_vocoder_that_does_not_fit_is_not_loaded(tmp_path: Path, stated: dict[str, str], told: str) -> None:
    folder = make_tone_matcha(tmp_path / "matcha")
    stating(folder / VOCODER, **stated)

    with pytest.raises(ModelWrongFamily, match=told):
        SherpaTextToSpeech(folder)


def test_a_folder_without_its_vocoder_says_so(tmp_path: Path) -> None:
    folder = make_tone_matcha(tmp_path / "matcha")
    (folder / VOCODER).unlink()

    with pytest.raises(ModelIncomplete, match="vocoder"):
        SherpaTextToSpeech(folder)


def test_english_is_what_it_speaks(tmp_path: Path) -> None:
    with opened(make_tone_matcha(tmp_path / "matcha")) as engine:
        assert engine.info.languages == (ENGLISH,)
