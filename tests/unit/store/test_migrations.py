"""The migrations as files: numbered in one line, and the first one independent of tables.py."""

import ast
import hashlib
from pathlib import Path

import pytest
from tests.released_schemas import file_of

from dragoman.store import migrations
from dragoman.store.upgrade import known_schemas, newest_schema

FILES = sorted((Path(migrations.__file__).parent / "versions").glob("v*.py"))


RELEASED = {
    "0001": "abcf30a42bc96f1f46b958632882b376e52bd2da1bf095f7e0e0f7547dd5d734",
}
"""SHA-256 of the rows in ``tests/fixtures/schemas``, whose columns the migrations make; of each schema in a release."""


@pytest.mark.parametrize("schema", RELEASED)
def test_a_schema_that_was_released_stays_as_it_was(schema: str) -> None:
    """If this fails, take the change back, and make it by a migration of its own: scripts/new_migration.py."""
    assert hashlib.sha256(file_of(schema).read_bytes()).hexdigest() == RELEASED[schema]


def test_the_schemas_are_numbered_without_a_gap() -> None:
    assert list(known_schemas()) == [f"{number + 1:04d}" for number in range(len(FILES))]
    assert newest_schema() == known_schemas()[-1]


def test_no_migration_looks_at_the_code_which_changes_after_it() -> None:
    for file in FILES:
        imported = {
            node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert not {name for name in imported if name and name.startswith("dragoman")}
