"""A generator and a detector with AudioSeal's inputs and outputs: a pilot tone, and a tone for each bit that is set.

The detector measures those tones every 20 ms, beside a neighbour where no tone is, so that the hiss of speech is none.
Made with ``onnx``, run by the real adapter. ``layout`` is how the exports that people publish differ.
"""

from enum import Enum
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

RATE, FRAME, BITS = 16_000, 320, 16
PILOT_HZ = 3000.0
TONES_HZ = np.append(PILOT_HZ, PILOT_HZ + 200.0 + 150.0 * np.arange(BITS))
"""Multiples of 50 Hz, so that each has whole periods in a frame; below 8 kHz, where Opus keeps them."""
NEIGHBOUR_HZ = 50.0
LEVEL = 0.03


class Layout(Enum):
    """How an export gives the message, and what it finds."""

    WHOLE_BITS = "message int64; prob [B, T] and bits [B, 16]"
    TWO_ROWS = "message float; result [B, 2, T] and message [B, 16]"
    NO_BITS = "message float; result [B, 2, T] alone"


def write_audioseal(folder: Path, layout: Layout = Layout.WHOLE_BITS) -> Path:
    """Write both files into ``folder`` and give it."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / "toy-generator.onnx", _generator(layout))
    _save(folder / "toy-detector.onnx", _detector(layout))
    return folder


def _generator(layout: Layout) -> onnx.GraphProto:
    number = TensorProto.INT64 if layout is Layout.WHOLE_BITS else TensorProto.FLOAT
    seconds = np.arange(FRAME) / RATE
    tones = (LEVEL * np.sin(2 * np.pi * TONES_HZ[:, None] * seconds)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["message"], ["bits"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["bits", "bit_tones"], ["said"]),
        helper.make_node("Add", ["said", "pilot"], ["frame"]),
        helper.make_node("Shape", ["audio"], ["shape"]),
        helper.make_node("Slice", ["shape", "two", "three", "zero"], ["length"]),
        helper.make_node("Div", ["length", "hop"], ["frames"]),
        helper.make_node("Concat", ["one", "frames"], ["repeats"], axis=0),
        helper.make_node("Tile", ["frame", "repeats"], ["row"]),
        helper.make_node("Unsqueeze", ["row", "one"], ["watermark"]),
    ]
    constants = {"pilot": tones[:1], "bit_tones": tones[1:], "hop": np.array([FRAME])} | _numbers()
    return helper.make_graph(
        nodes,
        "generator",
        [_tensor("audio", [1, 1, "T"]), _tensor("message", [1, BITS], number)],
        [_tensor("watermark", [1, 1, "T"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )


def _detector(layout: Layout) -> onnx.GraphProto:
    two_rows = layout is not Layout.WHOLE_BITS
    nodes = [
        helper.make_node("Reshape", ["audio", "frames"], ["x"]),
        *_measure("waves", "tones"),
        *_measure("neighbours", "hiss"),
        helper.make_node("Sub", ["tones", "hiss"], ["above"]),
        helper.make_node("Sub", ["above", "least"], ["over"]),
        helper.make_node("Mul", ["over", "steep"], ["logits"]),
        helper.make_node("Slice", ["logits", "zero", "one", "one"], ["pilot"]),
        helper.make_node("Sigmoid", ["pilot"], ["frame_prob"]),
        helper.make_node("Expand", ["frame_prob", "frame"], ["sample_prob"]),
        helper.make_node("Reshape", ["sample_prob", "row"], ["prob"]),
        helper.make_node("Slice", ["logits", "one", "end", "one"], ["bit_logits"]),
        helper.make_node("ReduceMean", ["bit_logits"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Sigmoid", ["mean"], ["bits"]),
    ]
    outputs = [_tensor("prob", [1, "T"]), _tensor("bits", [1, BITS])]
    if two_rows:
        nodes += [
            helper.make_node("Sub", ["unit", "prob"], ["none"]),
            helper.make_node("Concat", ["none", "prob"], ["rows"], axis=0),
            helper.make_node("Unsqueeze", ["rows", "zero"], ["result"]),
        ]
        outputs = [_tensor("result", [1, 2, "T"]), *outputs[1:]]
    if layout is Layout.NO_BITS:
        outputs = outputs[:1]
    constants = {
        "waves": _waves(TONES_HZ),
        "neighbours": _waves(TONES_HZ + NEIGHBOUR_HZ),
        "least": np.array(LEVEL / 4, np.float32),
        "steep": np.array(10 / LEVEL, np.float32),
        "unit": np.array(1, np.float32),
        "frames": np.array([-1, FRAME]),
        "pairs": np.array([-1, 2, BITS + 1]),
        "frame": np.array([1, FRAME]),
        "row": np.array([1, -1]),
        "end": np.array([BITS + 1]),
    } | _numbers()
    return helper.make_graph(
        nodes,
        "detector",
        [_tensor("audio", [1, 1, "T"])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )


def _measure(waves: str, name: str) -> list[onnx.NodeProto]:
    """Give each tone's amplitude in each frame."""
    return [
        helper.make_node("MatMul", ["x", waves], [f"{name}_parts"]),
        helper.make_node("Mul", [f"{name}_parts"] * 2, [f"{name}_squares"]),
        helper.make_node("Reshape", [f"{name}_squares", "pairs"], [f"{name}_pairs"]),
        helper.make_node("ReduceSum", [f"{name}_pairs", "one"], [f"{name}_power"], keepdims=0),
        helper.make_node("Sqrt", [f"{name}_power"], [name]),
    ]


def _waves(hertz: NDArray[np.float64]) -> NDArray[np.float32]:
    angle = 2 * np.pi * np.arange(FRAME)[:, None] * hertz / RATE
    return (2 / FRAME * np.concatenate([np.sin(angle), np.cos(angle)], axis=1)).astype(np.float32)


def _numbers() -> dict[str, NDArray[np.int64]]:
    return {"zero": np.array([0]), "one": np.array([1]), "two": np.array([2]), "three": np.array([3])}


def _tensor(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _save(path: Path, graph: onnx.GraphProto) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path))
