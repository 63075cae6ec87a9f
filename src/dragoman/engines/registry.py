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
    EngineInfo,
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
    online: bool = False
    """It sends what it is given to somebody else's machines, which must be allowed."""
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
        "sherpa_voice": EngineEntry(module=f"{_HERE}.text_to_speech.sherpa", needs_model=True),
        "vieneu": EngineEntry(module=f"{_HERE}.text_to_speech.vieneu", needs_model=True),
        "espeak": EngineEntry(module=f"{_HERE}.text_to_speech.espeak"),
    },
    EngineKind.VOICE_ACTIVITY: {
        "silero": EngineEntry(module=f"{_HERE}.voice_activity.silero"),
    },
}
"""Engines that are opened by default where they can be."""

_JOBS = f"{_HERE}.text_to_speech.job_voice"
ON_REQUEST: dict[EngineKind, dict[str, EngineEntry]] = {
    EngineKind.TEXT_TO_SPEECH: {
        "gtts": EngineEntry(module=f"{_HERE}.text_to_speech.gtts", online=True),
        "xtts": EngineEntry(module=f"{_JOBS}.xtts", needs_model=True),
        "f5": EngineEntry(module=f"{_JOBS}.f5", needs_model=True),
        "chatterbox": EngineEntry(module=f"{_JOBS}.chatterbox", needs_model=True),
    },
}
"""Engines that are opened only for who names them: they send text away, or are too slow for calls."""


def engines_of(kind: EngineKind) -> dict[str, EngineEntry]:
    """Give all engines that can be named, those of ``ON_REQUEST`` included."""
    return REGISTRY[kind] | ON_REQUEST.get(kind, {})


def open_engine(
    kind: EngineKind, choice: EngineChoice, *, find_model: FindModel, threads: int = 1, online: bool = False
) -> Engine:
    """Open the engine that ``choice`` names; ``online`` allows one that sends away what it is given.

    Raises ``EngineUnavailable`` for an unknown name, one that is not allowed, or a missing model.
    """
    entry = _find_entry(kind, choice.name)
    if entry.online and not online:
        raise EngineUnavailable(
            f"{choice.name} sends what people say to somebody else's machines; "
            "online_voices = true (DRAGOMAN_ONLINE_VOICES) in the settings allows that"
        )
    if entry.needs_model and not choice.model:
        raise ModelNotFound(f"{choice.name} needs a model: {choice.name}:ID or {choice.name}:FOLDER")
    if not entry.needs_model and choice.model:
        raise ModelNotFound(f"{choice.name} brings its own model and takes none, not {choice.model!r}")
    model = find_model(choice.model) if choice.model else None
    extras: dict[str, object] = dict(choice.options)
    if choice.further:
        extras["further"] = [find_model(name) for name in choice.further]
    return cast(Engine, importlib.import_module(entry.module).open_engine(model, threads=threads, **extras))


def _find_entry(kind: EngineKind, name: str) -> EngineEntry:
    entries = engines_of(kind)
    if name not in entries:
        raise EngineUnavailable(f"no {kind} engine {name!r}; there are: {', '.join(sorted(entries))}")
    return entries[name]


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


def describe_speech_to_text(choice: EngineChoice, *, find_model: FindModel) -> EngineInfo:
    """Say what the engine would say of itself once it is open, without loading its model. Raises as ``open_engine``."""
    entry = _find_entry(EngineKind.SPEECH_TO_TEXT, choice.name)
    if entry.needs_model and choice.model:
        return cast(EngineInfo, importlib.import_module(entry.module).describe_model(find_model(choice.model)))
    engine = open_speech_to_text(choice, find_model=find_model)
    engine.close()
    return engine.info


def open_translator(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> Translator:
    return cast(Translator, open_engine(EngineKind.TRANSLATION, choice, find_model=find_model, threads=threads))


def open_text_to_speech(
    choice: EngineChoice, *, find_model: FindModel, threads: int = 1, online: bool = False
) -> TextToSpeech:
    engine = open_engine(EngineKind.TEXT_TO_SPEECH, choice, find_model=find_model, threads=threads, online=online)
    return cast(TextToSpeech, engine)


def open_voice_activity(choice: EngineChoice, *, find_model: FindModel, threads: int = 1) -> VoiceActivity:
    return cast(VoiceActivity, open_engine(EngineKind.VOICE_ACTIVITY, choice, find_model=find_model, threads=threads))
