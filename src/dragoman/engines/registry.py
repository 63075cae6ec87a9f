"""Which engines there are. A new engine is one file and one line here; its module is imported when it is asked for.

Each module has ``open_engine(model: Path | None, *, threads: int)``, which returns a ready engine or raises
``EngineUnavailable`` or a ``ModelError`` that says what would help. What else an engine takes is given by name: the
``options`` of the choice, and ``further`` models where the engine holds several.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from dragoman.ground.engines import (
    Engine,
    EngineChoice,
    EngineKind,
    SpeechToText,
    TextToSpeech,
    Translator,
    VoiceActivity,
)
from dragoman.ground.errors import EngineUnavailable, ModelNotFound

FindModel = Callable[[str], Path]
"""Turns a model id or a folder into a folder on disk; raises ``ModelNotFound``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEntry:
    """One line of the registry."""

    module: str
    needs_model: bool = False
    """False for engines that come with the operating system's packages or with a Python package."""
    holds_several: bool = False
    """One engine takes all models that are chosen, and goes between them."""
    must_be_set_up: bool = False
    """Never chosen by itself: something must be set first."""

    @property
    def is_built_in(self) -> bool:
        """Works without anything that people fetch or set."""
        return not self.needs_model and not self.must_be_set_up


_HERE = "dragoman.engines"

REGISTRY: dict[EngineKind, dict[str, EngineEntry]] = {
    EngineKind.SPEECH_TO_TEXT: {
        "faster_whisper": EngineEntry(module=f"{_HERE}.speech_to_text.faster_whisper", needs_model=True),
        "sherpa": EngineEntry(module=f"{_HERE}.speech_to_text.sherpa", needs_model=True),
        "pocketsphinx": EngineEntry(module=f"{_HERE}.speech_to_text.pocketsphinx"),
    },
    EngineKind.TRANSLATION: {
        "firefox": EngineEntry(module=f"{_HERE}.translation.firefox", needs_model=True, holds_several=True),
        "ctranslate2": EngineEntry(module=f"{_HERE}.translation.ctranslate2", needs_model=True),
        "llama_cpp": EngineEntry(module=f"{_HERE}.translation.llama_cpp", needs_model=True),
        "libretranslate": EngineEntry(module=f"{_HERE}.translation.libretranslate", must_be_set_up=True),
        "apertium": EngineEntry(module=f"{_HERE}.translation.apertium"),
    },
    EngineKind.TEXT_TO_SPEECH: {
        "espeak": EngineEntry(module=f"{_HERE}.text_to_speech.espeak"),
    },
    EngineKind.VOICE_ACTIVITY: {
        "silero": EngineEntry(module=f"{_HERE}.voice_activity.silero"),
    },
}


def open_engine(kind: EngineKind, choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> Engine:
    """Open the engine that ``choice`` names. Raises ``EngineUnavailable`` for an unknown name or a missing model."""
    entries = REGISTRY[kind]
    if choice.name not in entries:
        raise EngineUnavailable(f"no {kind} engine {choice.name!r}; there are: {', '.join(sorted(entries))}")
    entry = entries[choice.name]
    if entry.needs_model and not choice.model:
        raise ModelNotFound(f"{choice.name} needs a model: {choice.name}:ID or {choice.name}:FOLDER")
    if not entry.needs_model and choice.model:
        raise ModelNotFound(f"{choice.name} brings its own model and takes none, not {choice.model!r}")
    model = find_model(choice.model) if choice.model else None
    extras: dict[str, object] = dict(choice.options)
    if choice.further:
        extras["further"] = [find_model(name) for name in choice.further]
    return cast(Engine, importlib.import_module(entry.module).open_engine(model, threads=threads, **extras))


def gather(kind: EngineKind, choices: Sequence[EngineChoice]) -> list[EngineChoice]:
    """Make one choice of several models of an engine that holds them all, at the place of the first."""
    gathered: dict[object, EngineChoice] = {}
    for number, choice in enumerate(choices):
        entry = REGISTRY[kind].get(choice.name)
        key = choice.name if entry is not None and entry.holds_several and choice.model else number
        first = gathered.get(key)
        if first is None:
            gathered[key] = choice
        else:
            gathered[key] = replace(first, further=(*first.further, choice.model, *choice.further))
    return list(gathered.values())


def open_speech_to_text(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> SpeechToText:
    return cast(SpeechToText, open_engine(EngineKind.SPEECH_TO_TEXT, choice, find_model=find_model, threads=threads))


def open_translator(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> Translator:
    return cast(Translator, open_engine(EngineKind.TRANSLATION, choice, find_model=find_model, threads=threads))


def open_text_to_speech(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> TextToSpeech:
    return cast(TextToSpeech, open_engine(EngineKind.TEXT_TO_SPEECH, choice, find_model=find_model, threads=threads))


def open_voice_activity(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> VoiceActivity:
    return cast(VoiceActivity, open_engine(EngineKind.VOICE_ACTIVITY, choice, find_model=find_model, threads=threads))
