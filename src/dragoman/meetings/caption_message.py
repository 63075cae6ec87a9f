"""Captions as JSON: what the API answers, what ``WS /interpret`` sends, and what an interpreter posts to the API.

With ``wire/fields.py``; beside ``finals.py``.
"""

from dragoman.ground.captions import Caption, Lags, Unfinished
from dragoman.wire.fields import Fields, sendable
from dragoman.wire.frames import Header, JsonValue

_LAGS = ("recognition_ms", "translation_ms", "caption_ms", "voice_ms")


def write_caption(caption: Caption) -> Header:
    return {
        "segment": caption.segment,
        "speaker": caption.speaker,
        "language": caption.language,
        "source_language": caption.source_language,
        "text": sendable(caption.text),
        "start_s": round(caption.start_s, 3),
        "end_s": round(caption.end_s, 3),
        "final": caption.final,
        "seq": caption.seq,
        "committed_chars": caption.committed_chars,
        "untranslated": caption.untranslated,
        "replaces": caption.replaces,
        "gap": caption.gap,
        "original": sendable(caption.original),
        "lags": {name: _rounded(getattr(caption.lags, name)) for name in _LAGS},
    }


def read_caption(value: JsonValue) -> Caption:
    """Raises ``WireError`` naming the field."""
    fields = Fields(value, of="caption")
    lags = Fields(fields.value("lags"), of="lags")
    caption = Caption(
        segment=fields.text("segment"),
        speaker=fields.text("speaker"),
        language=fields.language("language"),
        source_language=fields.language("source_language"),
        text=fields.text("text"),
        start_s=fields.number("start_s"),
        end_s=fields.number("end_s"),
        final=fields.flag("final"),
        seq=fields.count("seq"),
        committed_chars=fields.count("committed_chars"),
        untranslated=fields.flag("untranslated"),
        replaces=fields.flag("replaces"),
        gap=fields.flag("gap"),
        original=fields.text("original"),
        lags=Lags(**{name: lags.optional(name, lags.number) for name in _LAGS}),
    )
    fields.end()
    lags.end()
    return caption


def write_unfinished(unfinished: Unfinished) -> Header:
    return {
        "segment": unfinished.segment,
        "speaker": unfinished.speaker,
        "source_language": unfinished.source_language,
        "text": sendable(unfinished.text),
        "start_s": round(unfinished.start_s, 3),
        "end_s": round(unfinished.end_s, 3),
        "closed": unfinished.closed,
        "languages": [*sorted(unfinished.languages)],
    }


def read_unfinished(value: JsonValue) -> Unfinished:
    """Raises ``WireError`` naming the field."""
    fields = Fields(value, of="unfinished segment")
    unfinished = Unfinished(
        segment=fields.text("segment"),
        speaker=fields.text("speaker"),
        source_language=fields.language("source_language"),
        text=fields.text("text"),
        start_s=fields.number("start_s"),
        end_s=fields.number("end_s"),
        closed=fields.flag("closed"),
        languages=frozenset(fields.languages("languages")),
    )
    fields.end()
    return unfinished


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
