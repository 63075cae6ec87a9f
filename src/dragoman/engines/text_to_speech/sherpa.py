"""Neural voices with sherpa-onnx: Supertonic, Kokoro, Matcha, VITS (Piper, MMS), Pocket and ZipVoice.

The folder is looked at in ``voice_families.py``, text is made into what the model reads with ``espeak_phonemes.py`` and
``symbols.py``, and the speaking happens in ``sherpa_worker.py``, a process of its own (``voice_process.py``).
"""

import importlib.metadata
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dragoman.engines.text_to_speech.espeak_phonemes import EspeakPhonemizer
from dragoman.engines.text_to_speech.spoken_clauses import cut_sentences, longest_plausible_s, neutralise
from dragoman.engines.text_to_speech.symbols import Lexicon, Symbols, read_lexicons, read_symbols, read_unicode_indexer
from dragoman.engines.text_to_speech.voice_families import read_voice_folder
from dragoman.engines.text_to_speech.voice_folder import (
    CLONES,
    IGNORES_SPEED,
    NEEDS_TRANSCRIPT,
    Family,
    FolderVoice,
    Reads,
    VoiceFolder,
)
from dragoman.engines.text_to_speech.voice_process import LOAD_S, PIECE_S, VoiceProcess
from dragoman.engines.text_to_speech.voice_requests import choose_voice, require_speed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, EngineKind, Voice
from dragoman.ground.errors import EngineOutputInvalid, EngineUnavailable, ModelWrongFamily
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header, JsonValue

_WORKER: Final = "dragoman.engines.text_to_speech.sherpa_worker"
_PACKAGE: Final = "sherpa-onnx"
_MAX_PHONEMES: Final = 400
"""Kokoro ends its process at 510 symbols."""
_PROBES: Final = {Language("zh"): "一", Language("ja"): "いち", Language("ko"): "일", Language("th"): "หนึ่ง"}
"""What is said to warm up, where a Latin word would not be read."""


def open_engine(model: Path | None, *, threads: int) -> "SherpaTextToSpeech":
    """Open the voice model in the folder ``model``; raises a ``ModelError`` if sherpa-onnx could not speak with it."""
    if model is None:
        raise EngineUnavailable("sherpa_voice needs a model: sherpa_voice:ID or sherpa_voice:FOLDER")
    return SherpaTextToSpeech(model, threads=threads)


