"""Is the speech in a file synthetic? What its metadata say, and what a detector hears. For ``dragoman voices detect``.

A mark proves that speech is synthetic; that none is found proves nothing.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import soundfile

from dragoman.engines.registry import REGISTRY
from dragoman.engines.watermark.detection import SAMPLE_RATE, WINDOW, Detection
from dragoman.ground.engines import EngineKind
from dragoman.ground.marking import says_synthetic
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
from dragoman.rooms.audio_file import open_recording
from dragoman.services.saying.watermarking import open_watermark_model
from dragoman.settings import Settings
from dragoman.voicing.watermark import payload_of, read_payload

if TYPE_CHECKING:
    from dragoman.engines.watermark.audioseal import AudioSeal

LEAST_S: Final = 1.0
"""Of a piece at the end of a file that is looked at; less says nothing."""
_TEXTS: Final = ("comment", "title", "artist", "software")


class Verdict(IntEnum):
    """What is known, as the command's exit status; 1 is that of every error."""

    MARKED = 0
    NO_MARK = 3
    NO_DETECTOR = 4
    """The metadata say nothing, and nothing here can listen for a watermark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What was found in one file."""

    metadata: str = ""
    """The mark in its metadata; empty if there is none."""
    watermark: Detection | None = None
    """Of the 10 s where the detector is surest; None without a detector."""
    engines: tuple[str, ...] = ()
    """Labels known here that fit the watermark."""

    @property
    def verdict(self) -> Verdict:
        if self.metadata or (self.watermark is not None and self.watermark.found):
            return Verdict.MARKED
        return Verdict.NO_DETECTOR if self.watermark is None else Verdict.NO_MARK


def detect_marks(path: Path, settings: Settings) -> Marks:
    """Look into a recording of any readable format, to its end.

    Raises ``AudioUnreadable`` and ``AudioTooLong``, and what ``open_watermark_model`` raises.
    """
    model = open_watermark_model(settings)
    heard = _listen(path, model if model is not None and model.detects else None, settings)
    engines = () if heard is None or heard.payload is None else _fitting(heard.payload, settings)
    return Marks(metadata=_mark_in_metadata(path), watermark=heard, engines=engines)


def describe_marks(marks: Marks) -> list[str]:
    """Say it in lines for people, the verdict first."""
    lines = {
        Verdict.MARKED: ["synthetic speech"],
        Verdict.NO_MARK: ["no mark found, which does not mean that a person speaks"],
        Verdict.NO_DETECTOR: ["no mark in the metadata, and no detector here: dragoman models pull audioseal"],
    }[marks.verdict]
    if marks.metadata:
        lines.append(f"metadata: {marks.metadata}")
    heard = marks.watermark
    if heard is None:
        lines += ["watermark: no detector here"] if marks.metadata else []
    elif not heard.found:
        lines.append(f"watermark: none; where it is likeliest, {heard.probability:.0%} sounds marked")
    else:
        sure = f"{heard.probability:.0%} sounds marked where it is surest"
        lines.append(f"watermark: found, {sure}{_described(heard, marks.engines)}")
    return lines


def _described(heard: Detection, engines: tuple[str, ...]) -> str:
    if heard.payload is None:
        return ""
    known = " or ".join(engines) or "one that is not known here"
    return f"; site {read_payload(heard.payload).site}, engine {known}"


def _mark_in_metadata(path: Path) -> str:
    try:
        with soundfile.SoundFile(path) as file:
            texts = [str(getattr(file, name)) for name in _TEXTS]
    except soundfile.SoundFileError:
        return ""  # a format that only the decoder of uploads reads; we write none of them
    return next((text for text in texts if says_synthetic(text)), "")


def _listen(path: Path, model: "AudioSeal | None", settings: Settings) -> Detection | None:
    """Give the surest of all stretches; without ``model`` only whether it can be read is checked."""
    surest: Detection | None = None
    with open_recording(path, sample_rate=SAMPLE_RATE, limit_s=settings.max_recording_hours * 3600) as reader:
        while model is not None and len(samples := reader.read(WINDOW)):
            if surest is not None and len(samples) < LEAST_S * SAMPLE_RATE:
                break
            found = model.detect(samples)
            surest = found if surest is None or found.probability > surest.probability else surest
    return surest


def _fitting(payload: int, settings: Settings) -> tuple[str, ...]:
    """Name the engines that are known here and have the checksum of the watermark."""
    names = REGISTRY[EngineKind.TEXT_TO_SPEECH]
    stored = ModelStore(settings.models_dir, load_table()).list()
    labels = [*names, *(f"{model.engine}:{model.id}" for model in stored if model.engine in names)]
    wanted = read_payload(payload)
    return tuple(label for label in labels if payload_of(wanted.site, label) == wanted)
