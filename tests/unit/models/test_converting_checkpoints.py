"""PyTorch's checkpoints into CTranslate2 without PyTorch: the same as from safetensors, and nothing in them is run."""

import json
import pickle
import shutil
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.torch_checkpoints import PickleWriter, write_stream, write_torch_checkpoint, write_zip
from tests.unit.models.test_converting import recogniser, translator  # noqa: F401  # fixtures

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.models.converting.convert import convert_model
from dragoman.models.converting.safetensors_file import read_safetensors
from dragoman.models.converting.stored_arrays import StoredArray
from dragoman.models.converting.torch_checkpoint import read_torch_checkpoint
from dragoman.models.converting.weights_folder import open_weights

NAME = "pytorch_model.bin"


def as_checkpoint(published: Path, folder: Path, **options: Any) -> Path:
    """Give a copy of a published model whose weights are a checkpoint instead of safetensors."""
    source = shutil.copytree(published, folder)
    arrays = {name: stored.read() for name, stored in read_safetensors(source / "model.safetensors").items()}
    write_torch_checkpoint(source / NAME, arrays, **options)
    (source / "model.safetensors").unlink()
    return source


@pytest.mark.parametrize(
    ("model", "form"),
    [
        ("translator", {}),
        ("translator", {"transposed": True}),
        ("translator", {"old_form": True, "transposed": True}),
        ("recogniser", {}),
    ],
)
def test_a_checkpoint_becomes_the_same_model_as_safetensors(
    request: pytest.FixtureRequest, tmp_path: Path, model: str, form: dict[str, bool]
) -> None:
    published: Path = request.getfixturevalue(model)
    source = as_checkpoint(published, tmp_path / "source", **form)

    engine = convert_model(source, tmp_path / "made", quantization="float32")

    assert engine == convert_model(published, tmp_path / "expected", quantization="float32")
    assert (tmp_path / "made" / "model.bin").read_bytes() == (tmp_path / "expected" / "model.bin").read_bytes()


@pytest.mark.parametrize("old_form", [False, True])
@pytest.mark.parametrize("kind", ["Float", "Half", "BFloat16", "Double"])
def test_numbers_of_any_width_are_read_as_they_were(tmp_path: Path, kind: str, old_form: bool) -> None:
    array = np.array([[1.5, -2.25, 3.0], [0.0, 1024.0, 0.5]], dtype=np.float32)
    arrays: dict[str, NDArray[Any]] = {"a": array, "empty": np.empty((0, 4)), "one": np.array(7.0)}
    write_torch_checkpoint(tmp_path / NAME, arrays, kind=kind, old_form=old_form)

    weights = open_weights(tmp_path)

    assert weights["a"].tolist() == array.tolist()
    assert weights["a"].dtype == np.float32
    assert weights["empty"].shape == (0, 4)
    assert weights["one"].shape == ()
    assert weights["one"] == 7.0


def test_what_a_reader_of_weights_writes_into_does_not_reach_the_file(tmp_path: Path) -> None:
    write_torch_checkpoint(tmp_path / NAME, {"a": np.ones(4)})

    open_weights(tmp_path)["a"][:] = 5

    assert open_weights(tmp_path)["a"].tolist() == [1.0] * 4


def test_a_checkpoint_in_parts_is_read_by_its_index(tmp_path: Path) -> None:
    parts = {f"pytorch_model-0000{number}-of-00002.bin": {f"w{number}": np.full(3, number)} for number in (1, 2)}
    for name, arrays in parts.items():
        write_torch_checkpoint(tmp_path / name, arrays)
    places = {weight: name for name, arrays in parts.items() for weight in arrays}
    (tmp_path / f"{NAME}.index.json").write_text(json.dumps({"weight_map": places}))

    weights = open_weights(tmp_path)

    assert (weights["w1"].tolist(), weights["w2"].tolist()) == ([1.0] * 3, [2.0] * 3)

    (tmp_path / "pytorch_model-00002-of-00002.bin").unlink()
    with pytest.raises(ModelIncomplete, match="pytorch_model-00002-of-00002"):
        open_weights(tmp_path)


