"""A process without a processor is told from one that hangs."""

import subprocess
import sys
import time
from pathlib import Path

from dragoman.services.restarts import Pulse, RestartTuning
from dragoman.services.work_done import WorkDone


def write_stat(proc: Path, *, state: str, ticks: int) -> None:
    folder = proc / "7"
    folder.mkdir(exist_ok=True)
    fields = ["1"] * 10 + [str(ticks), "0"]
    (folder / "stat").write_text(f"7 (a (name) of) it) {state} {' '.join(fields)} 0 0\n")


def test_one_that_used_the_processor_or_waits_for_it_is_at_work_and_one_that_sleeps_is_not(tmp_path: Path) -> None:
    work = WorkDone(7, proc=tmp_path)
    seen = []

    for state, ticks in (("S", 5), ("S", 5), ("S", 6), ("R", 6), ("T", 6)):
        write_stat(tmp_path, state=state, ticks=ticks)
        seen.append(work.is_working())

    assert seen == [True, False, True, True, False]


def test_a_process_that_is_gone_is_not_at_work(tmp_path: Path) -> None:
    assert not WorkDone(7, proc=tmp_path).is_working()


def test_a_real_process_that_computes_is_at_work() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) as process:
        work = WorkDone(process.pid)
        try:
            # One that only begins may wait for its disk at the first look.
            deadline = time.monotonic() + 30
            while not (seen := work.is_working()) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert seen
        finally:
            process.kill()


def test_who_is_at_work_is_given_more_time_but_not_for_ever() -> None:
    pulse = Pulse(RestartTuning(missed_beats=3, missed_beats_at_work=6))

    busy = [pulse.miss(at_work=True) for _ in range(6)]
    pulse.beat()
    idle = [pulse.miss() for _ in range(3)]

    assert busy == [False] * 5 + [True]
    assert idle == [False, False, True]
