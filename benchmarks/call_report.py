"""From measured calls to what is printed, and to JSON. From ``call_run.py``; to ``latency.py``."""

import dataclasses
from collections.abc import Sequence
from statistics import median

from benchmarks.call_run import DUB_AUDIBLE, CallRun
from benchmarks.goals import ALL_PROCESSES_MB, DUB_ON_TWO_CORES_S, SECOND_START_S, missed_by, shortfall
from benchmarks.machine import Spending
from benchmarks.report import Rows, memory_table, rounded, table

from dragoman.observe.figures import Spread, spread
from dragoman.wire.frames import JsonValue

OURS = ("dragoman serve interpreter", "dragoman serve api")
"""Processes of our own code; WebRTC lives in them."""
MEDIA_SERVER = "livekit-server"


def describe_call(runs: Sequence[CallRun]) -> str:
    """Write everything about the measured calls."""
    audio_s = runs[0].audio_s
    loads = " ".join(f"{run.load:.2f}" for run in runs)
    parts = [
        "== call: dragoman up, built-in engines, one speaker (English), one page in headless Chromium (Spanish)",
        f"   {audio_s:.1f} s of speech, runs: {len(runs)}, load before each: {loads}",
        _lag_table(runs),
        _places(runs),
        _cost_table(runs),
        memory_table(runs[-1].memory),
        _goals(runs),
    ]
    return "\n\n".join(parts)


def merge_lags_s(runs: Sequence[CallRun]) -> dict[str, Spread]:
    """Put the values of all runs together; seconds."""
    names = dict.fromkeys(name for run in runs for name in run.lags_s)
    return {name: found for name in names if (found := spread_s([it for run in runs for it in run.lags_s[name]]))}


def spread_s(values: Sequence[float]) -> Spread | None:
    """Give the spread of seconds, to the millisecond."""
    found = spread([value * 1000 for value in values])
    if found is None:
        return None
    return Spread(count=found.count, p50=found.p50 / 1000, p95=found.p95 / 1000, p99=found.p99 / 1000)


def all_processes_mib(run: CallRun) -> float:
    return sum(process.pss_mib for process in run.memory)


def call_as_json(runs: Sequence[CallRun]) -> JsonValue:
    """Give every figure, the single values included."""
    return {
        "lag_s": {name: rounded(dataclasses.asdict(found)) for name, found in merge_lags_s(runs).items()},
        "runs": [rounded(dataclasses.asdict(run)) for run in runs],
    }


def _lag_table(runs: Sequence[CallRun]) -> str:
    rows: Rows = [("seconds", "n", "p50", "p95")]
    for name, found in merge_lags_s(runs).items():
        rows.append((name, str(found.count), f"{found.p50:.3f}", f"{found.p95:.3f}"))
    for name, values in {
        "make run, first start here": [run.first_start_s for run in runs],
        "make run, second start": [run.second_start_s for run in runs],
    }.items():
        rows.append((name, str(len(values)), f"{median(values):.3f}", f"{max(values):.3f}"))
    return table(rows)


def _places(runs: Sequence[CallRun]) -> str:
    sentences, clauses = sum(run.sentences for run in runs), sum(run.clauses for run in runs)
    within, run_on = sum(run.clauses_within for run in runs), sum(run.dubs_run_on for run in runs)
    return (
        f"{clauses} clauses of {sentences} sentences; {within} end within a sentence, where the engine says; {run_on} "
        "dubs ran on\nfrom the one before without a pause: those are placed by the interpreter's word and the usual way"
    )


def _cost_table(runs: Sequence[CallRun]) -> str:
    rows: Rows = [("CPU seconds per second of speech", *(f"run {number}" for number in range(1, len(runs) + 1)))]
    for name in dict.fromkeys(one.name for run in runs for one in run.spending):
        if name not in OURS:
            rows.append((name, *(_per_second(run, of=name) for run in runs)))
    for name in OURS:
        rows.append((f"{name}, our own code", *(_per_second(run, of=name, media=False) for run in runs)))
        rows.append((f"{name}, WebRTC in it", *(_per_second(run, of=name, media=True) for run in runs)))
    own = [sum(one.cpu_s - one.media_s for one in run.spending if one.name in OURS) / run.audio_s for run in runs]
    rows.append(("our own code together", *(f"{cost_s * 1000:.1f} ms" for cost_s in own)))
    return table(rows)


def _per_second(run: CallRun, *, of: str, media: bool | None = None) -> str:
    """Of one process; ``media``: its WebRTC alone, or all but that."""

    def part_s(one: Spending) -> float:
        if media is None:
            return one.cpu_s
        return one.media_s if media else one.cpu_s - one.media_s

    return f"{sum(part_s(one) for one in run.spending if one.name == of) / run.audio_s * 1000:.1f} ms"


def _goals(runs: Sequence[CallRun]) -> str:
    rows: Rows = [("goals", "measured", "shortfall")]
    dub = merge_lags_s(runs).get(DUB_AUDIBLE)
    name = f"dub audible <= {DUB_ON_TWO_CORES_S:.0f} s after the clause's end"
    for rank, dub_s in (("p50", dub.p50), ("p95", dub.p95)) if dub else ():
        rows.append((f"{name}, {rank}", f"{dub_s:.2f} s", shortfall(dub_s, DUB_ON_TWO_CORES_S)))
    if dub is None:
        rows.append((name, "no dub heard", ""))
    start_s = median(run.second_start_s for run in runs)
    rows.append((f"second start <= {SECOND_START_S:.0f} s", f"{start_s:.1f} s", shortfall(start_s, SECOND_START_S)))
    memory_mb = median(all_processes_mib(run) for run in runs) * 1.048576
    rows.append(
        (
            f"all processes <= {ALL_PROCESSES_MB:.0f} MB, PSS, without browser",
            f"{memory_mb:.0f} MB",
            missed_by(memory_mb, ALL_PROCESSES_MB, "MB"),
        )
    )
    return table(rows)
