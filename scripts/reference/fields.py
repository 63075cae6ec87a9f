"""What the code says of the fields of a class. For make_reference.py."""

import ast
import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FieldNote:
    """What the code says of one field."""

    type: str
    text: str
    """What stands under it; may be nothing."""


def field_notes(file: Path, class_name: str) -> dict[str, FieldNote]:
    """Read the fields of a class, by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name)
    notes: dict[str, FieldNote] = {}
    for node, after in zip(found.body, [*found.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            note = after.value if isinstance(after, ast.Expr) else None
            is_text = isinstance(note, ast.Constant) and isinstance(note.value, str)
            text = note.value if is_text else ""  # type: ignore[union-attr]
            notes[node.target.id] = FieldNote(type=ast.unparse(node.annotation), text=text)
    return notes
