"""The command of a person with a checkout, ``make run``: the page answers, and Ctrl-C leaves nothing behind.

What it installs is there already, as at every start but the first.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from benchmarks.goals import SECOND_START_S
from tests.acceptance.commands import REPOSITORY, Child, descendants
from tests.others_work import OthersWork
from tests.site import READY, START_S, STOP_S, site_environment, site_ports

OF_ANOTHER_MAKE = ("MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS", "ARGS")
"""What the ``make test`` around this test says of itself, its ARGS among them."""
CALM_SHARE = 0.1
"""Of all cores: with others taking more than this, times say nothing about us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """``make run``, as it runs in a terminal: a process group of its own."""

    process: subprocess.Popen[bytes]
    log_file: Path
    port: int

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        until_s = time.monotonic() + START_S
        while READY not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < until_s, self.log()
            time.sleep(0.05)

    def press_ctrl_c(self) -> int:
        """Send what a terminal sends, to the whole group; gives the status that a shell shows."""
        os.killpg(self.process.pid, signal.SIGINT)
        status = self.process.wait(STOP_S)
        return status if status >= 0 else 128 - status


@contextmanager
def make_run(folder: Path) -> Iterator[Made]:
    ports = site_ports()
    environment = {k: v for k, v in site_environment(folder, ports).items() if k not in OF_ANOTHER_MAKE}
    log_file = folder / "make.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            ["make", "--silent", "run", "ARGS="],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
        )
    below: set[Child] = set()
    try:
        yield Made(process=process, log_file=log_file, port=ports["api"])
    finally:
        if process.poll() is None:
            below = descendants(process.pid)
            process.kill()
            process.wait()
        for child in below:
            if child.alive():
                os.kill(child.pid, signal.SIGKILL)


def test_make_run_opens_a_call_and_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    others = OthersWork()
    began_s = time.monotonic()
    with make_run(tmp_path) as made:
        made.wait_until_ready()
        took_s, is_calm = time.monotonic() - began_s, others.share() < CALM_SHARE
        address = f"http://127.0.0.1:{made.port}"
        page = httpx2.get(address, trust_env=False)
        room = httpx2.post(f"{address}/api/v1/rooms", json={}, trust_env=False)
        below = descendants(made.process.pid)
        status = made.press_ctrl_c()
        left = [child.arguments for child in below if child.alive()]
        said = made.log()

    assert f"on this machine  {address}" in said
    assert page.headers["content-type"].startswith("text/html") and "<title>" in page.text
    assert room.status_code == 201, room.text
    assert any("livekit-server" in child.arguments for child in below) and len(below) > 6
    assert status == 130, said
    assert left == []
    assert "Traceback" not in said
    assert took_s <= SECOND_START_S or not is_calm
