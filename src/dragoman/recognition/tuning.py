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
    partial_interval_s: float = 1.4
    """Least new audio between two provisional passes of an engine that cannot follow along."""
    partial_load: float = 1.5
    """A pass that took t seconds is not repeated within ``partial_load`` x t."""
    buffer_s: float = 30.0
    """Audio accepted and not yet processed; beyond it ``push`` waits."""
    block_s: float = 0.096
    """Audio handed to an engine at a time: three windows of voice activity."""
