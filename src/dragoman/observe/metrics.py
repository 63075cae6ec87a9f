"""Every metric there is, in one table, and the observer that feeds them."""

from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dragoman.ground.events import (
    CaptionPublished,
    EchoDropped,
    EngineCalled,
    EngineFailed,
    Event,
    LadderChanged,
    UtteranceRecognized,
    VoiceEnded,
    VoiceSkipped,
    VoiceStarted,
)

_LAGS_S = (0.1, 0.2, 0.4, 0.65, 0.9, 1.2, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0)


class Metrics:
    """The metrics of one process. ``registry`` is what a scrape shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.caption_lag_seconds = Histogram(
            "dragoman_caption_lag_seconds",
            "End of a segment's last word to its final caption",
            ["language"],
            buckets=_LAGS_S,
            registry=self.registry,
        )
        self.recognition_lag_seconds = Histogram(
            "dragoman_recognition_lag_seconds",
            "End of speech to recognised words, the pause included",
            ["language"],
            buckets=_LAGS_S,
            registry=self.registry,
        )
        self.voice_lag_seconds = Histogram(
            "dragoman_voice_lag_seconds",
            "End of a segment's last word to the first sound of its dub",
            ["language"],
            buckets=_LAGS_S,
            registry=self.registry,
        )
        self.voice_seconds = Counter(
            "dragoman_voice_seconds", "Dubbed voice played", ["language"], registry=self.registry
        )
        self.voice_skipped = Counter(
            "dragoman_voice_skipped_segments", "Segments left as captions", ["reason"], registry=self.registry
        )
        self.echo_dropped = Counter(
            "dragoman_echo_dropped_segments", "Segments dropped as echo of a dub", registry=self.registry
        )
        self.engine_failures = Counter(
            "dragoman_engine_failures", "Failed engine calls", ["stage", "engine", "code"], registry=self.registry
        )
        self.engine_call_seconds = Histogram(
            "dragoman_engine_call_seconds",
            "Wall time of engine calls",
            ["stage", "engine"],
            buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
            registry=self.registry,
        )
        self.voice_cache_events = Counter(
            "dragoman_voice_cache_events",
            "Speech asked for and found (hit) or not (miss), kept, expired, evicted, cleared",
            ["what"],
            registry=self.registry,
        )
        self.voice_cache_bytes = Gauge(
            "dragoman_voice_cache_bytes", "Speech kept for who asks again", registry=self.registry
        )
        self.ladder_speakers = Gauge(
            "dragoman_ladder_speakers",
            "Pairs of speaker and language at each level of the ladder above 0",
            ["level"],
            registry=self.registry,
        )

    def voice_cache_changed(self, what: str, held_bytes: int) -> None:
        """Count what happened to the cache of speech."""
        self.voice_cache_events.labels(what).inc()
        self.voice_cache_bytes.set(held_bytes)


class MetricsObserver:
    """Feeds one room's events to the process's metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._levels: dict[tuple[str, str], int] = {}

    def observe(self, event: Event) -> None:
        metrics = self._metrics
        match event:
            case CaptionPublished(caption=caption):
                if caption.lags.caption_ms is not None:
                    metrics.caption_lag_seconds.labels(caption.language).observe(caption.lags.caption_ms / 1000)
            case UtteranceRecognized(language=language, lag_ms=lag_ms):
                metrics.recognition_lag_seconds.labels(language).observe(lag_ms / 1000)
            case VoiceStarted(language=language, lag_ms=lag_ms):
                metrics.voice_lag_seconds.labels(language).observe(lag_ms / 1000)
            case VoiceEnded(language=language, duration_s=duration_s):
                metrics.voice_seconds.labels(language).inc(duration_s)
            case VoiceSkipped(reason=reason):
                metrics.voice_skipped.labels(reason).inc()
            case EchoDropped():
                metrics.echo_dropped.inc()
            case EngineFailed(stage=stage, engine=engine, code=code):
                metrics.engine_failures.labels(stage, engine, code).inc()
            case EngineCalled(stage=stage, engine=engine, wall_ms=wall_ms):
                metrics.engine_call_seconds.labels(stage, engine).observe(wall_ms / 1000)
            case LadderChanged():
                self._ladder(event)
            case _:
                assert_never(event)

    def _ladder(self, event: LadderChanged) -> None:
        key = (event.speaker, event.language or "")
        before = self._levels.pop(key, 0)
        if before:
            self._metrics.ladder_speakers.labels(str(before)).dec()
        if event.level:
            self._levels[key] = event.level
            self._metrics.ladder_speakers.labels(str(event.level)).inc()
