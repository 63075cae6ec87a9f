"""A voice model in a process of its own: loaded, warmed up, asked for speech piece by piece, started again if it died.

For the engines whose libraries may end the process or need other packages than ours: ``sherpa.py``, ``vieneu.py``,
``job_voice.py``. The other side is ``voice_worker.py``.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from dragoman.engines.broker import Urgency
from dragoman.engines.priority_turn import PriorityTurn
from dragoman.engines.ranked_threads import urgency_here
from dragoman.engines.worker_process import WorkerProcess
from dragoman.ground.audio import Audio, from_pcm16
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    TextNotReadable,
)
from dragoman.ground.precedence import ORDINARY, priority_now
from dragoman.wire.frames import Header, JsonValue

log = structlog.get_logger()

LOAD_S: Final = 120.0
"""For the start of the process, its libraries and the model: seconds on an idle machine, a minute on a slow disk."""
PIECE_S: Final = 20.0
"""For the wait from one piece to the next; a sentence of 300 characters at the slowest usable speed takes 10 s."""
TURN_S: Final = 60.0
"""For the wait until the model is free."""

_Piece = Audio | EngineError | None
"""What the exchange gives its reader: sound, why there is no more, or the end."""


class VoiceProcess:
    """Any number of threads may ask; the model speaks for one after the other, by the priority of who waits.

    Pieces are taken from the model as fast as it makes them, whatever their reader does, so a slow reader keeps nobody
    waiting. A reader that goes away stops the model at its next piece.
    """

    def __init__(
        self,
        module: str,
        *,
        name: str,
        load: Header,
        load_s: float = LOAD_S,
        piece_s: float = PIECE_S,
        turn_s: float = TURN_S,
    ) -> None:
        """Prepare ``python -m module``; it is started, and sent ``load``, when it is first needed.

        ``name`` is the engine's, for messages; ``piece_s`` bounds the wait for each piece, ``load_s`` that for the
        model and ``turn_s`` that for one's turn.
        """
        self._module = module
        self._name = name
        self._load = load
        self._load_s = load_s
        self._piece_s = piece_s
        self._turn_s = turn_s
        self._turn = PriorityTurn()
        self._worker: WorkerProcess | None = None
        self._facts: Header = {}
        self._exchanges: list[threading.Thread] = []
        self._worker_cpu_s = 0.0
        self._dead_workers_cpu_s = 0.0
        self._closed = threading.Event()

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        worker = self._worker
        return worker.pid if worker else None

    def facts(self) -> Header:
        """Give what the worker said of the model when it had loaded it; loads it if need be. Raises ``EngineError``."""
        with self._its_turn():
            self._running_worker()
        return self._facts

    def health(self) -> Header:
        """Ask the worker how it is; one that does not run is not started. Raises ``EngineError``."""
        with self._its_turn():
            worker = self._worker
            if worker is None:
                return {"running": False}
            return self._asked(worker, {"do": "health"}, self._piece_s) | {"running": True}

    def speak(self, request: Header, *, sample_rate: int, longest_s: float) -> Iterator[Audio]:
        """Have the model speak what ``request`` says; its pieces are mono at ``sample_rate`` hertz.

        Raises ``EngineOutputInvalid`` for silence of any kind and after ``longest_s`` seconds of sound,
        ``TextNotReadable``, ``EngineTimeout``, ``EngineCrashed`` or ``EngineUnavailable``.
        """
        self.refuse_if_closed()
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()  # never more than ``longest_s`` of sound and one piece
        gone = threading.Event()
        exchange = threading.Thread(
            target=self._exchange,
            args=(request, sample_rate, longest_s, pieces, gone, urgency_here(), priority_now()),
            name=f"{self._name}-exchange",
            daemon=True,
        )
        self._exchanges = [running for running in self._exchanges if running.is_alive()] + [exchange]
        exchange.start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, EngineError):
                    raise piece
                yield piece
        finally:
            # Not awaited: a reader that gives up may be an event loop.
            gone.set()
        exchange.join()

    def cpu_s(self) -> float:
        """Sum the CPU seconds of the worker, as it last said them, and of those before it."""
        worker = self._worker
        return self._dead_workers_cpu_s + (self._worker_cpu_s or worker.cpu_s() if worker else 0.0)

    def refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise EngineUnavailable(f"{self._name} is closed; open it again")

    def close(self) -> None:
        """End the process and all exchanges. May be called twice."""
        self._closed.set()
        worker = self._worker
        if worker is not None:
            worker.kill()  # frees an exchange that waits for a piece, which then lets go of its turn
        self._turn.acquire()
        try:
            self._dispose_worker()
        finally:
            self._turn.release()
        for exchange in self._exchanges:
            exchange.join()

    def _exchange(
        self,
        request: Header,
        sample_rate: int,
        longest_s: float,
        pieces: "queue.SimpleQueue[_Piece]",
        gone: threading.Event,
        urgency: Urgency,
        priority: int,
    ) -> None:
        """Hand the pieces of one request over. Runs in a thread of its own, and ends by the deadlines."""
        try:
            with self._its_turn(urgency, priority):
                if not gone.is_set():
                    self._converse(request, sample_rate, longest_s, pieces, gone)
        except EngineError as error:
            pieces.put(error)
        except Exception as error:  # the top of a thread: the reader must hear of a defect, and would wait for ever
            log.exception("voice_process_defect", engine=self._name)
            pieces.put(EngineCrashed(f"{self._name} failed: {type(error).__name__}: {error}"))
        finally:
            pieces.put(None)

    def _converse(
        self,
        request: Header,
        sample_rate: int,
        longest_s: float,
        pieces: "queue.SimpleQueue[_Piece]",
        gone: threading.Event,
    ) -> None:
        worker = self._running_worker()
        question = self._sent(worker, {"do": "speak", **request})
        sounded_s = 0.0
        too_long = cancelled = False
        while True:
            header, pcm = self._received(worker, question, self._piece_s)
            if "end" in header:
                break
            self._raise_refusal(header)
            if too_long or cancelled:
                continue
            audio = Audio(samples=from_pcm16(pcm[: len(pcm) & ~1]), sample_rate=sample_rate)
            sounded_s += audio.duration_s
            too_long, cancelled = sounded_s > longest_s, gone.is_set()
            if too_long or cancelled:
                worker.tell({"do": "cancel", "of": question})
            elif len(audio.samples):
                pieces.put(audio)
        if too_long:
            raise EngineOutputInvalid(f"{self._name} spoke on for more than {longest_s:.0f} s, which is babble")
        if not sounded_s and not gone.is_set():
            raise EngineOutputInvalid(f"{self._name} said nothing; another voice or other words may work")

    @contextmanager
    def _its_turn(self, urgency: Urgency = Urgency.FINAL, priority: int = ORDINARY) -> Iterator[None]:
        if not self._turn.acquire(timeout_s=self._turn_s, urgency=urgency, priority=priority):
            raise EngineTimeout(f"{self._name} is busy with other speakers; fewer at once would work")
        try:
            yield
        finally:
            self._turn.release()

    def _running_worker(self) -> WorkerProcess:
        self.refuse_if_closed()
        if self._worker is None:
            self._worker = worker = WorkerProcess(self._module)
            self.refuse_if_closed()  # close() may have come meanwhile, and seen no worker to kill
            facts = self._asked(worker, {"do": "load", **self._load}, self._load_s)
            self._facts = facts
        return self._worker

    def _asked(self, worker: WorkerProcess, header: Header, deadline_s: float) -> Header:
        answer, _ = self._received(worker, self._sent(worker, header), deadline_s)
        self._raise_refusal(answer)
        return answer

    def _sent(self, worker: WorkerProcess, header: Header) -> int:
        try:
            return worker.send(header, deadline_s=self._piece_s)
        except EngineError as error:
            raise self._after_its_death(error) from error

    def _received(self, worker: WorkerProcess, question: int, deadline_s: float) -> tuple[Header, bytes]:
        try:
            header, payload = worker.receive(question, deadline_s=deadline_s)
        except EngineError as error:
            raise self._after_its_death(error) from error
        cpu_s = header.get("cpu_s")
        self._worker_cpu_s = cpu_s if isinstance(cpu_s, float) else self._worker_cpu_s
        return header, payload

    def _after_its_death(self, error: EngineError) -> EngineError:
        """Let go of a worker that is of no use; the next request starts another."""
        self._dispose_worker()
        if self._closed.is_set():
            return EngineUnavailable(f"{self._name} is closed; open it again")
        return type(error)(f"{self._name}: {error}")

    def _raise_refusal(self, answer: Header) -> None:
        """Raise what the worker could not do, in its own words."""
        refusals: dict[JsonValue, type[EngineError]] = {
            kind.code: kind for kind in (EngineUnavailable, EngineOutputInvalid, EngineCrashed, TextNotReadable)
        }
        if "error" not in answer:
            return
        kind = refusals.get(answer.get("error"), EngineCrashed)
        if kind not in (EngineOutputInvalid, TextNotReadable):
            self._dispose_worker()  # what it holds cannot be trusted, or is nothing
        raise kind(f"{self._name}: {answer.get('detail', 'it gave no reason')}")

    def _dispose_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.dispose()
            self._dead_workers_cpu_s += worker.cpu_s()
            self._worker_cpu_s = 0.0
