"""What an ONNX file says of itself, read without trusting it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tone_voice import make_tone_voice

from dragoman.engines.onnx_header import read_onnx_header
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone_voice(tmp_path_factory.mktemp("voice")) / "tones.onnx"


def test_names_of_tensors_and_metadata_are_read(model: Path) -> None:
    header = read_onnx_header(model)

    assert header.inputs == ("input", "input_lengths", "scales")
    assert header.outputs == ("output",)
    assert header.metadata["sample_rate"] == "16000"
    assert header.metadata["comment"] == "piper"


def test_weights_are_not_taken_for_inputs(model: Path) -> None:
    assert "full_samples" not in read_onnx_header(model).inputs


@given(data=st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_else_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(data)

    with pytest.raises((ModelCorrupt, ModelIncomplete), match="fetch the model again"):
        read_onnx_header(path)


@given(share=st.floats(0.0, 0.98))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_a_file_cut_short_is_refused(tmp_path: Path, model: Path, share: float) -> None:
    path = tmp_path / "model.onnx"
    whole = model.read_bytes()
    path.write_bytes(whole[: round(share * whole.index(b"\x72", len(whole) // 2))])

    with pytest.raises((ModelCorrupt, ModelIncomplete)):
        read_onnx_header(path)


@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_wrong_byte_is_read_or_refused_but_nothing_worse(tmp_path: Path, model: Path, at: float, byte: int) -> None:
    path = tmp_path / "model.onnx"
    damaged = bytearray(model.read_bytes())
    damaged[int(at * len(damaged))] = byte
    path.write_bytes(damaged)

    try:
        read_onnx_header(path)
    except (ModelCorrupt, ModelIncomplete) as refusal:
        assert str(path) in str(refusal)
