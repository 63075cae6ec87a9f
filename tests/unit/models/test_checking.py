"""Reading every byte again: which file is wrong, and how."""

import os
from pathlib import Path

import pytest

from dragoman.ground.errors import ModelIncomplete, ModelNotFound
from dragoman.ground.languages import Language
from dragoman.models.checking import FileState
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    own = tmp_path / "own"
    own.mkdir()
    fixture = Path(__file__).resolve().parents[2] / "fixtures" / "mt-pico"
    for path in fixture.iterdir():
        (own / path.name).write_bytes(path.read_bytes())
    store = ModelStore(tmp_path / "models", load_table())
    store.add(own, model_id="mine", pairs=[(Language("en"), Language("vi"))])
    return store


@pytest.fixture
def folder(store: ModelStore, tmp_path: Path) -> Path:
    return tmp_path / "models" / "mine"


def states(store: ModelStore) -> dict[str, FileState]:
    return {check.path: check.state for check in store.check("mine") if check.state is not FileState.GOOD}


def test_a_whole_model_is_good_and_all_its_bytes_are_counted(store: ModelStore) -> None:
    counted: list[int] = []

    checks = store.check("mine", on_bytes=counted.append)

    assert {check.state for check in checks} == {FileState.GOOD}
    assert sum(counted) == store.record_of("mine").size_bytes


def test_a_flipped_bit_is_found_though_size_and_time_are_the_same(store: ModelStore, folder: Path) -> None:

    store.find("mine")  # remembers the hash
    path = folder / "model.bin"
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert states(store) == {"model.bin": FileState.WRONG_BYTES}


def test_every_wrong_file_is_named_with_what_is_wrong(store: ModelStore, folder: Path) -> None:
    (folder / "config.json").write_bytes(b"{}")
    (folder / "shared_vocabulary.json").unlink()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")

    assert states(store) == {
        "config.json": FileState.WRONG_SIZE,
        "shared_vocabulary.json": FileState.MISSING,
        "notes.txt": FileState.UNKNOWN,
    }
    sizes = next(str(check) for check in store.check("mine") if check.state is FileState.WRONG_SIZE)
    assert sizes == "config.json has another size (2 bytes instead of 223)"


def test_a_folder_without_its_record_says_what_mends_it(store: ModelStore, folder: Path) -> None:
    (folder / "dragoman.json").unlink()

    with pytest.raises(ModelIncomplete, match="dragoman models add FOLDER --id mine"):
        store.check("mine")


@pytest.mark.parametrize("model_id", ["whisper-small", "../mine", ""])
def test_what_is_not_here_cannot_be_checked(store: ModelStore, model_id: str) -> None:
    with pytest.raises(ModelNotFound):
        store.check(model_id)
