"""How much of this machine one speaker takes: measured once per machine and set of engines, then remembered.

To interpreting/admission.py. The bundled talk is recognised, its first sentence translated and spoken.
"""

import hashlib
import json
import os
import platform
import time
from contextlib import suppress
from importlib.resources import as_file, files
from math import inf
from pathlib import Path

import structlog

from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import DEFAULT_VOICE, Engine, RecognitionContext
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import SHARE_OF_CORES, Admission, Costs
from dragoman.rooms.audio_file import open_recording
from dragoman.services.assembly import Engines

log = structlog.get_logger()

SAMPLE_S = 8.0
SENTENCE = "The nurse will call you when the doctor is ready."
SENTENCE_S = 3.0
"""How long the sentence takes to say."""
LIVE_FACTOR = 2.0
"""Live recognition costs more than one pass over the finished utterance: provisional words, and passes thrown away."""
UNKNOWN = Costs(recognition=0.5, voice=0.1)
"""If an engine could not be measured: cautious for two cores."""


def make_admission(costs: Costs, *, cores: int, speakers_at_once: int | None) -> Admission:
    """Admit by what was measured, or the number of speakers that somebody set."""
    if speakers_at_once is None:
        return Admission(cores=cores, costs=costs)
    # A little less than the share, which as a binary fraction would carry two of three speakers.
    return Admission(cores=speakers_at_once, costs=Costs(recognition=0.999 * SHARE_OF_CORES, voice=0.0))


def measure_costs(engines: Engines, *, source: Language, target: Language, cache: Path) -> Costs:
    """Give what one speaker costs with these engines; ``cache`` is the folder that remembers it."""
    file = cache / "costs.json"
    key = _key(engines, source, target)
    known = _read(file)
    if key in known:
        return known[key]
    try:
        costs = Costs(recognition=_recognition_cost(engines, source), voice=_voice_cost(engines, source, target))
    except EngineError as error:
        log.warning("calibration_failed", code=error.code, detail=str(error))
        return UNKNOWN
    _write(file, known | {key: costs})
    return costs


def _recognition_cost(engines: Engines, source: Language) -> float:
    engine = next((engine for engine in engines.speech_to_text if source in engine.info.languages), None)
    if engine is None:
        return 0.0
    with as_file(files("dragoman") / "samples" / "talk.flac") as path, open_recording(path) as reader:
        samples = reader.read(round(SAMPLE_S * RECOGNITION_RATE))
    audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
    engine.warm_up()
    before = _cpu_s(engine)
    engine.transcribe(audio, language=source, context=RecognitionContext())
    return LIVE_FACTOR * (_cpu_s(engine) - before) / audio.duration_s


def _voice_cost(engines: Engines, source: Language, target: Language) -> float:
    cost_s = 0.0
    translator = next((engine for engine in engines.translation if (source, target) in engine.info.pairs), None)
    if translator is not None:
        translator.translate([SENTENCE], source=source, target=target)  # the first call loads
        before = _cpu_s(translator)
        translator.translate([SENTENCE], source=source, target=target)
        cost_s += _cpu_s(translator) - before
    voice = next((engine for engine in engines.text_to_speech if target in engine.info.languages), None)
    if voice is not None:
        before = _cpu_s(voice)
        list(voice.speak(SENTENCE, language=target, voice=DEFAULT_VOICE, speed=1.0))
        cost_s += _cpu_s(voice) - before
    return cost_s / SENTENCE_S


def _cpu_s(engine: Engine) -> float:
    return time.thread_time() + engine.cpu_s()


def _key(engines: Engines, source: Language, target: Language) -> str:
    labels = [engine.info.label for stage in engines.by_stage().values() for engine in stage]
    machine = [platform.machine(), platform.processor(), str(os.cpu_count()), platform.node()]
    return hashlib.sha256("|".join([*machine, *labels, source, target]).encode()).hexdigest()[:16]


def _read(file: Path) -> dict[str, Costs]:
    try:
        stored = json.loads(file.read_text())
        costs = {
            key: Costs(recognition=float(it["recognition"]), voice=float(it["voice"])) for key, it in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # absent, or not ours: measured again
    return {key: it for key, it in costs.items() if 0 <= it.recognition < inf and 0 <= it.voice < inf}


def _write(file: Path, costs: dict[str, Costs]) -> None:
    stored = {key: {"recognition": it.recognition, "voice": it.voice} for key, it in costs.items()}
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(stored))
        temporary.replace(file)
    except OSError as error:
        log.info("costs_not_kept", detail=str(error))
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
