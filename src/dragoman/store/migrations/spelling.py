"""How the columns' types are written down in a migration, which must not change when columns.py does."""

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from dragoman.store.columns import UtcTime


def spelled(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Write an item for Alembic; False for what it writes well itself."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False
