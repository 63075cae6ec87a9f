"""Interruptions, a second run, and readers that leave: whole files or none, and no process left over."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.hostile.command import FILES, LONGEST_S, PICO, SPEECH, CommandLine

ENGLISH = SPEECH / "en-6.wav"


def wait_for_entry(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until something lies in ``folder``; fail if ``process`` ends before."""
    until = time.monotonic() + LONGEST_S
    while not folder.exists() or not any(folder.iterdir()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_whole_files_of_what_was_said(command: CommandLine, number: signal.Signals) -> None:
    arguments = [argument for argument in command.interpreting(SPEECH / "en-long.wav", *PICO) if argument != "--fast"]
    process = command.start(*arguments)
    assert process.stdout is not None
    first = process.stdout.readline()

    process.send_signal(number)
    ended = command.end(process)

    assert b"  en  " in first
    assert ended.status == 130
    assert "interrupted; what was done until then lies in" in ended.stdout
    assert set(FILES) - {"dub.vi.wav"} <= set(command.results())
    assert json.loads((command.out / "report.json").read_text())["interrupted"] is True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_interrupted_before_it_began_leaves_nothing(
    command: CommandLine, number: signal.Signals, tmp_path: Path
) -> None:
    fresh = str(tmp_path / "fresh")  # nothing measured yet, so that getting ready takes seconds
    process = command.start(*command.interpreting(ENGLISH, target="es"), env={"XDG_CACHE_HOME": fresh})
    wait_for_entry(command.out.parent, process)

    process.send_signal(number)
    ended = command.end(process)

    assert (ended.status, ended.stderr) == (130, "dragoman: interrupted; nothing was written\n")
    command.expect_nothing_left()


def test_of_two_runs_into_one_folder_one_wins_and_the_other_is_told(command: CommandLine) -> None:
    arguments = command.interpreting(ENGLISH, *PICO)

    processes = [command.start(*arguments), command.start(*arguments)]
    for process in processes:
        process.wait(timeout=LONGEST_S)
    ended = sorted((command.end(process) for process in processes), key=lambda one: one.status)

    assert [one.status for one in ended] == [0, 1]
    assert "choose another --out" in ended[1].stderr
    assert command.results() == FILES


def test_a_reader_that_leaves_early_does_not_stop_the_work(command: CommandLine) -> None:
    process = command.start(*command.interpreting(ENGLISH, SPEECH / "en-4.wav", *PICO))
    assert process.stdout is not None

    first = process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    ended = command.end(process)

    assert first
    assert (ended.status, ended.stderr) == (0, "")
    assert command.results() == FILES


def test_a_full_disk_behind_standard_output_is_told_and_does_not_stop_the_work(command: CommandLine) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = command.end(command.start(*command.interpreting(ENGLISH, *PICO), stdout=full.fileno()))

    assert ended.status == 0
    assert ended.stderr == "dragoman: standard output takes no more (No space left on device); the work goes on\n"
    assert command.results() == FILES
