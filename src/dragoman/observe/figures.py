"""Figures of one run: lags and CPU seconds by stage, what was skipped, what failed. For reports and benchmarks."""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dragoman.ground.engines import Engine
from dragoman.ground.events import (
    CaptionPublished,
    EchoDropped,
    EngineCalled,
    EngineFailed,
    Event,
    LadderChanged,
    Stage,
    UtteranceRecognized,
    VoiceSkipped,
    VoiceStarted,
    WordsCommitted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of one lag, milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float


def spread(values: Sequence[float]) -> Spread | None:
    """Give median, 95th and 99th percentile (nearest rank), None without values."""
    if not values:
        return None
    ordered = sorted(values)

    def rank(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Spread(count=len(ordered), p50=rank(0.5), p95=rank(0.95), p99=rank(0.99))


class EnginesCpu:
    """What engines spend outside the threads that call them, from the making of this object on."""

    def __init__(self, engines: Mapping[Stage, Sequence[Engine]]) -> None:
        self._engines = engines
        self._before_s = self._total_s()

    def by_stage_s(self) -> dict[Stage, float]:
        now_s = self._total_s()
        return {stage: now_s[stage] - self._before_s[stage] for stage in now_s}

    def _total_s(self) -> dict[Stage, float]:
        return {stage: sum(engine.cpu_s() for engine in engines) for stage, engines in self._engines.items()}


class Figures:
    """Collects events; safe to call from engine threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lags: dict[str, list[float]] = defaultdict(list)
        self._thread_cpu_ms: dict[Stage, float] = defaultdict(float)
        self.skipped: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.echoes = 0
        self.ladder: list[LadderChanged] = []
        self.voice_lag_ms: dict[tuple[str, str], float] = {}
        """By (segment, language)."""
        self.skipped_segments: set[tuple[str, str]] = set()

    def observe(self, event: Event) -> None:
        with self._lock:
            match event:
                case CaptionPublished(caption=caption):
                    translated = caption.language != caption.source_language
                    name = "translated_caption" if translated else "source_caption"
                    self._lags[name].append(caption.lags.caption_ms or 0.0)
                    if caption.lags.translation_ms is not None:
                        self._lags["translation"].append(caption.lags.translation_ms)
                case UtteranceRecognized(lag_ms=lag_ms, endpoint_lag_ms=endpoint_lag_ms):
                    self._lags["recognition"].append(lag_ms)
                    self._lags["recognition_without_pause"].append(lag_ms - endpoint_lag_ms)
                case WordsCommitted(lags_ms=lags_ms):
                    self._lags["word"] += lags_ms
                case VoiceStarted(segment=segment, language=language, lag_ms=lag_ms):
                    self._lags["voice"].append(lag_ms)
                    self.voice_lag_ms[segment, language] = lag_ms
                case VoiceSkipped(segment=segment, language=language, reason=reason):
                    self.skipped[reason] += 1
                    self.skipped_segments.add((segment, language))
                case EchoDropped():
                    self.echoes += 1
                case EngineFailed(engine=engine, code=code):
                    self.failures[f"{engine}: {code}"] += 1
                case EngineCalled(stage=stage, thread_cpu_ms=thread_cpu_ms):
                    self._thread_cpu_ms[stage] += thread_cpu_ms
                case LadderChanged():
                    self.ladder.append(event)
                case _:
                    pass

    def lags(self) -> dict[str, Spread]:
        """Give every lag that was seen, by name."""
        with self._lock:
            return {name: found for name, values in self._lags.items() if (found := spread(values)) is not None}

    def thread_cpu_s(self) -> float:
        """CPU seconds that engine calls spent in this process's pool threads."""
        with self._lock:
            return sum(self._thread_cpu_ms.values()) / 1000

    def cpu_s(self, engines: EnginesCpu) -> dict[str, float]:
        """CPU seconds by stage: in the pool's threads, in the engines' native threads and in their processes."""
        outside_s = engines.by_stage_s()
        with self._lock:
            return {
                stage.value: round(self._thread_cpu_ms[stage] / 1000 + outside_s.get(stage, 0.0), 3) for stage in Stage
            }
