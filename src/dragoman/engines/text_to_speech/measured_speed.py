"""How fast the voices are on this machine: seconds of work per second of sound, measured once, then remembered.

For the planner (``voicing/planner.py``), which leaves out what does not keep up, and for ``dragoman doctor``. A figure
belongs to engine, model, their versions, its threads, and the processor; it is measured anew when one of them changes.
"""

import hashlib
import math
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from dragoman.ground.engines import DEFAULT_VOICE, EngineInfo, TextToSpeech
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language

log = structlog.get_logger()

SENTENCES: Final = {
    Language("en"): "The nurse will call you when the doctor is ready.",
    Language("vi"): "Cô y tá sẽ gọi bạn khi bác sĩ sẵn sàng.",
    Language("zh"): "医生准备好以后护士会叫你",
    Language("ja"): "医者の準備ができたら看護師がお呼びします",
    Language("ko"): "의사가 준비되면 간호사가 부를 것입니다",
    Language("th"): "พยาบาลจะเรียกคุณเมื่อหมอพร้อม",
}
"""What is said; other languages are measured with figures."""
FIGURES: Final = "1 2 3 4 5 6 7 8 9"
ROUNDS: Final = 2
"""The quicker one counts: what else the machine did meanwhile is not the engine's."""
IMPOSSIBLE: Final = 1_000.0
"""Nothing takes a quarter of an hour for a second of sound."""


class MeasuredSpeed:
    """The book of one machine: a file for each engine below ``cache``. May be used by several threads."""

    def __init__(self, cache: Path, *, threads: int, processor: str | None = None) -> None:
        """Read and write below ``cache``, the folder of what can be made again; the engines have ``threads`` each."""
        self._folder = cache / "voice-speed"
        self._threads = threads
        self._processor = processor_name() if processor is None else processor
        self._turn = threading.Lock()
        self._known: dict[str, float] = {}

    def real_time_factor(self, engine: str, language: Language | None = None) -> float | None:
        """Give the figure of the engine with this label; None if nobody measured it. Never waits.

        ``language`` makes no difference: a model works as long for a second of any.
        """
        return self._known.get(engine)

    def measure(self, engine: TextToSpeech) -> float | None:
        """Give the figure of a warm engine, from the book or by letting it speak; None if it cannot, or is online.

        Blocks for as long as the engine speaks two sentences.
        """
        info = engine.info
        if info.online or info.remote or not info.languages:
            return None
        with self._turn:
            file = self._folder / self._key(info)
            factor = _read(file)
            if factor is None:
                try:
                    factor = min(_measure(engine) for _ in range(ROUNDS))
                except EngineError as error:
                    log.warning("voice_not_measured", engine=info.label, code=error.code, detail=str(error))
                    return None
                _write(file, factor)
            self._known[info.label] = factor
            return factor

    def remembered(self, info: EngineInfo) -> float | None:
        """Give what the book says of an engine that need not be open; None if it was not measured here."""
        return _read(self._folder / self._key(info))

    def _key(self, info: EngineInfo) -> str:
        words = [self._processor, str(self._threads), info.label, info.version]
        return hashlib.sha256("|".join(words).encode()).hexdigest()[:24]


def processor_name() -> str:
    """Name the processor and how many of its cores this process may use."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()} x{len(os.sched_getaffinity(0))}"
    return f"{os.uname().machine} x{len(os.sched_getaffinity(0))}"


def _measure(engine: TextToSpeech) -> float:
    language = next((code for code in SENTENCES if code in engine.info.languages), engine.info.languages[0])
    text = SENTENCES.get(language, FIGURES)
    start = time.perf_counter()
    sounded_s = sum(piece.duration_s for piece in engine.speak(text, language=language, voice=DEFAULT_VOICE, speed=1.0))
    return (time.perf_counter() - start) / sounded_s if sounded_s else math.inf


def _read(file: Path) -> float | None:
    try:
        factor = float(file.read_bytes()[:64])
    except (OSError, ValueError):
        return None
    return factor if 0 < factor < IMPOSSIBLE else None


def _write(file: Path, factor: float) -> None:
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f"{factor!r}\n")
        temporary.replace(file)
    except OSError as error:
        log.info("voice_speed_not_kept", detail=str(error))
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
