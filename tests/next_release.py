"""A release after this one, for tests of what happens between releases."""

from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Connection

from dragoman.store import upgrade

_NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{number:04d}"
down_revision = "{before:04d}"


def upgrade():
    if {alters}:
        with op.batch_alter_table("users") as users:
            users.add_column(sa.Column("colour{number}", sa.String(8)))
            users.alter_column("name", existing_type=sa.String(80), type_=sa.String(90))
    {then}


def downgrade():
    with op.batch_alter_table("users") as users:
        users.alter_column("name", existing_type=sa.String(90), type_=sa.String(80))
        users.drop_column("colour{number}")
"""


def become_next_release(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, then: str = "pass", alters: bool = True
) -> None:
    """Make this process the next release, whose migration lies in ``folder``: it alters a table that others refer to
    unless it is not to, and ends with the statement ``then``."""
    number = int(upgrade.newest_schema()) + 1
    step = _NEXT.format(number=number, before=number - 1, then=then, alters=alters)
    (folder / f"v{number:04d}_next.py").write_text(step)
    today = upgrade.config_of

    def config_of(connection: Connection | None) -> Config:
        config = today(connection)
        ours = Path(upgrade.__file__).with_name("migrations") / "versions"
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{ours}\n{folder}")
        return config

    monkeypatch.setattr(upgrade, "config_of", config_of)
