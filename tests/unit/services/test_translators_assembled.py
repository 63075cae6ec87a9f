"""Settings become translators: several models are one engine, and what leaves the machine is asked last."""

from pathlib import Path

import pytest
from tests.translating_server import serve_translators
from tests.word_models import write_firefox_pairs

from dragoman.engines.registry import gather
from dragoman.ground.engines import EngineChoice, EngineKind
from dragoman.ground.errors import EngineUnavailable, ModelNotFound
from dragoman.ground.languages import Language
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.services.default_engines import default_choices
from dragoman.settings import Settings
from dragoman.testing.engines import FakeTranslator

ES, VI = Language("es"), Language("vi")
TRANSLATION = EngineKind.TRANSLATION


def settings(folder: Path, *engines: str, url: str = "") -> Settings:
    return Settings(
        models_dir=folder / "models",
        cache_dir=folder / "cache",
        translation_engines=engines,
        libretranslate_url=url,
    )


def test_models_of_firefox_that_are_named_apart_are_one_engine(tmp_path: Path) -> None:
    pairs = write_firefox_pairs(tmp_path / "pairs")
    wanted = settings(tmp_path, f"firefox:{pairs / 'vi-en'}", "apertium", f"firefox:{pairs / 'en-es'}")

    with open_engines(wanted, EngineWishes(), kinds={TRANSLATION}) as engines:
        names = [engine.info.name for engine in engines.translation]
        through = (VI, ES) in engines.translation[0].info.pairs

    assert names == ["firefox", "apertium"]
    assert through


def test_a_folder_of_pairs_is_used_whole(tmp_path: Path) -> None:
    pairs = write_firefox_pairs(tmp_path / "pairs")

    with open_engines(settings(tmp_path, f"firefox:{pairs}"), EngineWishes(), kinds={TRANSLATION}) as engines:
        (answer,) = engines.translation[0].translate(["Ngôi nhà là lớn."], source=VI, target=ES)

    assert answer.text == "La casa es grande."


def test_models_of_an_engine_that_takes_one_stay_apart() -> None:
    choices = [EngineChoice(name="ctranslate2", model="a"), EngineChoice(name="ctranslate2", model="b")]

    assert gather(TRANSLATION, choices) == choices


def test_libretranslate_is_there_only_if_its_address_is_set_and_is_asked_last(tmp_path: Path) -> None:
    with (
        serve_translators(FakeTranslator()) as address,
        open_engines(settings(tmp_path, url=address), EngineWishes(), kinds={TRANSLATION}) as engines,
    ):
        names = [engine.info.name for engine in engines.translation]
    with open_engines(settings(tmp_path), EngineWishes(), kinds={TRANSLATION}) as engines:
        without = [engine.info.name for engine in engines.translation]

    assert names == [*without, "libretranslate"]


def test_a_libretranslate_that_is_away_is_left_out_unless_it_was_asked_for(tmp_path: Path) -> None:
    away = "http://127.0.0.1:1"

    with open_engines(settings(tmp_path, url=away), EngineWishes(), kinds={TRANSLATION}) as engines:
        assert any(away in reason for reason in engines.left_out)
    with (
        pytest.raises(EngineUnavailable, match="cannot be reached"),
        open_engines(settings(tmp_path, "libretranslate", url=away), EngineWishes(), kinds={TRANSLATION}),
    ):
        pass
    with (
        pytest.raises(EngineUnavailable, match="DRAGOMAN_LIBRETRANSLATE_URL"),
        open_engines(settings(tmp_path, "libretranslate"), EngineWishes(), kinds={TRANSLATION}),
    ):
        pass


@pytest.mark.parametrize("name", ["firefox", "llama_cpp"])
def test_an_engine_without_its_model_says_how_to_name_one(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(ModelNotFound, match=f"{name}:FOLDER"),
        open_engines(settings(tmp_path, name), EngineWishes(), kinds={TRANSLATION}),
    ):
        pass


def test_by_itself_nothing_is_chosen_that_must_be_set_up() -> None:
    assert [choice.name for choice in default_choices(TRANSLATION, [])] == ["apertium"]
