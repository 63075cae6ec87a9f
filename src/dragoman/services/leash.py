"""End with whoever started us, however they end: no process of ours outlives its supervisor.

From supervisor.py. Our own programs call ``die_with``; ``python -m dragoman.services.leash PID PROGRAM ...`` puts any
other program on the same leash: the mark stays while a process becomes another program (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when ``parent``, the process that started it, has ended.

    Ends the process at once if that has happened already. Raises ``OSError`` where there is no such leash.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if os.getppid() != parent:
        sys.exit(f"the supervisor {parent} has ended")


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  the program that processes.py names, no shell
