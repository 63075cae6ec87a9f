"""Which files may enter the store."""

from pathlib import Path

import pytest

from dragoman.models.accepted_files import read_ctranslate2_spec, why_refused

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.mark.parametrize(
    "path",
    ["model.bin", "config.json", "vocabulary.txt", "source.spm", "sentencepiece.bpe.model", "onnx/voice.onnx",
     "hy-mt2-q4_k_m.gguf", "model.safetensors", "constants.npz", "onnx_update/vieneu_backbone_shared.data"],
)  # fmt: skip
def test_model_files_are_taken(path: str) -> None:
    assert why_refused(path) == ""


@pytest.mark.parametrize(
    "path",
    ["../model.bin", "a/../../model.bin", "/model.bin", "a//model.bin", "..\\model.bin", "C:model.bin", "",
     "./model.bin", "model\n.bin", "a" * 300 + ".bin", "dragoman.json"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(path: str) -> None:
    assert why_refused(path)


@pytest.mark.parametrize(
    "path", ["model.pt", "pytorch_model.bin", "PyTorch_Model-00001.bin", "x.ckpt", "x.pkl", "x.npy"]
)
def test_pickles_are_refused_with_the_reason(path: str) -> None:
    assert "runs code" in why_refused(path)


@pytest.mark.parametrize("path", ["run.sh", "model.py", "README.md", ".gitattributes", ".json", "model.bin.part"])
def test_what_no_engine_reads_is_refused(path: str) -> None:
    assert "no model file" in why_refused(path)


def test_the_kind_of_a_ctranslate2_model_is_read_from_its_head() -> None:
    specs = [read_ctranslate2_spec(FIXTURES / name / "model.bin") for name in ("whisper-pico", "mt-pico")]

    assert specs == ["WhisperSpec", "TransformerSpec"]


@pytest.mark.parametrize(
    "head", [b"", b"PK\x03\x04" + bytes(60), b"\x80\x02}q\x00" + bytes(60), b"\x06\0\0\0\x05\0Shell"]
)
def test_other_bytes_have_no_kind(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(head)

    assert read_ctranslate2_spec(path) == ""
