"""Captions on their way to the readers: what waits, and how a caption travels as a text stream. To livekit_room.py.

Every update of a segment is a stream of its own with the segment's id and the whole text; the last one is final.
"""

from collections import OrderedDict
from dataclasses import dataclass

from dragoman.ground.captions import Caption

CAPTION_TOPIC = "lk.transcription"

MAX_WAITING_FINALS = 2000
"""Twenty minutes of lively talk in three languages. Beyond, the oldest is not shown live; the API keeps finals."""
MAX_WAITING_PARTIALS = 200

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A caption and who it goes to."""

    caption: Caption
    readers: frozenset[str]


class CaptionQueue:
    """Captions nobody has sent yet: finals all and in order, of partials only the newest of each segment.

    A partial waits behind everything that came before its segment's first partial; its final takes its place away, so
    no partial follows its final. When it is full, the oldest of the same sort is dropped and counted.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[_Key, Outgoing] = OrderedDict()
        self._finals = 0
        self.dropped_finals = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, caption: Caption, readers: frozenset[str]) -> None:
        """Let ``caption`` wait. With no readers it only takes its partial away."""
        partial_key = (caption.segment, caption.language)
        key = (f"{caption.seq} {caption.segment}", caption.language) if caption.final else partial_key
        if caption.final:
            self._waiting.pop(partial_key, None)
        if not readers:
            return
        self._finals += caption.final and key not in self._waiting
        self._waiting[key] = Outgoing(caption=caption, readers=readers)
        if self._finals > MAX_WAITING_FINALS:
            self._drop_oldest(final=True)
            self.dropped_finals += 1
        if len(self._waiting) - self._finals > MAX_WAITING_PARTIALS:
            self._drop_oldest(final=False)

    def take(self) -> Outgoing | None:
        """Give what is to be sent next; None if nothing waits."""
        if not self._waiting:
            return None
        _, outgoing = self._waiting.popitem(last=False)
        self._finals -= outgoing.caption.final
        return outgoing

    def _drop_oldest(self, *, final: bool) -> None:
        key = next(key for key, outgoing in self._waiting.items() if outgoing.caption.final == final)
        self._finals -= self._waiting.pop(key).caption.final


def caption_attributes(caption: Caption, *, epoch: int) -> dict[str, str]:
    """Describe a caption to the page; the text itself is the stream's content."""
    lag_ms = caption.lags.caption_ms
    return {
        "lk.segment_id": f"{caption.segment}.{caption.language}",
        "lk.transcription_final": "true" if caption.final else "false",
        "dragoman.speaker": caption.speaker,
        "dragoman.language": caption.language,
        "dragoman.source_language": caption.source_language,
        "dragoman.seq": str(caption.seq),
        "dragoman.epoch": str(epoch),
        "dragoman.committed_chars": str(caption.committed_chars),
        "dragoman.lag_ms": "" if lag_ms is None else str(round(lag_ms)),
        "dragoman.start_s": f"{caption.start_s:.3f}",
        "dragoman.end_s": f"{caption.end_s:.3f}",
        "dragoman.untranslated": "true" if caption.untranslated else "false",
        "dragoman.replaces": "true" if caption.replaces else "false",
        "dragoman.gap": "true" if caption.gap else "false",
        "dragoman.original": caption.original,
    }
