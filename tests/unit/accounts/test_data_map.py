"""Nothing is stored that the data map does not name."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

import dragoman
from dragoman.accounts.data_map import FILES, TABLES, Erased, StoredTable
from dragoman.store.tables import Table

SOURCE = Path(dragoman.__file__).parent
_BELOW_DATA_DIR = re.compile(r"data_dir / (\"[^\"]+\"|(?:[a-z_]+\.)?[A-Z_]+\b)")
_NAME_OF = re.compile(r"^([A-Z_]+)(?:: Final)? = \"([^\"]+)\"", re.MULTILINE)


def test_every_table_is_listed_once() -> None:
    listed = [stored.name for stored in TABLES]

    assert sorted(listed) == sorted(Table.metadata.tables), "list the table in accounts/data_map.py"


@pytest.mark.parametrize("stored", TABLES, ids=lambda stored: stored.name)
def test_every_column_is_listed(stored: StoredTable) -> None:
    columns = {column.name for column in stored.table.__table__.columns}

    assert set(stored.columns) == columns, "list the column in accounts/data_map.py"
    assert stored.secrets <= columns
    assert all(stored.columns.values())


@pytest.mark.parametrize("stored", TABLES, ids=lambda stored: stored.name)
def test_whatever_is_a_proof_is_in_no_export(stored: StoredTable) -> None:
    assert not [column for column in stored.exported if column.endswith("_hash") or column == "secret"]


@pytest.mark.parametrize("stored", TABLES, ids=lambda stored: stored.name)
def test_what_is_erased_is_found_by_its_person(stored: StoredTable) -> None:
    assert stored.erased is Erased.STAYS or stored.of_person is not None


def test_every_path_below_the_data_folder_is_listed() -> None:
    constants: dict[str, str] = {}
    made: dict[str, str] = {}
    sources = {file: file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py")}
    for text in sources.values():
        constants |= dict(_NAME_OF.findall(text))
    for file, text in sources.items():
        for name in _BELOW_DATA_DIR.findall(text):
            path = name.strip('"') if name.startswith('"') else constants[name.rpartition(".")[2]]
            made[path] = file.name

    assert {"dragoman.db", "account.key", "backups", "exports", "certificate"} <= set(made)
    unlisted = {path: by for path, by in made.items() if not any(fnmatch(path, it.path) for it in FILES)}
    assert not unlisted, "list the file in accounts/data_map.py"
