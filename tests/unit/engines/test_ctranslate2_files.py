"""Damaged and foreign model folders are told apart before CTranslate2 sees them."""

import shutil
from pathlib import Path

import pytest

from dragoman.engines.ctranslate2_files import read_model_spec, require_files, require_spec
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelNotFound, ModelWrongFamily

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


def test_the_kind_of_a_model_is_read_from_its_weights() -> None:
    assert read_model_spec(FIXTURES / "whisper-pico") == "WhisperSpec"
    assert read_model_spec(FIXTURES / "mt-pico") == "TransformerSpec"


def test_all_missing_and_empty_files_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    (tmp_path / "vocabulary.txt").write_text("a\n", encoding="utf-8")

    with pytest.raises(ModelIncomplete, match=r"config\.json, model\.bin") as lack:
        require_files(tmp_path, ["config.json", "model.bin", "vocabulary.json|vocabulary.txt"])

    assert "vocabulary" not in str(lack.value)


def test_a_folder_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        require_files(tmp_path / "nowhere", ["model.bin"])


@pytest.mark.parametrize("kept", [1, 3, 5, 12, 21, 40, 1000, 1_000_000, 1_649_972])
def test_weights_that_are_cut_short_are_incomplete(tmp_path: Path, kept: int) -> None:
    whole = (FIXTURES / "mt-pico" / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes(whole[:kept])

    with pytest.raises(ModelIncomplete, match="cut short"):
        read_model_spec(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", b"<!DOCTYPE html><html></html>", b"\xff" * 64],
)
def test_a_file_that_holds_no_model_is_corrupt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(content)

    with pytest.raises(ModelCorrupt):
        read_model_spec(tmp_path)


def test_a_model_of_another_family_is_named_with_the_engine_that_takes_it(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "mt-pico" / "model.bin", tmp_path)

    with pytest.raises(ModelWrongFamily, match="translation engine ctranslate2"):
        require_spec(tmp_path, "WhisperSpec")
