"""Settings become the numbers with which Whisper recognises recordings. To ``assembly.py``."""

from typing import Final

from dragoman.engines.speech_to_text.file_decoding import FileTuning
from dragoman.engines.speech_to_text.hallucinations import HallucinationLimits
from dragoman.engines.speech_to_text.voiced_pieces import VoiceGate
from dragoman.settings import Settings

_FROM_DOUBTFUL_TO_HOPELESS: Final = 0.6
"""Log-probability between words that are tried again and words that are dropped, where doubt begins late."""


def file_tuning(settings: Settings) -> FileTuning:
    """Give the numbers; what has no setting keeps its default."""
    limit = settings.recording_logprob_limit
    return FileTuning(
        beam_size=settings.recording_beam_size,
        temperatures=settings.recording_temperatures,
        limits=HallucinationLimits(
            no_speech_probability=settings.recording_no_speech_limit,
            mean_logprob=limit,
            # Who allows unlikelier words wants to see them.
            hopeless_logprob=min(HallucinationLimits().hopeless_logprob, limit - _FROM_DOUBTFUL_TO_HOPELESS),
            compression_ratio=settings.recording_compression_limit,
        ),
        gate=VoiceGate(
            threshold=settings.recording_speech_threshold,
            min_speech_s=settings.recording_min_speech_ms / 1000,
            max_speech_s=settings.recording_max_speech_s,
            min_silence_s=settings.recording_min_silence_ms / 1000,
            padding_s=settings.recording_padding_ms / 1000,
        ),
    )
