"""Adding a model: what an add that was killed left is settled by the next, and the disk is looked at before a copy."""

import errno
from pathlib import Path

import pytest

from dragoman.ground.errors import DiskFull, DownloadFailed
from dragoman.ground.languages import Language
from dragoman.models import adding
from dragoman.models.adding import add_folder
from dragoman.models.durable import lock
from dragoman.models.licences import LOCKS_NAME
from dragoman.models.record import ModelRecord, read_record

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "mt-pico"
PAIRS = [(Language("en"), Language("vi"))]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    add(folder, licence="the first")
    return folder


def add(models: Path, *, licence: str = "", free_bytes: int = 1 << 40) -> ModelRecord:
    return add_folder(models, FOLDER, model_id="x", pairs=PAIRS, licence=licence, free_bytes=lambda folder: free_bytes)


def forbid_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a disk that knows no second names, as those of cameras and sticks."""

    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def hidden(models: Path) -> set[str]:
    return {path.name for path in models.iterdir() if path.name.startswith(".")} - {LOCKS_NAME}


def test_the_next_add_removes_what_one_that_was_killed_left(models: Path) -> None:
    for name in (".adding-x-1", ".adding-x-2-old"):
        (models / name).mkdir()
        (models / name / "model.bin").write_bytes(bytes(10))

    add(models, licence="the second")

    assert hidden(models) == set()
    assert read_record(models / "x").licence == "the second"


def test_the_next_add_puts_a_model_back_that_was_out_of_its_place_even_if_it_fails_itself(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "x").rename(models / ".adding-x-1-old")
    (models / ".adding-x-1").mkdir()
    forbid_links(monkeypatch)

    with pytest.raises(DiskFull):
        add(models, free_bytes=0)

    assert read_record(models / "x").licence == "the first"
    assert hidden(models) == set()


def test_what_an_add_of_another_model_works_in_is_left_alone(models: Path) -> None:
    others = {".adding-x-2-abcdefgh", ".adding-x-2-abcdefgh-old", ".adding-xy-abcdefgh", ".importing-x-abcdefgh"}
    for name in others:
        (models / name).mkdir()

    add(models)

    assert hidden(models) == others


def test_two_adds_of_one_model_do_not_meet(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "_LOCK_WAIT_S", 0.0)
    (models / ".adding-x-1").mkdir()

    with lock(models / LOCKS_NAME / "x", wait_s=0), pytest.raises(DownloadFailed):
        add(models)

    assert hidden(models) == {".adding-x-1"}


def test_too_small_a_disk_is_told_before_a_file_is_copied(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(models, free_bytes=0)  # linked, so it takes no room
    forbid_links(monkeypatch)

    with pytest.raises(DiskFull, match=r"x needs 18 MB more in .*, and 1 MB are free; make room"):
        add(models, free_bytes=1_000_000)

    assert hidden(models) == set()
    assert add(models).size_bytes == sum(path.stat().st_size for path in FOLDER.iterdir())
