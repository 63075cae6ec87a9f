"""Native streaming recognisers behind the speech-to-text seam: Nemotron and Zipformer transducers, by sherpa-onnx.

They follow utterances while they are spoken and hardly ever take a word back. The folder is read by
``sherpa_folder.py``, the decoding happens in ``sherpa_worker.py``, one child process for all streams
(``streaming_worker.py``).
"""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.engines.speech_to_text.checks import require_language, require_recognition_rate
from dragoman.engines.speech_to_text.english_spelling import spell_english
from dragoman.engines.speech_to_text.sherpa_folder import SherpaModel, read_sherpa_folder
from dragoman.engines.speech_to_text.speech_pieces import cut_in_pauses
from dragoman.engines.speech_to_text.streaming_worker import StreamingWorker, WorkerStream
from dragoman.engines.speech_to_text.token_words import Token, words_of_tokens
from dragoman.ground.audio import RECOGNITION_RATE, Audio, to_pcm16
from dragoman.ground.engines import EngineInfo, RecognitionContext
from dragoman.ground.errors import EngineCrashed, EngineUnavailable, LanguageNotSupported, ModelCorrupt
from dragoman.ground.languages import Language, describe_languages
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.steady_streams import StreamRequest
from dragoman.wire.frames import Header, JsonValue

LOAD_S: Final = 180.0
"""For the start of the worker with its model: 650 MB take 2 s from memory, and more from a slow disk."""
MAX_HOT_WORDS: Final = 100
_MAX_HOT_WORD_LETTERS: Final = 60

_MEANT: Final = frozenset("/:#@")
"""What sherpa-onnx takes for marks in a list of hot words."""

_ENGLISH: Final = Language("en")
_WORKER: Final = "dragoman.engines.speech_to_text.sherpa_worker"


def open_engine(model: Path | None, *, threads: int) -> "Sherpa":
    """Open the streaming transducer in the folder ``model``, and load it in its worker.

    Raises ``EngineUnavailable`` if the package is not installed, and a ``ModelError`` for a folder that sherpa-onnx
    cannot run.
    """
    if importlib.util.find_spec("sherpa_onnx") is None:
        raise EngineUnavailable("sherpa-onnx is not installed: pip install sherpa-onnx")
    if model is None:
        raise EngineUnavailable("sherpa needs a model: sherpa:ID or sherpa:FOLDER")
    engine = Sherpa(read_sherpa_folder(model), threads=threads)
    try:
        engine.load()
    except EngineCrashed as error:
        engine.close()
        raise ModelCorrupt(f"{model} cannot be loaded: {error}; fetch the model again") from error
    except BaseException:
        engine.close()
        raise
    return engine


def describe_model(model: Path) -> EngineInfo:
    """Say what the engine would say of itself, without loading the model. Raises a ``ModelError``."""
    return read_sherpa_folder(model).info


