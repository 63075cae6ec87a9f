"""Every metric there is, in one table, and the observer that feeds them."""

from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dragoman.ground.events import (
    CaptionPublished,
    EchoDropped,
    EngineCalled,
    EngineFailed,
    EngineRests,
    Event,
    LadderChanged,
    RecognitionBatch,
    RecognitionLoad,
    RecognitionOpened,
    RecognitionRefused,
    RecognitionTurn,
    TranslationBatched,
    TranslationLoad,
    TranslationLooked,
    TranslationLost,
    UtteranceRecognized,
    VoiceEnded,
    VoiceSkipped,
    VoiceStarted,
    WindowCut,
    WordsCommitted,
)
from dragoman.observe.log import defects

_LAGS_S = (0.1, 0.2, 0.4, 0.65, 0.9, 1.2, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0)


class Metrics:
    """The metrics of one process. ``registry`` is what a scrape shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._add_lags()
        self._add_dubs()
        self._add_engines()
        self._add_voice_cache()
        self._add_recognition()
        self._add_ladder()
        self._add_translation()
        self._add_sockets()
        self._add_own()

    def _add_lags(self) -> None:
        """How late people read and hear."""
        self.caption_lag_seconds = Histogram(
            "dragoman_caption_lag_seconds",
            "End of a segment's last word to its final caption",
            ["language"],
            buckets=_LAGS_S,
            registry=self.registry,
        )
        self.recognition_lag_seconds = Histogram(
            "dragoman_recognition_lag_seconds",
            "End of speech to its last words; where they were committed before its pause, from the end of the last one",
            ["language"],
            buckets=_LAGS_S,
            registry=self.registry,
        )
        self.word_lag_seconds = Histogram(
            "dragoman_word_lag_seconds",
            "End of a word to its being there for good",
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

    def _add_dubs(self) -> None:
        """What was spoken, and what was not."""
        self.voice_seconds = Counter(
            "dragoman_voice_seconds", "Dubbed voice played", ["language"], registry=self.registry
        )
        self.voice_skipped = Counter(
            "dragoman_voice_skipped_segments", "Segments left as captions", ["reason"], registry=self.registry
        )
        self.echo_dropped = Counter(
            "dragoman_echo_dropped_segments", "Segments dropped as echo of a dub", registry=self.registry
        )

    def _add_engines(self) -> None:
        """How engines do."""
        self.engine_failures = Counter(
            "dragoman_engine_failures", "Failed engine calls", ["stage", "engine", "code"], registry=self.registry
        )
        self.engine_rests = Gauge(
            "dragoman_engine_resting",
            "1 while an engine is left out because it kept failing",
            ["stage", "engine"],
            registry=self.registry,
        )
        self.engine_call_seconds = Histogram(
            "dragoman_engine_call_seconds",
            "Wall time of engine calls",
            ["stage", "engine"],
            buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
            registry=self.registry,
        )

    def _add_voice_cache(self) -> None:
        """What is kept of speech."""
        self.voice_cache_events = Counter(
            "dragoman_voice_cache_events",
            "Speech asked for and found (hit) or not (miss), kept, prepared, expired, evicted, cleared",
            ["what"],
            registry=self.registry,
        )
        self.voice_cache_bytes = Gauge(
            "dragoman_voice_cache_bytes", "Speech kept for who asks again", registry=self.registry
        )

    def _add_recognition(self) -> None:
        """How speech is recognised, and what is left out of it."""
        self.window_cuts = Counter(
            "dragoman_recognition_window_cuts",
            "Cuts within an utterance: what lies before is not heard again",
            ["language"],
            registry=self.registry,
        )
        self.recognition_wait_seconds = Histogram(
            "dragoman_recognition_wait_seconds",
            "Wait of a call that recognises for its turn: final, partial or recording",
            ["urgency"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0),
            registry=self.registry,
        )
        self.recognition_turns_lost = Counter(
            "dragoman_recognition_turns_lost",
            "Calls that recognise and had no turn: replaced, late, refused, left",
            ["urgency", "outcome"],
            registry=self.registry,
        )
        self.recognition_refused = Counter(
            "dragoman_recognition_refused",
            "Speakers and recordings that were not let in: by the load of live speech, or as enough recordings wait",
            ["what", "reason"],
            registry=self.registry,
        )
        self.recognition_batch_windows = Histogram(
            "dragoman_recognition_batch_windows",
            "Windows of live speech that were read in one call, of several speakers who waited at the same moment",
            ["engine"],
            buckets=(1, 2, 3, 4),
            registry=self.registry,
        )
        self.recognition_engine = Gauge(
            "dragoman_recognition_engine",
            "1 for who recognised a language since this process began: first while it is spoken, last the last words",
            ["language", "engine", "words"],
            registry=self.registry,
        )
        self.recognition_load_ratio = Gauge(
            "dragoman_recognition_load_ratio",
            "Measured real-time factor of live recognition, 1 for all that this process can",
            registry=self.registry,
        )
        self.recognition_waiting = Gauge(
            "dragoman_recognition_waiting_calls", "Calls that wait for their turn to recognise", registry=self.registry
        )
        self.recognition_degree = Gauge(
            "dragoman_recognition_degree",
            "Left out under load: 1 unsure words, 2 every other look, 3 all looks, 4 the larger model for last words",
            registry=self.registry,
        )

    def _add_ladder(self) -> None:
        """What people get less of."""
        self.ladder_speakers = Gauge(
            "dragoman_ladder_speakers",
            "Pairs of speaker and language at each level of the ladder above 0",
            ["level"],
            registry=self.registry,
        )

    def _add_translation(self) -> None:
        """How sentences are translated."""
        self.translation_cache_lookups = Counter(
            "dragoman_translation_cache_lookups",
            "Sentences looked for among those translated before, once each: hit or miss, in memory or in Redis",
            ["urgency", "store", "result"],
            registry=self.registry,
        )
        self.translation_cache_sentences = Gauge(
            "dragoman_translation_cache_sentences", "Translated sentences that are remembered", registry=self.registry
        )
        self.translation_batch_sentences = Histogram(
            "dragoman_translation_batch_sentences",
            "Sentences of all who share one call of a translation engine",
            ["urgency"],
            buckets=(1, 2, 3, 4, 6, 8, 16),
            registry=self.registry,
        )
        self.translation_wait_seconds = Histogram(
            "dragoman_translation_wait_seconds",
            "Wait of a request for its call of a translation engine: final, partial or recording (a text)",
            ["urgency"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
            registry=self.registry,
        )
        self.translation_requests_lost = Counter(
            "dragoman_translation_requests_lost",
            "Requests for translation without an answer: late, refused, displaced, busy",
            ["urgency", "outcome"],
            registry=self.registry,
        )
        self.translation_load_ratio = Gauge(
            "dragoman_translation_load_ratio",
            "Time in which the busiest model translates live speech; above 0.7 nothing is previewed",
            registry=self.registry,
        )
        self.translation_waiting = Gauge(
            "dragoman_translation_waiting_requests", "Requests that wait to be translated", registry=self.registry
        )

    def _add_sockets(self) -> None:
        """Who sends too much."""
        self.sockets_over_rate = Counter(
            "dragoman_sockets_over_rate",
            "WebSockets closed as they sent too many messages, by whose limit: socket, address, user, team",
            ["limit"],
            registry=self.registry,
        )

    def _add_own(self) -> None:
        """Faults of our own."""
        self.defects = Gauge(
            "dragoman_defects", "Faults of our own that were caught and logged with a traceback", registry=self.registry
        )
        self.defects.set_function(lambda: defects.seen)

    def count_translation_lookup(self, hit: bool) -> None:
        self.translation_cache_lookups.labels("hit" if hit else "miss").inc()

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
            case CaptionPublished() | UtteranceRecognized() | WordsCommitted() | VoiceStarted():
                self._lag(event)
            case VoiceEnded(language=language, duration_s=duration_s):
                metrics.voice_seconds.labels(language).inc(duration_s)
            case VoiceSkipped(reason=reason):
                metrics.voice_skipped.labels(reason).inc()
            case EchoDropped():
                metrics.echo_dropped.inc()
            case EngineFailed(stage=stage, engine=engine, code=code):
                metrics.engine_failures.labels(stage, engine, code).inc()
            case EngineRests(stage=stage, engine=engine, rests=rests):
                metrics.engine_rests.labels(stage, engine).set(rests)
            case EngineCalled(stage=stage, engine=engine, wall_ms=wall_ms):
                metrics.engine_call_seconds.labels(stage, engine).observe(wall_ms / 1000)
            case (
                RecognitionTurn() | RecognitionRefused() | RecognitionBatch() | RecognitionOpened() | RecognitionLoad()
            ):
                self._recognition(event)
            case TranslationBatched() | TranslationLost() | TranslationLoad() | TranslationLooked():
                self._translation(event)
            case WindowCut(language=language):
                metrics.window_cuts.labels(language).inc()
            case LadderChanged():
                self._ladder(event)
            case _:
                assert_never(event)

    def _lag(self, event: CaptionPublished | UtteranceRecognized | WordsCommitted | VoiceStarted) -> None:
        metrics = self._metrics
        match event:
            case CaptionPublished(caption=caption):
                if caption.lags.caption_ms is not None:
                    metrics.caption_lag_seconds.labels(caption.language).observe(caption.lags.caption_ms / 1000)
            case UtteranceRecognized(language=language, lag_ms=lag_ms):
                metrics.recognition_lag_seconds.labels(language).observe(lag_ms / 1000)
            case WordsCommitted(language=language, lags_ms=lags_ms):
                for lag_ms in lags_ms:
                    metrics.word_lag_seconds.labels(language).observe(lag_ms / 1000)
            case VoiceStarted(language=language, lag_ms=lag_ms):
                metrics.voice_lag_seconds.labels(language).observe(lag_ms / 1000)

    def _recognition(
        self,
        event: RecognitionTurn | RecognitionRefused | RecognitionBatch | RecognitionOpened | RecognitionLoad,
    ) -> None:
        metrics = self._metrics
        match event:
            case RecognitionTurn(urgency=urgency, outcome="taken", waited_ms=waited_ms):
                metrics.recognition_wait_seconds.labels(urgency).observe(waited_ms / 1000)
            case RecognitionTurn(urgency=urgency, outcome=outcome):
                metrics.recognition_turns_lost.labels(urgency, outcome).inc()
            case RecognitionRefused(what=what, reason=reason):
                metrics.recognition_refused.labels(what, reason).inc()
            case RecognitionBatch(engine=engine, windows=windows):
                metrics.recognition_batch_windows.labels(engine).observe(windows)
            case RecognitionOpened(language=language, first=first, last=last):
                metrics.recognition_engine.labels(language, first, "first").set(1)
                metrics.recognition_engine.labels(language, last, "last").set(1)
            case RecognitionLoad(share=share, degree=degree, waiting=waiting):
                metrics.recognition_load_ratio.set(share)
                metrics.recognition_degree.set(degree)
                metrics.recognition_waiting.set(waiting)

    def _translation(self, event: TranslationBatched | TranslationLost | TranslationLoad | TranslationLooked) -> None:
        metrics = self._metrics
        match event:
            case TranslationBatched(urgency=urgency, sentences=sentences, waited_ms=waited_ms):
                metrics.translation_batch_sentences.labels(urgency).observe(sentences)
                for one_ms in waited_ms:
                    metrics.translation_wait_seconds.labels(urgency).observe(one_ms / 1000)
            case TranslationLost(urgency=urgency, outcome=outcome):
                metrics.translation_requests_lost.labels(urgency, outcome).inc()
            case TranslationLoad(share=share, waiting=waiting):
                metrics.translation_load_ratio.set(share)
                metrics.translation_waiting.set(waiting)
            case TranslationLooked(urgency=urgency, store=store, hit=hit):
                metrics.translation_cache_lookups.labels(urgency, store, "hit" if hit else "miss").inc()

    def _ladder(self, event: LadderChanged) -> None:
        key = (event.speaker, event.language or "")
        before = self._levels.pop(key, 0)
        if before:
            self._metrics.ladder_speakers.labels(str(before)).dec()
        if event.level:
            self._levels[key] = event.level
            self._metrics.ladder_speakers.labels(str(event.level)).inc()
