"""What the voice models of the tests are made of: ONNX nodes that make tones, tables, lexicons.

For ``tone_voice.py`` and its neighbours.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Tensor = tuple[str, int, Sequence[int | str]]
FLOAT, INT64 = int(TensorProto.FLOAT), int(TensorProto.INT64)

RATE = 16_000
BASE_HZ = 300.0
STEP_HZ = 50.0
"""Between the tones of neighbouring symbols; 140 symbols stay below 8 kHz."""
SYMBOL_SAMPLES = 1280
"""80 ms, which Opus leaves readable; for tests that only want sound, less is quicker."""
LEVEL = 0.3


def tones(numbers: str, samples: str, *, rate: int = RATE) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Make nodes that turn the tensor ``numbers`` (1, symbols) into ``tones`` (1, symbols, samples)."""
    make = helper.make_node
    nodes = [
        make("Cast", [samples], ["length"], to=TensorProto.INT64),
        make("Range", ["zero", "length", "one"], ["times"]),
        make("Cast", ["times"], ["times_float"], to=TensorProto.FLOAT),
        make("Cast", [numbers], ["numbers_float"], to=TensorProto.FLOAT),
        make("Mul", ["numbers_float", "step"], ["above_base"]),
        make("Add", ["above_base", "base"], ["per_sample"]),
        make("Unsqueeze", ["per_sample", "two"], ["per_sample_3d"]),
        make("Mul", ["per_sample_3d", "times_float"], ["phases"]),
        make("Sin", ["phases"], ["sines"]),
        make("Mul", ["sines", "level"], ["tones"]),
    ]
    constants = [
        constant("base", np.float32(2 * np.pi * BASE_HZ / rate)),
        constant("step", np.float32(2 * np.pi * STEP_HZ / rate)),
        constant("level", np.float32(LEVEL)),
        constant("zero", np.int64(0)),
        constant("one", np.int64(1)),
        constant("two", np.array([2])),
    ]
    return nodes, constants


def stretched(numbers: str, frames: str, made: str) -> list[onnx.NodeProto]:
    """Make nodes that spread ``numbers`` (1, 1, symbols) over as many frames as the scalar ``frames`` says.

    They are fewer than symbols if the speed is high. Needs the constants ``zero`` and ``one``.
    """
    make = helper.make_node
    return [
        make("Shape", [numbers], ["symbols_1"], start=2, end=3),
        make("Squeeze", ["symbols_1"], ["symbols"]),
        make("Range", ["zero", frames, "one"], ["places"]),
        make("Mul", ["places", "symbols"], ["far"]),
        make("Div", ["far", frames], ["which"]),
        make("Gather", [numbers, "which"], [made], axis=2),
    ]


def waves(numbers: str, made: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Make nodes that turn ``numbers`` (1, 1, samples), the symbol at each sample, into sound of the same shape.

    Needs the constants ``zero`` and ``one``.
    """
    make = helper.make_node
    nodes = [
        make("Shape", [numbers], ["samples_1"], start=2, end=3),
        make("Squeeze", ["samples_1"], ["samples"]),
        make("Range", ["zero", "samples", "one"], ["times"]),
        make("Cast", ["times"], ["times_float"], to=FLOAT),
        make("Cast", [numbers], ["numbers_float"], to=FLOAT),
        make("Mul", ["numbers_float", "step"], ["above_base"]),
        make("Add", ["above_base", "base"], ["per_sample"]),
        make("Mul", ["per_sample", "times_float"], ["phases"]),
        make("Sin", ["phases"], ["sines"]),
        make("Mul", ["sines", "level"], [made]),
    ]
    constants = [
        constant("base", np.float32(2 * np.pi * BASE_HZ / RATE)),
        constant("step", np.float32(2 * np.pi * STEP_HZ / RATE)),
        constant("level", np.float32(LEVEL)),
    ]
    return nodes, constants


def constant(name: str, value: np.generic | NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)


def write_tokens(folder: Path, symbols: Sequence[str]) -> None:
    lines = [f"{symbol} {number}" for number, symbol in enumerate(symbols)]
    (folder / "tokens.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_lexicon(path: Path, lexicon: dict[str, str]) -> None:
    lines = [f"{word} {' '.join(spelling)}" for word, spelling in lexicon.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def save_graph(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[Tensor],
    outputs: Sequence[Tensor],
    constants: Sequence[onnx.TensorProto] = (),
    metadata: Mapping[str, str | int] | None = None,
) -> None:
    """Write a model of ``nodes``; tensors are name, type and shape."""
    takes, gives = ([helper.make_tensor_value_info(*tensor) for tensor in tensors] for tensors in (inputs, outputs))
    save(helper.make_graph(nodes, path.stem, takes, gives, constants), path, metadata or {})


def save(graph: onnx.GraphProto, path: Path, metadata: Mapping[str, str | int]) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(model, str(path))
