"""Rows of a list, newest first, behind a place in it. The API's half is ``services/api/paging.py``."""

from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

Columns = TypeVarTuple("Columns")


def newest_first(
    wanted: Select[*Columns],
    at: InstrumentedAttribute[datetime],
    row_id: InstrumentedAttribute[str],
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Select[*Columns]:
    """Put ``wanted`` in order of ``at``, then ``row_id``, both falling, and give what comes behind ``before``."""
    if before is not None:
        moment, last = before
        wanted = wanted.where(or_(at < moment, and_(at == moment, row_id < last)))
    return wanted.order_by(at.desc(), row_id.desc()).limit(limit)
