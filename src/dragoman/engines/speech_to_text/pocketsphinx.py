"""PocketSphinx 5 behind the speech-to-text seam: the built-in recogniser, English only, and modest.

It follows utterances while they are spoken. The decoding happens in ``pocketsphinx_worker.py``, one child process for
all streams (``streaming_worker.py``), which is started at the first call and again after it died.
"""

import importlib.util
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.engines.speech_to_text.checks import require_language, require_recognition_rate
from dragoman.engines.speech_to_text.english_spelling import spell_english
from dragoman.engines.speech_to_text.speech_pieces import cut_in_pauses
from dragoman.engines.speech_to_text.streaming_worker import (
    DEADLINE_S,
    DECODING_FACTOR,
    StreamingWorker,
    WorkerStream,
)
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, to_pcm16
from dragoman.ground.engines import EngineInfo, EngineKind, RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed, EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.wire.frames import Header, JsonValue

ENGLISH: Final = Language("en")

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
    """Any number of threads may call; their exchanges with the worker follow one another."""

    def __init__(self, *, deadline_s: float = DEADLINE_S, decoding_factor: float = DECODING_FACTOR) -> None:
        self._worker = StreamingWorker(
            name=_INFO.name,
            module=_WORKER,
            first={"do": "warm_up"},
            deadline_s=deadline_s,
            decoding_factor=decoding_factor,
        )

    @property
    def info(self) -> EngineInfo:
        return _INFO

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        return self._worker.pid

    def warm_up(self) -> None:
        self._worker.ask({"do": "warm_up"})

    def cpu_s(self) -> float:
        return self._worker.cpu_s()

    def close(self) -> None:
        self._worker.close()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio``; the language is always English and the context is not used."""
        require_recognition_rate(audio)
        require_language(language, self.info)
        self._worker.require_open()
        words: list[Word] = []
        for piece in cut_in_pauses(audio.samples):
            if _peak(piece.samples) < _SILENT_PEAK:
                continue
            duration_s = len(piece.samples) / RECOGNITION_RATE
            found = self._worker.ask({"do": "transcribe"}, to_pcm16(piece.samples), sound_s=duration_s)
            words += _read_words(found.get("words"), offset_s=piece.start_s, end_s=piece.start_s + duration_s)
        return _transcript(tuple(words))

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        """Follow an utterance; at most eight at once, all of them must be finished or cancelled."""
        require_language(language, self.info)
        return PocketSphinxStream(self._worker.open_stream({}))


class PocketSphinxStream:
    """One utterance. For one thread at a time; what is not finished must be cancelled."""

    def __init__(self, stream: WorkerStream) -> None:
        self._stream = stream
        self._peak = 0.0

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        """Take 16 kHz ``audio`` of any length; the words so far may all still change."""
        require_recognition_rate(audio)
        self._peak = max(self._peak, _peak(audio.samples))
        return self._read(self._stream.accept(audio))

    def finish(self) -> Transcript:
        return _transcript(self._read(self._stream.finish()))

    def finish_at_once(self) -> Transcript:
        """See ``RehearingStream``."""
        return _transcript(self._read(self._stream.finish({"again": False})))

    def cancel(self) -> None:
        self._stream.cancel()

    def _read(self, answer: Header) -> tuple[Word, ...]:
        if self._peak < _SILENT_PEAK:
            return ()
        return _read_words(answer.get("words"), offset_s=0.0, end_s=self._stream.heard_s)


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
