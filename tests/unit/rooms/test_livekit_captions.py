from dragoman.ground.captions import Caption, Lags
from dragoman.ground.languages import Language
from dragoman.rooms.livekit_captions import (
    MAX_WAITING_FINALS,
    MAX_WAITING_PARTIALS,
    CaptionQueue,
    caption_attributes,
)

READERS = frozenset({"ben"})


def caption(
    text: str, *, segment: str = "an.1", seq: int = 0, language: str = "en", lag_ms: float | None = None
) -> Caption:
    return Caption(
        segment=segment,
        speaker="an",
        language=Language(language),
        source_language=Language("vi"),
        text=text,
        start_s=1.0,
        end_s=2.0,
        final=seq > 0,
        seq=seq,
        lags=Lags(caption_ms=lag_ms),
    )


def taken(queue: CaptionQueue) -> list[str]:
    texts = []
    while (outgoing := queue.take()) is not None:
        texts.append(outgoing.caption.text)
    return texts


def test_only_the_newest_partial_of_a_segment_is_sent() -> None:
    queue = CaptionQueue()
    for text in ("H", "He", "Hel"):
        queue.put(caption(text), READERS)

    assert taken(queue) == ["Hel"]


def test_no_partial_follows_its_final() -> None:
    queue = CaptionQueue()
    queue.put(caption("Hel"), READERS)
    queue.put(caption("Hello", seq=1), READERS)

    assert taken(queue) == ["Hello"]


def test_finals_are_all_sent_in_order() -> None:
    queue = CaptionQueue()
    for number in range(1, 50):
        queue.put(caption(f"{number}", seq=number, segment=f"an.{number}"), READERS)

    assert taken(queue) == [f"{number}" for number in range(1, 50)]


def test_one_segment_in_two_languages_is_two_captions() -> None:
    queue = CaptionQueue()
    queue.put(caption("Hello"), READERS)
    queue.put(caption("Hola", language="es"), READERS)

    assert taken(queue) == ["Hello", "Hola"]


def test_a_caption_without_readers_is_not_sent_and_takes_its_partial_away() -> None:
    queue = CaptionQueue()
    queue.put(caption("Hel"), READERS)
    queue.put(caption("Hello", seq=1), frozenset())

    assert taken(queue) == []


def test_what_waits_is_bounded_and_dropped_finals_are_counted() -> None:
    queue = CaptionQueue()
    for number in range(1, MAX_WAITING_FINALS + 4):
        queue.put(caption(f"{number}", seq=number, segment=f"an.{number}"), READERS)
        queue.put(caption(f"p{number}", segment=f"an.p{number}"), READERS)

    assert len(queue) == MAX_WAITING_FINALS + MAX_WAITING_PARTIALS
    assert queue.dropped_finals == 3
    assert queue.take() is not None


def test_a_caption_carries_what_the_page_needs_as_text() -> None:
    attributes = caption_attributes(caption("Hello", seq=4, lag_ms=812.6), epoch=2)

    assert attributes["lk.segment_id"] == "an.1.en"
    assert attributes["dragoman.lag_ms"] == "813"
    assert (attributes["dragoman.seq"], attributes["dragoman.epoch"]) == ("4", "2")
    assert caption_attributes(caption("Hello"), epoch=2)["dragoman.lag_ms"] == ""
