"""Results appear all at once or not at all, and every refusal says what would work."""

import fcntl
import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from dragoman.ground.errors import OutputNotWritable
from dragoman.ground.languages import Language
from dragoman.rooms.dub_recording import DUB_RATE, DubRecording, DubSpool
from dragoman.rooms.mixdown import write_mixdown
from dragoman.rooms.results_folder import ResultsFolder

NOBODY = 65534


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("interrupted", ["fcntl.flock", "pathlib.Path.mkdir"])
def test_an_interruption_while_the_folder_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: str
) -> None:
    make = Path.mkdir

    def interrupt(what: Path | int, *_: object, **how: bool) -> None:
        if isinstance(what, Path):
            make(what, **how)
            if what.name != ".work":
                return
        raise KeyboardInterrupt

    out = tmp_path / "out"
    monkeypatch.setattr(interrupted, interrupt)

    with pytest.raises(KeyboardInterrupt), ResultsFolder(out):
        raise AssertionError("it was never entered")

    assert names(tmp_path) == []


def test_nothing_is_to_be_seen_until_all_is_there(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"

    with ResultsFolder(out) as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")
        (folder.work / "spool").write_text("...")
        before = out.exists()

    assert not before
    assert names(out) == ["es.vtt"]
    assert names(out.parent) == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()

    with ResultsFolder(out) as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")

    assert names(out) == ["es.vtt"]


def test_the_current_folder_is_filled_and_stays_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    identity = tmp_path.stat().st_ino

    with ResultsFolder(Path()) as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")
        during = names(tmp_path)

    assert len(during) == 1
    assert during[0].startswith(".")
    assert names(tmp_path) == ["es.vtt"]
    assert tmp_path.stat().st_ino == identity


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with (
        pytest.raises(OutputNotWritable, match="is not empty; choose another --out or empty it"),
        ResultsFolder(tmp_path / "out"),
    ):
        pass

    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["mine.txt"]


@pytest.mark.parametrize("out", ["file", "file/below", "file/far/below"])
def test_a_file_in_the_place_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(OutputNotWritable, match="is a file"), ResultsFolder(tmp_path / out):
        pass

    assert (tmp_path / "file").read_text() == "mine"


def test_a_parent_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)

    with (
        without_root_rights(tmp_path),
        pytest.raises(OutputNotWritable, match="not ours to write"),
        ResultsFolder(tmp_path / "out"),
    ):
        pass

    tmp_path.chmod(0o755)
    assert names(tmp_path) == []


@contextmanager
def without_root_rights(folder: Path) -> Iterator[None]:
    """Root writes everywhere, so it becomes nobody for a moment."""
    if os.geteuid() != 0:
        yield
        return
    for above in folder.parents:
        if above.name.startswith("pytest-"):
            above.chmod(0o755)  # pytest closes its folders to others
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ResultsFolder(tmp_path / "out") as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")
        raise ZeroDivisionError

    assert names(tmp_path) == []


def test_an_interrupted_run_keeps_what_it_commits(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ResultsFolder(tmp_path / "out") as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")
        folder.commit()
        raise KeyboardInterrupt

    assert names(tmp_path / "out") == ["es.vtt"]
    assert names(tmp_path) == ["out"]


def test_the_folder_of_a_killed_run_is_removed_by_the_next(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from pathlib import Path
        from dragoman.rooms.results_folder import ResultsFolder
        with ResultsFolder(Path(sys.argv[1])) as folder:
            folder.path("es.vtt").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "out")], timeout=60, check=False
    )
    left_over = names(tmp_path)

    with ResultsFolder(tmp_path / "out") as folder:
        folder.path("en.vtt").write_text("WEBVTT\n")

    assert killed.returncode == -signal.SIGKILL
    assert len(left_over) == 1
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["en.vtt"]


def test_the_folder_of_a_run_that_still_lives_is_left_alone(tmp_path: Path) -> None:
    first, second = ResultsFolder(tmp_path / "out"), ResultsFolder(tmp_path / "out")

    with first as one:
        one.path("es.vtt").write_text("WEBVTT\n")
        with pytest.raises(OutputNotWritable, match="filled by somebody else"), second as two:
            two.path("en.vtt").write_text("WEBVTT\n")
            one.commit()

    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["es.vtt"]


@contextmanager
def full_disk(folder: Path) -> Iterator[Path]:
    """Give a folder that holds a megabyte: a small file system, or a limit on files where none may be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        try:
            yield disk
        finally:
            subprocess.run(["umount", str(disk)], check=True, capture_output=True)
        return
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, old[1]))  # Python ignores SIGXFSZ: writes raise EFBIG
    try:
        yield disk
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_full_disk_is_told_with_what_is_free_and_leaves_nothing(tmp_path: Path) -> None:
    with full_disk(tmp_path) as disk:
        with pytest.raises(OutputNotWritable, match=r"is full \(.* MB free\): make room"):  # noqa: SIM117
            with ResultsFolder(disk / "out") as folder:
                folder.path("es.vtt").write_bytes(bytes(3 << 20))

        assert names(disk) == []


def test_a_disk_that_fills_while_a_dub_is_recorded_is_told(tmp_path: Path) -> None:
    second = np.full(DUB_RATE, 0.1, np.float32)

    with full_disk(tmp_path) as disk:
        with pytest.raises(OutputNotWritable, match="is full"), ResultsFolder(disk / "out") as folder:
            spool = DubSpool(folder.work / "spool")
            try:
                for number in range(60):
                    spool.mix_in(number * DUB_RATE, second)
            finally:
                spool.close()

        assert names(disk) == []


def test_a_disk_that_fills_while_the_mix_is_written_is_told(tmp_path: Path) -> None:
    dub = DubRecording(language=Language("es"), spool=DubSpool(tmp_path / "spool"))
    dub.spool.mix_in(0, np.full(60 * DUB_RATE, 0.1, np.float32))

    with full_disk(tmp_path) as disk:
        with pytest.raises(OutputNotWritable, match="is full"), ResultsFolder(disk / "out") as folder:
            write_mixdown(folder.path("dub.es.wav"), originals=[], dub=dub)

        assert names(disk) == []
    dub.spool.close()


def test_the_lock_ends_with_the_run(tmp_path: Path) -> None:
    with ResultsFolder(tmp_path / "out") as folder:
        folder.path("es.vtt").write_text("WEBVTT\n")

    descriptor = os.open(tmp_path / "out", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)
