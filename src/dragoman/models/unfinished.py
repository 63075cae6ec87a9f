"""What an add or an import that was killed left in the models folder: put back or removed. To durable.py.

For adding.py and importing.py, which build a model in a folder of ``make_unfinished`` and put it in place from there.
"""

import re
import shutil
import tempfile
from pathlib import Path

from dragoman.models.durable import replace_folder, sync_folder

_OLD = "-old"


def make_unfinished(models_dir: Path, model_id: str, *, doing: str) -> Path:
    """Make the folder in which a model is built; ``doing`` is a word, ``adding``. Raises ``OSError``.

    Whoever calls holds the model's lock. What those before him left is settled first: their halves are removed, and
    the model that one of them had just taken out of its place is put back.
    """
    for left in _left(models_dir, model_id, doing):
        final = models_dir / model_id
        if left.name.endswith(_OLD) and not final.exists():
            left.rename(final)
            sync_folder(models_dir)
        else:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{doing}-{model_id}-", dir=models_dir))


def put_in_place(built: Path, final: Path) -> None:
    """Put a folder of ``make_unfinished`` in the place of ``final``. Raises ``OSError``."""
    built.chmod(0o755)
    replace_folder(built, final, trash=built.with_name(f"{built.name}{_OLD}"))


def _left(models_dir: Path, model_id: str, doing: str) -> list[Path]:
    """Find the folders of this model alone: its id may begin another one."""
    name = re.compile(rf"\.{doing}-{re.escape(model_id)}-[a-z0-9_]+(?:{_OLD})?")
    return sorted(path for path in models_dir.glob(f".{doing}-*") if name.fullmatch(path.name))
