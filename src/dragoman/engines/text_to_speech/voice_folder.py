"""What is known of a voice model before it is loaded. From ``voice_families.py``; to ``sherpa.py``."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from dragoman.engines.text_to_speech.voice_card import VoiceCard
from dragoman.ground.engines import Gender
from dragoman.ground.languages import Language


class Family(StrEnum):
    """Kinds of voice models, as sherpa-onnx calls them."""

    SUPERTONIC = "supertonic"
    KOKORO = "kokoro"
    MATCHA = "matcha"
    VITS = "vits"
    """Piper, MMS, Coqui and MeloTTS."""
    POCKET = "pocket"
    ZIPVOICE = "zipvoice"


class Reads(StrEnum):
    """What a model takes for text."""

    TEXT = "text"
    """Text as it is."""
    LETTERS = "letters"
    """The letters that are in ``tokens.txt``."""
    WORDS = "words"
    """The words of its lexicon."""
    PHONEMES = "phonemes"
    """Phonemes of espeak-ng."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderVoice:
    """One voice of a model."""

    name: str
    number: int = 0
    """The model's own ``sid``."""
    gender: Gender | None = None
    languages: tuple[Language, ...] = ()
    """Empty for all languages of the model."""
    reference: str = ""
    """For models that take a voice from a recording: its file."""
    reference_text: str = ""
    """What is said in it, for models that must know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFolder:
    """A model that is fit to be loaded."""

    card: VoiceCard
    family: Family
    arguments: dict[str, str]
    """What sherpa-onnx's configuration of the family takes: names and paths."""
    sample_rate: int
    """Hertz."""
    languages: tuple[Language, ...]
    voices: tuple[FolderVoice, ...]
    reads: Reads
    tokens: Path | None = None
    """Table of symbols: ``tokens.txt``, or Supertonic's by code points."""
    lexicons: tuple[Path, ...] = ()
    fingerprint: str
    """Changes with the files."""
    espeak_voice: str = ""
    """espeak-ng's name of the language, where its phonemes may be given to the model; empty where not."""

    def voices_of(self, language: Language) -> tuple[FolderVoice, ...]:
        """List the voices that speak ``language``."""
        return tuple(voice for voice in self.voices if language in (voice.languages or self.languages))


NEEDS_TRANSCRIPT: Final = frozenset({Family.ZIPVOICE})
CLONES: Final = frozenset({Family.POCKET, Family.ZIPVOICE})
IGNORES_SPEED: Final = frozenset({Family.POCKET})
