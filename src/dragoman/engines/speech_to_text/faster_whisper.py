"""Whisper and PhoWhisper behind the speech-to-text seam, named after the package whose models it reads.

It never imports that package: ``whisper_model.py`` calls CTranslate2 itself and so may encode short windows, and
``log_mel.py`` and ``whisper_tokens.py`` stand on numpy and ``tokenizers`` alone. Recordings are recognised by
``file_decoding.py`` where ``voiced_pieces.py`` finds speech, live windows by ``whisper_windows.py``. PhoWhisper has
Whisper's files and shapes; it writes lower case without punctuation, and that is left as it is.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from dragoman.engines.speech_to_text.checks import require_language, require_recognition_rate
from dragoman.engines.speech_to_text.file_decoding import FileReading, FileTuning
from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece
from dragoman.engines.speech_to_text.voiced_pieces import VoicedPiece, VoicedPieces
from dragoman.engines.speech_to_text.whisper_folder import describe_whisper_folder, read_whisper_info
from dragoman.engines.speech_to_text.whisper_model import CALLS_AT_ONCE
from dragoman.engines.speech_to_text.whisper_sampling import SamplingWhisper
from dragoman.engines.speech_to_text.whisper_windows import WindowReader, window_shape
from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import RECOGNITION_RATE, Audio, silence
from dragoman.ground.engines import EngineInfo, RecognitionContext
from dragoman.ground.errors import EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.ground.speech import FoundLanguage, Transcript, Word
from dragoman.ground.windows import Window, WindowHypothesis, WindowRequest


def open_engine(model: Path | None, *, threads: int, tuning: FileTuning | None = None) -> "FasterWhisper":
    """Open the Whisper model in the folder ``model``; raises a ``ModelError`` if it holds none."""
    if model is None:
        raise EngineUnavailable("faster_whisper needs a model: faster_whisper:ID or faster_whisper:FOLDER")
    return FasterWhisper(model, threads=threads, tuning=tuning or FileTuning())


def describe_model(model: Path) -> EngineInfo:
    """Say what the engine would say of itself, without loading the model. Raises a ``ModelError``."""
    return describe_whisper_folder(model)


class FasterWhisper:
    """Recognises whole utterances and recordings; threads take turns with the model, a piece of at most 30 s each.

    It has ``CALLS_AT_ONCE`` places: nobody's last words wait for a look.
    """

    def __init__(self, folder: Path, *, threads: int, tuning: FileTuning) -> None:
        self._places = threading.Semaphore(CALLS_AT_ONCE)
        self._model: SamplingWhisper | None = SamplingWhisper(folder, threads=threads)
        self._tuning = tuning
        self._cpu_s = 0.0
        try:
            self._info = read_whisper_info(folder, self._model.tokens.languages)
            self._voice_activity = silero.open_engine(None, threads=1)
        except BaseException:
            self._unload()
            raise
        self._pieces = VoicedPieces(self._voice_activity, tuning.gate)

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def calls_at_once(self) -> int:
        """See ``HearsBeside``."""
        return CALLS_AT_ONCE

    def warm_up(self) -> None:
        quiet = silence(1.0, RECOGNITION_RATE).samples
        reading = self._reading(self.info.languages[0], RecognitionContext())
        piece = VoicedPiece(piece=SpeechPiece(start_s=0.0, samples=quiet), voiced_s=1.0)
        with self._places:
            reading.recognise(self._loaded(), piece)

    def cpu_s(self) -> float:
        model = self._model
        if model is not None:
            self._cpu_s = model.cpu_s()
        return self._cpu_s

    def close(self) -> None:
        self._unload()
        self._voice_activity.close()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio`` of any length where somebody speaks in it.

        Without ``language`` the first piece with 3 s of speech decides it, or else the longest.
        ``context.hot_words`` lead every pass, ``context.previous_text`` the first. Raises ``LanguageNotSupported``,
        ``EngineUnavailable`` or ``EngineCrashed``.
        """
        require_recognition_rate(audio)
        require_language(language, self.info)
        self._loaded()
        pieces = self._pieces.cut(audio.samples)
        reading = self._reading(language, context)
        if reading.needs_language:
            with self._places:
                reading.find_language(self._loaded(), pieces)
        words: list[Word] = []
        for piece in pieces:
            with self._places:  # for one piece only: somebody may be waiting for their live words
                words += reading.recognise(self._loaded(), piece)
        settled = reading.settled_language()
        return Transcript(
            words=tuple(words),
            language=settled.language,
            model_used=self.info.label,
            language_heard_s=settled.heard_s,
        )

    def detect_language(self, audio: Audio) -> FoundLanguage | None:
        """Say what is spoken in ``audio``, as ``transcribe`` does; None where nobody speaks.

        Writes nothing down. Raises ``EngineUnavailable`` or ``EngineCrashed``.
        """
        require_recognition_rate(audio)
        self._loaded()
        pieces = self._pieces.cut(audio.samples)
        if not pieces:
            return None
        reading = self._reading(None, RecognitionContext())
        if reading.needs_language:
            with self._places:
                reading.find_language(self._loaded(), pieces)
        return reading.settled_language()

    def hypothesize(self, window: Window, *, language: Language) -> WindowHypothesis:
        """Recognise what follows the committed words of a window of live speech. Raises as ``transcribe``."""
        heard: list[WindowHypothesis] = []
        self.hypothesize_together(
            [WindowRequest(window=window, language=language)], lambda _, hypothesis: heard.append(hypothesis)
        )
        return heard[0]

    def window_shape(self, window: Window, *, language: Language) -> Hashable:
        require_language(language, self.info)
        return window_shape(self._loaded().tokens, window, language)

    def hypothesize_together(
        self, requests: Sequence[WindowRequest], tell: Callable[[int, WindowHypothesis], None]
    ) -> None:
        """See ``JointSpeechToText``. Raises as ``transcribe``."""
        for request in requests:
            require_recognition_rate(request.window.audio)
            require_language(request.language, self.info)
        with self._places:
            WindowReader(self._loaded(), model_used=self.info.label).read(requests, tell)

    def _reading(self, language: Language | None, context: RecognitionContext) -> FileReading:
        return FileReading(tuning=self._tuning, languages=self.info.languages, language=language, context=context)

    def _loaded(self) -> SamplingWhisper:
        """Give the model. Raises ``EngineUnavailable`` after ``close``."""
        if self._model is None:
            raise EngineUnavailable("faster_whisper is closed; open it again")
        return self._model

    def _unload(self) -> None:
        self.cpu_s()
        for _ in range(CALLS_AT_ONCE):
            self._places.acquire()
        try:
            model, self._model = self._model, None
            if model is not None:
                model.unload()
        finally:
            self._places.release(CALLS_AT_ONCE)
