"""Lists in pages, newest first: ``?cursor=&limit=`` in, ``{"items": [...], "next": ...}`` out. For every resource.

A resource asks its store for one row more than the page has (``wish.fetch``), and writes them with ``page_of``::

    @router.get("")
    async def keys(request: Request, wish: Paged) -> Page[KeyAnswer]:
        async with database.reading() as session:
            rows = await api_keys.of_user(session, user_id, before=wish.before, limit=wish.fetch)
        return page_of(rows, wish, write_key)

The store's half is ``store/paging.py``.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from dragoman.meetings.errors import RequestInvalid

DEFAULT_ITEMS = 50
MOST_ITEMS = 200
MAX_CURSOR_CHARS = 200
NO_CURSOR = "cursor: not one that this list gave; leave it out to begin at the newest"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

Row = TypeVar("Row")
Item = TypeVar("Item")

Place = tuple[datetime, str]
"""Where a row stands in its list: its moment (UTC) and its id, which tells rows of one moment apart."""


class Page(BaseModel, Generic[Item]):
    """Some of a list, newest first."""

    items: list[Item]
    next: str | None = None
    """Cursor of what follows; null at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWish:
    """Which part of a list is asked for."""

    before: Place | None = None
    """Only what comes behind it; None from the newest on."""
    limit: int = DEFAULT_ITEMS

    @property
    def fetch(self) -> int:
        """How many rows to ask the store for: one more than is given, to know whether anything follows."""
        return self.limit + 1


def page_wish(
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARS, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Items of one page.")] = DEFAULT_ITEMS,
) -> PageWish:
    """Read the part that is asked for. Raises ``RequestInvalid`` for a cursor that is none of ours."""
    return PageWish(before=None if cursor is None else read_cursor(cursor), limit=limit)


Paged = Annotated[PageWish, Depends(page_wish)]
"""Of a route that gives a list."""


def created(row: Any) -> Place:
    """Give the place of a row with ``created_at`` and ``id``, which most have."""
    return row.created_at, row.id


def page_of(
    rows: Sequence[Row], wish: PageWish, write: Callable[[Row], Item], *, place: Callable[[Row], Place] = created
) -> Page[Item]:
    """Write a page of up to ``wish.fetch`` rows, in their order."""
    given = rows[: wish.limit]
    follows = len(rows) > len(given)
    return Page(items=[write(row) for row in given], next=write_cursor(place(given[-1])) if follows else None)


def write_cursor(place: Place) -> str:
    """Write a place as a word of base64url. It says nothing that the list does not say, and is not signed."""
    at, row_id = place
    text = json.dumps([at.astimezone(UTC).isoformat(), row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(cursor: str) -> Place:
    """Read what ``write_cursor`` wrote. Raises ``RequestInvalid``."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        at, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment, found = datetime.fromisoformat(at).astimezone(UTC), _ID.fullmatch(row_id)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise RequestInvalid(NO_CURSOR) from error
    if found is None:
        raise RequestInvalid(NO_CURSOR)
    return moment, found.group()
