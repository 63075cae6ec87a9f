"""Models and profiles as tables, for ``dragoman models list``."""

from collections.abc import Iterable

from rich.table import Table

from dragoman.cli.tables import add_row, few, plain_table
from dragoman.models.store import StoredModel
from dragoman.services.model_commands.profiles import ProfileSummary


def model_table(models: Iterable[StoredModel]) -> Table:
    """Write a row a model."""
    columns = ("id", "engine", "languages", "MB", "RAM", "licence", "commercial", "state")
    table = plain_table(columns, whole=("id", "engine"))
    for model in models:
        add_row(
            table,
            model.id,
            model.engine,
            few([f"{source}:{target}" for source, target in model.pairs] or list(model.languages)),
            _megabytes(model.size_bytes),
            str(model.ram_mb or "?"),
            model.licence,
            "yes" if model.commercial else "no",
            model.state,
        )
    return table


def profile_table(profiles: Iterable[ProfileSummary]) -> Table:
    """Write a row a profile: what it would hold, and what that takes."""
    table = plain_table(("profile", "models", "MB", "RAM", "licence", "commercial", "here"), whole=("profile",))
    for profile in profiles:
        add_row(
            table,
            profile.name,
            ", ".join(model.id for model in profile.models) or "none: what comes with the operating system",
            _megabytes(profile.size_bytes),
            str(profile.ram_mb),
            ", ".join(profile.licences) or "-",
            "yes" if profile.commercial else "no",
            "yes" if profile.complete else f"{profile.missing_bytes / 1e6:.0f} MB are missing",
        )
    return table


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}"
