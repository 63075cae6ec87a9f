"""Fake engines that do their work: what one speaks in tones (tones.py) another recognises, translations can be undone.

Each takes a list of outcomes (script.py), one per call, for what engines do on bad days.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, silence
from dragoman.ground.engines import (
    MAX_SPEED,
    MIN_SPEED,
    Capability,
    EngineInfo,
    EngineKind,
    Glossary,
    LanguagePair,
    RecognitionContext,
    Translation,
    Voice,
)
from dragoman.ground.errors import (
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
    SpeedOutOfRange,
    VoiceNotFound,
)
from dragoman.ground.languages import BASE_LANGUAGES, Language, describe_languages, language_name
from dragoman.ground.speech import Transcript, Word
from dragoman.testing.script import Answer, Fail, Outcome, Script
from dragoman.testing.tones import hear_tones, say_as_tones
from dragoman.wire.fields import sendable

WINDOW_SAMPLES = 512
"""Of voice activity: 32 ms at 16 kHz, as the real one."""

GARBAGE = "▒▒▒"
"""What an engine answers whose script says ``Answer.GARBAGE``."""

_FLATTEST = 0.35
"""Spectral flatness of speech at most; white noise has about 0.56."""

BREATH_S = 0.1
"""Silence at the end of spoken text, at speed 1."""

_MARK = ":"


def mark_word(word: str, language: Language) -> str:
    """Translate one word as ``FakeTranslator`` does: ``hello`` becomes ``es:hello``."""
    return f"{language}{_MARK}{word}"


def unmark(text: str) -> str:
    """Undo the marks: ``es:hello es:there`` becomes ``hello there``, whatever the languages."""
    return " ".join(word.split(_MARK, 1)[-1] for word in text.split())


class _FakeEngine:
    """What the fakes share: a script, and an end."""

    def __init__(self, info: EngineInfo, outcomes: Iterable[Outcome]) -> None:
        self._info = info
        self.script = Script(outcomes)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def warm_up(self) -> None:
        self.script.refuse_if_closed()

    def cpu_s(self) -> float:
        return 0.0

    def close(self) -> None:
        self.script.close()


class FakeSpeechToText(_FakeEngine):
    """Recognises what ``say_as_tones`` and ``FakeTextToSpeech`` say; everything else is silence to it."""

    def __init__(
        self,
        *,
        name: str = "fake",
        languages: tuple[Language, ...] = BASE_LANGUAGES,
        outcomes: Iterable[Outcome] = (),
    ) -> None:
        info = EngineInfo(
            name=name,
            kind=EngineKind.SPEECH_TO_TEXT,
            languages=languages,
            sample_rate=RECOGNITION_RATE,
            licence="Apache-2.0",
            commercial=True,
            word_timestamps=True,
        )
        super().__init__(info, outcomes)
        self.contexts: list[RecognitionContext] = []
        """Of every call, in order."""

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """See ``SpeechToText``. ``language=None`` is taken for the first language."""
        self.contexts.append(context)
        answer = self.script.next()
        if isinstance(answer, Fail):
            raise answer.error
        spoken = self.info.languages[0] if language is None else language
        _check_language(spoken, self.info)
        words: tuple[Word, ...] = ()
        if answer is Answer.GARBAGE:
            words = (Word(text=GARBAGE, start_s=0.0, end_s=audio.duration_s),)
        elif answer is Answer.WELL:
            words = hear_tones(audio, spoken)
        return Transcript(words=words, language=spoken, model_used=self.info.label)


class FakeVoiceActivity(_FakeEngine):
    """Takes what is above ``threshold`` (root mean square) and no steady noise for speech. Keeps no state."""

    window_samples = WINDOW_SAMPLES

    def __init__(self, *, threshold: float = 0.01) -> None:
        info = EngineInfo(
            name="fake",
            kind=EngineKind.VOICE_ACTIVITY,
            sample_rate=RECOGNITION_RATE,
            licence="Apache-2.0",
            commercial=True,
        )
        super().__init__(info, ())
        self.threshold = threshold

    def open(self) -> "FakeVoiceActivityStream":
        self.script.refuse_if_closed()
        return FakeVoiceActivityStream(self)


class FakeVoiceActivityStream:
    """See ``FakeVoiceActivity``."""

    def __init__(self, engine: FakeVoiceActivity) -> None:
        self._engine = engine

    def speech_probability(self, window: Samples) -> float:
        """Give 1.0 for speech and 0.0 for silence. Raises ``ValueError`` for a window of another length."""
        self._engine.script.refuse_if_closed()
        if window.shape != (WINDOW_SAMPLES,):
            raise ValueError(f"a window has {WINDOW_SAMPLES} samples, not shape {window.shape}")
        loud = float(np.sqrt(np.mean(np.square(window)))) > self._engine.threshold
        return float(loud and _flatness(window) < _FLATTEST)


class FakeTranslator(_FakeEngine):
    """Marks every word with the target language; ``unmark`` undoes it.

    From Spanish to French ``es:hello`` becomes ``fr:hello``: a mark is replaced, not piled up. Terms of the glossary
    come out as the glossary says, unmarked. ``before_call`` gets the sentences of every call, and may wait or raise.
    """

    def __init__(
        self,
        *,
        name: str = "fake",
        version: str = "",
        pairs: Iterable[LanguagePair] | None = None,
        capabilities: Iterable[Capability] = (Capability.TERMS,),
        outcomes: Iterable[Outcome] = (),
        before_call: Callable[[Sequence[str]], None] = lambda sentences: None,
    ) -> None:
        if pairs is None:
            pairs = ((source, target) for source in BASE_LANGUAGES for target in BASE_LANGUAGES if source != target)
        info = EngineInfo(
            name=name,
            kind=EngineKind.TRANSLATION,
            version=version,
            pairs=frozenset(pairs),
            licence="Apache-2.0",
            commercial=True,
            capabilities=frozenset(capabilities),
        )
        super().__init__(info, outcomes)
        self._before_call = before_call
        self.calls: list[tuple[str, ...]] = []
        """The sentences of every call, in order."""
        self.told: list[Glossary | None] = []
        """What came with them."""

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        """See ``Translator``. ``committed_prefix`` is ignored: the words never change."""
        self.calls.append(tuple(sentences))
        self.told.append(glossary)
        self._before_call(sentences)
        answer = self.script.next()
        if isinstance(answer, Fail):
            raise answer.error
        if (source, target) not in self.info.pairs:
            known = ", ".join(sorted(f"{one}-{other}" for one, other in self.info.pairs))
            raise LanguageNotSupported(f"the fake does not translate {source}-{target}; it translates: {known}")
        if deadline_s is not None and deadline_s <= 0:
            raise EngineTimeout("the deadline had passed before the fake was asked")
        terms = {term.source: term.target for term in glossary.terms} if glossary else {}
        texts = {
            Answer.WELL: [self._mark(sentence, target, terms) for sentence in sentences],
            Answer.SILENCE: [""] * len(sentences),
            Answer.GARBAGE: [GARBAGE] * len(sentences),
        }[answer]
        model_used = f"{self.info.label}:{source}-{target}"
        return [Translation(text=text, model_used=model_used) for text in texts]

    def _mark(self, sentence: str, target: Language, terms: dict[str, str]) -> str:
        words = unmark(sendable(sentence)).split()
        return " ".join(terms[word] if word in terms else mark_word(word, target) for word in words)


class FakeTextToSpeech(_FakeEngine):
    """Speaks tones, a word per piece, and so honours every speed. Each language has a default voice and ``second``."""

    def __init__(
        self,
        *,
        name: str = "fake",
        languages: tuple[Language, ...] = BASE_LANGUAGES,
        sample_rate: int = 24_000,
        outcomes: Iterable[Outcome] = (),
        jobs_only: bool = False,
    ) -> None:
        info = EngineInfo(
            name=name,
            kind=EngineKind.TEXT_TO_SPEECH,
            languages=languages,
            sample_rate=sample_rate,
            licence="Apache-2.0",
            commercial=True,
            honours_speed=True,
            jobs_only=jobs_only,
        )
        super().__init__(info, outcomes)
        self.spoken: list[tuple[str, Voice, float]] = []
        """Text, voice and speed of every call, in order."""

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """See ``TextToSpeech``."""
        self.spoken.append((text, voice, speed))
        answer = self.script.next()
        _check_language(language, self.info)
        names = [known.name for known in self.voices(language)]
        if voice.name and voice.name not in names:
            raise VoiceNotFound(f"no voice {voice.name!r} for {language}; there are: {', '.join(names)}")
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise SpeedOutOfRange(f"speed is from {MIN_SPEED} to {MAX_SPEED}, not {speed}")
        if not any(character.isalnum() for character in text):
            raise EngineOutputInvalid("there is nothing to speak in this text; give it words or figures")
        pieces = self._pieces(text, speed)
        if answer is Answer.SILENCE:
            pieces = [silence(piece.duration_s, piece.sample_rate) for piece in pieces]
        elif answer is Answer.GARBAGE:
            pieces = [self._noise(piece) for piece in pieces]
        elif isinstance(answer, Fail):
            yield from pieces[: answer.after_pieces]
            raise answer.error
        for piece in pieces:
            self.script.refuse_if_closed()
            yield piece

    def voices(self, language: Language) -> tuple[Voice, ...]:
        if language not in self.info.languages:
            return ()
        return (Voice(name=f"{language}-first"), Voice(name=f"{language}-second"))

    def _pieces(self, text: str, speed: float) -> list[Audio]:
        """Speak a word per piece, and a breath after the last."""
        rate = self.info.sample_rate
        words = [say_as_tones(f"{word} ", sample_rate=rate, speed=speed) for word in text.split()]
        return [*words, silence(BREATH_S / speed, rate)]

    def _noise(self, piece: Audio) -> Audio:
        noise = np.random.default_rng(0).normal(0.0, 0.1, len(piece.samples)).astype(np.float32)
        return Audio(samples=noise, sample_rate=piece.sample_rate)


def _flatness(window: Samples) -> float:
    """Say how evenly the energy is spread over the spectrum, 0 to 1: voices and tones are peaked, noise is flat."""
    power = np.square(np.abs(np.fft.rfft(window * np.hanning(len(window))))) + 1e-12
    return float(np.exp(np.mean(np.log(power))) / np.mean(power))


def _check_language(language: Language, info: EngineInfo) -> None:
    if language not in info.languages:
        known = describe_languages(info.languages)
        raise LanguageNotSupported(f"the fake does not know {language_name(language)}; it knows: {known}")
