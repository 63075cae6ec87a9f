"""Read what a run wrote, as another program would: JSON lines, WebVTT, WAV. From commands.py."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import webvtt

from dragoman.ground.audio import Audio


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A final caption, as ``captions.jsonl`` has it."""

    seq: int
    segment: str
    speaker: str
    language: str
    source_language: str
    text: str
    start_s: float
    end_s: float
    untranslated: bool
    voice: str | None
    voice_lag_s: float | None

    @property
    def is_source(self) -> bool:
        return self.language == self.source_language

    @property
    def voice_starts_s(self) -> float:
        """Room seconds at which the dub of this caption begins; only for those that are spoken."""
        assert self.voice_lag_s is not None
        return self.end_s + self.voice_lag_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One cue of a WebVTT file, as webvtt-py reads it."""

    seq: int
    start_s: float
    end_s: float
    text: str
    """Without the voice tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A folder of results."""

    out: Path
    shown: str
    """What the command printed."""
    wall_s: float

    def lines(self) -> list[Line]:
        """Give all captions in the order of the file."""
        text = (self.out / "captions.jsonl").read_text(encoding="utf-8")
        return [_line(json.loads(line)) for line in text.splitlines()]

    def source(self, speaker: str | None = None) -> list[Line]:
        """Give what was said, of all speakers or of one."""
        return [line for line in self.lines() if line.is_source and speaker in {None, line.speaker}]

    def target(self, language: str, speaker: str | None = None) -> list[Line]:
        """Give the translations into ``language``, of all speakers or of one."""
        lines = [line for line in self.lines() if line.language == language and not line.is_source]
        return [line for line in lines if speaker in {None, line.speaker}]

    def cues(self, name: str) -> list[Cue]:
        """Read a WebVTT file; webvtt-py raises on one that is malformed."""
        return [
            Cue(
                seq=int(caption.identifier or 0),
                start_s=_seconds(caption.start),
                end_s=_seconds(caption.end),
                text=caption.text,
            )
            for caption in webvtt.read(str(self.out / name)).captions
        ]

    def dub(self, language: str) -> Audio:
        samples, rate = soundfile.read(self.out / f"dub.{language}.wav", dtype="float32")
        return Audio(samples=np.asarray(samples, np.float32), sample_rate=rate)

    def failures(self) -> dict[str, int]:
        """Give the engine failures that the report names."""
        failures = self.report()["engine_failures"]
        assert isinstance(failures, dict)
        return failures

    def report(self) -> dict[str, object]:
        report = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        assert isinstance(report, dict)
        return report


def said(lines: list[Line]) -> str:
    """Join captions in the order in which they were spoken."""
    return " ".join(line.text for line in sorted(lines, key=lambda line: line.start_s))


def _line(row: dict[str, object]) -> Line:
    lags = row["lag_ms"]
    assert isinstance(lags, dict)
    voice = row["voice"]
    return Line(
        seq=int(str(row["seq"])),
        segment=str(row["segment"]),
        speaker=str(row["speaker"]),
        language=str(row["language"]),
        source_language=str(row["source_language"]),
        text=str(row["text"]),
        start_s=float(str(row["start"])),
        end_s=float(str(row["end"])),
        untranslated=row["untranslated"] is True,
        voice=None if voice is None else str(voice),
        voice_lag_s=None if lags["voice"] is None else float(lags["voice"]) / 1000,
    )


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
