"""What the audit log can say is one table, and the code says nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import dragoman
from dragoman.accounts.audit_actions import ACTIONS

SOURCE = Path(dragoman.__file__).parent
WRITERS = {"record", "_record"}
KINDS = {action.partition(".")[0] for action in ACTIONS}
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def written_actions() -> Iterator[str]:
    """Give every action that stands in a call of ``record``, in something called ``action``, or in a constant."""
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "audit" in text:
            for node in ast.walk(ast.parse(text)):
                yield from _texts(_said(node))


def _said(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return [*node.args, *(it.value for it in node.keywords if it.arg == "action")] if name in WRITERS else []
    if isinstance(node, ast.Assign):
        names = [it.id for target in node.targets for it in ast.walk(target) if isinstance(it, ast.Name)]
        return [node.value] if any(it == "action" or _names_action(it, node.value) for it in names) else []
    return []


def _names_action(name: str, value: ast.expr) -> bool:
    """A constant beside the calls, whose value begins as an action does."""
    text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return name.isupper() and text.partition(".")[0] in KINDS


def _texts(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and ACTION.fullmatch(part.value):
                yield part.value


def test_the_table_has_every_action_that_is_written_and_no_other() -> None:
    written = set(written_actions())

    assert sorted(written - set(ACTIONS)) == []
    assert sorted(set(ACTIONS) - written) == []


def test_every_action_fits_the_column_it_is_stored_in() -> None:
    assert [action for action in ACTIONS if len(action) > 48 or not ACTION.fullmatch(action)] == []
