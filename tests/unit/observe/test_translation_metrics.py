"""What is told of translation shows in the metrics of a process, and nothing is counted twice."""

from dragoman.ground.events import TranslationBatched, TranslationLoad, TranslationLooked, TranslationLost
from dragoman.observe.metrics import Metrics, MetricsObserver


def test_calls_losses_load_and_looks_show_in_the_metrics() -> None:
    metrics = Metrics()
    observer = MetricsObserver(metrics)

    observer.observe(TranslationBatched(urgency="final", requests=2, sentences=3, waited_ms=(20.0, 5.0)))
    observer.observe(TranslationLost(urgency="partial", outcome="busy"))
    observer.observe(TranslationLoad(share=0.75, waiting=4))
    for store, hit in (("memory", False), ("redis", True), ("memory", True)):
        observer.observe(TranslationLooked(urgency="final", store=store, hit=hit))

    value = metrics.registry.get_sample_value
    assert value("dragoman_translation_batch_sentences_sum", {"urgency": "final"}) == 3
    assert value("dragoman_translation_wait_seconds_sum", {"urgency": "final"}) == 0.025
    assert value("dragoman_translation_requests_lost_total", {"urgency": "partial", "outcome": "busy"}) == 1
    assert value("dragoman_translation_load_ratio") == 0.75
    assert value("dragoman_translation_waiting_requests") == 4
    looks = "dragoman_translation_cache_lookups_total"
    assert value(looks, {"urgency": "final", "store": "memory", "result": "hit"}) == 1
    assert value(looks, {"urgency": "final", "store": "memory", "result": "miss"}) == 1
    assert value(looks, {"urgency": "final", "store": "redis", "result": "hit"}) == 1
