"""Measure what streams of several speakers cost that hear more in one call, and one after the other.

``python benchmarks/streams.py --help`` says how. The transducer is the tests' (``tests/toy_transducer.py``), which
reads text that is sounded as tones; beside each step of it goes the work of a large encoder with random weights, int8,
so that a step costs what it does in a published model. How many frames of the encoder a step has is what matters: a
model that answers every 80 ms has few. All speak at the same moment, so every step is shared: the most that joining can
bring. It counts CPU time and needs no quiet machine.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import describe_machine
from benchmarks.report import Rows, describe, rounded, table, write_results
from tests.toy_transducer import say_in_letters, write_zipformer

from dragoman.engines.speech_to_text import sherpa
from dragoman.engines.speech_to_text.sherpa import Sherpa
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import DragomanError
from dragoman.ground.languages import Language
from dragoman.ground.steady_streams import StreamRequest
from dragoman.wire.frames import Header

HERE = Path(__file__).resolve().parent
EN = Language("en")
TALK = "good morning to you all this is the first of ten words we go on with the second question on the list"
BLOCK_S = 0.096
"""As a live session hands it on."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of so many speakers at once; CPU seconds per second of one speaker's sound."""

    frames: int
    speakers: int
    joined: float
    one_by_one: float
    same_words: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    weights = f"encoder of {options.layers * 8 * options.width**2 / 1e6:.0f} M weights, int8, one thread"
    print(f"{describe(machine)}\n\n{weights}", flush=True)
    costs = []
    try:
        for frames in options.frames:
            costs += measure(frames, options.speakers, layers=options.layers, width=options.width)
    except DragomanError as error:
        print(f"streams: {error}", file=sys.stderr)
        return 1
    said = cost_table(costs)
    print(f"\n{said}", flush=True)
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "layers": options.layers,
            "width": options.width,
            "costs": [rounded(dataclasses.asdict(cost)) for cost in costs],
        }
        file = write_results(
            HERE / "results",
            "streams",
            title="Streams of several speakers",
            command="benchmarks/streams.py --write",
            cores=machine.cores,
            text=f"{describe(machine)}\n\n{weights}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {file}")
    return 0


def measure(frames: int, speakers: Sequence[int], *, layers: int, width: int) -> list[Cost]:
    """Hear so many at once with steps of so many frames. Blocks."""
    costs = []
    with TemporaryDirectory() as folder:
        model = write_zipformer(Path(folder) / "zipformer-en")
        weigh_down(next(model.glob("encoder*")), frames=frames, layers=layers, width=width)
        engine = sherpa.open_engine(model, threads=1)
        try:
            engine.warm_up()
            for count in speakers:
                joined, joined_words = hear(engine, count, joined=True)
                alone, alone_words = hear(engine, count, joined=False)
                same = joined_words == alone_words == [TALK] * count
                costs.append(Cost(frames=frames, speakers=count, joined=joined, one_by_one=alone, same_words=same))
        finally:
            engine.close()
    return costs


def hear(engine: Sherpa, speakers: int, *, joined: bool) -> tuple[float, list[str]]:
    """Give CPU seconds per second of one speaker's sound, and what each is heard to say."""
    audio = say_in_letters(TALK)
    streams = [engine.open_stream(language=EN, context=RecognitionContext()) for _ in range(speakers)]
    before_s = engine.cpu_s()
    block = round(BLOCK_S * RECOGNITION_RATE)
    for begin in range(0, len(audio.samples), block):
        piece = Audio(samples=audio.samples[begin : begin + block], sample_rate=RECOGNITION_RATE)
        if joined:
            engine.accept_together([StreamRequest(stream=stream, audio=piece) for stream in streams])
        else:
            for stream in streams:
                stream.accept(piece)
    cpu_s = engine.cpu_s() - before_s
    return cpu_s / speakers / audio.duration_s, [stream.finish().text for stream in streams]


def weigh_down(encoder: Path, *, frames: int, layers: int, width: int) -> None:
    """Add the work of ``layers`` feed-forward layers on ``frames`` of a step; their answer is not used.

    Each goes from ``width`` to four times as wide, and back.
    """
    model, random = onnx.load(encoder), np.random.default_rng(0)
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []

    def constant(value: NDArray[np.float32] | NDArray[np.int64] | NDArray[np.int8]) -> str:
        weights.append(numpy_helper.from_array(value, f"ballast_{len(weights)}"))
        return str(weights[-1].name)

    def call(kind: str, inputs: list[str], count: int = 1, **attributes: int | list[int]) -> list[str]:
        outputs = [f"ballast_of_{len(nodes)}_{place}" for place in range(count)]
        nodes.append(helper.make_node(kind, inputs, outputs, None, None, None, None, **attributes))
        return outputs

    bounds = [constant(np.array([value], np.int64)) for value in (0, frames, 1)]
    [now] = call("Slice", ["x", *bounds])
    [now] = call("MatMul", [now, constant(random.standard_normal((80, width), np.float32))])
    scale = constant(np.array(1e-3, np.float32))
    for _ in range(layers):
        for inputs, outputs in ((width, 4 * width), (4 * width, width)):
            values, step, zero = call("DynamicQuantizeLinear", [now], 3)
            matrix = constant(random.integers(-127, 127, (inputs, outputs), np.int8))
            [product] = call("MatMulInteger", [values, matrix, zero])
            [wide] = call("Cast", [product], to=TensorProto.FLOAT)
            [scaled] = call("Mul", [wide, step])
            [now] = call("Mul", [scaled, scale])
    [mean] = call("ReduceMean", [now], axes=[1, 2], keepdims=1)
    [nothing] = call("Mul", [mean, constant(np.array(0.0, np.float32))])
    for node in model.graph.node:
        if "encoder_out" in node.output:
            node.output[list(node.output).index("encoder_out")] = "encoder_out_bare"
    nodes.append(helper.make_node("Add", ["encoder_out_bare", nothing], ["encoder_out"]))
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(weights)
    onnx.save(model, encoder)


def cost_table(costs: Sequence[Cost]) -> str:
    rows: Rows = [("frames a step", "speakers", "CPU-s/s joined", "one by one", "saved", "words")]
    rows += [
        (
            str(cost.frames),
            str(cost.speakers),
            f"{cost.joined:.3f}",
            f"{cost.one_by_one:.3f}",
            f"{1 - cost.joined / cost.one_by_one:.0%}",
            "the same" if cost.same_words else "differ",
        )
        for cost in costs
    ]
    return table(rows)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="streams.py", description="Measure a streaming recogniser with speakers at once."
    )
    parser.add_argument("--speakers", type=int, nargs="+", default=[1, 3, 6], metavar="N", help="1 3 6")
    parser.add_argument("--frames", type=int, nargs="+", default=[16, 7, 2], metavar="N", help="of a step; 16 7 2")
    parser.add_argument("--layers", type=int, default=12, metavar="N", help="of the encoder's ballast; 12")
    parser.add_argument("--width", type=int, default=1024, metavar="N", help="of each; 1024")
    parser.add_argument("--write", action="store_true", help="write to results/streams-<cores>-cores.md and .json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
