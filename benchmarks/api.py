"""Measure the API with accounts: how long mixed requests take at a steady rate, sign-in apart.

``python benchmarks/api.py --help`` says how. The server and the requests are in ``api_run.py``. The goal is 99 of 100
answered within 300 ms at 50 requests/s on two cores, the client among them, and none refused.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

# Called by its path, Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy
from benchmarks.api_run import MIX, ApiFailed, Asked, ask_steadily, make_rooms, running_api
from benchmarks.goals import missed_by
from benchmarks.machine import describe_machine, measure_memory
from benchmarks.report import Rows, describe, memory_table, rounded, table, write_results

from dragoman.wire.frames import Header

RESULTS = Path(__file__).resolve().parent / "results"
PER_SECOND, SECONDS, WARM_S = 50.0, 60.0, 5.0
QUICK_SECONDS = 10.0
GOAL_MS = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if something fails, never for being slow."""
    options = _parse(arguments)
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    machine = describe_machine()
    said = [describe(machine)]
    print(said[0], flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder, running_api(Path(folder)) as (origin, pid, keys):
            asked = asyncio.run(_measure(origin, keys, per_second=options.rate, seconds=seconds))
            memory = measure_memory(pid)
    except ApiFailed as error:
        print(f"api: {error}", file=sys.stderr)
        return 1
    said += [describe_asked(asked, per_second=options.rate), memory_table(memory)]
    print("\n" + "\n\n".join(said[1:]))
    figures: Header = {
        "machine": rounded(dataclasses.asdict(machine)),
        "per_second": options.rate,
        "asked": rounded([dataclasses.asdict(it) for it in asked]),
    }
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.write:
        path = write_results(
            RESULTS,
            "api",
            title="Requests to the API",
            command="python benchmarks/api.py --write",
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 0


async def _measure(origin: str, keys: Sequence[str], *, per_second: float, seconds: float) -> list[Asked]:
    accounts = await make_rooms(origin, keys)
    await ask_steadily(origin, accounts, per_second=per_second, seconds=WARM_S)
    return await ask_steadily(origin, accounts, per_second=per_second, seconds=seconds)


def describe_asked(asked: Sequence[Asked], *, per_second: float) -> str:
    """Write percentiles for each kind of request and for all of them, with the goal: it is missed if anything failed,
    for a refusal is a fast answer, and no answer at all is not a late one."""
    rows: Rows = [
        ("requests", "count", "p50, ms", "p95, ms", "p99, ms", "most, ms"),
        *(_row(kind.name, [it for it in asked if it.kind == kind.name]) for kind in MIX),
        _row("all", asked),
    ]
    p99_ms = percentile_ms(asked, 99)
    failed = Counter(it.status for it in asked if not 200 <= it.status < 300)
    missed = f"missed: {failed.total()} of {len(asked)} failed" if failed else "missed: nothing was asked"
    verdict = missed_by(p99_ms, GOAL_MS, "ms") if asked and not failed else missed
    statuses = ", ".join(f"{count} x {status or 'none in time'}" for status, count in sorted(failed.items()))
    return (
        f"{per_second:g} requests/s, each timed from when it was due\n{table(rows)}\n"
        f"goal: p99 under {GOAL_MS:g} ms: {verdict}\nfailed: {statuses or 'none'}"
    )


def percentile_ms(asked: Sequence[Asked], percent: float) -> float:
    """Give a percentile in milliseconds; failed requests count as they were timed. 0 of none."""
    return float(numpy.percentile([it.seconds for it in asked], percent)) * 1000 if asked else 0.0


def _row(name: str, asked: Sequence[Asked]) -> tuple[str, ...]:
    values = (percentile_ms(asked, percent) for percent in (50, 95, 99, 100))
    return (name, str(len(asked)), *(f"{value:.1f}" for value in values))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="api.py", description="Measure requests to the API, at a steady rate.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SECONDS:g} seconds alone")
    parser.add_argument("--rate", type=float, default=PER_SECOND, metavar="N", help=f"requests/s; {PER_SECOND:g}")
    parser.add_argument("--seconds", type=float, metavar="N", help=f"how long; {SECONDS:g}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    parser.add_argument("--write", action="store_true", help=f"write the figures of this machine to {RESULTS.name}/")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