class Hostile:
    """Runs a command when Python's own unpickler loads it."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._trace,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_a_hostile_checkpoint_is_refused_without_running_it(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "it-ran"
    write_zip(tmp_path / NAME, pickle.dumps(OrderedDict(a=Hostile(trace)), protocol=protocol), {})

    with pytest.raises(ModelCorrupt, match="nothing of it was run"):
        read_torch_checkpoint(tmp_path / NAME)

    assert not trace.exists()


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_a_hostile_stream_of_the_old_form_is_refused_without_running_it(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "it-ran"
    write_stream(tmp_path / NAME, pickle.dumps(OrderedDict(a=Hostile(trace)), protocol=protocol), {})

    with pytest.raises(ModelCorrupt, match="nothing of it was run"):
        read_torch_checkpoint(tmp_path / NAME)

    assert not trace.exists()


def write_one(path: Path, place: dict[str, Any], numbers: dict[str, bytes], **form: Any) -> None:
    """Write a stream of one tensor of four numbers, but for what ``place`` says of it."""
    right: dict[str, Any] = {"kind": "Float", "key": "0", "count": 4, "first": 0, "shape": (4,), "strides": (1,)}
    pickled = PickleWriter(old_form=True)
    pickled.begin()
    pickled.tensor("a", **(right | place))
    write_stream(path, pickled.end(), numbers, **form)


@pytest.mark.parametrize(
    ("place", "numbers", "form", "said"),
    [
        ({}, {"0": bytes(12)}, {}, "outside the file"),
        ({"count": 1 << 40}, {"0": bytes(16)}, {}, "outside the file"),
        ({}, {}, {}, "missing"),
        ({}, {"1": bytes(16)}, {}, "belong to no tensor"),
        ({"key": "1"}, {"0": bytes(16)}, {}, "belong to no tensor"),
        ({}, {"0": bytes(16)}, {"form": 1002}, "another one than PyTorch's"),
        ({}, {"0": bytes(16)}, {"little_endian": False}, "little-endian"),
        ({"kind": "Quantized"}, {"0": bytes(16)}, {}, "no part of plain weights"),
        ({"shape": (5,)}, {"0": bytes(16)}, {}, "outside its storage"),
    ],
)
def test_a_stream_of_the_old_form_that_does_not_add_up_is_refused(
    tmp_path: Path, place: dict[str, Any], numbers: dict[str, bytes], form: dict[str, Any], said: str
) -> None:
    write_one(tmp_path / NAME, place, numbers, **form)

    with pytest.raises(ModelCorrupt, match=said):
        read_torch_checkpoint(tmp_path / NAME)


def test_tensors_of_one_storage_share_it_in_the_old_form_too(tmp_path: Path) -> None:
    pickled = PickleWriter(old_form=True)
    pickled.begin()
    for first in (0, 2):
        pickled.tensor(f"t{first}", "Float", "0", count=4, first=first, shape=(2,), strides=(1,))
    write_stream(tmp_path / NAME, pickled.end(), {"0": np.arange(4, dtype="<f4").tobytes()})

    read = {name: stored.read().tolist() for name, stored in read_torch_checkpoint(tmp_path / NAME).items()}

    assert read == {"t0": [0.0, 1.0], "t2": [2.0, 3.0]}


@pytest.mark.parametrize(
    ("pickled", "said"),
    [
        (b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", r"names os\.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", r"names os\.system"),
        (b"\x80\x02cbuiltins\neval\n.", r"names builtins\.eval"),
        (b"\x80\x02ctorch._utils\n_rebuild_parameter\n.", r"names torch\._utils\._rebuild_parameter"),
        (b"\x80\x02ctorch.storage\n_load_from_bytes\n.", r"names torch\.storage\._load_from_bytes"),
        (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.", "not given as PyTorch gives it"),
        (b"\x80\x02ctorch\nFloatStorage\n)R.", r"calls torch\.FloatStorage"),
        (b"\x80\x02ccollections\nOrderedDict\n]\x85R.", r"calls collections\.OrderedDict"),
        (b"\x80\x02ccollections\nOrderedDict\n}b.", "damaged"),
        (b"(ios\nsystem\n.", "INST"),
        (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "NEWOBJ"),
        (b"\x80\x02\x82\x01.", "EXT1"),
        (b"\x80\x02K\x01Q.", "names a storage"),
        (b"\x80\x02K\x01.", "no tensors by name"),
        (b"\x80\x02}", "cut short|damaged"),
        (b"\x80\x02.", "damaged"),
        (b"\x80\x02h\x05.", "damaged"),
        (b"\x80\x02(\x85.", "damaged"),
        (b"\x80\x02}]K\x01s.", "neither a text nor a number"),
        (b"\x80\x02})" + b"\x85" * 150_000 + b"K\x01s.", "neither a text nor a number"),
        (b"\x80\x02(tR.", "damaged"),
        (b"\x80\x02X\xff\xff\xff\x7fa.", "damaged"),
        (b"", "damaged|cut short"),
        (b"\xff\xff", "damaged"),
    ],
)
def test_what_plain_weights_do_not_hold_is_refused_by_name(tmp_path: Path, pickled: bytes, said: str) -> None:
    write_zip(tmp_path / NAME, pickled, {})

    with pytest.raises(ModelCorrupt, match=said):
        read_torch_checkpoint(tmp_path / NAME)


@pytest.mark.parametrize(
    "place",
    [
        {"count": 5},
        {"count": 1 << 40},
        {"first": 1},
        {"shape": (5,)},
        {"strides": (2,)},
        {"shape": (2, 2)},
        {"shape": (1 << 40,), "strides": (0,)},
        {"shape": (1,) * 9, "strides": (1,) * 9},
        {"key": "1"},
        {"key": "../version"},
        {"kind": "Quantized"},
    ],
)
def test_tensors_outside_their_storage_are_refused(tmp_path: Path, place: dict[str, Any]) -> None:
    pickled = PickleWriter()
    pickled.begin()
    right: dict[str, Any] = {"kind": "Float", "key": "0", "count": 4, "first": 0, "shape": (4,), "strides": (1,)}
    pickled.tensor("a", **(right | place))
    write_zip(tmp_path / NAME, pickled.end(), {"0": bytes(16)})

    with pytest.raises(ModelCorrupt):
        read_torch_checkpoint(tmp_path / NAME)


def test_a_checkpoint_that_is_cut_short_or_packed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write_torch_checkpoint(path, {"a": np.ones(4)})
    whole = path.read_bytes()
    packed = tmp_path / "packed.bin"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name in archive.namelist():
            made.writestr(name, archive.read(name))

    write_torch_checkpoint(path, {"a": np.ones(4)}, old_form=True)
    stream = path.read_bytes()
    for content in (b"", whole[:40], whole[:-30], packed.read_bytes(), stream[:15], stream[:200], stream[:-1]):
        path.write_bytes(content)
        with pytest.raises(ModelCorrupt):
            read_torch_checkpoint(path)


# Of a text that only a damaged pickle holds.
@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 2_000), noise=st.binary(min_size=1, max_size=8), old_form=st.booleans())
def test_a_damaged_checkpoint_is_read_or_refused_and_nothing_else(
    tmp_path: Path, position: int, noise: bytes, old_form: bool
) -> None:
    path = tmp_path / NAME
    write_torch_checkpoint(path, {"a": np.ones((2, 3)), "b": np.ones(4)}, old_form=old_form)
    content = bytearray(path.read_bytes())
    begin = position % len(content)
    content[begin : begin + len(noise)] = noise
    path.write_bytes(content)

    try:
        for stored in read_torch_checkpoint(path).values():
            assert stored.read().size <= 10
    except ModelCorrupt:
        pass


def test_a_list_of_tensors_that_is_longer_than_any_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"\x80\x02" + b"0" * 5_000_000)

    with pytest.raises(ModelCorrupt, match="5000002 bytes"):
        read_torch_checkpoint(tmp_path / NAME)


def test_numbers_of_another_byte_order_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("x/data.pkl", b"\x80\x02}.")
        archive.writestr("x/byteorder", "big")

    with pytest.raises(ModelCorrupt, match="little-endian"):
        read_torch_checkpoint(tmp_path / NAME)


def test_a_file_that_became_shorter_is_named(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(bytes(8))
    stored = StoredArray(path=tmp_path / "short", kind=np.dtype("<f4"), shape=(4,), offset=0)

    with pytest.raises(ModelCorrupt, match="short"):
        stored.read()