class SherpaTextToSpeech:
    """Speaks sentence by sentence. What the model has no symbols for is refused before anything sounds."""

    def __init__(self, folder: Path, *, threads: int = 1, load_s: float = LOAD_S, piece_s: float = PIECE_S) -> None:
        """Look at ``folder``; the model itself is loaded by ``warm_up``, or the first words."""
        self._folder = folder = folder.resolve()
        self._model = read_voice_folder(folder)
        read_table = read_unicode_indexer if self._model.reads is Reads.TEXT else read_symbols
        self._symbols = None if self._model.tokens is None else read_table(self._model.tokens)
        if self._symbols is not None and self._model.family is Family.VITS and self._model.reads is Reads.PHONEMES:
            self._symbols.require_controls(folder)
        self._phonemizer = EspeakPhonemizer(self._model.espeak_voice) if self._model.espeak_voice else None
        self._reading = threading.Lock()
        self._lexicon: Lexicon | None = None
        self._info = _describe(self._model)
        load: Header = {
            "family": self._model.family.value,
            "arguments": dict(self._model.arguments),
            "threads": threads,
        }
        self._process = VoiceProcess(_WORKER, name=self._info.label, load=load, load_s=load_s, piece_s=piece_s)

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        return self._process.pid

    def warm_up(self) -> None:
        """Load the model and say one word. Raises ``ModelWrongFamily`` if it is another than its files promised."""
        rate = self._process.facts().get("sample_rate")
        if rate != self._info.sample_rate:
            raise ModelWrongFamily(f"{self._folder} speaks at {rate} Hz and states {self._info.sample_rate} Hz")
        language = self._info.languages[0]
        for _ in self.speak(_PROBES.get(language, "a"), language=language, voice=Voice(), speed=1.0):
            pass

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text``, one or more pieces per sentence. Contract: ``TextToSpeech.speak``.

        Raises ``EngineOutputInvalid`` if there is nothing to speak, and ``TextNotReadable`` for symbols and words that
        the model does not know.
        """
        chosen = choose_voice(self._info, self._model.voices_of(language), language=language, voice=voice)
        require_speed(self._info, speed)
        self._process.refuse_if_closed()
        sentences = cut_sentences(neutralise(text), language)
        if not sentences:
            raise EngineOutputInvalid("nothing to speak: the text has no letter and no digit")
        requests = [self._request(sentence, language, chosen, speed) for sentence in sentences]
        for sentence, request in zip(sentences, requests, strict=True):
            longest_s = longest_plausible_s(sentence) / (speed if self._info.honours_speed else 1.0)
            yield from self._process.speak(request, sample_rate=self._info.sample_rate, longest_s=longest_s)

    def voices(self, language: Language) -> tuple[Voice, ...]:
        """List the model's voices for ``language``, in its own order."""
        if language not in self._info.languages:
            return ()
        return tuple(Voice(name=voice.name, gender=voice.gender) for voice in self._model.voices_of(language))

    def cpu_s(self) -> float:
        return self._process.cpu_s() + (self._phonemizer.cpu_s() if self._phonemizer else 0.0)

    def close(self) -> None:
        self._process.close()
        if self._phonemizer is not None:
            self._phonemizer.close()

    def _request(self, sentence: str, language: Language, voice: FolderVoice, speed: float) -> Header:
        text, phonemes = self._readable(sentence)
        if voice.reference_text:
            self._require_reference(voice)
        return {
            "text": text,
            "phonemes": phonemes,
            "number": voice.number,
            "speed": speed,
            "language": language,
            "reference": voice.reference,
            "reference_text": voice.reference_text,
        }

    def _require_reference(self, voice: FolderVoice) -> None:
        """Check that the model reads every word of a recording: a word less, and it is heard in what is spoken."""
        missing = self._read_lexicon().missing(voice.reference_text)
        if missing:
            raise EngineOutputInvalid(
                f"the lexicon lacks {', '.join(map(repr, missing[:8]))}, said in the recording of the voice "
                f"{voice.name!r}; take a recording of other words"
            )

    def _readable(self, sentence: str) -> tuple[str, list[JsonValue] | None]:
        """Give a sentence as the model reads it: text, and phonemes if it takes those."""
        match self._model.reads:
            case Reads.TEXT if self._symbols is not None:
                self._symbols.require_letters(sentence)
            case Reads.LETTERS:
                return self._known_symbols().speakable(sentence), None
            case Reads.PHONEMES:
                return sentence, self._phonemes(sentence)
            case Reads.WORDS:
                lexicon = self._read_lexicon()
                # Names and figures are in no lexicon; where the model's symbols are phonemes, espeak-ng reads them.
                if self._phonemizer is not None and lexicon.missing(sentence):
                    return sentence, self._phonemes(sentence)
                lexicon.require(sentence)
        return sentence, None

    def _phonemes(self, sentence: str) -> list[JsonValue]:
        """Give them in pieces that the model takes at once."""
        if self._phonemizer is None:
            raise EngineOutputInvalid(f"{self._info.label} does not say which phonemes it takes; take another voice")
        phonemes = self._known_symbols().without_unknown_marks(self._phonemizer.phonemes(sentence))
        self._known_symbols().require_phonemes(phonemes, sentence)
        return list(textwrap.wrap(phonemes, _MAX_PHONEMES))

    def _known_symbols(self) -> Symbols:
        if self._symbols is None:
            raise EngineOutputInvalid(f"{self._info.label} has no tokens.txt; take another voice")
        return self._symbols

    def _read_lexicon(self) -> Lexicon:
        with self._reading:  # a hundred thousand words: once, and not before they are needed
            if self._lexicon is None:
                self._lexicon = read_lexicons(self._model.lexicons)
            return self._lexicon


def _describe(model: VoiceFolder) -> EngineInfo:
    return EngineInfo(
        name="sherpa_voice",
        kind=EngineKind.TEXT_TO_SPEECH,
        model=model.card.id,
        version=f"{importlib.metadata.version(_PACKAGE)} {model.fingerprint}",
        languages=model.languages,
        sample_rate=model.sample_rate,
        licence=model.card.licence,
        commercial=model.card.commercial,
        attribution=model.card.attribution or f"{model.family.value.title()} voices by way of sherpa-onnx, k2-fsa",
        streaming=True,
        honours_speed=model.family not in IGNORES_SPEED,
        clones=model.family in CLONES,
        needs_transcript=model.family in NEEDS_TRANSCRIPT,
    )
