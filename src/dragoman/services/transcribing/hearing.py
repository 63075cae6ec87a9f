"""Ask the engines what a recording says: the one made for the language first, the next where one fails.

From ``stretches.py``; to ``transcription.py``. PhoWhisper hears Vietnamese wherever it is installed; without it, or
where it fails, multilingual Whisper answers, and ``model_used`` says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, RecognitionContext, SpeechToText
from dragoman.ground.errors import EngineError, LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.ground.speech import Transcript, Word
from dragoman.services.transcribing.stretches import Stretch

EngineCall = Callable[[SpeechToText, Callable[[], Transcript]], Transcript]
"""Calls an engine; a service watches and times the call."""

_ENGLISH: Final = Language("en")


def call_at_once(_: SpeechToText, call: Callable[[], Transcript]) -> Transcript:
    """Call an engine with nobody watching."""
    return call()


def engines_for(language: Language | None, engines: Sequence[SpeechToText]) -> list[SpeechToText]:
    """Give the engines that hear ``language``, in the order to ask them; without one those of many languages first.

    Raises ``LanguageNotSupported`` if none does.
    """
    if language is None:
        return sorted(engines, key=lambda engine: len(engine.info.languages) < 2)
    able = [engine for engine in engines if language in engine.info.languages]
    if not able:
        known = sorted({code for engine in engines for code in engine.info.languages})
        raise LanguageNotSupported(
            f"nothing here recognises {language_name(language)}; what is here hears: {describe_languages(known)}"
        )
    return sorted(able, key=lambda engine: not is_specialist(engine.info, language))


def is_specialist(info: EngineInfo, language: Language) -> bool:
    """Say whether a model is made for ``language`` alone, as PhoWhisper is for Vietnamese.

    Whisper's models for English alone are none: they are no better than the others of their size.
    """
    return info.name == "faster_whisper" and info.languages == (language,) and language != _ENGLISH


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
