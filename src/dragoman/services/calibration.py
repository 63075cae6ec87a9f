"""How much of this machine one speaker takes: every engine is measured once per machine, then remembered.

To interpreting/admission.py. The bundled talk is recognised, one sentence translated and spoken. Engines of a service
are measured by the service itself, which says the figures in ``/health`` (health.py); load.py reads them there. What
is around the engines is learned during calls (room_cost.py), and remembered here.
"""

import hashlib
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar, cast

import structlog

from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import (
    DEFAULT_VOICE,
    Engine,
    EngineInfo,
    IncrementalSpeechToText,
    LanguagePair,
    RecognitionContext,
    SpeechToText,
    TextToSpeech,
    Translator,
)
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import SHARE_OF_CORES, Admission, Costs
from dragoman.rooms.audio_file import open_recording
from dragoman.services.assembly import Engines
from dragoman.services.room_cost import RoomCost

log = structlog.get_logger()

E = TypeVar("E", bound=Engine)

SAMPLE_S = 8.0
SENTENCE = "The nurse will call you when the doctor is ready."
SENTENCE_S = 3.0
"""How long the sentence takes to say."""
LIVE_FACTOR = 2.0
"""Looks at an utterance cost more than one pass over it when it is finished: provisional words, and passes thrown
away. Of an engine that follows along nothing is guessed: it is measured following."""
UTTERANCE_S = 4.0
"""How long people talk between two pauses, about: what an engine does at the end of an utterance counts too."""
BLOCK_S = 0.096
"""What an engine that follows along is given at a time, as in a call."""
MEASURED_BY = "live"
"""Way of measuring: what was remembered of another way is measured anew."""
UNKNOWN = Costs(recognition=0.5, voice=0.1)
"""If an engine could not be measured: cautious for two cores."""
IMPOSSIBLE = 1_000.0
"""No engine takes a thousand cores."""
MEASURED_IN = Language("en")
"""The language of talk and sentence: engines that know it are measured in it, the others in their first one."""


def make_admission(costs: Costs, *, cores: int, speakers_at_once: int | None, talks_beside: float = 1.0) -> Admission:
    """Admit by what was measured, or the number of speakers that somebody set. ``talks_beside``: see ``Admission``."""
    if speakers_at_once is None:
        return Admission(cores=cores, costs=costs, talks_beside=talks_beside)
    # A little less than the share, which as a binary fraction would carry two of three speakers.
    return Admission(cores=speakers_at_once, costs=Costs(recognition=0.999 * SHARE_OF_CORES, voice=0.0))


def measure_costs(engines: Engines, *, source: Language, target: Language, cache: Path) -> Costs:
    """Give what one speaker costs with these engines; ``cache`` is the folder that remembers it."""
    book = CostBook(cache)
    recogniser = next((it for it in engines.speech_to_text if source in it.info.languages), None)
    translator = next((it for it in engines.translation if (source, target) in it.info.pairs), None)
    voice = next((it for it in engines.text_to_speech if target in it.info.languages), None)
    try:
        return Costs(
            recognition=0.0 if recogniser is None else book.recognition(recogniser, source),
            voice=(0.0 if translator is None else book.translation(translator, (source, target)))
            + (0.0 if voice is None else book.voice(voice, target)),
        )
    except EngineError as error:
        log.warning("calibration_failed", code=error.code, detail=str(error))
        return UNKNOWN


def measure_service(
    *,
    speech_to_text: Sequence[SpeechToText] = (),
    translation: Sequence[Translator] = (),
    text_to_speech: Sequence[TextToSpeech] = (),
    cache: Path,
) -> dict[str, float]:
    """Give what the engines of a service cost by label, CPU seconds per second of speech.

    Only those are measured that are first choice for some language; one that fails is left out.
    """
    book = CostBook(cache)
    return {
        **_measured(speech_to_text, lambda engine: book.recognition(engine, _language(engine))),
        **_measured(translation, lambda engine: book.translation(engine, _pair(engine))),
        **_measured(text_to_speech, lambda engine: book.voice(engine, _language(engine))),
    }


def measure_voices(engines: Sequence[TextToSpeech], cache: Path, *, threads: int) -> None:
    """Write down how fast warm voices are, for the planner of calls, who has no use for those of jobs.

    They have ``threads`` each. One that fails is told to the log, and left out.
    """
    book = MeasuredSpeed(cache, threads=threads)
    for engine in engines:
        if not engine.info.jobs_only:
            book.measure(engine)


@contextmanager
def remembered_room_cost(cache: Path) -> Iterator[RoomCost]:
    """Give what a speaker costs around the engines, as far as it is known; at the end what was learned is kept."""
    book = CostBook(cache)
    room_cost = RoomCost(book.room)
    try:
        yield room_cost
    finally:
        if room_cost.learned is not None:
            book.keep_room(room_cost.learned)


def first_choices(infos: Sequence[EngineInfo]) -> list[EngineInfo]:
    """Leave out the engines that only stand in: all they know, an engine before them knows."""
    known: set[Language | LanguagePair] = set()
    chosen = []
    for info in infos:
        knows: set[Language | LanguagePair] = {*info.languages, *info.pairs}
        if knows - known:
            chosen.append(info)
        known |= knows
    return chosen


