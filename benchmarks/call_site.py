"""A running ``dragoman up`` to be measured: own ports, own folders, its log, its processes. To ``call_run.py``."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.call_lags import VoiceBegan

from dragoman.testing.free_ports import free_ports

REPOSITORY = Path(__file__).resolve().parent.parent
UP = (sys.executable, "-m", "dragoman", "up")
MAKE_RUN = ("make", "--silent", "run", "ARGS=")
"""What a person types, which looks first whether everything is installed. Without the arguments of our own make."""
START_S = 180.0
STOP_S = 30.0
PORTS = (
    "speech_to_text",
    "translation",
    "text_to_speech",
    "api",
    "interpreter",
    "livekit",
    "livekit_tcp",
    "livekit_udp",
)


class CallFailed(RuntimeError):
    """A call cannot be measured."""


class SiteBroken(CallFailed):
    """``dragoman up`` did not come up; its log is the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """A line that a process wrote as JSON."""

    at_s: float
    process: str
    name: str
    fields: dict[str, object]

    def text(self, field: str) -> str:
        value = self.fields.get(field)
        return "" if value is None else str(value)

    def number(self, field: str) -> float:
        value = self.fields.get(field)
        return float(value) if isinstance(value, int | float) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """``dragoman up`` while it runs."""

    process: subprocess.Popen[bytes]
    address: str
    log_file: Path
    start_s: float
    """From the command to "everything is ready"."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def log_bytes(self) -> int:
        """Where the log ends by now: what comes later is read from there."""
        return self.log_file.stat().st_size

    def events(self, *, since_bytes: int = 0) -> list[LogEvent]:
        with self.log_file.open("rb") as file:
            file.seek(since_bytes)
            return read_events(file.read().decode("utf-8", "replace"))


def read_events(log: str) -> list[LogEvent]:
    """Read what processes wrote as JSON lines out of the log of ``dragoman up``; other lines are left out."""
    events = []
    for line in log.splitlines():
        process, _, said = line.partition(" | ")
        try:
            fields = json.loads(said)
            at_s = datetime.fromisoformat(fields["timestamp"]).timestamp()
            name = str(fields["event"])
        except (ValueError, TypeError, KeyError):
            continue
        events.append(LogEvent(at_s=at_s, process=process.strip(), name=name, fields=fields))
    return events


def voices_begun(events: list[LogEvent], *, room: str, language: str) -> list[VoiceBegan]:
    """Give the dubs that the interpreter began in one room and language."""
    return [
        VoiceBegan(at_s=event.at_s, lag_s=event.number("lag_ms") / 1000)
        for event in events
        if event.name == "voice_started" and (event.text("room"), event.text("language")) == (room, language)
    ]


@contextmanager
def running_site(folder: Path, *, settings: dict[str, str], command: Sequence[str] = UP) -> Iterator[Site]:
    """Run ``dragoman up`` with ``settings`` (variables); what it keeps is in ``folder``. Raises ``SiteBroken``."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {f"DRAGOMAN_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    no_settings = folder / "dragoman.toml"  # in place of the person's own
    no_settings.touch()
    folders = {
        "DRAGOMAN_CONFIG": str(no_settings),
        "DRAGOMAN_MODELS_DIR": str(folder / "models"),
        "DRAGOMAN_CACHE_DIR": str(folder / "cache"),
    }
    # The log says when each dub begins; wide, so that no line is broken.
    log = {"DRAGOMAN_LOG_LEVEL": "DEBUG", "DRAGOMAN_LOG_JSON": "true", "COLUMNS": "1000"}
    log_file = folder / f"up-{time.monotonic_ns()}.log"
    began_s = time.monotonic()
    with log_file.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**kept, **own, **folders, **log, **settings},
            stdout=out,
            stderr=out,
            process_group=0,
        )
    try:
        _wait_until_ready(process, log_file)
        start_s = time.monotonic() - began_s
        yield Site(process=process, address=f"127.0.0.1:{ports['api']}", log_file=log_file, start_s=start_s)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], log_file: Path) -> None:
    until_s = time.monotonic() + START_S
    while "everything is ready" not in (said := log_file.read_text(encoding="utf-8", errors="replace")):
        if process.poll() is not None:
            raise SiteBroken(f"dragoman up ended with status {process.returncode}:\n{said}")
        if time.monotonic() > until_s:
            raise SiteBroken(f"dragoman up was not ready within {START_S:.0f} s:\n{said}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
