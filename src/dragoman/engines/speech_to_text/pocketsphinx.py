"""PocketSphinx 5 behind the speech-to-text seam: the built-in recogniser, English only, and modest.

It follows utterances while they are spoken. The decoding happens in ``pocketsphinx_worker.py``, one child process for
all streams (``worker_process.py``), which is started at the first call and again after it died.
"""

import importlib.util
import threading
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.engines.speech_to_text.checks import require_language, require_recognition_rate
from dragoman.engines.speech_to_text.english_spelling import spell_english
from dragoman.engines.speech_to_text.speech_pieces import cut_in_pauses
from dragoman.engines.speech_to_text.worker_process import WorkerProcess
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, to_pcm16
from dragoman.ground.engines import EngineInfo, EngineKind, RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed, EngineError, EngineTimeout, EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.wire.frames import Header, JsonValue

ENGLISH: Final = Language("en")

START_S: Final = 30.0
"""For the start of the worker, which takes half a second on an idle machine."""
DEADLINE_S: Final = 6.0
"""For one exchange; the wait for one's turn may take as long again."""
DECODING_FACTOR: Final = 3.0
"""Seconds more per second of sound; the true cost is 0.2 on an idle core."""

_SILENT_PEAK: Final = 0.003
"""PocketSphinx evens out loudness and hears words in sound that never gets louder than this, zeros included."""

_WORKER: Final = "dragoman.engines.speech_to_text.pocketsphinx_worker"

_INFO: Final = EngineInfo(
    name="pocketsphinx",
    kind=EngineKind.SPEECH_TO_TEXT,
    languages=(ENGLISH,),
    sample_rate=RECOGNITION_RATE,
    licence="BSD-2-Clause",
    commercial=True,
    attribution="PocketSphinx and its US English model, Carnegie Mellon University",
    word_timestamps=True,
    streaming=True,
)


def open_engine(model: Path | None, *, threads: int) -> "PocketSphinx":
    """Open PocketSphinx; ``model`` and ``threads`` change nothing, it brings its model and decodes in one thread.

    Raises ``EngineUnavailable`` if the package is not installed.
    """
    if importlib.util.find_spec("pocketsphinx") is None:
        raise EngineUnavailable("pocketsphinx is not installed: pip install pocketsphinx")
    return PocketSphinx()


