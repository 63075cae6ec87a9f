"""Running programs: what comes back, and that nothing stays behind."""

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dragoman.engines.programs import ProgramOwner, find_program, has_ended
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, EngineTimeout, EngineUnavailable


@pytest.fixture
def owner() -> Iterator[ProgramOwner]:
    owner = ProgramOwner()
    yield owner
    owner.close()


def ends(pid: int) -> bool:
    """Say whether ``pid`` ends within five seconds; the kernel takes its time with a process that was killed."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ready, _, _ = select.select([descriptor], [], [], 5.0)
    os.close(descriptor)
    return bool(ready)


def all_children() -> set[str]:
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


@pytest.fixture
def children() -> Callable[[], list[str]]:
    """Give what lists the child processes that were not there before: engines of other tests may still be open."""
    before = all_children()
    return lambda: sorted(all_children() - before)


def test_gives_the_output_of_what_it_was_fed(owner: ProgramOwner) -> None:
    text = b"some text\n" * 100_000

    assert owner.run(["cat"], stdin=text, timeout_s=10) == text


def test_a_program_that_reads_nothing_may_ignore_its_input(owner: ProgramOwner) -> None:
    assert owner.run(["echo", "done"], stdin=b"x" * 1_000_000, timeout_s=10) == b"done\n"


def test_names_the_package_of_a_missing_program() -> None:
    with pytest.raises(EngineUnavailable, match="apt-get install its-package"):
        find_program("no-such-program", package="its-package")


def test_a_file_that_is_no_program_cannot_be_started(owner: ProgramOwner, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x7fELF nonsense")
    garbage.chmod(0o755)

    with pytest.raises(EngineUnavailable, match="cannot be started"):
        owner.run([garbage], timeout_s=5)


def test_a_failing_program_is_quoted_with_its_last_line(owner: ProgramOwner) -> None:
    with pytest.raises(EngineCrashed, match=r"status 3: the reason$"):
        owner.run(["sh", "-c", "echo before >&2; echo the reason >&2; exit 3"], timeout_s=5)


def test_a_program_that_hangs_is_killed_with_its_children(
    owner: ProgramOwner, tmp_path: Path, children: Callable[[], list[str]]
) -> None:
    note = tmp_path / "pid"
    began_s = time.monotonic()

    with pytest.raises(EngineTimeout):
        owner.run(["sh", "-c", f"sleep 60 & echo $! > {note}; wait"], timeout_s=0.5)

    assert time.monotonic() - began_s < 5
    assert ends(int(note.read_text()))
    assert children() == []


def test_a_grandchild_that_keeps_the_output_open_does_not_delay_the_answer(owner: ProgramOwner, tmp_path: Path) -> None:
    note = tmp_path / "pid"

    output = owner.run(["sh", "-c", f"sleep 60 & echo $! > {note}; echo answer"], timeout_s=5)

    assert output == b"answer\n"
    assert ends(int(note.read_text()))


def test_endless_output_is_cut_off(owner: ProgramOwner, children: Callable[[], list[str]]) -> None:
    with pytest.raises(EngineOutputInvalid):
        owner.run(["yes"], timeout_s=30, max_output_bytes=1 << 20)

    assert children() == []


def test_endless_errors_do_not_fill_the_memory_nor_block_the_program(owner: ProgramOwner) -> None:
    assert owner.run(["sh", "-c", "yes | head -c 3000000 >&2; echo answer"], timeout_s=30) == b"answer\n"


def test_counts_the_cpu_time_of_what_runs_and_of_what_has_ended(owner: ProgramOwner) -> None:
    busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; read line"
    process = owner.start(["sh", "-c", busy])
    assert process.stdout is not None

    process.stdout.readline()
    running_s = owner.cpu_s()
    owner.end([process])
    ended_s = owner.cpu_s()

    assert running_s > 0.01
    assert ended_s >= running_s * 0.9
    assert ended_s < 60


def test_closing_stops_a_program_that_another_thread_waits_for(
    owner: ProgramOwner, children: Callable[[], list[str]]
) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            owner.run(["sleep", "60"], timeout_s=50)
        except EngineUnavailable as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until_s = time.monotonic() + 10
    while not children() and time.monotonic() < until_s:
        thread.join(timeout=0.01)
    owner.close()
    thread.join(timeout=10)

    assert not thread.is_alive()
    assert len(failures) == 1
    with pytest.raises(EngineUnavailable):
        owner.run(["true"], timeout_s=5)


def test_ending_twice_and_ending_what_is_over_is_harmless(owner: ProgramOwner) -> None:
    process = owner.start(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert has_ended(process)
    assert owner.end([process]) == [0]
    assert owner.end([process]) == [0]
    assert has_ended(process)


def test_members_of_a_group_end_together(owner: ProgramOwner, children: Callable[[], list[str]]) -> None:
    first = owner.start(["sleep", "60"])
    second = owner.start(["sleep", "60"], stdin=subprocess.DEVNULL, group=first.pid)

    statuses = owner.end([first, second])

    assert statuses == [-9, -9]
    assert children() == []
