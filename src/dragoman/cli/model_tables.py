"""Models and profiles as tables, for ``dragoman models list``."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from dragoman.cli.screen import CONTROLS
from dragoman.models.store import StoredModel
from dragoman.services.model_commands.profiles import ProfileSummary

_NUMBERS = frozenset({"MB", "RAM"})
_SHOWN_LANGUAGES = 3


def model_table(models: Iterable[StoredModel]) -> Table:
    """Write a row a model."""
    table = _table(("id", "engine", "languages", "MB", "RAM", "licence", "commercial", "state"), whole=("id", "engine"))
    for model in models:
        _add(
            table,
            model.id,
            model.engine,
            _few([f"{source}:{target}" for source, target in model.pairs] or list(model.languages)),
            _megabytes(model.size_bytes),
            str(model.ram_mb or "?"),
            model.licence,
            "yes" if model.commercial else "no",
            model.state,
        )
    return table


def profile_table(profiles: Iterable[ProfileSummary]) -> Table:
    """Write a row a profile: what it would hold, and what that takes."""
    table = _table(("profile", "models", "MB", "RAM", "licence", "commercial", "here"), whole=("profile",))
    for profile in profiles:
        _add(
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


def _table(columns: Sequence[str], *, whole: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(
            column, justify="right" if column in _NUMBERS else "left", overflow="fold", no_wrap=column in whole
        )
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell.translate(CONTROLS)) for cell in cells))


def _few(languages: Sequence[str]) -> str:
    shown = ", ".join(languages[:_SHOWN_LANGUAGES])
    rest = len(languages) - _SHOWN_LANGUAGES
    return f"{shown} +{rest}" if rest > 0 else shown


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f}"
