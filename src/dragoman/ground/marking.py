"""What is written wherever synthetic speech is written, so that people and programs can tell.

Into every file with speech (``rooms/mixdown.py``, ``services/saying/sound_files.py``); ``dragoman voices detect`` reads
it. What is in the sound itself is ``voicing/watermark.py``.
"""

from collections.abc import Iterable
from typing import Final

AI_SPEECH: Final = "AI-generated speech"
"""Begins every mark; the European AI Act (article 50) asks for one that machines can read."""

AI_SPEECH_HEADER: Final = "X-AI-Generated"
"""Header of HTTP answers with speech: ``true``. The only mark of bare PCM, which has no metadata."""


def describe_synthetic(*, engines: Iterable[str] = (), voice: str = "", also: str = "") -> str:
    """Write the mark: ``AI-generated speech by Dragoman; engine: espeak; voice: vi+f2``."""
    named = ", ".join(dict.fromkeys(engines))
    parts = [f"{AI_SPEECH} by Dragoman", f"engine: {named}" * bool(named), f"voice: {voice}" * bool(voice), also]
    return "; ".join(part for part in parts if part)


def says_synthetic(text: str) -> bool:
    """Say whether a text of a file's metadata is such a mark."""
    return AI_SPEECH in text
