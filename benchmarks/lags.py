"""From the events of a run to lags: how long each stage took, and how long people waited. To ``one_run.py``.

Plain functions over events with their times; all lags are milliseconds.
"""

import difflib
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dragoman.ground.captions import Caption
from dragoman.ground.events import CaptionPublished, EngineCalled, Event, UtteranceRecognized, VoiceEnded, VoiceStarted

Lags = dict[str, list[float]]

RECOGNITION = "recognition (speech end -> words)"
RECOGNITION_WITHOUT_PAUSE = "  of it, without the pause"
TRANSLATION = "translation (words -> text)"
VOICE = "voice (text -> first sound)"
VOICE_WITHOUT_WAIT = "  of it, without the dub before"
SOURCE_CAPTION = "speech end -> source caption"
TRANSLATED_CAPTION = "clause end -> translated caption"
DUB = "clause end -> dub starts"
TRUE_TRANSLATED_CAPTION = "true clause end -> translated caption"
TRUE_DUB = "true clause end -> dub starts"
TRUE_DIFFERENCE = "engine's clause end - true clause end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An event with the time at which it was seen."""

    at_s: float
    event: CaptionPublished | UtteranceRecognized | VoiceStarted | VoiceEnded


@dataclass(slots=True)
class LagCollector:
    """The ``Observer`` that keeps what lags are made of."""

    seen: list[Seen] = field(default_factory=list)
    engine_calls: Counter[str] = field(default_factory=Counter)
    """By stage."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def observe(self, event: Event) -> None:
        match event:
            case CaptionPublished() | UtteranceRecognized() | VoiceStarted() | VoiceEnded():
                with self._lock:
                    self.seen.append(Seen(at_s=time.monotonic(), event=event))
            case EngineCalled(stage=stage):
                with self._lock:
                    self.engine_calls[stage.value] += 1
            case _:
                pass


SAME_MOMENT_S = 0.05


def source_captions(seen: Sequence[Seen]) -> list[Caption]:
    """List the final captions in the speakers' own language, in order."""
    captions = [it.event.caption for it in seen if isinstance(it.event, CaptionPublished)]
    return [caption for caption in captions if caption.language == caption.source_language]


def stage_lags(seen: Sequence[Seen]) -> Lags:
    """Collect the lags of every stage and from end to end, one value an utterance, a caption or a dub."""
    lags: Lags = defaultdict(list)
    ended = False
    """The utterance is over, and the caption of its last words is still to come."""
    told_at_s = -SAME_MOMENT_S
    for it in seen:
        match it.event:
            case UtteranceRecognized(lag_ms=lag_ms, endpoint_lag_ms=pause_ms):
                lags[RECOGNITION].append(lag_ms)
                lags[RECOGNITION_WITHOUT_PAUSE].append(lag_ms - pause_ms)
                ended = True
            case CaptionPublished(caption=caption) if caption.language != caption.source_language:
                lags[TRANSLATED_CAPTION].append(caption.lags.caption_ms or 0.0)
                if caption.lags.translation_ms is not None:
                    lags[TRANSLATION].append(caption.lags.translation_ms)
            case CaptionPublished(caption=caption) if ended or it.at_s - told_at_s < SAME_MOMENT_S:
                # Of the sentences that an utterance's end closes at once, the last one ends with the speech.
                if not ended:
                    lags[SOURCE_CAPTION].pop()
                lags[SOURCE_CAPTION].append(caption.lags.caption_ms or 0.0)
                ended, told_at_s = False, it.at_s
            case VoiceStarted(lag_ms=lag_ms):
                lags[DUB].append(lag_ms)
            case _:
                pass
    for whole_ms, alone_ms in _voice_lags(seen):
        lags[VOICE].append(whole_ms)
        lags[VOICE_WITHOUT_WAIT].append(alone_ms)
    return dict(lags)


def _voice_lags(seen: Sequence[Seen]) -> list[tuple[float, float]]:
    """Of each dub: from its text to its sound, and the same without waiting for the dub before it to end."""
    texts: dict[tuple[str, str], Caption] = {}
    sounds: dict[tuple[str, str], float] = {}
    silent_from_s: dict[str, float] = defaultdict(float)
    lags = []
    for it in seen:
        match it.event:
            case CaptionPublished(caption=caption):
                texts[caption.segment, caption.language] = caption
            case VoiceStarted(segment=segment, language=language, lag_ms=lag_ms):
                caption = texts[segment, language]
                known_s = caption.end_s + (caption.lags.caption_ms or 0.0) / 1000
                starts_s = caption.end_s + lag_ms / 1000
                alone_s = starts_s - max(known_s, silent_from_s[language])
                lags.append(((starts_s - known_s) * 1000, alone_s * 1000))
                sounds[segment, language] = starts_s
            case VoiceEnded(segment=segment, language=language, duration_s=duration_s):
                silent_from_s[language] = sounds[segment, language] + duration_s
            case _:
                pass
    return lags


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueWord:
    """A word as it was really spoken."""

    text: str
    end_s: float
    start_s: float = 0.0
    """Where it is known."""


def read_true_words(path: Path, *, starts_at_s: float) -> list[TrueWord]:
    """Read the words of a recording from the JSON beside it; times become room seconds."""
    sentences = json.loads(path.read_text(encoding="utf-8"))["sentences"]
    return [
        TrueWord(text=word["word"], end_s=starts_at_s + word["end"], start_s=starts_at_s + word["start"])
        for sentence in sentences
        for word in sentence["words"]
    ]


def true_clause_ends(captions: Sequence[Caption], truth: Sequence[TrueWord]) -> dict[str, float]:
    """Map each segment to the true end of its last word, by aligning what was recognised with what was said.

    Segments whose last word was not recognised are left out: nobody knows which sound it stands for.
    """
    heard, last = [], {}
    for caption in captions:
        heard += [_normal(word) for word in caption.text.split()]
        last[len(heard) - 1] = caption.segment
    said = [_normal(word.text) for word in truth]
    matcher = difflib.SequenceMatcher(a=heard, b=said, autojunk=False)
    ends = {}
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            segment = last.get(block.a + offset)
            if segment is not None:
                ends[segment] = truth[block.b + offset].end_s
    return ends


def true_lags(seen: Sequence[Seen], ends: Mapping[str, float]) -> Lags:
    """Count again from the true ends of clauses."""
    lags: Lags = defaultdict(list)
    difference_ms = {
        caption.segment: (caption.end_s - ends[caption.segment]) * 1000
        for caption in source_captions(seen)
        if caption.segment in ends
    }
    lags[TRUE_DIFFERENCE] = list(difference_ms.values())
    for it in seen:
        match it.event:
            case CaptionPublished(caption=caption) if caption.language != caption.source_language:
                if caption.segment in ends:
                    lags[TRUE_TRANSLATED_CAPTION].append(
                        (caption.lags.caption_ms or 0.0) + difference_ms[caption.segment]
                    )
            case VoiceStarted(segment=segment, lag_ms=lag_ms) if segment in ends:
                lags[TRUE_DUB].append(lag_ms + difference_ms[segment])
            case _:
                pass
    return dict(lags)


def _normal(word: str) -> str:
    return word.strip(".,!?;:\"'").casefold()
