"""Tables as the commands print them."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from dragoman.cli.screen import CONTROLS

_NUMBERS = frozenset({"MB", "RAM"})
_SHOWN = 3


def plain_table(columns: Sequence[str], *, whole: Sequence[str]) -> Table:
    """Begin a table without lines; cells of the columns ``whole`` are never broken."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(
            column, justify="right" if column in _NUMBERS else "left", overflow="fold", no_wrap=column in whole
        )
    return table


def add_row(table: Table, *cells: str) -> None:
    """Add a row; what would steer a terminal is shown."""
    table.add_row(*(Text(cell.translate(CONTROLS)) for cell in cells))


def few(names: Sequence[str]) -> str:
    """Write the first three, and how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    rest = len(names) - _SHOWN
    return f"{shown} +{rest}" if rest > 0 else shown
