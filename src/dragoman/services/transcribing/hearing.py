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
from dragoman.ground.speech import FoundLanguage, Transcript, Word
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
        """What is spoken, once it is known for sure."""
        self._guess: FoundLanguage | None = None
        """Told by less speech than makes sure; the longest of it counts."""
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
        transcript = self._ask(stretch.audio, self._engines, self.language)
        if self.language is None and transcript.words:
            language = transcript.language
            self._learn(FoundLanguage(language=language, heard_s=transcript.language_heard_s))
            engines = engines_for(language, self._all)
            if is_specialist(engines[0].info, language):
                transcript = self._ask(stretch.audio, engines, language)
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
                found = first.detect_language(stretch.audio)
            except EngineError:
                pass  # the next one may hear it
            else:
                if found is not None:
                    self._learn(found)
                return
        self.hear(stretch)

    @property
    def found_language(self) -> Language | None:
        """What was asked for or found, the likeliest where nothing made sure; None while nothing told it."""
        return self.language or (None if self._guess is None else self._guess.language)

    def settled_language(self) -> Language:
        """Give the language asked for or found; of a recording without words one that the first engine hears."""
        return self.found_language or self._engines[0].info.languages[0]

    def _learn(self, found: FoundLanguage) -> None:
        """Keep to a language that enough speech told; what a short sound told may turn out to be another."""
        if found.is_sure:
            self.language = found.language
            self._engines = engines_for(found.language, self._all)
        elif self._guess is None or (found.heard_s or 0.0) > (self._guess.heard_s or 0.0):
            self._guess = found

    def _ask(self, audio: Audio, engines: Sequence[SpeechToText], language: Language | None) -> Transcript:
        for place, engine in enumerate(engines):

            def call(engine: SpeechToText = engine) -> Transcript:
                return engine.transcribe(audio, language=language, context=self._context)

            try:
                return self._call(engine, call)
            except EngineError:
                if place == len(engines) - 1:
                    raise
        raise ValueError("no engine to ask")
