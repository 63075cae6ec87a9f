"""What is told of recognition shows in the figures of a run and in the metrics of a process."""

from dragoman.ground.events import (
    RecognitionBatch,
    RecognitionLoad,
    RecognitionOpened,
    RecognitionRefused,
    RecognitionTurn,
    WindowCut,
    WordsCommitted,
)
from dragoman.ground.languages import Language
from dragoman.observe.figures import Figures
from dragoman.observe.metrics import Metrics, MetricsObserver

VI = Language("vi")


def test_every_committed_word_counts_in_the_lags_of_a_run() -> None:
    figures = Figures()

    figures.observe(WordsCommitted(speaker="an", language=VI, lags_ms=(400.0, 300.0)))
    figures.observe(WordsCommitted(speaker="an", language=VI, lags_ms=(900.0,)))

    words = figures.lags()["word"]
    assert (words.count, words.p50, words.p95) == (3, 400.0, 900.0)


def test_waits_losses_and_load_show_in_the_metrics() -> None:
    metrics = Metrics()
    observer = MetricsObserver(metrics)

    observer.observe(WordsCommitted(speaker="an", language=VI, lags_ms=(400.0, 300.0)))
    observer.observe(WindowCut(language=VI, at_s=2.0))
    observer.observe(RecognitionTurn(urgency="final", outcome="taken", waited_ms=250.0))
    observer.observe(RecognitionTurn(urgency="partial", outcome="replaced", waited_ms=900.0))
    observer.observe(RecognitionRefused(what="recording", reason="queue"))
    observer.observe(RecognitionLoad(share=0.9, degree=2, changed=True, waiting=3))

    value = metrics.registry.get_sample_value
    assert value("dragoman_word_lag_seconds_count", {"language": "vi"}) == 2
    assert value("dragoman_recognition_window_cuts_total", {"language": "vi"}) == 1
    assert value("dragoman_recognition_wait_seconds_sum", {"urgency": "final"}) == 0.25
    assert value("dragoman_recognition_turns_lost_total", {"urgency": "partial", "outcome": "replaced"}) == 1
    assert value("dragoman_recognition_refused_total", {"what": "recording", "reason": "queue"}) == 1
    assert value("dragoman_recognition_load_ratio") == 0.9
    assert value("dragoman_recognition_degree") == 2
    assert value("dragoman_recognition_waiting_calls") == 3


def test_windows_read_in_one_call_and_who_hears_whom_show_in_the_metrics() -> None:
    metrics = Metrics()
    observer = MetricsObserver(metrics)

    observer.observe(RecognitionBatch(engine="faster_whisper:base", windows=1))
    observer.observe(RecognitionBatch(engine="faster_whisper:base", windows=2))
    observer.observe(RecognitionOpened(language=VI, first="faster_whisper:base", last="faster_whisper:small"))

    value = metrics.registry.get_sample_value
    batches = {"engine": "faster_whisper:base"}
    assert value("dragoman_recognition_batch_windows_count", batches) == 2
    assert value("dragoman_recognition_batch_windows_sum", batches) == 3
    first = {"language": "vi", "engine": "faster_whisper:base", "words": "first"}
    last = {"language": "vi", "engine": "faster_whisper:small", "words": "last"}
    assert value("dragoman_recognition_engine", first) == 1
    assert value("dragoman_recognition_engine", last) == 1
