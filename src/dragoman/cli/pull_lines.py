"""What a pull says while it runs: a bar and sentences for a person, JSON lines for another program."""

import json
import time
from collections.abc import Callable

from rich.progress import Progress, TaskID

from dragoman.cli.screen import Screen
from dragoman.ground.errors import DragomanError
from dragoman.models.licences import Acceptance
from dragoman.models.pull import PullProgress, PullReport
from dragoman.services.model_commands.pulling import PullTelling

PROGRESS_EVERY_S = 0.2


class PullScreen:
    """For a person."""

    def __init__(self, bar: Progress, out: Screen, err: Screen) -> None:
        self._bar = bar
        self._out = out
        self._err = err
        self._tasks: dict[str, TaskID] = {}

    def telling(self) -> PullTelling:
        return PullTelling(
            on_progress=self._progress, on_notice=self._err.say, on_done=self._done, on_accepted=self._accepted
        )

    def _progress(self, progress: PullProgress) -> None:
        if progress.model not in self._tasks:
            self._tasks[progress.model] = self._bar.add_task(progress.model, total=progress.total_bytes)
        self._bar.update(self._tasks[progress.model], completed=progress.done_bytes, total=progress.total_bytes)

    def _done(self, report: PullReport) -> None:
        fetched = "was here already" if not report.fetched_bytes else f"{report.fetched_bytes / 1e6:.0f} MB fetched"
        self._out.say(f"{report.model}: {fetched}; it lies in {report.folder}")

    def _accepted(self, acceptance: Acceptance) -> None:
        self._out.say(
            f"{acceptance.model}: the licence {acceptance.licence} is accepted by {acceptance.by}; written down"
        )


class PullLines:
    """For a program: every line is an object with ``event``: accepted, progress, notice, done or failed."""

    def __init__(self, pour: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pour = pour
        self._clock = clock
        self._told_at_s = float("-inf")

    def telling(self) -> PullTelling:
        return PullTelling(
            on_progress=self._progress, on_notice=self._notice, on_done=self._done, on_accepted=self._accepted
        )

    def failed(self, error: DragomanError) -> None:
        self._write("failed", code=error.code, detail=str(error))

    def _progress(self, progress: PullProgress) -> None:
        """Tell a few times a second, and of the last byte in any case."""
        now_s = self._clock()
        if now_s - self._told_at_s < PROGRESS_EVERY_S and progress.done_bytes < progress.total_bytes:
            return
        self._told_at_s = now_s
        self._write(
            "progress",
            model=progress.model,
            file=progress.file,
            done_bytes=progress.done_bytes,
            total_bytes=progress.total_bytes,
        )

    def _notice(self, text: str) -> None:
        self._write("notice", text=text)

    def _done(self, report: PullReport) -> None:
        self._write(
            "done",
            model=report.model,
            folder=str(report.folder),
            revision=report.revision,
            fetched_bytes=report.fetched_bytes,
            changed=report.changed,
            newly_pinned=report.newly_pinned,
        )

    def _accepted(self, acceptance: Acceptance) -> None:
        self._write("accepted", model=acceptance.model, licence=acceptance.licence, by=acceptance.by)

    def _write(self, event: str, **fields: str | int | bool) -> None:
        self._pour(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")
