"""``dragoman models verify``: every byte of the installed models again, and what to do about a wrong one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.errors import ModelError, ModelNotFound
from dragoman.models.checking import FileState
from dragoman.models.store import ModelStore
from dragoman.services.assembly import open_store
from dragoman.settings import Settings

_ODD: Final = (FileState.SHORTLIST, FileState.UNKNOWN)

OnRead = Callable[[str, int, int], None]
"""Takes the model's id, the bytes of it that were read, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one model is."""

    model: str
    files: int
    """That are as they were published."""
    size_bytes: int
    wrong: tuple[str, ...] = ()
    """A sentence for each thing that is wrong."""
    notes: tuple[str, ...] = ()
    """What is odd, or of somebody here, and does no harm."""
    remedy: str = ""
    """The command that mends it."""

    @property
    def good(self) -> bool:
        return not self.wrong


def ids_here(store: ModelStore, ids: Sequence[str]) -> tuple[str, ...]:
    """Give ``ids``, each once, or those of all models that are here. Raises ``ModelNotFound`` for one that is not."""
    here = store.ids_here()
    absent = [model_id for model_id in ids if model_id not in here]
    if absent:
        raise ModelNotFound(
            f"{', '.join(absent)} is not on this machine; these models are: {', '.join(here) or 'none'}"
        )
    return tuple(dict.fromkeys(ids)) or here


def verify_models(ids: Sequence[str], settings: Settings, *, on_read: OnRead) -> list[Verdict]:
    """Check the models of ``ids``, or all. Raises ``ModelNotFound`` for one that is not here."""
    store = open_store(settings)
    return [verify_model(store, model_id, on_read=on_read) for model_id in ids_here(store, ids)]


def verify_model(store: ModelStore, model_id: str, *, on_read: OnRead) -> Verdict:
    """Read all files of one model. What cannot be read is part of the verdict."""
    read = total = 0

    def count(size: int) -> None:
        nonlocal read
        read += size
        on_read(model_id, read, total)

    remedy = store.remedy(model_id)
    try:
        total = store.record_of(model_id).size_bytes
        checks = store.check(model_id, on_bytes=count)
    except ModelError as error:
        return Verdict(model=model_id, files=0, size_bytes=0, wrong=(str(error),), remedy=remedy)
    wrong = tuple(str(check) for check in checks if check.state not in {FileState.GOOD, *_ODD})
    return Verdict(
        model=model_id,
        files=sum(check.state is FileState.GOOD for check in checks),
        size_bytes=read,
        wrong=wrong,
        notes=tuple(str(check) for check in checks if check.state in _ODD),
        remedy=remedy if wrong else "",
    )
