"""Nothing is stored that the data map does not name."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

import dragoman
from dragoman.accounts.data_map import FILES, TABLES, Erased, StoredTable
from dragoman.store.tables import Table

SOURCE = Path(dragoman.__file__).parent
_BELOW_DATA_DIR = re.compile(r"data_dir / (\"[^\"]+\"|(?:[a-z_]+\.)?[A-Z_]+\b)")
_DATA_DIR = {"data_dir", "_data_dir"}
UNSEEN = {
    "settings.py: data_dir / it": "whether one of two files is there, which are listed",
    "services/call_checks.py: _data_folder(data_dir)": "whether anything can be written there",
    "services/databases.py: restore(keep_in=data_dir)": "*.backup, and a workplace that is removed",
    "services/databases.py: check_backup(keep_in=data_dir)": "a workplace that is removed",
    "accounts/saved_copies.py: (data_dir, data_dir / BACKUPS, data_dir / export.FOLDER)": "looks for leftovers",
    "accounts/saved_copies.py: data_dir.glob": "looks for what is listed",
}
"""Uses of the data folder that the test of the paths below it cannot follow, and what is written by them."""
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


def test_the_data_folder_goes_nowhere_unseen() -> None:
    """The test above finds paths by the word ``data_dir``: whoever is given the folder calls it so."""
    trees = {
        str(file.relative_to(SOURCE)): ast.parse(file.read_text(encoding="utf-8")) for file in SOURCE.rglob("*.py")
    }
    takers = {name for tree in trees.values() for name in takers_of_the_folder(tree)}

    unseen = {f"{file}: {use}" for file, tree in trees.items() for use in uses_unseen(tree, takers)}

    assert {"read_or_make_key", "Exports", "Erasure", "DailyBackups"} <= takers
    assert unseen == set(UNSEEN), "call it data_dir, and name what is below it by a constant"


@pytest.mark.parametrize(
    "use",
    [
        "keep(settings.data_dir)",
        "folder = settings.data_dir",
        "Exports(folder=data_dir)",
        "asyncio.to_thread(keep, self._data_dir)",
        "[data_dir, other]",
        "data_dir / f'{name}.txt'",
        "data_dir.joinpath('x')",
    ],
)
def test_a_use_that_cannot_be_followed_is_seen(use: str) -> None:
    assert list(uses_unseen(ast.parse(use), {"Exports"}))


def takers_of_the_folder(tree: ast.Module) -> Iterator[str]:
    """Give functions and classes that take it by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and takes_it(node):
            yield node.name


def takes_it(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(takes_it(it) for it in node.body if isinstance(it, ast.FunctionDef) and it.name == "__init__")
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return "data_dir" in {it.arg for it in (*node.args.args, *node.args.kwonlyargs)}


def uses_unseen(tree: ast.Module, takers: set[str]) -> Iterator[str]:
    """Say what is done with the folder beside naming a path in it, giving it to who takes it, and telling people."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not is_the_folder(node):
            continue
        parent = parents[node]
        keyword = parent.arg if isinstance(parent, ast.keyword) else None
        if keyword is not None:
            parent = parents[parent]
        match parent:
            case ast.BinOp(op=ast.Div(), left=left, right=right) if left is node:
                if not names_a_path(right):
                    yield f"data_dir / {ast.unparse(right)}"
            case ast.Call(func=function, args=arguments) if node is not function:
                called = ast.unparse(function)
                if called == "asyncio.to_thread":
                    called = ast.unparse(arguments[0])
                name = called.rpartition(".")[2]
                if name not in takers or keyword not in (None, "data_dir"):
                    yield f"{name}({keyword}=data_dir)" if keyword else f"{name}(data_dir)"
            case ast.Assign(targets=[ast.Attribute(attr="_data_dir")]) | ast.FormattedValue():
                pass
            case ast.Attribute(attr=attribute):
                yield f"data_dir.{attribute}"
            case _:
                yield ast.unparse(parent)


def is_the_folder(node: ast.AST) -> bool:
    """Say whether it is read here: as a name, as a setting, or as what an object keeps."""
    if isinstance(node, ast.Name):
        return node.id in _DATA_DIR and isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Attribute) and node.attr in _DATA_DIR and isinstance(node.ctx, ast.Load)


def names_a_path(node: ast.expr) -> bool:
    """Say whether the test above finds it: words, or a constant."""
    if isinstance(node, ast.Constant):
        return True
    return ast.unparse(node).rpartition(".")[2].isupper()
