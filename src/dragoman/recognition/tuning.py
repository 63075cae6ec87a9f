"""The numbers of recognition, in one place. From the field's practice; measure before changing one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionTuning:
    """Defaults suit two cores."""

    speech_on: float = 0.5
    """Speech probability at which a window counts as voiced while nobody speaks."""
    speech_off: float = 0.35
    """Speech probability below which a window counts as silent while somebody speaks."""
    start_s: float = 0.096
    """Voiced time that opens an utterance."""
    pre_roll_s: float = 0.48
    """Audio before the first voiced window that belongs to the utterance: soft beginnings."""
    hang_s: float = 0.2
    """Silence after which the speculative final starts."""
    endpoint_s: float = 0.48
    """Silence that ends the utterance."""
    soft_limit_s: float = 8.0
    """From this length on, any dip of ``dip_s`` splits the utterance."""
    hard_limit_s: float = 12.0
    """At this length it is split at the quietest dip of the last ``dip_search_s``."""
    dip_s: float = 0.096
    dip_search_s: float = 4.0
    buffer_s: float = 30.0
    """Audio accepted and not yet processed; beyond it ``push`` waits."""
    block_s: float = 0.096
    """Audio handed to an engine at a time: three windows of voice activity."""

    look_interval_s: float = 0.18
    """Least new audio between two looks at an utterance; with the blocks it comes to 0.19 s."""
    plain_look_interval_s: float = 1.4
    """The same for an engine that takes whole stretches only: it hears all of the window anew each time."""
    look_load: float = 1.25
    """Looks that take t seconds come at most every ``look_load`` x t. They keep a model busy for 0.8 of the time; more
    would be overload (``engines/overload.py``)."""
    max_look_interval_s: float = 4.0

    hold_s: float = 0.5
    """A word is settled when what follows it began at least so long ago; then one witness is enough."""
    early_hold_s: float = 0.12
    """The same if both witnesses speak for it."""
    believed: float = 0.5
    """Probability from which the engine itself is a witness."""

    cut_behind_s: float = 1.5
    """Committed words are cut away with their audio when they end so long before the end of the window,"""
    cut_gap_s: float = 0.08
    """at gaps of at least this length;"""
    window_limit_s: float = 6.0
    """a window longer than this is cut at the widest gap there is."""
    context_p: float = 0.6
    """What was committed before leads the next window if its words had at least this mean probability."""
    last_word_p: float = 0.15
    """A last word that is less likely is taken for a breath or a click."""
    pitchless_p: float = 0.8
    """Words of an utterance without a voice's pitch are believed from this probability on (geometric mean): who
    whispers clearly is heard, and noise that passes voice activity is not."""
