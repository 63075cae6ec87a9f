"""Lines of standard input, taken as they come. For ``command.py``.

A thread reads, so that whoever types sees an answer to every line, while of a file several lines are translated at
once. Never more than a few lines are in memory, however long the input is.
"""

import queue
import threading
from enum import Enum
from typing import BinaryIO, Final

from dragoman.ground.errors import InputError

MAX_LINE_BYTES: Final = 4 << 20
_WAITING: Final = 16
"""Lines that are read ahead."""


class LineUnreadable(InputError):
    """A line of standard input is no text, or endless."""

    code = "line_unreadable"


class _End(Enum):
    """Of the stream."""

    END = "end"


class LineSource:
    """Of one stream. The thread ends with the stream, or with the process."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read: queue.Queue[str | LineUnreadable | _End] = queue.Queue(maxsize=_WAITING)
        self._last: LineUnreadable | _End | None = None
        """Why there are no further lines, once that is known."""
        threading.Thread(target=self._work, name="read lines", daemon=True).start()

    def take(self, most: int) -> list[str]:
        """Give the lines that are there, without their ends, at least one and at most ``most``; none at the end.

        Raises ``LineUnreadable`` once what came before that line has been given.
        """
        lines: list[str] = []
        while self._last is None and len(lines) < most:
            try:
                line = self._read.get(block=not lines)
            except queue.Empty:
                break
            if isinstance(line, str):
                lines.append(line)
            else:
                self._last = line
        if not lines and isinstance(self._last, LineUnreadable):
            raise self._last
        return lines

    def _work(self) -> None:
        number = 0
        while True:
            number += 1
            try:
                content = self._stream.readline(MAX_LINE_BYTES + 1)
            except (OSError, ValueError) as error:  # closed by whoever started us
                self._read.put(LineUnreadable(f"standard input cannot be read: {error}"))
                return
            line = _as_text(content, number)
            self._read.put(line)
            if not isinstance(line, str):
                return


def _as_text(content: bytes, number: int) -> str | LineUnreadable | _End:
    """Give a line as text."""
    if not content:
        return _End.END
    if len(content) > MAX_LINE_BYTES:
        return LineUnreadable(f"line {number} is longer than {MAX_LINE_BYTES >> 20} MiB; break it into lines first")
    try:
        return content.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError:
        return LineUnreadable(f"line {number} is not UTF-8; convert it first, such as: iconv -f LATIN1 -t UTF-8")