class Sherpa:
    """Any number of threads may call; their exchanges with the worker follow one another."""

    def __init__(self, model: SherpaModel, *, threads: int) -> None:
        self._model = model
        self._worker = StreamingWorker(
            name=model.info.name,
            module=_WORKER,
            first={
                "do": "load",
                "tokens": str(model.tokens.resolve()),
                "encoder": str(model.encoder.resolve()),
                "decoder": str(model.decoder.resolve()),
                "joiner": str(model.joiner.resolve()),
                "threads": max(1, threads),
                "unit": model.hot_word_unit,
                "pieces": "" if model.pieces is None else str(model.pieces.resolve()),
                "window_s": model.window_s,
            },
            start_s=LOAD_S,
        )

    @property
    def info(self) -> EngineInfo:
        return self._model.info

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        return self._worker.pid

    def load(self) -> None:
        """Start the worker with its model. Raises ``EngineCrashed`` if it cannot be loaded."""
        self._worker.ask({"do": "cancel", "stream": 0})

    def warm_up(self) -> None:
        second = to_pcm16(np.zeros(RECOGNITION_RATE, np.float32))
        self._worker.ask({"do": "transcribe"}, second, sound_s=1.0)

    def cpu_s(self) -> float:
        return self._worker.cpu_s()

    def close(self) -> None:
        self._worker.close()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio`` of any length. ``context.hot_words`` are favoured where the model can.

        Without ``language`` the model must hear one alone. Raises ``LanguageNotSupported``, ``EngineTimeout``,
        ``EngineCrashed`` or ``EngineUnavailable``.
        """
        require_recognition_rate(audio)
        spoken = self._settle(language)
        self._worker.require_open()
        reader = _Reader(self._model, spoken)
        words: list[Word] = []
        for piece in cut_in_pauses(audio.samples):
            duration_s = len(piece.samples) / RECOGNITION_RATE
            question: Header = {"do": "transcribe"}
            options = self._options(spoken, context)
            found = self._worker.ask(question | options, to_pcm16(piece.samples), sound_s=duration_s)
            words += reader.read(found, offset_s=piece.start_s, end_s=piece.start_s + duration_s)
        return reader.transcript(tuple(words))

    def open_stream(self, *, language: Language, context: RecognitionContext) -> "SherpaStream":
        """Follow an utterance; all of them must be finished or cancelled."""
        spoken = self._settle(language)
        return SherpaStream(self._worker.open_stream(self._options(spoken, context)), _Reader(self._model, spoken))

    def accept_together(self, requests: Sequence[StreamRequest]) -> list[tuple[Word, ...]]:
        """See ``JointStreams``: the model takes its steps with all of them at once."""
        streams = [request.stream for request in requests if isinstance(request.stream, SherpaStream)]
        for request in requests:
            require_recognition_rate(request.audio)
        said = [(stream.of_worker, request.audio) for stream, request in zip(streams, requests, strict=True)]
        answers = self._worker.accept_together(said)
        return [stream.read(answer) for stream, answer in zip(streams, answers, strict=True)]

    def _settle(self, language: Language | None) -> Language:
        require_language(language, self.info)
        if language is None and len(self.info.languages) > 1:
            raise LanguageNotSupported(
                f"{self.info.label} does not tell which language is spoken; name one of: "
                f"{describe_languages(self.info.languages)}"
            )
        return language or self.info.languages[0]

    def _options(self, language: Language, context: RecognitionContext) -> Header:
        model = self._model
        return {
            "language": language if model.told_language else "",
            "hot_words": "/".join(_spellable(context.hot_words, model)) if model.hot_word_unit else "",
        }


class SherpaStream:
    """One utterance. For one thread at a time; what is not finished must be cancelled."""

    steady = True

    def __init__(self, stream: WorkerStream, reader: "_Reader") -> None:
        self.of_worker = stream
        self._reader = reader

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        """Take 16 kHz ``audio`` of any length; the last word may still grow."""
        require_recognition_rate(audio)
        return self.read(self.of_worker.accept(audio))

    def finish(self) -> Transcript:
        return self._reader.transcript(self.read(self.of_worker.finish()))

    def cancel(self) -> None:
        self.of_worker.cancel()

    def read(self, answer: Header) -> tuple[Word, ...]:
        """Give the words of the worker's answer."""
        return self._reader.read(answer, offset_s=0.0, end_s=self.of_worker.heard_s)


class _Reader:
    """Reads the worker's answers about one language."""

    def __init__(self, model: SherpaModel, language: Language) -> None:
        self._label = model.info.label
        self._language = language
        self._capitals = model.writes_capitals_only

    def transcript(self, words: tuple[Word, ...]) -> Transcript:
        return Transcript(words=words, language=self._language, model_used=self._label)

    def read(self, answer: Header, *, offset_s: float, end_s: float) -> tuple[Word, ...]:
        text, rows = answer.get("text"), answer.get("tokens")
        if not isinstance(text, str) or not isinstance(rows, list):
            raise EngineCrashed("sherpa answered without words")
        words = words_of_tokens(
            [_read_token(row) for row in rows], text, language=self._language, offset_s=offset_s, end_s=end_s
        )
        return tuple(replace(word, text=self._spell(word.text)) for word in words) if self._capitals else words

    def _spell(self, word: str) -> str:
        small = word.lower()
        return spell_english(small) if self._language == _ENGLISH else small


def _read_token(row: JsonValue) -> Token:
    match row:
        case [str(text), int() | float() as at_s, None | int() | float() as logprob]:
            return Token(text=text, at_s=at_s, logprob=logprob)
        case _:
            raise EngineCrashed("sherpa answered with a token that has no time")


def _spellable(hot_words: Iterable[str], model: SherpaModel) -> list[str]:
    """Give those that the model's tokens can write, as it writes them."""
    found = []
    for phrase in hot_words:
        plain = " ".join(phrase[:_MAX_HOT_WORD_LETTERS].split())
        written = plain.upper() if model.writes_capitals_only else plain
        if written and model.letters.issuperset(written.replace(" ", "")) and _MEANT.isdisjoint(written):
            found.append(written)
    return found[:MAX_HOT_WORDS]
