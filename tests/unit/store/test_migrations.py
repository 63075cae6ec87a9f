"""The migrations as files: numbered in one line, and the first one independent of tables.py."""

import ast
from pathlib import Path

from dragoman.store import migrations
from dragoman.store.upgrade import known_schemas, newest_schema

FILES = sorted((Path(migrations.__file__).parent / "versions").glob("v*.py"))


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
