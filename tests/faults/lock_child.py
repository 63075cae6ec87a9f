"""A process that keeps a SQLite file locked until nobody listens: python -m tests.faults.lock_child PID FILE.

It sees the file as process PID does, whatever that has mounted. For test_call_on_a_bad_day.py.
"""

import ctypes
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

_MOUNTS = 0x20000


def main(pid: int, file: Path) -> None:
    if os.geteuid() == 0:
        mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
        assert ctypes.CDLL(None, use_errno=True).setns(mounts, _MOUNTS) == 0, os.strerror(ctypes.get_errno())
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        sys.stdout.write("locked\n")
        sys.stdout.flush()
        sys.stdin.read()
        connection.execute("ROLLBACK")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
