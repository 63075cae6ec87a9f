"""The worker's side of ``voice_process.py``: one voice model, asked in frames over stdin, answering on stdout.

A module that is such a worker calls ``serve`` with how to load its model. It ends when stdin does, so it never outlives
its parent.

    {"do": "load", ...}         answer {"question": n, ...facts of the model}
    {"do": "speak", ...}        answers {"question": n, "piece": k} with 16-bit PCM, then {"question": n, "end": true}
    {"do": "health"}            answer {"question": n, "spoken": sentences so far}
    {"do": "cancel", "of": n}   no answer; the speech of question n ends early
    what cannot be done         answer {"question": n, "error": code, "detail": words}

Every answer says the CPU seconds used so far, which are counted finer here than from outside: ``"cpu_s": s``.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

from dragoman.ground.audio import Samples, to_pcm16
from dragoman.ground.errors import EngineCrashed, EngineError, EngineUnavailable
from dragoman.wire.frames import Header, pack_frame, read_frame

_MAX_WAITING: Final = 4
"""Questions that wait; the parent asks one after the other."""

Emit = Callable[[Samples], bool]
"""Takes the next samples, float32 mono; says whether more are wanted."""


class LoadedVoice(Protocol):
    """A model that speaks."""

    @property
    def facts(self) -> Header:
        """What the parent wants to know of it: ``sample_rate`` and more."""
        ...

    def speak(self, request: Header, emit: Emit) -> None:
        """Speak; stop when ``emit`` says so. Raises ``EngineError``."""
        ...


class _Worker:
    def __init__(self, load: Callable[[Header], LoadedVoice], answers: BinaryIO) -> None:
        self._load = load
        self._answers = answers
        self._voice: LoadedVoice | None = None
        self._spoken = 0
        self.cancelled: object = None
        """The question whose answer nobody wants any more; set by the reading thread."""

    def answer(self, header: Header) -> None:
        question = header.get("question")
        try:
            match header.get("do"):
                case "load":
                    self._voice = self._load(header)
                    self._write({"question": question, **self._voice.facts})
                case "speak":
                    self._speak(header)
                    self._write({"question": question, "end": True})
                case "health":
                    self._write({"question": question, "spoken": self._spoken})
                case other:
                    raise EngineCrashed(f"cannot do {other!r}")  # noqa: TRY301  answered as every failure is
        except EngineError as error:
            self._write({"question": question, "error": error.code, "detail": str(error)})
        except Exception as error:  # noqa: BLE001  a library's failure is the answer; the parent starts us again
            detail = f"{type(error).__name__}: {error}"
            self._write({"question": question, "error": EngineCrashed.code, "detail": detail})

    def _speak(self, header: Header) -> None:
        if self._voice is None:
            raise EngineUnavailable("no model is loaded")
        question = header.get("question")
        pieces = 0

        def emit(samples: Samples) -> bool:
            nonlocal pieces
            pieces += 1
            self._write({"question": question, "piece": pieces}, to_pcm16(samples))
            return self.cancelled != question

        self._voice.speak(header, emit)
        self._spoken += 1

    def _write(self, header: Header, payload: bytes = b"") -> None:
        self._answers.write(pack_frame(header | {"cpu_s": time.process_time()}, payload))
        self._answers.flush()


def serve(load: Callable[[Header], LoadedVoice]) -> None:
    """Answer until stdin ends."""
    # What a library writes to stdout must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = _Worker(load, answers)
    questions: queue.Queue[Header | None] = queue.Queue(_MAX_WAITING)

    def read() -> None:
        while (frame := read_frame(sys.stdin.buffer)) is not None:
            header, _ = frame
            if header.get("do") == "cancel":
                worker.cancelled = header.get("of")
            else:
                questions.put(header)
        # The parent is gone: what is being said has no listener.
        os._exit(0)

    threading.Thread(target=read, name="questions", daemon=True).start()
    while (header := questions.get()) is not None:
        worker.answer(header)
