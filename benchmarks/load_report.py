"""From measured loads to what is printed, and to JSON. From ``load_run.py``; to ``load.py``."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

from benchmarks.call_report import spread_s
from benchmarks.load_run import KINDS, LoadRun
from benchmarks.machine import Spending
from benchmarks.report import Rows, rounded, table

from dragoman.wire.frames import JsonValue

SHORT = {"dragoman serve ": "", "livekit-server": "livekit"}
HOW = (
    "In each room people speak in turn, two sentences each, one second apart; rooms speak at the same time, with open\n"
    "microphones. Everybody gets captions and a dub; one ear a room and language measures the dubs. Nobody takes the\n"
    "originals: passing them on is not in livekit's figures."
)


def describe_loads(runs: Sequence[LoadRun]) -> str:
    """Write everything about the measured loads, a table for each set of engines."""
    parts = [HOW]
    for name in dict.fromkeys(run.load.kind for run in runs):
        of_kind = [run for run in runs if run.load.kind == name]
        parts += [f"== {name}: {KINDS[name].title}", _lag_table(of_kind), _share_table(of_kind)]
        parts += [_cost_table(of_kind), _trouble(of_kind)]
    return "\n\n".join(parts)


def loads_as_json(runs: Sequence[LoadRun]) -> JsonValue:
    """Give every figure, the single values included."""
    return [rounded(dataclasses.asdict(run)) for run in runs]


def _lag_table(runs: Sequence[LoadRun]) -> str:
    rows: Rows = [
        (
            "rooms x people",
            "sentences",
            "caption p50 / p95, s",
            "dub p50 / p95, s",
            "speakers refused",
            "captions missing",
            "finals lost",
            "voices skipped",
            "ladder levels (how often)",
        )
    ]
    for run in runs:
        ladder = ", ".join(f"{level}: {times}" for level, times in sorted(run.ladder.items())) or "none"
        rows.append(
            (
                _size(run),
                str(run.sentences),
                _spread(run.caption_lags_s),
                _spread(run.dub_lags_s),
                str(run.speakers_refused),
                f"{run.captions_missing} of {run.captions_expected - run.captions_refused}",
                str(run.finals_lost),
                str(sum(run.voices_skipped.values())),
                ladder,
            )
        )
    return table(rows)


def _share_table(runs: Sequence[LoadRun]) -> str:
    """Whose the CPU time was: a machine that is full is full of the people who measure it, too."""
    groups = dict.fromkeys(name for run in runs for name in run.cpu_s_by_group)
    rows: Rows = [("CPU, % of all spent", *groups, "machine busy while they talked, %")]
    for run in runs:
        all_s = sum(run.cpu_s_by_group.values())
        rows.append(
            (
                _size(run),
                *(f"{run.cpu_s_by_group[name] / all_s * 100:.0f}" for name in groups),
                f"{run.machine_cpu_s / (run.talk_s * run.cores) * 100:.0f}",
            )
        )
    return table(rows)


def _cost_table(runs: Sequence[LoadRun]) -> str:
    """Shares of one core, by process; memory of all of them."""
    names = dict.fromkeys(one.name for run in runs for one in run.spending)
    rows: Rows = [
        (
            "CPU, % of a core",
            *(_short(name) for name in names),
            "together",
            "load generator",
            "memory, MiB PSS",
            "load before",
        )
    ]
    for run in runs:
        by_name = {one.name: one for one in run.spending}
        rows.append(
            (
                _size(run),
                *(_share(by_name[name], run) if name in by_name else "" for name in names),
                f"{sum(one.cpu_s for one in run.spending) / run.spoke_s * 100:.0f}",
                f"{run.generator_cpu_s / run.spoke_s * 100:.0f}",
                f"{sum(process.pss_mib for process in run.memory):.0f}",
                f"{run.load_before:.1f}",
            )
        )
    return table(rows)


def _trouble(runs: Sequence[LoadRun]) -> str:
    skipped, failed = Counter[str](), Counter[str]()
    for run in runs:
        skipped.update(run.voices_skipped)
        failed.update(run.engine_failures)
    told = [f"voices skipped ({reason}): {times}" for reason, times in sorted(skipped.items())]
    told += [f"engine failures ({code}): {times}" for code, times in sorted(failed.items())]
    return "; ".join(told) or "no voice skipped, no engine failed"


def _size(run: LoadRun) -> str:
    return f"{run.load.rooms} x {run.load.people}"


def _spread(values: Sequence[float]) -> str:
    found = spread_s(values)
    return "none" if found is None else f"{found.p50:.2f} / {found.p95:.2f}"


def _share(one: Spending, run: LoadRun) -> str:
    if one.cpu_s < 0:
        return "replaced"  # what the one before had taken is not known any more
    return f"{one.cpu_s / run.spoke_s * 100:.0f}"


def _short(name: str) -> str:
    for long, short in SHORT.items():
        name = name.replace(long, short)
    return name
