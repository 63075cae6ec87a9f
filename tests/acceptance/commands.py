"""Run the real command, ``python -m dragoman interpret``, in a home of its own. To results.py.

``Command.run`` waits for the end; ``Command.start`` gives a ``Live`` process whose captions can be awaited, whose
children can be found, and that is ended, children included, when the ``with`` ends.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.results import Results

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "src" / "dragoman" / "samples"
FIXTURES = REPOSITORY / "tests" / "fixtures"
SPEECH = FIXTURES / "speech"
PICO = (
    f"--speech-to-text=faster_whisper:{FIXTURES / 'whisper-pico'}",
    f"--translation=ctranslate2:{FIXTURES / 'mt-pico'}",
)
"""The engines that know Vietnamese and English: the tiny models of the fixtures."""
PICO_MODELS = {
    "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": f"faster_whisper:{FIXTURES / 'whisper-pico'}",
    "DRAGOMAN_TRANSLATION_ENGINES": f"ctranslate2:{FIXTURES / 'mt-pico'}",
}
"""The same as settings."""

LIMIT_S = 240.0
"""For one run, which takes 5 to 40 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folders of a person who has never used the command."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """Give an environment in which nothing of the real home is seen."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "XDG_"))}
        folders = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
        return {**kept, **folders, "HOME": str(self.folder), "COLUMNS": "200"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One call of ``dragoman interpret``."""

    files: Sequence[Path]
    source: str
    targets: Sequence[str]
    options: Sequence[str] = ("--fast",)
    starts_s: Sequence[float] = ()

    def arguments(self, out: Path) -> list[str]:
        words = [sys.executable, "-m", "dragoman", "interpret", *map(str, self.files), "--from", self.source]
        for target in self.targets:
            words += ["--to", target]
        for start in self.starts_s:
            words += ["--start", f"{start:.3f}"]
        return [*words, *self.options, "--out", str(out)]

    def run(self, home: Home, out: Path) -> Results:
        """Run to the end; it must succeed."""
        began = time.monotonic()
        ended = subprocess.run(
            self.arguments(out), env=home.environment(), capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        assert ended.returncode == 0, f"exit status {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
        return Results(out=out, shown=ended.stdout, wall_s=time.monotonic() - began)

    @contextmanager
    def start(self, home: Home, out: Path) -> "Iterator[Live]":
        """Run beside the test, in a process group of its own as a shell gives it."""
        process = subprocess.Popen(
            self.arguments(out),
            env={**home.environment(), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        live = Live(process)
        try:
            yield live
        finally:
            live.kill()


class Live:
    """The command while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._fresh: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="reads the command", daemon=True)
        self._reader.start()

    def wait_for_captions(self, language: str, count: int, *, limit_s: float = 60.0) -> None:
        """Wait until ``count`` captions of ``language`` have been printed."""
        deadline = time.monotonic() + limit_s
        while sum(1 for line in self.lines if line[7:9] == language) < count:
            line = self._fresh.get(timeout=max(0.01, deadline - time.monotonic()))
            assert line is not None, "the command ended early:\n" + "".join(self.lines)
            self.lines.append(line)

    def children(self) -> "set[Child]":
        """Find every process below the command."""
        return descendants(self.process.pid)

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal sends SIGINT to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, *, limit_s: float = LIMIT_S) -> int:
        """Wait for the end and give the exit status."""
        status = self.process.wait(timeout=limit_s)
        self._reader.join(timeout=10.0)
        while not self._fresh.empty():
            self.lines.append(self._fresh.get_nowait() or "")
        return status

    def kill(self) -> None:
        """End what is left, children first; nothing outlives a test that failed."""
        left = self.children() if self.process.poll() is None else set()
        for child in left:
            if child.alive():
                os.kill(child.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(timeout=10.0)
        self._reader.join(timeout=10.0)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._fresh.put(line)
        self._fresh.put(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process, told from a later one with the same number by when it started."""

    pid: int
    started: int
    arguments: str

    def alive(self) -> bool:
        """Say whether it still runs; a zombie counts, because its parent should have taken it away."""
        stat = _stat(self.pid)
        return stat is not None and stat[1] == self.started


def descendants(pid: int) -> set[Child]:
    """Find every process below ``pid``, whatever its session or group."""
    parents: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))) is not None:
            parents[int(entry.name)] = stat
    found: set[Child] = set()
    border = {pid}
    while border:
        border = {child for child, (parent, _) in parents.items() if parent in border}
        found |= {Child(pid=child, started=parents[child][1], arguments=_arguments(child)) for child in border}
    return found


def _stat(pid: int) -> tuple[int, int] | None:
    """Give the parent and the start time (clock ticks since boot) of a process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), int(fields[19])


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
