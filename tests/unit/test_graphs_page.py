"""``docs/howto/graphs.md`` cites what published graphs take and give; the small models of the tests are like that."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import onnx
import pytest
from tests.tone_matcha import make_tone_matcha
from tests.tone_pocket import make_tone_pocket
from tests.tone_voice import make_tone_kokoro, make_tone_supertonic, make_tone_voice
from tests.tone_zipvoice import make_tone_zipvoice
from tests.toy_audioseal import write_audioseal
from tests.toy_vieneu import make_vieneu_nano, make_vieneu_turbo

from dragoman.engines.text_to_speech.voice_families import read_voice_folder
from dragoman.ground.errors import ModelWrongFamily

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "graphs.md"
CELL = re.compile(r"`(\w+) (\w+)(?: \[([^\]]*)\])?`")
MODELS: dict[str, Callable[[Path], Path]] = {
    "VITS: Piper and MMS": make_tone_voice,
    "Kokoro": lambda folder: make_tone_kokoro(folder, names=["af_heart"]),
    "Matcha": make_tone_matcha,
    "Supertonic 3": make_tone_supertonic,
    "Pocket": make_tone_pocket,
    "ZipVoice": lambda folder: make_tone_zipvoice(folder, lexicon={"a": "a"}),
    "VieNeu-TTS v3 Nano": make_vieneu_nano,
    "VieNeu-TTS v3 Turbo": make_vieneu_turbo,
    "AudioSeal": write_audioseal,
}
Tensor = tuple[str, str, int]
"""Name, type and number of dimensions; what has none is handed over with one."""


def cited() -> Iterator[tuple[str, str, list[Tensor], list[Tensor]]]:
    """Read model, pattern of the file, what it takes and what it gives from the page's tables."""
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title = section.partition("\n")[0]
        for row in re.findall(r"^\| (`[^|]*\.onnx`) \| (.*) \| (.*) \|$", section, re.MULTILINE):
            yield title, row[0].strip("`"), tensors(row[1]), tensors(row[2])


def tensors(cell: str) -> list[Tensor]:
    return [(name, kind, sizes.count(",") + 1) for name, kind, sizes in CELL.findall(cell)]


def declared(values: "list[onnx.ValueInfoProto]") -> list[Tensor]:
    kinds = onnx.TensorProto.DataType.Name
    types = [(value.name, value.type.tensor_type) for value in values]
    return [(name, kinds(kind.elem_type).lower(), len(kind.shape.dim)) for name, kind in types]


@pytest.mark.parametrize(("model", "pattern", "takes", "gives"), list(cited()), ids=lambda value: str(value)[:40])
def test_the_small_model_has_the_inputs_and_outputs_that_the_page_cites(
    tmp_path: Path, model: str, pattern: str, takes: list[Tensor], gives: list[Tensor]
) -> None:
    MODELS[model](tmp_path)
    (path,) = [path for path in tmp_path.rglob("*.onnx") if fnmatchcase(path.name, pattern) and not odd(path, pattern)]

    graph = onnx.load(str(path), load_external_data=False).graph

    # States come after these.
    assert declared(list(graph.input))[: len(takes)] == takes
    assert declared(list(graph.output))[: len(gives)] == gives


def odd(path: Path, pattern: str) -> bool:
    """Say whether another row of the page is nearer to this file."""
    return pattern == "*.onnx" and path.name.startswith("vocos")


def test_the_page_cites_every_model_that_has_never_run_here() -> None:
    assert {model for model, *_ in cited()} == set(MODELS)


@pytest.mark.parametrize(
    ("family", "graph"), [("Supertonic 3", "vector_estimator.int8.onnx"), ("ZipVoice", "decoder.onnx")]
)
def test_a_graph_that_lacks_its_last_input_is_refused_before_sherpa_reads_past_it(
    tmp_path: Path, family: str, graph: str
) -> None:
    path = MODELS[family](tmp_path / "voice") / graph
    model = onnx.load(str(path))
    del model.graph.input[-1]
    onnx.save(model, str(path))

    with pytest.raises(ModelWrongFamily, match=r"is needed here"):
        read_voice_folder(path.parent)
