"""For whom live work is done: which goes first among work of one kind. From the processes; to every queue of engines.

Who begins work for a room says so once; whatever is asked of an engine meanwhile, in whatever task of it, stands in
line by that. It crosses to another process as a header (``wire/requests.py``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

ORDINARY: Final = 0
"""Of a room without a plan, and of whatever is no room's."""
HIGHEST: Final = 100


def _ordinary() -> int:
    return ORDINARY


_priority: ContextVar[Callable[[], int]] = ContextVar("priority", default=_ordinary)


def priority_now() -> int:
    """Say how urgent what is asked here is among work of one kind, from 0 to 100; larger goes first."""
    return max(ORDINARY, min(HIGHEST, _priority.get()()))


@contextmanager
def working_for(priority: Callable[[], int]) -> Iterator[None]:
    """Do what is inside, and the tasks that begin there, with the priority that ``priority`` gives at each moment."""
    token = _priority.set(priority)
    try:
        yield
    finally:
        _priority.reset(token)
