"""The numbers of interpreting, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpretingTuning:
    """Defaults suit two cores."""

    sentence_pause_s: float = 0.6
    """A pause this long between two words closes a segment."""
    long_segment_s: float = 4.5
    """Speech without any sentence mark is cut at its longest pause once it lasts this long."""
    max_segment_words: int = 30
    """No segment is longer."""
    clause_words: int = 14
    """A comma closes a segment from this many words on (22 for Vietnamese, whose words are syllables)."""
    translation_deadline_s: float = 4.0
    """A translation that comes later is of no use any more; the caption is then shown untranslated, marked."""
    preview_deadline_s: float = 1.0
    preview_interval_s: float = 0.9
    """Least time between two provisional translations of one booth (``preview_interval_s``)."""
    preview_load: float = 3.0
    """A provisional translation that took t seconds is not followed by another within ``preview_load`` x t."""
    preview_hold_back_words: int = 2
    """The last words of a provisional translation change most and are not shown (``previews.py``)."""
    voice_deadline_s: float = 5.0
    """Until the first sound of a voice."""
    max_waiting_segments: int = 256
    """Of one booth; what overflows is shown untranslated, never lost."""
    echo_window_s: float = 10.0
    """How long after a dub its words are taken for an echo when the microphone of a listener hears them."""
    max_voice_backlog_s: float = 8.0
    """Of one target language. What waits beyond it stays a caption."""
    max_backlog_segments: int = 200
    """Of one booth: finals that wait to be translated afterwards; beyond it the oldest stay untranslated."""


def preview_interval_s(cores: int) -> float:
    """Give the cadence of provisional translations that a machine carries."""
    return next((interval_s for least, interval_s in ((8, 0.5), (4, 0.7)) if cores >= least), 0.9)
