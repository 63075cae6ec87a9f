"""The part of a file that has arrived, and the pauses between tries."""

import hashlib
from pathlib import Path

import pytest

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.download import PartFile, pause_s
from dragoman.models.table import ModelFile

CONTENT = b"the whole content"
WHOLE = ModelFile(path="config.json", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


def test_bytes_of_an_earlier_run_are_hashed_again(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT[:5])

    with PartFile(tmp_path / "part", WHOLE) as part:
        part.append(CONTENT[5:])
        verified = part.verified()

    assert verified == WHOLE
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_small_file_is_held_to_the_hash_that_git_gives_it(tmp_path: Path) -> None:
    blob = hashlib.sha1(b"blob 17\0" + CONTENT, usedforsecurity=False).hexdigest()
    known = ModelFile(path="config.json", size=len(CONTENT), git_sha1=blob)

    with PartFile(tmp_path / "part", known) as part:
        part.append(CONTENT)
        verified = part.verified()

    assert verified.sha256 == WHOLE.sha256


def test_wrong_bytes_are_named_by_their_file(tmp_path: Path) -> None:
    with PartFile(tmp_path / "part", WHOLE) as part:
        part.append(CONTENT.upper())

        with pytest.raises(ModelCorrupt, match=r"config\.json"):
            part.verified()


def test_a_part_longer_than_the_file_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(CONTENT + b"and more")

    with PartFile(tmp_path / "part", WHOLE) as part:
        missing = part.missing

    assert missing == len(CONTENT)


def test_pauses_double_up_to_half_a_minute() -> None:
    assert [pause_s(failures) for failures in (0, 1, 2, 3, 7, 100)] == [0.5, 0.5, 1.0, 2.0, 30.0, 30.0]
