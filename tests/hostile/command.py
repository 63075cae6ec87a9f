"""``dragoman`` as people start it: a process with a home of its own, and a look at what it leaves behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SPEECH = FIXTURES / "speech"
WHISPER, MT = FIXTURES / "whisper-pico", FIXTURES / "mt-pico"
PICO = ("--speech-to-text", f"faster_whisper:{WHISPER}", "--translation", f"ctranslate2:{MT}")
"""The models of the fixtures: Vietnamese and English, both ways."""

FILES = ["captions.jsonl", "dub.vi.wav", "report.json", "source.en.vtt", "vi.vtt"]
"""What a run from English into Vietnamese leaves."""

DRAGOMAN = Path(sys.executable).with_name("dragoman")
LONGEST_S = 120.0
_GONE_WITHIN_S = 5.0
_MARK = "TESTS_MARK"

Argument = str | Path | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that is over."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """Runs commands in ``folder``; results belong into ``out``."""

    folder: Path
    cache: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def out(self) -> Path:
        """Where results are asked for; the folder around it holds nothing else."""
        return self.folder / "results" / "out"

    @property
    def models(self) -> Path:
        return self.folder / "home" / "data" / "dragoman" / "models"

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        home = self.folder / "home"
        (home / "config" / "dragoman").mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "XDG_"))}
        own = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(self.cache),
            "COLUMNS": "80",
            _MARK: self.mark,
        }
        return {**kept, **own, **(more or {})}

    def start(
        self,
        *arguments: Argument,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        stdout: int = subprocess.PIPE,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start ``dragoman`` with ``arguments``, behind the command ``before`` if there is one."""
        return subprocess.Popen(
            [*before, DRAGOMAN, *arguments],
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=cwd or self.folder,
        )

    def end(self, process: subprocess.Popen[bytes]) -> Ended:
        """Wait for a process; hold it to what every command promises, whatever happened to it."""
        try:
            stdout, stderr = process.communicate(timeout=LONGEST_S)
        finally:
            process.kill()
        ended = Ended(
            status=process.returncode,
            stdout=(stdout or b"").decode(errors="replace"),
            stderr=stderr.decode(errors="replace"),
        )
        assert "Traceback" not in ended.stdout + ended.stderr, ended.stdout + ended.stderr
        assert "\x1b" not in ended.stdout + ended.stderr, "control codes for a terminal that is not there"
        self.expect_no_process()
        return ended

    def run(
        self,
        *arguments: Argument,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        cwd: Path | None = None,
    ) -> Ended:
        return self.end(self.start(*arguments, env=env, before=before, cwd=cwd))

    def interpret(
        self,
        *arguments: Argument,
        source: str = "en",
        target: str = "vi",
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        cwd: Path | None = None,
    ) -> Ended:
        """Interpret quickly into ``out``."""
        return self.run(*self.interpreting(*arguments, source=source, target=target), env=env, before=before, cwd=cwd)

    def interpreting(self, *arguments: Argument, source: str = "en", target: str = "vi") -> list[Argument]:
        return ["interpret", "--from", source, "--to", target, "--out", self.out, "--fast", *arguments]

    def expect_refused(self, ended: Ended, *says: str) -> None:
        """Assert exit status 1, a sentence with each of ``says``, and that nothing is left."""
        assert ended.status == 1, ended
        for part in says:
            assert part in ended.stderr, ended.stderr
        assert ended.stderr.splitlines()[-1].strip()
        self.expect_nothing_left()

    def expect_nothing_left(self) -> None:
        around = self.out.parent
        assert not around.exists() or list(around.iterdir()) == []

    def results(self) -> list[str]:
        """List the names of the results, and make sure that nothing lies beside them."""
        assert [entry.name for entry in self.out.parent.iterdir()] == [self.out.name]
        return sorted(entry.name for entry in self.out.iterdir())

    def expect_no_process(self) -> None:
        """Assert that no process that was started here is left, except for a few seconds of its dying."""
        until = time.monotonic() + _GONE_WITHIN_S
        while left := self._processes():
            if time.monotonic() > until:
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
                raise AssertionError(f"processes left over: {left}")
            time.sleep(0.02)

    def _processes(self) -> list[int]:
        wanted = f"{_MARK}={self.mark}".encode()
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _has(entry, wanted)]


def _has(process: Path, variable: bytes) -> bool:
    try:
        return variable in (process / "environ").read_bytes()
    except OSError:  # it ended meanwhile, or is another user's
        return False


def without_rights() -> tuple[str, ...]:
    """Give the command that takes root's right to write everywhere from the command behind it."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--")
