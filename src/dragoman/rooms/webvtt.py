"""Write final captions as WebVTT subtitles. From ``wav_room.py``'s record; beside ``caption_log.py``.

Source: WebVTT, W3C Candidate Recommendation of 4 April 2019.
"""

import html
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.rooms.disk import writing_to

SYNTHETIC_NOTE = "NOTE Recognised and translated by machine (Dragoman)."
_SHORTEST_MS = 1
"""A cue must end after it begins."""
_BREAKS = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, halves of surrogates, line and paragraph separators; joiners, which Hindi needs, stay."""


def captions_as_spoken(finals: Iterable[Caption], language: Language) -> list[Caption]:
    """Pick what was said in ``language``: the content of ``source.<language>.vtt``."""
    return [caption for caption in finals if caption.language == caption.source_language == language]


def captions_to_read(finals: Iterable[Caption], language: Language) -> list[Caption]:
    """Pick what a reader of ``language`` sees, of all speakers: the content of ``<language>.vtt``."""
    return [caption for caption in finals if caption.language == language]


def write_webvtt(path: Path, captions: Iterable[Caption], *, names: Mapping[str, str] | None = None) -> int:
    """Write captions as cues in order of their start and give their number; cues may overlap.

    Voice tags name the speakers if there are several; ``names`` gives names to identities. Untranslated captions
    carry their language in front: ``[en] Good morning.`` Raises ``OutputNotWritable``.
    """
    ordered = sorted(
        (caption for caption in captions if _one_line(caption.text)),
        key=lambda caption: (caption.start_s, caption.end_s, caption.seq),
    )
    several = len({caption.speaker for caption in ordered}) > 1
    with writing_to(path.parent), path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.write(f"WEBVTT\n\n{SYNTHETIC_NOTE}\n")
        for caption in ordered:
            voice = (names or {}).get(caption.speaker, caption.speaker) if several else None
            file.write(f"\n{_cue(caption, voice)}\n")
    return len(ordered)


def _cue(caption: Caption, voice: str | None) -> str:
    start_ms = max(0, round(caption.start_s * 1000))
    end_ms = max(start_ms + _SHORTEST_MS, round(caption.end_s * 1000))
    text = _escape(caption.text)
    if caption.untranslated:
        text = f"[{caption.source_language}] {text}"
    if voice is not None:
        text = f"<v {_escape(voice) or 'Speaker'}>{text}"
    return f"{caption.seq}\n{_timestamp(start_ms)} --> {_timestamp(end_ms)}\n{text}"


def _escape(text: str) -> str:
    """Make text harmless in a cue: tags and ``-->`` lose their meaning, and no line break ends the cue."""
    return html.escape(_one_line(text), quote=False)


def _one_line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(letter) in _BREAKS else letter for letter in text).split())


def _timestamp(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
