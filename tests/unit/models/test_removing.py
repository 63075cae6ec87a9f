"""Removing a model: whole or not at all, and never one that somebody works with."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.ground.errors import DownloadFailed, ModelInUse, ModelNotFound
from dragoman.ground.languages import Language
from dragoman.models.durable import lock
from dragoman.models.removing import remove_model
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EN, VI = Language("en"), Language("vi")

_USE_IT = """
import sys
from pathlib import Path
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
ModelStore(Path(sys.argv[1]), load_table()).find("mine")
print("in use", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    ModelStore(folder, load_table()).add(FIXTURES / "mt-pico", model_id="mine", pairs=[(EN, VI)])
    return folder


@pytest.fixture
def user(models: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that works with the model until its standard input is closed."""
    command = [sys.executable, "-c", _USE_IT, str(models)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in use\n"
        yield process
        process.kill()


def test_a_removed_model_is_gone_with_its_folder(models: Path) -> None:
    remove_model(models, "mine")

    with pytest.raises(ModelNotFound):
        ModelStore(models, load_table()).find("mine")
    assert [path.name for path in models.iterdir()] == [".locks"]


def test_what_has_arrived_of_a_pull_is_removed_too(models: Path) -> None:
    part = models / ".incoming" / "whisper-small" / "model.bin.abc.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(1000))

    assert remove_model(models, "whisper-small") == 1000

    assert not part.parent.exists()


@pytest.mark.parametrize("model_id", ["whisper-small", "../models", "", ".locks"])
def test_what_is_not_here_cannot_be_removed(models: Path, model_id: str) -> None:
    with pytest.raises(ModelNotFound):
        remove_model(models, model_id)

    assert (models / "mine").is_dir()


def test_a_model_that_a_process_works_with_stays_and_the_process_is_named(
    models: Path, user: subprocess.Popen[str]
) -> None:
    with pytest.raises(ModelInUse, match=f"mine is in use by process {user.pid} "):
        remove_model(models, "mine")

    assert (models / "mine" / "model.bin").is_file()


def test_a_model_can_be_removed_once_its_user_was_killed(models: Path, user: subprocess.Popen[str]) -> None:
    user.kill()
    user.wait()

    remove_model(models, "mine")

    assert not (models / "mine").exists()


def test_a_model_is_not_removed_while_it_is_pulled(models: Path) -> None:
    with lock(models / ".locks" / "mine", wait_s=0), pytest.raises(DownloadFailed, match="another pull"):
        remove_model(models, "mine")

    assert (models / "mine").is_dir()


def test_a_removal_clears_what_a_killed_one_left(models: Path) -> None:
    left = models / ".removed-other-1" / "0"
    left.mkdir(parents=True)

    remove_model(models, "mine")

    assert not left.parent.exists()
