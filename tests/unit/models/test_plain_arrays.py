"""An ``.npz`` is taken for what its headers say, and nothing in it is run to find out."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import format as npy

from dragoman.models.plain_arrays import why_not_plain


class Runs:
    """Would write a file if somebody unpickled it."""

    def __init__(self, proof: Path) -> None:
        self._proof = proof

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._proof,)


def archive(path: Path, member: bytes, name: str = "x.npy", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr(name, member)
    return path


def array_bytes() -> bytes:
    file = io.BytesIO()
    npy.write_array(file, np.arange(6, dtype=np.float32).reshape(2, 3))
    return file.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_numbers_are_taken(tmp_path: Path, save: object) -> None:
    path = tmp_path / "a.npz"
    assert callable(save)
    save(path, one=np.zeros((3, 4), np.float32), two=np.int64(1), three=np.array(["a"]))

    assert why_not_plain(path) == ""


def test_python_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    np.savez(tmp_path / "a.npz", fine=np.zeros(2), evil=np.array([Runs(proof)], dtype=object))

    assert why_not_plain(tmp_path / "a.npz") == "'evil.npy' holds Python objects"
    assert not proof.exists()


def test_objects_within_a_record_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(2, dtype=[("number", "f4"), ("anything", "O")]))

    assert "Python objects" in why_not_plain(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04N.", b"\x93NUMPY\x01\x00", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)

    assert "no archive" in why_not_plain(path)


def test_an_archive_behind_something_else_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", array_bytes())
    path.write_bytes(b"\x80\x04N." + path.read_bytes())

    assert why_not_plain(path)


@pytest.mark.parametrize("member", [b"", b"\x80\x04N.", b"import os", array_bytes()[:20]])
def test_members_that_are_no_arrays_are_refused(tmp_path: Path, member: bytes) -> None:
    assert "no archive of arrays" in why_not_plain(archive(tmp_path / "a.npz", member))


def test_a_header_that_claims_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    bomb = npy.magic(2, 0) + (1 << 31).to_bytes(4, "little") + bytes(1 << 20)

    assert why_not_plain(archive(tmp_path / "a.npz", bomb))


@given(header=st.binary(max_size=60) | st.text("{}()[]':,\\\n #fOdescrT0123", max_size=60).map(str.encode))
def test_any_header_is_answered(tmp_path_factory: pytest.TempPathFactory, header: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.npz"
    member = npy.magic(1, 0) + len(header).to_bytes(2, "little") + header

    assert why_not_plain(archive(path, member))


@given(at=st.integers(0, 400), value=st.integers(0, 255))
def test_a_changed_byte_never_brings_objects_in(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    path = archive(tmp_path_factory.getbasetemp() / "changed.npz", array_bytes(), method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[at % len(content)] = value
    path.write_bytes(content)

    assert why_not_plain(path) or not any(array.dtype.hasobject for array in np.load(path).values())
