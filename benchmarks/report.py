"""From runs to what is printed: plain tables, and the same as JSON. From ``one_run.py``; to ``latency.py``."""

import dataclasses
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks import lags as names
from benchmarks.goals import DUB_ON_TWO_CORES_S, OWN_CODE_SHARE, TARGETS, Target, share_shortfall, shortfall
from benchmarks.machine import Machine, ProcessMemory
from benchmarks.one_run import Cost, Interpreted
from benchmarks.scenes import Scene

from dragoman.observe.figures import Spread, spread
from dragoman.wire.frames import Header, JsonValue

Rows = list[tuple[str, ...]]


def describe(machine: Machine) -> str:
    """Write the machine down."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    rows: Rows = [
        ("machine", machine.host),
        ("cpu", f"{machine.cpu}, {machine.cores} cores usable"),
        ("memory", f"{machine.memory_mib} MiB"),
        ("kernel", machine.kernel),
        ("python", machine.python),
        ("versions", versions),
        ("pace", "{:.0f} ms at best, {:.0f} ms in the middle, for a fixed piece of Python".format(*machine.pace_ms)),
        ("load before", " ".join(f"{load:.2f}" for load in machine.load) + " (1, 5, 15 minutes)"),
    ]
    return table(rows)


def describe_scene(scene: Scene, runs: Sequence[Interpreted]) -> str:
    """Write everything about the runs of one scene."""
    audio_s = runs[0].audio_s
    loads = " ".join(f"{run.load:.2f}" for run in runs)
    parts = [
        f"== {scene.name}: {scene.title}",
        f"   {audio_s:.1f} s of audio, runs: {len(runs)}, load before each: {loads}",
        _lag_table(merge_lags(runs)),
        _truth(runs),
        _trouble(runs),
        _cost_table(runs),
        _stage_table(runs),
        memory_table(runs[-1].memory),
        _goals(runs),
    ]
    return "\n\n".join(part for part in parts if part)


def merge_lags(runs: Sequence[Interpreted]) -> dict[str, Spread]:
    """Put the values of all runs together and give their spread, in the order they are printed."""
    values: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for name, of_run in run.lags.items():
            values[name] += of_run
    return {name: found for name in TARGETS if (found := spread(values.get(name, []))) is not None}


def table(rows: Rows) -> str:
    """Set rows in columns: the first one to the left, the others to the left too, two spaces between."""
    widths = [max(len(row[column]) for row in rows if column < len(row)) for column in range(max(map(len, rows)))]
    return "\n".join("  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip() for row in rows)


def _lag_table(lags: dict[str, Spread]) -> str:
    rows: Rows = [("seconds", "n", "p50", "p95", "p99", "target", "shortfall p50 / p95 / p99", "2 cores", "shortfall")]
    for name, found in lags.items():
        target = TARGETS[name]
        figures = (found.p50 / 1000, found.p95 / 1000, found.p99 / 1000)
        asked = (target.p50_s, target.p95_s, target.p99_s)
        missing = [shortfall(figure, want) for figure, want in zip(figures, asked, strict=True) if want is not None]
        rows.append(
            (
                name,
                str(found.count),
                *(f"{figure:.2f}" for figure in figures),
                " / ".join(f"{want:.2f}" for want in asked if want is not None),
                " / ".join(missing),
                "" if target.two_cores_p50_s is None else f"{target.two_cores_p50_s:.1f}",
                shortfall(figures[0], target.two_cores_p50_s),
            )
        )
    return table(rows)


def _truth(runs: Sequence[Interpreted]) -> str:
    missing = sum(run.clauses_without_truth for run in runs)
    if names.TRUE_DIFFERENCE not in merge_lags(runs):
        return "no true word times for this recording: clauses end where the engine says"
    return (
        "the engine's clause end lies before the true one where the difference is negative; "
        f"{missing} of {sum(run.segments for run in runs)} clauses end in a word that was not recognised"
    )


def _trouble(runs: Sequence[Interpreted]) -> str:
    skipped, failures = Counter[str](), Counter[str]()
    for run in runs:
        skipped.update(run.voice_skipped)
        failures.update(run.failures)
    late_s = max(run.worst_lateness_s for run in runs)
    told = [f"worst lateness of a microphone frame {late_s * 1000:.0f} ms"]
    told += [f"dubs skipped ({reason}): {count}" for reason, count in sorted(skipped.items())]
    told += [f"engine failures ({what}): {count}" for what, count in sorted(failures.items())]
    return "; ".join(told)


def _cost_table(runs: Sequence[Interpreted]) -> str:
    rows: Rows = [("CPU seconds", *(f"run {number}" for number in range(1, len(runs) + 1)))]
    parts: dict[str, Callable[[Cost], str]] = {
        "our process": lambda cost: f"{cost.process_s:.2f}",
        "- engine calls in its threads": lambda cost: f"{cost.engine_calls_s:.2f}",
        "- engines' native threads": lambda cost: f"{cost.native_threads_s:.2f}",
        "- null interpreter (reading, pacing)": lambda cost: f"{cost.null_s:.2f}",
        "= our own code": lambda cost: f"{cost.own_s:.2f}",
        "  of it, idle threads of numpy's library": lambda cost: f"{max(0.0, cost.other_threads_s):.2f}",
        "engines' compute, their processes too": lambda cost: f"{cost.engines_s:.2f}",
        "our own code, share of it": lambda cost: f"{cost.own_share * 100:.1f} %",
    }
    for name, write in parts.items():
        rows.append((name, *(write(run.cost) for run in runs)))
    per_second = [f"{run.cost.own_s / run.audio_s * 1000:.2f} ms" for run in runs]
    rows.append(("our own code, per second of audio", *per_second))
    rows.append(("engines, share of one core", *(f"{run.cost.engines_s / run.audio_s * 100:.0f} %" for run in runs)))
    return table(rows)


def _stage_table(runs: Sequence[Interpreted]) -> str:
    rows: Rows = [("CPU seconds by stage", "median", "per second of audio", "calls")]
    for stage in runs[0].cost.by_stage_s:
        spent_s = median(run.cost.by_stage_s[stage] for run in runs)
        per_s = median(run.cost.by_stage_s[stage] / run.audio_s for run in runs)
        calls = median(run.engine_calls.get(stage, 0) for run in runs)
        rows.append((stage, f"{spent_s:.2f}", f"{per_s * 1000:.1f} ms", f"{calls:.0f}"))
    return table(rows)


def memory_table(memory: Sequence[ProcessMemory]) -> str:
    """Write the memory of processes down, and its sum."""
    rows: Rows = [("memory at the end, MiB", "RSS", "PSS", "peak RSS")]
    rows += [_memory_row(process.name, process) for process in memory]
    rows.append(("together", "", f"{sum(process.pss_mib for process in memory):.0f}", ""))
    return table(rows)


def _memory_row(name: str, process: ProcessMemory) -> tuple[str, ...]:
    return name, f"{process.rss_mib:.0f}", f"{process.pss_mib:.0f}", f"{process.peak_rss_mib:.0f}"


def _goals(runs: Sequence[Interpreted]) -> str:
    share = median(run.cost.own_share for run in runs)
    rows: Rows = [
        (
            f"own code <= {OWN_CODE_SHARE * 100:.0f} % of the engines' compute",
            f"{share * 100:.1f} %",
            share_shortfall(share, OWN_CODE_SHARE),
        )
    ]
    dub = merge_lags(runs).get(names.DUB)
    if dub is not None:
        dub_s = dub.p50 / 1000
        rows.append(
            (
                f"dub starts <= {DUB_ON_TWO_CORES_S:.0f} s after the clause's end, p50",
                f"{dub_s:.2f} s",
                shortfall(dub_s, DUB_ON_TWO_CORES_S),
            )
        )
    return table([("goals", "measured", "shortfall"), *rows])


def write_results(folder: Path, name: str, *, title: str, command: str, cores: int, text: str, figures: Header) -> Path:
    """Write ``name``-<cores>-cores.md and .json, the figures of one machine. Gives the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{cores}-cores.md"
    day = datetime.now(tz=UTC).date().isoformat()
    head = f"# {title}\n\nMeasured on {day} with `{command}`. All values are in `{path.stem}.json`.\n"
    path.write_text(f"{head}\n```\n{text}\n```\n", encoding="utf-8")
    path.with_suffix(".json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def as_json(machine: Machine, measured: Sequence[tuple[Scene, Sequence[Interpreted]]]) -> Header:
    """Give every figure, the single values included."""
    return {
        "machine": _plain(machine),
        "targets": {name: _plain(target) for name, target in TARGETS.items()},
        "scenes": {
            scene.name: {
                "title": scene.title,
                "lag_ms": {name: _plain(found) for name, found in merge_lags(runs).items()},
                "runs": [_run_as_json(run) for run in runs],
            }
            for scene, runs in measured
        },
    }


def _run_as_json(run: Interpreted) -> JsonValue:
    own = {"own_s": run.cost.own_s, "engines_s": run.cost.engines_s, "own_share": run.cost.own_share}
    plain = _plain(run)
    assert isinstance(plain, dict)
    return {**plain, "own_code": {name: round(value, 4) for name, value in own.items()}}


def _plain(value: Machine | Target | Spread | Interpreted | Cost) -> JsonValue:
    return rounded(dataclasses.asdict(value))


def rounded(value: object) -> JsonValue:
    """Make plain values of what ``dataclasses.asdict`` gives, numbers to four places."""
    match value:
        case dict():
            return {str(key): rounded(item) for key, item in value.items()}
        case list() | tuple():
            return [rounded(item) for item in value]
        case float():
            return round(value, 4)
        case bool() | int() | str() | None:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a report")
