"""What each profile holds, and what it takes: for ``dragoman models list`` and the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.models.store import StoredModel
from dragoman.models.table import ModelProfile, ModelTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSummary:
    """One profile on this machine."""

    name: str
    about: str
    models: tuple[StoredModel, ...]

    @property
    def size_bytes(self) -> int:
        return sum(model.size_bytes for model in self.models)

    @property
    def missing_bytes(self) -> int:
        """What a pull would fetch, about."""
        return sum(model.size_bytes for model in self.models if not model.usable)

    @property
    def ram_mb(self) -> int:
        """Memory of all of them at once, about; the built-in engines' comes on top."""
        return sum(model.ram_mb for model in self.models)

    @property
    def licences(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(model.licence for model in self.models))

    @property
    def commercial(self) -> bool:
        return all(model.commercial for model in self.models)

    @property
    def complete(self) -> bool:
        return all(model.usable for model in self.models)


def summarise(table: ModelTable, listed: Sequence[StoredModel]) -> tuple[ProfileSummary, ...]:
    """Put the profiles of ``table`` together with how their models are here."""
    by_id = {model.id: model for model in listed}
    return tuple(_summary(profile, [by_id[model_id] for model_id in profile.models]) for profile in table.profiles)


def _summary(profile: ModelProfile, models: Sequence[StoredModel]) -> ProfileSummary:
    return ProfileSummary(name=profile.name, about=profile.about, models=tuple(models))
