"""Reading what an ONNX file says of itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.toy_transducer import write_zipformer

from dragoman.engines.speech_to_text.onnx_metadata import read_onnx_metadata
from dragoman.ground.errors import ModelCorrupt


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next(write_zipformer(tmp_path_factory.mktemp("zipformer")).glob("decoder*.onnx"))


def test_gives_what_the_exporter_wrote(decoder: Path) -> None:
    assert read_onnx_metadata(decoder) == {"context_size": "2", "vocab_size": "28"}


@given(data=st.data())
def test_a_file_that_is_damaged_anywhere_is_read_or_refused(decoder: Path, data: st.DataObject) -> None:
    whole = decoder.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damage = data.draw(st.binary(max_size=8))
    file = decoder.with_name("damaged.onnx")
    file.write_bytes(whole[:place] + damage + whole[place + data.draw(st.integers(0, 400)) :])

    try:
        found = read_onnx_metadata(file)
    except ModelCorrupt as error:
        assert "fetch the model again" in str(error)
    else:
        assert all(isinstance(value, str) for value in found.values())


@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(decoder: Path, content: bytes) -> None:
    file = decoder.with_name("any.onnx")
    file.write_bytes(content)

    try:
        read_onnx_metadata(file)
    except ModelCorrupt as error:
        assert str(file) in str(error)
