"""How much of this machine others used while something was measured: a promise in seconds is for one without them."""

import os
import time
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""In ``/proc/PID/stat`` behind the name (proc(5)): utime, stime and those of children that were waited for."""


class OthersWork:
    """Measures from when it is made. What this process and everything under it do is not others' work."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._all_s, self._own_s = _all_s(), _own_s()

    def share(self) -> float:
        """Give what others used since, 0 to 1 of all cores."""
        wall_s = time.monotonic() - self._began_s
        others_s = (_all_s() - self._all_s) - (_own_s() - self._own_s)
        return max(0.0, others_s / (wall_s * (os.cpu_count() or 1)))


def _all_s() -> float:
    """Give the seconds that the cores were not idle; what a host took away counts too."""
    user, nice, system, _idle, _waiting, interrupt, soft, steal, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + interrupt + soft + steal) / _TICKS_PER_S


def _own_s() -> float:
    parents: dict[int, int] = {}
    used_s: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        pid = int(folder.name)
        parents[pid] = int(fields[_PARENT])
        used_s[pid] = sum(map(int, fields[_TIMES])) / _TICKS_PER_S
    return sum(spent_s for pid, spent_s in used_s.items() if _is_ours(pid, parents))


def _is_ours(pid: int, parents: dict[int, int]) -> bool:
    while pid not in (0, os.getpid()):
        pid = parents.get(pid, 0)
    return pid != 0