class CostBook:
    """Measures engines and remembers the figures below ``cache``, a file each, so that processes do not meet in one.

    Figures are CPU seconds per second of speech. Everything raises the ``EngineError`` of the engine that is measured.
    """

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "costs"

    def recognition(self, engine: SpeechToText, language: Language) -> float:
        return self._cost(engine, language, lambda: _recognition_cost(engine, language))

    def translation(self, engine: Translator, pair: LanguagePair) -> float:
        return self._cost(engine, "-".join(pair), lambda: _translation_cost(engine, pair))

    def voice(self, engine: TextToSpeech, language: Language) -> float:
        return self._cost(engine, language, lambda: _voice_cost(engine, language))

    @property
    def room(self) -> float | None:
        """What was learned during calls before (``room_cost.py``); None if nothing was."""
        return _read(self._folder / _room_key())

    def keep_room(self, cost: float) -> None:
        _write(self._folder / _room_key(), cost)

    def _cost(self, engine: Engine, languages: str, measure: Callable[[], float]) -> float:
        file = self._folder / _key(engine.info, languages)
        known = _read(file)
        if known is None:
            known = measure()
            _write(file, known)
        return known


def _recognition_cost(engine: SpeechToText, language: Language) -> float:
    with as_file(files("dragoman") / "samples" / "talk.flac") as path, open_recording(path) as reader:
        samples = reader.read(round(SAMPLE_S * RECOGNITION_RATE))
    audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
    engine.warm_up()
    before = _cpu_s(engine)
    if engine.info.streaming:
        _follow(cast(IncrementalSpeechToText, engine), audio, language)
        return (_cpu_s(engine) - before) / audio.duration_s
    engine.transcribe(audio, language=language, context=RecognitionContext())
    return LIVE_FACTOR * (_cpu_s(engine) - before) / audio.duration_s


def _follow(engine: IncrementalSpeechToText, audio: Audio, language: Language) -> None:
    """Let ``engine`` hear ``audio`` as in a call: block by block, one utterance after the other."""
    utterance, block = round(UTTERANCE_S * audio.sample_rate), round(BLOCK_S * audio.sample_rate)
    for start in range(0, len(audio.samples), utterance):
        spoken = audio.samples[start : start + utterance]
        stream = engine.open_stream(language=language, context=RecognitionContext())
        try:
            for at in range(0, len(spoken), block):
                stream.accept(Audio(samples=spoken[at : at + block], sample_rate=audio.sample_rate))
            stream.finish()
        finally:
            stream.cancel()


def _translation_cost(engine: Translator, pair: LanguagePair) -> float:
    source, target = pair
    engine.translate([SENTENCE], source=source, target=target)  # the first call loads
    before = _cpu_s(engine)
    engine.translate([SENTENCE], source=source, target=target)
    return (_cpu_s(engine) - before) / SENTENCE_S


def _voice_cost(engine: TextToSpeech, language: Language) -> float:
    before = _cpu_s(engine)
    list(engine.speak(SENTENCE, language=language, voice=DEFAULT_VOICE, speed=1.0))
    return (_cpu_s(engine) - before) / SENTENCE_S


def _cpu_s(engine: Engine) -> float:
    return time.thread_time() + engine.cpu_s()


def _measured(engines: Sequence[E], measure: Callable[[E], float]) -> dict[str, float]:
    labels = {info.label for info in first_choices([engine.info for engine in engines])}
    costs = {}
    for engine in engines:
        label = engine.info.label
        if label not in labels:
            continue
        try:
            costs[label] = measure(engine)
        except EngineError as error:
            log.warning("calibration_failed", engine=label, code=error.code, detail=str(error))
    return costs


def _language(engine: Engine) -> Language:
    return MEASURED_IN if MEASURED_IN in engine.info.languages else engine.info.languages[0]


def _pair(engine: Translator) -> LanguagePair:
    return min(engine.info.pairs, key=lambda pair: (pair[0] != MEASURED_IN, pair))


def _key(info: EngineInfo, languages: str) -> str:
    return _name([MEASURED_BY, info.kind.value, info.label, languages])


def _room_key() -> str:
    return _name(["room"])


def _name(words: Sequence[str]) -> str:
    """Name the file of a figure, which is this machine's."""
    machine = [platform.machine(), platform.processor(), str(os.cpu_count()), platform.node()]
    return hashlib.sha256("|".join([*machine, *words]).encode()).hexdigest()[:24]


def _read(file: Path) -> float | None:
    """Give a remembered figure; None for one that is absent or cannot be, which is measured anew."""
    try:
        cost = float(file.read_bytes()[:64])
    except (OSError, ValueError):
        return None
    return cost if 0 <= cost < IMPOSSIBLE else None


def _write(file: Path, cost: float) -> None:
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f"{cost!r}\n")
        temporary.replace(file)
    except OSError as error:
        log.info("costs_not_kept", detail=str(error))
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
