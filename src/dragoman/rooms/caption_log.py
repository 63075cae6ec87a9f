"""Write ``captions.jsonl``, one final caption per line for programs, and ``report.json``. Beside ``webvtt.py``."""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.rooms.disk import writing_to
from dragoman.wire.frames import Header, JsonValue

VoiceKey = tuple[str, Language]
"""Segment and language: what a voice belongs to."""


def write_caption_log(
    path: Path, finals: Iterable[Caption], *, spoken: Mapping[VoiceKey, float], skipped: Set[VoiceKey]
) -> int:
    """Write final captions in ``seq`` order, one JSON object per line, and give their number.

    ``spoken`` maps what was voiced to its lag in milliseconds; ``skipped`` is what was left out. Raises
    ``OutputNotWritable``.
    """
    ordered = sorted(finals, key=lambda caption: caption.seq)
    with writing_to(path.parent), path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for caption in ordered:
            file.write(_to_line(_describe(caption, spoken, skipped)) + "\n")
    return len(ordered)


def write_report(path: Path, report: Header) -> None:
    """Write a report as indented JSON; numbers that are not finite become null. Raises ``OutputNotWritable``."""
    text = json.dumps(_finite(report), ensure_ascii=False, indent=2, allow_nan=False)
    with writing_to(path.parent):
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace", newline="\n")


def _describe(caption: Caption, spoken: Mapping[VoiceKey, float], skipped: Set[VoiceKey]) -> Header:
    key = (caption.segment, caption.language)
    voice = "spoken" if key in spoken else "skipped" if key in skipped else None
    lags = {name.removesuffix("_ms"): lag for name, lag in dataclasses.asdict(caption.lags).items()}
    lags["voice"] = spoken.get(key, caption.lags.voice_ms)
    return {
        "seq": caption.seq,
        "segment": caption.segment,
        "speaker": caption.speaker,
        "language": caption.language,
        "source_language": caption.source_language,
        "text": caption.text,
        "start": round(caption.start_s, 3),
        "end": round(caption.end_s, 3),
        "untranslated": caption.untranslated,
        "voice": voice,
        "lag_ms": {name: None if lag is None else round(lag, 1) for name, lag in lags.items()},
    }


def _to_line(value: Header) -> str:
    """Encode one object. Line breaks that JSON allows inside strings are escaped: some readers split at them."""
    line = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    return line.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _finite(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
