"""Ask the engines what a recording says: the one made for the language first, the next where one fails.

From ``stretches.py``; to ``transcription.py``. Who is asked first is decided in ``recognition/who_hears.py``;
``model_used`` says who answered.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dragoman.ground.audio import Audio
from dragoman.ground.engines import DetectsLanguage, RecognitionContext, SpeechToText
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.recognition.who_hears import engines_for, is_specialist
from dragoman.services.transcribing.stretches import Stretch

EngineCall = Callable[[SpeechToText, Callable[[], Transcript]], Transcript]
"""Calls an engine; a service watches and times the call."""


def call_at_once(_: SpeechToText, call: Callable[[], Transcript]) -> Transcript:
    """Call an engine with nobody watching."""
    return call()


class Hearing:
    """One recording's way through the engines, stretch by stretch. It blocks."""

    def __init__(
        self,
        engines: Sequence[SpeechToText],
        *,
        language: Language | None,
        context: RecognitionContext,
        call: EngineCall = call_at_once,
    ) -> None:
        """Raises ``LanguageNotSupported`` if no engine hears ``language``; None is found out."""
        self._all = engines
        self._engines = engines_for(language, engines)
        self.language = language
        """What is spoken, once it is known."""
        self._context = context
        self._call = call
        self.words: list[Word] = []
        """Recognised so far; their times are the recording's."""
        self._models: dict[str, None] = {}

    @property
    def model_used(self) -> str:
        """The engine and model that answered; several, between commas, where one had to step in."""
        return ", ".join(self._models) or self._engines[0].info.label

    @property
    def next_engine(self) -> str:
        """Label of the engine that is asked next."""
        return self._engines[0].info.label

    def hear(self, stretch: Stretch) -> tuple[Word, ...]:
        """Recognise the next stretch. Raises the last engine's ``EngineError`` when none could."""
        transcript = self._ask(stretch.audio)
        if self.language is None and transcript.words:
            self.language = transcript.language
            self._engines = engines_for(transcript.language, self._all)
            if is_specialist(self._engines[0].info, transcript.language):
                transcript = self._ask(stretch.audio)
        # What leads the first stretch was said before it, and not before the others.
        self._context = replace(self._context, previous_text="")
        if transcript.words:
            self._models[transcript.model_used] = None
        words = tuple(
            replace(word, start_s=word.start_s + stretch.start_s, end_s=word.end_s + stretch.start_s)
            for word in transcript.words
        )
        self.words += words
        return words

    def find_language(self, stretch: Stretch) -> None:
        """Find out what is spoken: by what is said only where the first engine does not tell it from the sound.

        Raises the last engine's ``EngineError`` when none could.
        """
        first = self._engines[0]
        if isinstance(first, DetectsLanguage):
            try:
                self.language = first.detect_language(stretch.audio)
            except EngineError:
                pass  # the next one may hear it
            else:
                return
        self.hear(stretch)

    def settled_language(self) -> Language:
        """Give the language asked for or found; of a recording without words one that the first engine hears."""
        return self.language or self._engines[0].info.languages[0]

    def _ask(self, audio: Audio) -> Transcript:
        for place, engine in enumerate(self._engines):
            language = self.language

            def call(engine: SpeechToText = engine, language: Language | None = language) -> Transcript:
                return engine.transcribe(audio, language=language, context=self._context)

            try:
                return self._call(engine, call)
            except EngineError:
                if place == len(self._engines) - 1:
                    raise
        raise ValueError("no engine to ask")
