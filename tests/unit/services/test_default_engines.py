"""What is opened where nobody named an engine."""

from dataclasses import dataclass

import pytest

from dragoman.ground.engines import EngineKind
from dragoman.models.store import ModelState, ModelStore, StoredModel
from dragoman.models.table import load_table
from dragoman.services.default_engines import default_choices, usable_models
from dragoman.settings import Settings


def stored(model_id: str, engine: str, *, size_bytes: int = 1, state: ModelState = ModelState.INSTALLED) -> StoredModel:
    return StoredModel(
        id=model_id,
        engine=engine,
        state=state,
        size_bytes=size_bytes,
        languages=(),
        pairs=(),
        licence="MIT",
        commercial=True,
        attribution="",
        ram_mb=0,
        recommended=False,
        own=False,
    )


@dataclass
class Shelf(ModelStore):
    """A store that has what it is said to have."""

    models: tuple[StoredModel, ...]

    def list(self) -> tuple[StoredModel, ...]:
        return self.models


SHELF = Shelf(
    models=(
        stored("nllb-600m", "ctranslate2", size_bytes=3),
        stored("firefox-vi-en", "firefox", size_bytes=1),
        stored("firefox-en-vi", "firefox", size_bytes=2),
        stored("ours", "firefox", size_bytes=9),
        stored("hy-mt2", "llama_cpp", state=ModelState.INCOMPLETE),
        stored("of-a-later-version", "unheard_of"),
    )
)


def opened(profile: str) -> list[str]:
    choices = default_choices(EngineKind.TRANSLATION, usable_models(SHELF, profile))
    return [choice.model or choice.name for choice in choices]


def test_without_a_profile_all_that_is_here_is_opened_by_engine_and_the_largest_first() -> None:
    assert opened("") == ["ours", "firefox-en-vi", "firefox-vi-en", "nllb-600m", "apertium"]


def test_a_profile_opens_its_own_models_alone_in_its_order() -> None:
    assert opened("default") == ["firefox-en-vi", "firefox-vi-en", "apertium"]
    assert opened("noncommercial") == ["nllb-600m", "apertium"]


def test_the_quality_profile_asks_its_language_model_before_the_quick_ones() -> None:
    whole = Shelf(models=(*SHELF.models[:-2], stored("hy-mt2", "llama_cpp")))

    choices = default_choices(EngineKind.TRANSLATION, usable_models(whole, "quality"))

    assert [choice.name for choice in choices] == ["llama_cpp", "firefox", "firefox", "apertium"]


def test_the_built_in_profile_opens_what_needs_no_model() -> None:
    assert opened("builtin") == ["apertium"]


@pytest.mark.parametrize("profile", [profile.name for profile in load_table().profiles])
def test_every_profile_of_the_table_can_be_set(profile: str) -> None:
    assert Settings(profile=profile).profile == profile  # type: ignore[arg-type]
