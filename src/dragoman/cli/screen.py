"""Where a person reads what the commands say, and how a command ends that is interrupted. For all commands."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.console import Console

from dragoman.observe.log import set_up_log
from dragoman.settings import Settings, read_settings

INTERRUPTED = 130
"""Exit status of a command that was interrupted, as shells have it."""

WIDE = 250
"""Columns of a table for a file or another program, so that nothing of it is left out."""

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0))}
CONTROLS |= {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""What would steer a terminal or turn a line around; names of files and what was recognised may hold any of it."""


class Screen(Console):
    """Where a person reads. It may go away (``| head -1``) without stopping the work."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True)
        if not self.is_terminal:
            self.width = WIDE

    def say(self, text: str, *, style: str | None = None) -> None:
        """Write a line as it is, nothing in it taken for markup or for control of the terminal."""
        try:
            self.print(text.translate(CONTROLS), style=style if self.is_terminal else None, markup=False)
        except OSError as error:  # such as a full disk behind "> file"
            self.on_broken_pipe()
            if not self.stderr:
                err.say(f"dragoman: standard output takes no more ({error.strerror}); the work goes on")

    def pour(self, text: str) -> None:
        """Write what another program may read, as it is; where a person reads, what steers a terminal is shown."""
        if self.quiet:
            return
        try:
            self.file.write(text.translate(CONTROLS) if self.is_terminal else text)
            self.file.flush()
        except OSError as error:
            self.on_broken_pipe()
            if not isinstance(error, BrokenPipeError):
                err.say(f"dragoman: standard output takes no more ({error.strerror})")

    def on_broken_pipe(self) -> None:
        """Say nothing more. What is still buffered goes nowhere, instead of failing when the process ends."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


out = Screen()
err = Screen(stderr=True)


_interruptions: list[int] = []
"""Signals that have asked for the end."""


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, whatever the signal: everything is cleaned up."""
    _interruptions.append(number)
    raise KeyboardInterrupt


@contextmanager
def interruptible(*, leaves: str) -> Iterator[None]:
    """Say after Ctrl-C what is left, and end with its exit status."""
    try:
        yield
    except (KeyboardInterrupt, ImportError):
        # A library that is interrupted while it is imported turns the interruption into an ImportError.
        if not _interruptions:
            raise
        err.say(f"dragoman: interrupted; {leaves}")
        raise typer.Exit(INTERRUPTED) from None


def prepare() -> Settings:
    settings = read_settings()
    set_up_log(level=settings.log_level, as_json=settings.log_json)
    return settings


def interrupt_on_signals() -> None:
    """End every command on SIGINT, SIGTERM and SIGHUP as on Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # "nohup" ignores SIGHUP, and keeps it so
            signal.signal(number, _interrupt)


def clock(seconds: float) -> str:
    """Write a place in a recording: ``02:05``."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
