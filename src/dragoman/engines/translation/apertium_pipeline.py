"""One direction of Apertium kept alive: a chain of programs that answers each sentence at its NUL. For apertium.py.

The ``apertium`` script collects its whole input first, so the stages of the mode file are started here, each told by
``-z`` to flush at NUL (Apertium wiki, "NUL flush"). They are started directly, without a shell: their owner is then
their parent, who sees one die at once and leaves no zombie behind.
"""

import os
import re
import selectors
import shlex
import subprocess
import threading
import time
from pathlib import Path
from typing import IO

from dragoman.engines.programs import ProgramOwner, has_ended
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable

FIRST_ANSWER_S = 5.0
"""Seconds for the first sentence after a start, which loads dictionaries: 0.5 s measured on two busy cores."""
ANSWER_S = 1.0
"""Seconds for each later sentence: about 1 ms measured; a stage that is gone may keep silent for ever."""
_ANSWER_S_PER_BYTE = 1 / 4000
"""Added for long text: 20 kB took 0.3 s."""
_MAX_ANSWER_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 16

_STREAM_CHARACTERS = re.compile(r"([\\\[\]{}^$@<>/*#+~])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class _OutOfStep(Exception):
    """A stage died or answered something else than one answer; starting anew may repair it."""


def read_mode(path: Path) -> list[list[str]]:
    """Read the stages of a ``.mode`` file as argument lists, each with ``-z``. Raises ``EngineUnavailable``.

    The file holds one shell pipeline of quoted paths. ``$1`` becomes ``-n`` (unknown words unmarked), ``$2`` nothing.
    """
    try:
        words = shlex.split(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineUnavailable(f"{path} cannot be read: {error}; install the Apertium package again") from error
    stages: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            stages.append([])
        elif word == "$1":
            stages[-1].append("-n")
        elif word != "$2":
            stages[-1].append(word)
    if not all(stages):
        raise EngineUnavailable(f"{path} is no pipeline; install the Apertium package again")
    return [[stage[0], "-z", *stage[1:]] for stage in stages]


class ApertiumPipeline:
    """Asks one pipeline, one sentence at a time; callers take turns. Starts at the first question.

    After a failure the programs are killed and the question is asked once more to new ones.
    """

    def __init__(self, *, mode: str, stages: list[list[str]], owner: ProgramOwner) -> None:
        self._mode = mode
        self._stages = stages
        self._owner = owner
        self._turn = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._answered = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the stages, in order; none before the first question."""
        return tuple(process.pid for process in self._processes)

    def start(self) -> None:
        """Start the stages if they do not run. Raises ``EngineUnavailable``."""
        with self._turn:
            self._start()

    def ask(self, text: str, *, deadline_s: float | None) -> str:
        """Translate one line, not empty; ``deadline_s`` is a time of ``time.monotonic``.

        Raises ``EngineTimeout`` when the deadline or twice the pipeline's own limit passes, ``EngineCrashed`` when the
        stages answer out of step twice, ``EngineUnavailable`` when they cannot be started.
        """
        question = _STREAM_CHARACTERS.sub(r"\\\1", text).encode() + b"\n\0"
        if not self._turn.acquire(timeout=-1 if deadline_s is None else max(0.0, deadline_s - time.monotonic())):
            raise EngineTimeout(f"apertium {self._mode} was busy until the deadline; give it more time")
        try:
            return self._ask_twice(question, deadline_s)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the programs, after the sentence that is being translated. A later question starts them again."""
        with self._turn:
            self._end()

    def _ask_twice(self, question: bytes, deadline_s: float | None) -> str:
        try:
            return self._ask_once(question, deadline_s)
        except (TimeoutError, _OutOfStep):
            if deadline_s is not None and time.monotonic() >= deadline_s:
                raise EngineTimeout(f"apertium {self._mode} did not answer before the deadline") from None
        try:
            return self._ask_once(question, deadline_s)
        except TimeoutError as error:
            raise EngineTimeout(f"apertium {self._mode} did not answer, not even started anew") from error
        except _OutOfStep as error:
            raise EngineCrashed(f"apertium {self._mode}: {error}, also when started anew") from error

    def _ask_once(self, question: bytes, deadline_s: float | None) -> str:
        """Put the question and read one answer; whatever fails ends the programs."""
        try:
            if self._processes and self._is_out_of_step():
                self._end()
            self._start()
            limit_s = (ANSWER_S if self._answered else FIRST_ANSWER_S) + len(question) * _ANSWER_S_PER_BYTE
            until_s = time.monotonic() + limit_s
            answer = self._exchange(question, until_s if deadline_s is None else min(until_s, deadline_s))
        except BaseException:
            self._end()
            raise
        self._answered = True
        return answer

    def _start(self) -> None:
        if self._processes:
            return
        self._answered = False
        try:
            self._start_stages()
        except BaseException:
            self._end()
            raise

    def _start_stages(self) -> None:
        """Connect each stage's output to the next one's input, all in the process group of the first."""
        upstream = subprocess.PIPE
        for stage in self._stages:
            group = self._processes[0].pid if self._processes else None
            process = self._owner.start(stage, stdin=upstream, group=group)
            if self._processes:
                # Only the two neighbours may hold the pipe between them, or the end of one goes unnoticed.
                _stdout(self._processes[-1]).close()
            self._processes.append(process)
            upstream = _stdout(process).fileno()
        os.set_blocking(_stdin(self._processes[0]).fileno(), False)
        os.set_blocking(_stdout(self._processes[-1]).fileno(), False)

    def _end(self) -> None:
        self._owner.end(self._processes)
        self._processes = []

    def _exchange(self, question: bytes, until_s: float) -> str:
        """Write the question while reading the answer, so that a long text cannot block both ends."""
        into, out = _stdin(self._processes[0]).fileno(), _stdout(self._processes[-1]).fileno()
        rest = memoryview(question)
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(into, selectors.EVENT_WRITE)
            selector.register(out, selectors.EVENT_READ)
            while b"\0" not in answer:
                ready = {key.fd for key, _ in selector.select(until_s - time.monotonic())}
                if not ready and time.monotonic() >= until_s:
                    raise TimeoutError
                if into in ready:
                    rest = rest[_write(into, rest) :]
                    if not rest:
                        selector.unregister(into)
                if out in ready:
                    answer += _read(out)
                if len(answer) > _MAX_ANSWER_BYTES:
                    raise _OutOfStep("the answer has no end")
        text, _, after = bytes(answer).partition(b"\0")
        if after or rest or not text.strip():
            raise _OutOfStep("the answer was empty or came twice")
        if self._is_out_of_step():
            # A dead stage may still let one answer through, a wrong one.
            raise _OutOfStep("a stage ended or answered twice")
        return _ESCAPED.sub(r"\1", text.decode("utf-8", "replace"))

    def _is_out_of_step(self) -> bool:
        """Say whether a stage has ended, or something was written that nobody asked for."""
        if any(has_ended(process) for process in self._processes):
            return True
        try:
            os.read(_stdout(self._processes[-1]).fileno(), _CHUNK_BYTES)
        except BlockingIOError:
            return False
        return True


def _write(fileno: int, rest: memoryview) -> int:
    try:
        return os.write(fileno, rest[:_CHUNK_BYTES])
    except BlockingIOError:
        return 0
    except BrokenPipeError as error:
        raise _OutOfStep("the first stage ended") from error


def _read(fileno: int) -> bytes:
    try:
        piece = os.read(fileno, _CHUNK_BYTES)
    except BlockingIOError:
        return b""
    if not piece:
        raise _OutOfStep("the last stage ended")
    return piece


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise ValueError("the first stage must have been started with a pipe")
    return process.stdin


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("every stage must have been started with a pipe")
    return process.stdout
