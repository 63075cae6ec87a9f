"""Who works with which model, so that none is removed under somebody's feet. For store.py and removing.py.

Whoever finds a model in the store holds a shared lock on a file beside it until its process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dragoman.ground.errors import ModelInUse, ModelNotFound
from dragoman.models.licences import LOCKS_NAME

_LOCKS = Path("/proc/locks")
_MAX_COMMAND_CHARS = 60

_claims: dict[Path, int] = {}
"""Descriptors of this process by lock file; the kernel closes them."""


def claim(models_dir: Path, model_id: str) -> None:
    """Say that this process works with a model, until it ends. Raises ``ModelNotFound`` if it is being removed.

    In a folder that may not be written nothing is said, and nobody else can remove anything there either.
    """
    path = _lock_file(models_dir, model_id)
    if path in _claims and _is_same_file(_claims[path], path):
        return
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise ModelNotFound(f"{model_id} is being removed at the moment; fetch it again afterwards") from error
        _claims[path] = descriptor


@contextmanager
def unused(models_dir: Path, model_id: str) -> Iterator[None]:
    """Keep everybody from taking up a model. Raises ``ModelInUse`` that names who works with it, and ``OSError``."""
    path = _lock_file(models_dir, model_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelInUse(
                f"{model_id} is in use{_by(users(path))}; end that first, or choose other engines for it"
            ) from error
        yield


def users(path: Path) -> list[int]:
    """Give the ids of the processes that hold the lock file ``path``, as far as the kernel tells."""
    with suppress(OSError):
        inode = path.stat().st_ino
        rows = [line.split() for line in _LOCKS.read_text(encoding="ascii").splitlines()]
        held = [row for row in rows if len(row) > 5 and row[1] == "FLOCK" and row[5].rpartition(":")[2] == str(inode)]
        return sorted({int(row[4]) for row in held if int(row[4]) > 0})
    return []


def _by(processes: list[int]) -> str:
    named = [f"{process} ({command})" for process in processes if (command := _command_of(process))]
    return f" by process {', '.join(named)}" if named else ""


def _command_of(process: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        return " ".join(Path(word.decode(errors="replace")).name for word in words if word)[:_MAX_COMMAND_CHARS]
    return ""


def _lock_file(models_dir: Path, model_id: str) -> Path:
    return (models_dir / LOCKS_NAME / f"{model_id}.used").absolute()


def _is_same_file(descriptor: int, path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False