class PocketSphinx:
    """The parent's side. Any number of threads may call; their exchanges with the worker follow one another.

    An exchange may take ``deadline_s`` and ``decoding_factor`` seconds for each second of its sound; a worker that
    misses it is replaced.
    """

    def __init__(self, *, deadline_s: float = DEADLINE_S, decoding_factor: float = DECODING_FACTOR) -> None:
        self._deadline_s = deadline_s
        self._decoding_factor = decoding_factor
        self._turn = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._dead_workers_cpu_s = 0.0
        self._streams_opened = 0
        self._closed = False

    @property
    def info(self) -> EngineInfo:
        return _INFO

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        worker = self._worker
        return worker.pid if worker else None

    def warm_up(self) -> None:
        self._exchange({"do": "warm_up"})

    def cpu_s(self) -> float:
        worker = self._worker
        return self._dead_workers_cpu_s + (worker.cpu_s() if worker else 0.0)

    def close(self) -> None:
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.kill()  # frees a thread that waits for an answer, which then lets go of its turn
        with self._turn:
            self._dispose_worker()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio``; the language is always English and the context is not used."""
        require_recognition_rate(audio)
        require_language(language, self.info)
        self._require_open()
        words: list[Word] = []
        for piece in cut_in_pauses(audio.samples):
            if _peak(piece.samples) < _SILENT_PEAK:
                continue
            duration_s = len(piece.samples) / RECOGNITION_RATE
            found = self._exchange({"do": "transcribe"}, to_pcm16(piece.samples), sound_s=duration_s)[1]
            words += _read_words(found, offset_s=piece.start_s, end_s=piece.start_s + duration_s)
        return _transcript(tuple(words))

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        """Follow an utterance; at most eight at once, all of them must be finished or cancelled."""
        require_language(language, self.info)
        worker, stream = self._open()
        return PocketSphinxStream(self, worker, stream)

    def ask_stream(self, worker: WorkerProcess, header: Header, pcm: bytes = b"", *, sound_s: float = 0.0) -> JsonValue:
        """Ask about a stream that lives in ``worker``, and in no other."""
        return self._exchange(header, pcm, sound_s=sound_s, only=worker)[1]

    def _open(self) -> tuple[WorkerProcess, int]:
        with self._turn:
            self._streams_opened += 1
            stream = self._streams_opened
        return self._exchange({"do": "open", "stream": stream})[0], stream

    def _exchange(
        self, header: Header, pcm: bytes = b"", *, sound_s: float = 0.0, only: WorkerProcess | None = None
    ) -> tuple[WorkerProcess, JsonValue]:
        """Ask the worker and give it with the words it answers; it is started if need be."""
        deadline_s = self._deadline_s + self._decoding_factor * sound_s
        if not self._turn.acquire(timeout=deadline_s):
            raise EngineTimeout("pocketsphinx is busy with other speakers; fewer at once would work")
        try:
            worker = self._find_worker(only)
            answer = worker.ask(header, pcm, deadline_s=deadline_s)
        except EngineError as error:
            self._dispose_worker_after(error, only)
            raise
        finally:
            self._turn.release()
        if "full" in answer:
            raise EngineUnavailable(f"pocketsphinx takes no further utterance: {answer['full']}")
        if "error" in answer:
            raise EngineCrashed(f"pocketsphinx failed: {answer['error']}")
        return worker, answer.get("words")

    def _find_worker(self, only: WorkerProcess | None) -> WorkerProcess:
        self._require_open()
        if only is not None and only is not self._worker:
            raise EngineCrashed("pocketsphinx was started again; this utterance is lost, the next one will work")
        if self._worker is None:
            self._worker = WorkerProcess(_WORKER)
            self._require_open()  # close() may have come meanwhile, and seen no worker to kill
            self._worker.ask({"do": "warm_up"}, deadline_s=START_S)
        return self._worker

    def _require_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("pocketsphinx is closed; open it again")

    def _dispose_worker_after(self, error: EngineError, only: WorkerProcess | None) -> None:
        if only is None or only is self._worker:
            self._dispose_worker()
        if self._closed:
            raise EngineUnavailable("pocketsphinx is closed; open it again") from error

    def _dispose_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.dispose()
            self._dead_workers_cpu_s += worker.cpu_s()


class PocketSphinxStream:
    """One utterance. For one thread at a time; what is not finished must be cancelled."""

    def __init__(self, engine: PocketSphinx, worker: WorkerProcess, stream: int) -> None:
        self._engine = engine
        self._worker = worker
        self._stream = stream
        self._heard_s = 0.0
        self._peak = 0.0
        self._over = False

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        """Take 16 kHz ``audio`` of any length; the words so far may all still change."""
        require_recognition_rate(audio)
        self._heard_s += audio.duration_s
        self._peak = max(self._peak, _peak(audio.samples))
        return self._ask("accept", to_pcm16(audio.samples), sound_s=audio.duration_s)

    def finish(self) -> Transcript:
        words = self._ask("finish", sound_s=self._heard_s)
        self._over = True
        return _transcript(words)

    def cancel(self) -> None:
        if self._over:
            return
        try:
            self._ask("cancel")
        except EngineError:
            pass  # the worker is gone, and the utterance with it
        finally:
            self._over = True

    def _ask(self, verb: str, pcm: bytes = b"", *, sound_s: float = 0.0) -> tuple[Word, ...]:
        if self._over:
            raise EngineUnavailable("this utterance is over; open another stream")
        header: Header = {"do": verb, "stream": self._stream}
        found = self._engine.ask_stream(self._worker, header, pcm, sound_s=sound_s)
        if self._peak < _SILENT_PEAK:
            return ()
        return _read_words(found, offset_s=0.0, end_s=self._heard_s)


def _transcript(words: tuple[Word, ...]) -> Transcript:
    return Transcript(words=words, language=ENGLISH, model_used=_INFO.label)


def _peak(samples: Samples) -> float:
    return float(np.abs(samples).max(initial=0.0))


def _read_words(found: JsonValue, *, offset_s: float, end_s: float) -> tuple[Word, ...]:
    """Read the worker's words. They carry no probability: PocketSphinx doubts right words as much as wrong ones."""
    if not isinstance(found, list):
        raise EngineCrashed("pocketsphinx answered without words")
    words = []
    for entry in found:
        match entry:
            case [str(text), int() | float() as start_s, int() | float() as stop_s]:
                times = (min(offset_s + start_s, end_s), min(offset_s + stop_s, end_s))
                words.append(Word(text=spell_english(text), start_s=times[0], end_s=times[1]))
            case _:
                raise EngineCrashed("pocketsphinx answered with a word that has no times")
    return tuple(words)
