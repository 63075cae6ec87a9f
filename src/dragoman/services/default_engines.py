"""Which engines are opened where nobody named any: what is installed, and what needs no model. To assembly.py."""

from collections.abc import Collection, Sequence

from dragoman.engines.registry import REGISTRY
from dragoman.ground.engines import EngineChoice, EngineKind
from dragoman.ground.languages import Language
from dragoman.models.store import ModelStore, StoredModel
from dragoman.models.table import load_table
from dragoman.settings import Settings


def usable_models(store: ModelStore, profile: str) -> list[StoredModel]:
    """List the models that are here and whole, in the order in which they are asked.

    Those of ``profile`` alone, in its order; without one, all: by engine as in the registry, the largest first.
    """
    models = [model for model in store.list() if model.usable]
    if not profile:
        engines = [name for entries in REGISTRY.values() for name in entries]
        known = [model for model in models if model.engine in engines]
        return sorted(known, key=lambda model: (engines.index(model.engine), -model.size_bytes))
    order = next(it.models for it in load_table().profiles if it.name == profile)
    return sorted((model for model in models if model.id in order), key=lambda model: order.index(model.id))


def default_choices(kind: EngineKind, installed: Sequence[StoredModel]) -> list[EngineChoice]:
    """Give the installed models in the order they come, then what needs no model."""
    models = [EngineChoice(name=model.engine, model=model.id) for model in installed if model.engine in REGISTRY[kind]]
    built_in = [EngineChoice(name=name) for name, entry in REGISTRY[kind].items() if entry.is_built_in]
    return models + built_in


def set_up_choices(kind: EngineKind, settings: Settings) -> list[EngineChoice]:
    """Give the engines that are there because a setting names them: asked last, they may be on other machines."""
    if kind is EngineKind.TRANSLATION and settings.libretranslate_url:
        return [EngineChoice(name="libretranslate")]
    return []


def of_use(model: StoredModel, languages: Collection[Language] | None) -> bool:
    """Say whether a model knows one of ``languages``, or goes between two of them."""
    if languages is None:
        return True
    translator = REGISTRY[EngineKind.TRANSLATION].get(model.engine)
    # What goes between its models goes through English.
    through = {Language("en")} if translator and translator.holds_several else set()
    ends = {*languages, *through}
    return any(language in languages for language in model.languages) or any(
        source in ends and target in ends for source, target in model.pairs
    )
