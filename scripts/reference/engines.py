"""The page of engines. For make_reference.py."""

import importlib
import tempfile
from pathlib import Path

from scripts.reference.markdown import first_sentence, table
from scripts.reference.places import REPOSITORY
from tests.tone_voice import make_tone_supertonic
from tests.toy_transducer import write_zipformer
from tests.toy_vieneu import make_vieneu_nano

from dragoman.engines.registry import REGISTRY, EngineEntry, engines_of, open_engine
from dragoman.engines.text_to_speech.job_voice.engine import JobLibrary
from dragoman.ground.engines import EngineChoice, EngineInfo, EngineKind
from dragoman.testing.firefox_model import write_firefox_model

FIXTURE_FOR = {"faster_whisper": "whisper-pico", "ctranslate2": "mt-pico"}
"""With which an engine is opened, to ask what it says of itself."""

JOBS_ONLY, CLONES, HONOURS_SPEED = "background jobs alone", "can clone voices", "speed in the synthesiser"
"""Notes on voices."""


def engines_page() -> str:
    parts = [
        "# Engines\n",
        "An engine is asked for by name, with its model behind a colon if it needs one: `pocketsphinx`,\n"
        "`faster_whisper:whisper-small`. Which languages work on your machine, `dragoman doctor` says.\n",
    ]
    for kind in REGISTRY:
        entries = engines_of(kind)
        with tempfile.TemporaryDirectory() as models:
            rows = [_engine_row(kind, name, entry, Path(models)) for name, entry in entries.items()]
        parts.append(f"## {str(kind).capitalize()}\n")
        parts.append(table(("engine", "what it is", "model", "licence", "Hz", "notes"), rows))
    return "\n".join(parts)


def _engine_row(kind: EngineKind, name: str, entry: EngineEntry, models: Path) -> tuple[str, ...]:
    what = first_sentence(importlib.import_module(entry.module).__doc__)
    if entry.must_be_set_up:
        return (f"`{name}`", what, "none", "the service's", "", "an address must be set")
    library = getattr(importlib.import_module(entry.module), "LIBRARY", None)
    if isinstance(library, JobLibrary):
        # It opens only where its library is installed, which brings PyTorch.
        notes = [JOBS_ONLY, CLONES, *([HONOURS_SPEED] if library.honours_speed else [])]
        return (f"`{name}`", what, "needed", library.licence, str(library.sample_rate), ", ".join(notes))
    model = str(_model_for(name, models)) if entry.needs_model else ""
    engine = open_engine(kind, EngineChoice(name=name, model=model), find_model=Path, online=True)
    info = engine.info
    engine.close()
    return (
        f"`{name}`",
        what,
        "needed" if entry.needs_model else "none",
        "the model's" if entry.needs_model else info.licence,
        str(info.sample_rate) if info.sample_rate else "",
        _abilities(info),
    )


def _model_for(name: str, models: Path) -> Path:
    """Give a folder with which an engine opens, so that it says of itself what it can."""
    if name == "firefox":
        return write_firefox_model(models / "en-es", "enes", {})
    if name == "llama_cpp":
        (models / "hy-mt").mkdir()
        (models / "hy-mt" / "model.gguf").write_bytes(b"GGUF")  # it is loaded at the first sentence only
        return models / "hy-mt"
    if name == "sherpa":
        return write_zipformer(models / "zipformer-en")
    if name == "sherpa_voice":
        return make_tone_supertonic(models / "supertonic")
    if name == "vieneu":
        return make_vieneu_nano(models / "vieneu")
    return REPOSITORY / "tests" / "fixtures" / FIXTURE_FOR[name]


def _abilities(info: EngineInfo) -> str:
    notes = {
        "times of words": info.word_timestamps,
        "recognises along": info.streaming and info.kind is EngineKind.SPEECH_TO_TEXT,
        "first sound before the last is made": info.streaming and info.kind is EngineKind.TEXT_TO_SPEECH,
        "online, opened only where it is named": info.online,
        CLONES: info.clones,
        HONOURS_SPEED: info.honours_speed,
    }
    honoured = [f"honours {capability}" for capability in sorted(info.capabilities)]
    return ", ".join([note for note, true in notes.items() if true] + honoured)
