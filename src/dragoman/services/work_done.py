"""Whether a process that is silent is at work: starved of a processor, rather than hanging. To supervisor.py.

From ``/proc``; where there is none, nobody is ever seen at work.
"""

from pathlib import Path

STATE, USER_TICKS, SYSTEM_TICKS = 0, 11, 12
"""Places in ``/proc/PID/stat`` behind the name of the program (proc(5) counts from 1 and two fields earlier)."""
RUNNABLE = "R"


class WorkDone:
    """Of one process: ask again and again."""

    def __init__(self, process_id: int, *, proc: Path = Path("/proc")) -> None:
        self._stat = proc / str(process_id) / "stat"
        self._ticks = 0

    def is_working(self) -> bool:
        """Say whether it used processor time since it was asked last, or waits for some. A stopped one does neither."""
        try:
            # The name may hold spaces and brackets, so what counts begins behind the last one.
            fields = self._stat.read_text(errors="replace").rpartition(")")[2].split()
            ticks = int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS])
        except (OSError, ValueError, IndexError):
            return False
        used, self._ticks = ticks > self._ticks, ticks
        return used or fields[STATE] == RUNNABLE
