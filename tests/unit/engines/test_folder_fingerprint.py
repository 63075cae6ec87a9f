"""model_version: the same files give the same version anywhere, and others another one."""

import shutil
from pathlib import Path

import pytest

from dragoman.engines.folder_fingerprint import model_version

BIG = 1 << 20


def write_model(folder: Path) -> Path:
    folder.mkdir()
    (folder / "model.bin").write_bytes(bytes(BIG))
    (folder / "dragoman.json").write_text('{"revision": "a"}')
    return folder


def test_a_copy_has_the_same_version(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "here")
    copy = Path(shutil.copytree(folder, tmp_path / "there", copy_function=shutil.copyfile))

    assert model_version("ctranslate2", [folder]) == model_version("ctranslate2", [copy])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", bytes(BIG - 1) + b"x"),
        ("model.bin", b"x" + bytes(BIG - 1)),
        ("model.bin", bytes(BIG + 1)),
        ("dragoman.json", b'{"revision": "b"}'),
        ("vmap.txt", b""),
    ],
)
def test_other_files_give_another_version(tmp_path: Path, name: str, content: bytes) -> None:
    folder = write_model(tmp_path / "model")
    before = model_version("ctranslate2", [folder])

    (folder / name).write_bytes(content)

    assert model_version("ctranslate2", [folder]) != before
