"""Where Alembic begins. upgrade.py hands it an open connection."""

from alembic import context
from sqlalchemy import Connection

from dragoman.store.migrations.spelling import spelled
from dragoman.store.tables import Table


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=context.config.attributes.get("as_batch", True),  # SQLite alters a table by copying it
        render_item=spelled,
        compare_type=True,
        transaction_per_migration=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
