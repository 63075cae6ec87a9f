"""What PostgreSQL's driver raises, as our own errors; what SQLite's does is tested where its disk is really full."""

import traceback

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from dragoman.ground.errors import StoreError, StoreFull, StoreUnavailable
from dragoman.store.failures import translated

WRITTEN = {"email": "an@example.org"}


def raised_by(cause: psycopg.Error, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    """Give what SQLAlchemy makes of an error of the driver's."""
    return kind("INSERT INTO users (email) VALUES (%(email)s)", WRITTEN, cause, hide_parameters=True)


@pytest.mark.parametrize(
    ("cause", "ours"),
    [
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), StoreFull),
        (psycopg.errors.TooManyConnections("sorry, too many clients already"), StoreUnavailable),
        (psycopg.errors.AdminShutdown("terminating connection due to administrator command"), StoreUnavailable),
        (psycopg.OperationalError("connection refused"), StoreUnavailable),
    ],
    ids=lambda it: getattr(it, "__name__", type(it).__name__),
)
async def test_what_is_wrong_with_the_database_is_named(cause: psycopg.Error, ours: type[StoreError]) -> None:
    with pytest.raises(StoreError) as told:
        async with translated():
            raise raised_by(cause)

    assert type(told.value) is ours
    assert "an@example.org" not in "".join(traceback.format_exception(told.value))


async def test_a_full_disk_is_told_whatever_the_driver_takes_it_for() -> None:
    with pytest.raises(StoreFull, match="disk of the database is full"):
        async with translated():
            raise raised_by(psycopg.errors.DiskFull("No space left on device"), DBAPIError)


async def test_what_is_wrong_with_a_statement_passes() -> None:
    with pytest.raises(IntegrityError):
        async with translated():
            raise raised_by(psycopg.errors.UniqueViolation("duplicate key"), IntegrityError)
