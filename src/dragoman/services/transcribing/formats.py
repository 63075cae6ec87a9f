"""Write a transcription: text, JSON, SubRip and WebVTT subtitles, OpenAI's verbose JSON. From ``transcription.py``.

Sources: WebVTT, W3C Candidate Recommendation of 4 April 2019; OpenAI's API reference, "Create transcription".
"""

import html
import json
import math
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from dragoman.engines.speech_to_text.whisper_gate import compression_ratio
from dragoman.ground.languages import LANGUAGES
from dragoman.ground.speech import Word
from dragoman.services.transcribing.transcription import Passage, Transcription
from dragoman.wire.fields import sendable
from dragoman.wire.frames import Header, JsonValue

SYNTHETIC_NOTE: Final = "NOTE Recognised by machine (Dragoman)."
_BREAKS: Final = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, halves of surrogates, line and paragraph separators."""


class TextFormat(StrEnum):
    """What ``dragoman transcribe`` writes."""

    TXT = "txt"
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"


def write_file(transcription: Transcription, text_format: TextFormat) -> str:
    """Write the whole content of a file."""
    match text_format:
        case TextFormat.TXT:
            return "".join(f"{_one_line(sentence.text)}\n" for sentence in transcription.sentences)
        case TextFormat.JSON:
            return json.dumps(write_json(transcription), ensure_ascii=False, indent=2) + "\n"
        case TextFormat.SRT:
            return write_srt(transcription)
        case TextFormat.VTT:
            return write_vtt(transcription)


def write_json(transcription: Transcription) -> Header:
    """Write everything that is known. Times are seconds of the recording."""
    return {
        "text": sendable(transcription.text),
        "language": transcription.language,
        "duration": _rounded(transcription.duration_s),
        "cut_short": transcription.cut_short,
        "segments": [_passage(each, number) for number, each in enumerate(transcription.segments)],
        "sentences": [_passage(each, number) for number, each in enumerate(transcription.sentences)],
        "words": [write_word(word) for word in transcription.words],
        "model_used": transcription.model_used,
        "processing_time": _rounded(transcription.processing_s),
    }


def write_word(word: Word) -> Header:
    return {
        "text": sendable(word.text),
        "start": _rounded(word.start_s),
        "end": _rounded(word.end_s),
        "probability": None if word.probability is None else _rounded(word.probability),
    }


def write_brief_json(transcription: Transcription) -> Header:
    """Write what OpenAI's ``json`` has, and ``cut_short``, which is ours."""
    return {"text": sendable(transcription.text), "cut_short": transcription.cut_short}


def write_verbose_json(transcription: Transcription, granularities: Collection[str]) -> Header:
    """Write what OpenAI's ``verbose_json`` has, and ``cut_short``; ``granularities`` is of ``segment`` and ``word``.

    What our engines do not tell is 0 or empty: ``seek``, ``tokens``, ``temperature`` and ``no_speech_prob``.
    """
    answer: Header = {
        "task": "transcribe",
        "language": LANGUAGES[transcription.language].name.lower(),
        "duration": _rounded(transcription.duration_s),
        "cut_short": transcription.cut_short,
        "text": sendable(transcription.text),
        "usage": {"type": "duration", "seconds": math.ceil(transcription.duration_s)},
    }
    if "word" in granularities:
        answer["words"] = [
            {"word": sendable(word.text), "start": _rounded(word.start_s), "end": _rounded(word.end_s)}
            for word in transcription.words
        ]
    if "segment" in granularities:
        answer["segments"] = [_openai_segment(each, number) for number, each in enumerate(transcription.segments)]
    return answer


def write_srt(transcription: Transcription) -> str:
    """Write SubRip; a cue is a sentence, or a part of one that is long."""
    cues = []
    for number, segment in enumerate(transcription.segments, start=1):
        text = _one_line(segment.text).replace("-->", "->")
        cues.append(f"{number}\n{_clock(segment.start_s, ',')} --> {_clock(_end(segment), ',')}\n{text}\n")
    return "\n".join(cues)


def write_vtt(transcription: Transcription) -> str:
    """Write WebVTT with the same cues; tags and arrows in the text lose their meaning."""
    cues = [f"WEBVTT\n\n{SYNTHETIC_NOTE}\n"]
    for segment in transcription.segments:
        text = html.escape(_one_line(segment.text), quote=False)
        cues.append(f"{_clock(segment.start_s, '.')} --> {_clock(_end(segment), '.')}\n{text}\n")
    return "\n".join(cues)


def _passage(passage: Passage, number: int) -> JsonValue:
    confidence = passage.confidence
    return {
        "id": number,
        "start": _rounded(passage.start_s),
        "end": _rounded(passage.end_s),
        "text": sendable(passage.text),
        "confidence": None if confidence is None else _rounded(confidence),
    }


def _openai_segment(segment: Passage, number: int) -> JsonValue:
    known = [word.probability for word in segment.words if word.probability is not None]
    mean_logprob = sum(math.log(max(probability, 1e-10)) for probability in known) / len(known) if known else 0.0
    return {
        "id": number,
        "seek": 0,
        "start": _rounded(segment.start_s),
        "end": _rounded(segment.end_s),
        "text": sendable(segment.text),
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": _rounded(mean_logprob),
        "compression_ratio": _rounded(compression_ratio(segment.text)),
        "no_speech_prob": 0.0,
    }


def _end(segment: Passage) -> float:
    """Give the cue's end; it must lie behind its start."""
    return max(segment.end_s, segment.start_s + 0.001)


def _rounded(number: float) -> float:
    return round(number, 3)


def _one_line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(letter) in _BREAKS else letter for letter in text).split())


def _clock(seconds: float, point: str) -> str:
    seconds_whole, milliseconds = divmod(max(0, round(seconds * 1000)), 1000)
    minutes, second = divmod(seconds_whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{point}{milliseconds:03}"
