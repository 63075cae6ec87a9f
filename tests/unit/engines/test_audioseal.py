"""AudioSeal's adapter on toy models of the published inputs and outputs: what it takes, finds and refuses."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.toy_audioseal import Layout, write_audioseal

from dragoman.engines.watermark.audioseal import open_audioseal
from dragoman.engines.watermark.detection import HOP, SAMPLE_RATE, WINDOW
from dragoman.ground.audio import Samples
from dragoman.ground.errors import EngineUnavailable, ModelWrongFamily


def hum(samples: int) -> Samples:
    return (0.2 * np.sin(2 * np.pi * 220 * np.arange(samples) / SAMPLE_RATE)).astype(np.float32)


def write_identity(path: Path, *, inputs: dict[str, list[int | str]], kind: int = TensorProto.FLOAT) -> None:
    """Write a model that gives its first input back."""
    first, *_ = inputs
    values = [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()]
    answer = helper.make_tensor_value_info("out", kind, inputs[first])
    graph = helper.make_graph([helper.make_node("Identity", [first], ["out"])], "identity", values, [answer])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path))


@pytest.mark.parametrize("layout", list(Layout))
def test_a_mark_is_found_again_in_every_layout_that_is_published(layout: Layout, tmp_path: Path) -> None:
    model = open_audioseal(write_audioseal(tmp_path, layout))
    sound = hum(2 * SAMPLE_RATE)

    marked = model.detect(sound + model.watermark(sound, payload=0xA5C3))
    plain = model.detect(sound)

    assert (marked.found, marked.payload) == (True, None if layout is Layout.NO_BITS else 0xA5C3)
    assert not plain.found


@pytest.mark.parametrize("length", [1, HOP - 1, HOP, HOP + 1, WINDOW, WINDOW + 1, 2 * WINDOW + 7])
def test_a_watermark_is_as_long_as_its_sound(length: int, tmp_path: Path) -> None:
    watermark = open_audioseal(write_audioseal(tmp_path)).watermark(hum(length), payload=1)

    assert watermark.shape == (length,)
    assert watermark.dtype == np.float32


def test_no_sound_has_no_watermark(tmp_path: Path) -> None:
    assert open_audioseal(write_audioseal(tmp_path)).watermark(hum(0), payload=1).shape == (0,)


def test_a_generator_alone_marks_and_a_detector_alone_finds(tmp_path: Path) -> None:
    for part, other in (("generator", "detector"), ("detector", "generator")):
        folder = write_audioseal(tmp_path / part)
        (folder / f"toy-{other}.onnx").unlink()

    generator, detector = open_audioseal(tmp_path / "generator"), open_audioseal(tmp_path / "detector")

    assert (generator.marks, generator.detects) == (True, False)
    assert (detector.marks, detector.detects) == (False, True)
    with pytest.raises(EngineUnavailable, match="no watermark detector here"):
        generator.detect(hum(HOP))
    with pytest.raises(EngineUnavailable, match="no watermark generator here"):
        detector.watermark(hum(HOP), payload=0)


@pytest.mark.parametrize("length", [0, WINDOW + 1])
def test_a_detector_looks_at_a_window_at_once(length: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="samples are looked at at once"):
        open_audioseal(write_audioseal(tmp_path)).detect(hum(length))


def test_a_folder_without_a_model_is_told_what_one_holds(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"\*generator\*\.onnx marks speech"):
        open_audioseal(tmp_path)


def test_two_generators_are_not_chosen_from(tmp_path: Path) -> None:
    write_audioseal(tmp_path)
    (tmp_path / "old-generator.onnx").write_bytes(b"")

    with pytest.raises(EngineUnavailable, match=r"old-generator\.onnx, toy-generator\.onnx: leave the one"):
        open_audioseal(tmp_path)


def test_bytes_that_are_no_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "generator.onnx").write_bytes(b"not a model")

    with pytest.raises(ModelWrongFamily, match="no ONNX model that can be loaded"):
        open_audioseal(tmp_path)


@pytest.mark.parametrize(
    ("name", "inputs", "says"),
    [
        ("generator.onnx", {"audio": [1, 1, "T"]}, "audio .* and message"),
        ("generator.onnx", {"audio": [1, 1, 16000], "message": [1, 16]}, "of any length"),
        ("generator.onnx", {"audio": [1, 1, "T"], "message": [1, 32]}, "16 bits"),
        ("generator.onnx", {"message": [1, 16], "audio": [1, 1, "T"]}, "as long as its sound"),
        ("detector.onnx", {"audio": [1, "T"]}, "float audio"),
        ("detector.onnx", {"audio": [1, 1, "T"], "rate": [1]}, "alone"),
        ("detector.onnx", {"audio": [1, 1, "T"]}, "a probability for each"),
    ],
)
def test_a_model_of_another_kind_is_refused_with_what_it_takes(
    name: str, inputs: dict[str, list[int | str]], says: str, tmp_path: Path
) -> None:
    write_identity(tmp_path / name, inputs=inputs)

    with pytest.raises(ModelWrongFamily, match=says):
        open_audioseal(tmp_path)


def test_sound_in_whole_numbers_is_refused(tmp_path: Path) -> None:
    write_identity(tmp_path / "detector.onnx", inputs={"audio": [1, 1, "T"]}, kind=TensorProto.INT64)

    with pytest.raises(ModelWrongFamily, match="float audio"):
        open_audioseal(tmp_path)
