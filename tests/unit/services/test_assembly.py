"""Settings become recognisers: who hears last words is opened, ready, and never twice."""

from pathlib import Path

import pytest

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import ModelNotFound
from dragoman.ground.events import Stage
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.settings import Settings

PICO = Path(__file__).parents[2] / "fixtures" / "whisper-pico"


def settings(folder: Path, *, first: str, last: str) -> Settings:
    return Settings(
        models_dir=folder / "models",
        cache_dir=folder / "cache",
        speech_to_text_engines=(first,),
        recognition_final_engines=(last,),
    )


def test_a_larger_model_for_last_words_is_opened_beside_the_others(tmp_path: Path) -> None:
    wanted = settings(tmp_path, first="pocketsphinx", last=f"faster_whisper:{PICO}")

    with open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines:
        first = [engine.info.name for engine in engines.speech_to_text]
        last = [engine.info.label for engine in engines.final_speech_to_text]
        counted = len(engines.by_stage()[Stage.RECOGNITION])

    assert (first, last, counted) == (["pocketsphinx"], ["faster_whisper:whisper-pico"], 2)


def test_a_model_that_is_open_already_is_not_opened_twice(tmp_path: Path) -> None:
    wanted = settings(tmp_path, first="pocketsphinx", last="pocketsphinx")

    with open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines:
        same = engines.final_speech_to_text == engines.speech_to_text
        counted = len(engines.by_stage()[Stage.RECOGNITION])

    assert same
    assert counted == 1


def test_a_model_for_last_words_that_is_not_here_is_told_at_the_start(tmp_path: Path) -> None:
    wanted = settings(tmp_path, first="pocketsphinx", last="faster_whisper:whisper-medium")

    with pytest.raises(ModelNotFound), open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}):
        pass
