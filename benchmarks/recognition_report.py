"""Tables and figures of live recognition against offline. To ``recognition.py``."""

import dataclasses
from collections.abc import Sequence

from benchmarks.recognition_run import percentile
from benchmarks.report import Rows, rounded, table

from dragoman.wire.frames import JsonValue


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TimeErrors:
    """Of the right words: how far from the true times, seconds."""

    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is printed of one talk."""

    talk: str
    language: str
    audio_s: float
    words: int
    offline_wer: float
    live_wer: float
    delays_s: tuple[float, ...]
    """Of the right words, from their true end."""
    first_shown_s: tuple[float, ...]
    committed_share: float
    """Words committed before their utterance ended."""
    live_cpu_s: float
    offline_cpu_s: float
    offline_times: TimeErrors
    live_times: TimeErrors


HEADER = (
    "talk            audio  WER offline    live   word end -> there p50    p95   first shown   committed early"
    "   CPU-s/s live  offline"
)


def line(row: Row) -> str:
    """Write one talk in a line, costs included."""
    return (
        f"{row.talk:14} {row.audio_s:5.0f} s {row.offline_wer:10.1%} {row.live_wer:7.1%}"
        f" {percentile(row.delays_s, 0.5):20.2f} s {percentile(row.delays_s, 0.95):5.2f} s"
        f" {percentile(row.first_shown_s, 0.5):11.2f} s {row.committed_share:17.0%}"
        f" {row.live_cpu_s / row.audio_s:14.3f} {row.offline_cpu_s / row.audio_s:8.3f}"
    )


def total(rows: Sequence[Row]) -> Row:
    """Add talks up, at least one."""
    words = sum(row.words for row in rows)
    return Row(
        talk="all",
        language="",
        audio_s=sum(row.audio_s for row in rows),
        words=words,
        offline_wer=sum(row.offline_wer * row.words for row in rows) / words,
        live_wer=sum(row.live_wer * row.words for row in rows) / words,
        delays_s=tuple(delay for row in rows for delay in row.delays_s),
        first_shown_s=tuple(shown for row in rows for shown in row.first_shown_s),
        committed_share=sum(row.committed_share * row.words for row in rows) / words,
        live_cpu_s=sum(row.live_cpu_s for row in rows),
        offline_cpu_s=sum(row.offline_cpu_s for row in rows),
        offline_times=_add_up([row.offline_times for row in rows]),
        live_times=_add_up([row.live_times for row in rows]),
    )


def _add_up(errors: Sequence[TimeErrors]) -> TimeErrors:
    return TimeErrors(
        starts_s=tuple(second for each in errors for second in each.starts_s),
        ends_s=tuple(second for each in errors for second in each.ends_s),
    )


def without_costs(row: Row) -> JsonValue:
    """Leave out what depends on the machine and on what else it does."""
    costs = {"delays_s", "first_shown_s", "committed_share", "live_cpu_s", "offline_cpu_s"}
    return rounded({name: value for name, value in dataclasses.asdict(row).items() if name not in costs})


def word_table(rows: Sequence[Row]) -> str:
    """Write word errors, and how far words lie from their true times, talk by talk and of each language."""
    written: Rows = [
        ("talk", "words", "WER offline", "live", "offline starts p50", "p95", "ends p50", "p95", "live starts p50",
         "p95", "ends p50", "p95"),
    ]  # fmt: skip
    languages = dict.fromkeys(row.language for row in rows)
    all_of = [
        dataclasses.replace(total([row for row in rows if row.language == language]), talk=f"all {language}")
        for language in languages
    ]
    for row in (*rows, *all_of):
        times = (row.offline_times.starts_s, row.offline_times.ends_s, row.live_times.starts_s, row.live_times.ends_s)
        spreads = [f"{percentile(errors, part):.2f} s" for errors in times for part in (0.5, 0.95)]
        written.append((row.talk, str(row.words), f"{row.offline_wer:.1%}", f"{row.live_wer:.1%}", *spreads))
    return table(written)
