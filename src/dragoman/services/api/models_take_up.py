"""Let a model that has come be used without a new start of everything. For models_desk.py.

It is opened once in a process of its own. If that goes well, the service that runs its engine is started again, then
the interpreter, which asks the services what they have; calls go on meanwhile as after a crash, captions complete.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import EngineUnavailable
from dragoman.models.table import WATERMARKS, ModelEntry, load_table
from dragoman.services.api.models_restart import ServiceRestarts
from dragoman.services.assembly import open_store
from dragoman.services.default_engines import usable_models
from dragoman.services.model_commands.trial import kind_of, try_model_now
from dragoman.services.processes import INTERPRETER
from dragoman.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUp:
    """Brings models into use on this machine."""

    settings: Settings
    restarts: ServiceRestarts
    on_changed: Callable[[], None]
    """Called when other engines run than before. Blocks for a moment."""

    async def try_out(self, models: Sequence[str]) -> None:
        """Open each model once. Raises ``EngineUnavailable`` for one that does not open here."""
        for model_id in models:
            engine = load_table().entry(model_id).engine
            if kind_of(engine) is None:
                raise EngineUnavailable(f"{model_id} needs the engine {engine}, which this version does not have")
            trial = await try_model_now(engine, model_id)
            if not trial.opened:
                raise EngineUnavailable(f"{model_id} does not open here: {trial.problem}")

    def services_of(self, models: Sequence[str]) -> list[str]:
        """Name the services that would use these models by themselves: here, with models of their choice."""
        usable = {model.id for model in usable_models(open_store(self.settings), self.settings.profile)}
        kinds = dict.fromkeys(self._takes(load_table().entry(model_id), usable) for model_id in models)
        return [kind.value for kind in kinds if kind is not None]

    async def start_again(self, services: Sequence[str]) -> None:
        """Start the services again, then the interpreter. Raises ``EngineUnavailable``."""
        for name in (*services, INTERPRETER):
            await self.restarts.restart(name)

    def _takes(self, entry: ModelEntry, usable: Collection[str]) -> EngineKind | None:
        """Say which kind of service takes this model by itself; None if the settings choose others."""
        kind = kind_of(entry.engine)
        if kind is None or self.settings.service_of(kind).url:
            return None
        if entry.engine in WATERMARKS:
            # Whatever speaks is marked, of whichever profile and engines, by the model of this setting alone.
            return kind if self.settings.watermark_model.strip() == entry.id else None
        return kind if entry.id in usable and not self.settings.service_of(kind).engines else None
