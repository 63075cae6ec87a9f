"""How something that is stored is described, for people who ask what is kept of them. To data_map.py and its parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement

from dragoman.store import tables

OfPerson = Callable[[str], ColumnElement[bool]]
"""Which rows go into a person's export, by the id of their account."""


class Erased(StrEnum):
    """What becomes of a person's rows when they are erased."""

    GONE = "removed"
    NAMELESS = "kept without address: ids of things that are gone"
    STAYS = "stays, it is not theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """One table."""

    table: type[tables.Table]
    what: str
    why: str
    whose: str
    how_long: str
    erased: Erased
    columns: Mapping[str, str]
    """What each column holds."""
    secrets: frozenset[str] = frozenset()
    """Columns that are proofs or the server's own: no export has them."""
    of_person: OfPerson | None = None
    """None where no row is about one person."""

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)

    @property
    def exported(self) -> tuple[str, ...]:
        """Columns that an export has."""
        return tuple(column for column in self.columns if column not in self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file, or a folder with all that is in it, below ``data_dir``; ``*`` stands for any letters."""

    path: str
    what: str
    why: str
    whose: str
    how_long: str
    erased: str


class Place(StrEnum):
    """Where else something is stored."""

    REDIS = "Redis, if there is one"
    CACHE_DIR = "below `cache_dir`"
    COOKIE = "the browser: cookie"
    BROWSER = "the browser, for good"
    TAB = "the browser, one tab"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredElsewhere:
    """What is neither in the database nor below ``data_dir``: a key, or a file or folder; ``*`` stands for letters."""

    place: Place
    name: str
    what: str
    why: str
    whose: str
    how_long: str
    erased: str


THEIRS: Final = "the person's"
TEAMS: Final = "the team's"
SERVERS: Final = "the server's"
CREATED: Final = "When it was made."
