"""Measure how many rooms and people one machine carries: lag, drops, CPU and memory of calls through ``dragoman up``.

``python benchmarks/load.py --help`` says how. One load is in ``load_run.py``, what is printed in ``load_report.py``;
README.md beside this file says how to read it.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

# Called by its path, Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.call_site import CallFailed
from benchmarks.load_report import describe_loads, loads_as_json
from benchmarks.load_run import KINDS, Load, LoadRun, measure_load
from benchmarks.machine import describe_machine
from benchmarks.report import describe, rounded, write_results

from dragoman.wire.frames import Header

ALL = "all"
RESULTS = Path(__file__).resolve().parent / "results"
ROOMS, PEOPLE = (1, 2, 4), (2, 5, 10)
SECONDS = 40.0
QUICK_LOADS, QUICK_SECONDS = ((1, 2), (2, 2)), 8.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if something is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    said = [describe(machine)]
    print(said[0], flush=True)
    loads = plan_loads(options.engines, rooms=options.rooms, people=options.people, quick=options.quick)
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    runs: list[LoadRun] = []
    try:
        for number, load in enumerate(loads, 1):
            size = f"{load.kind}, {load.rooms} rooms x {load.people} people"
            print(f"load {number} of {len(loads)}: {size} ...", file=sys.stderr, flush=True)
            runs.append(measure_load(load, seconds=seconds))
    except (CallFailed, TimeoutError) as error:
        print(f"load: {error or 'a load did not end in its time'}", file=sys.stderr)
        return 1
    said.append(describe_loads(runs))
    print(f"\n{said[1]}", flush=True)
    figures: Header = {"machine": rounded(dataclasses.asdict(machine)), "loads": loads_as_json(runs)}
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write:
        path = write_results(
            RESULTS,
            "load",
            title=f"Calls at once on {machine.cores} cores",
            command=" ".join(["python benchmarks/load.py", *(sys.argv[1:] if arguments is None else arguments)]),
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 0


def plan_loads(engines: str, *, rooms: Sequence[int], people: Sequence[int], quick: bool) -> list[Load]:
    """Say what is measured: each number of rooms with each number of people, the smallest first."""
    kinds = list(KINDS) if engines == ALL else [engines]
    sizes = QUICK_LOADS if quick else [(of_rooms, of_people) for of_rooms in rooms for of_people in people]
    return [Load(kind=kind, rooms=of_rooms, people=of_people) for kind in kinds for of_rooms, of_people in sizes]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="load.py", description="Measure calls at once, in real time.")
    parser.add_argument("--quick", action="store_true", help="two small loads of each kind, two minutes in all")
    parser.add_argument("--rooms", type=_count, nargs="+", default=ROOMS, metavar="N", help="rooms at once; 1 2 4")
    parser.add_argument("--people", type=_count, nargs="+", default=PEOPLE, metavar="N", help="in a room; 2 5 10")
    parser.add_argument("--seconds", type=_count, metavar="N", help=f"how long people take turns; {SECONDS:.0f}")
    parser.add_argument("--engines", choices=[*KINDS, ALL], default=ALL, help="which engines; all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    parser.add_argument("--write", action="store_true", help=f"write the figures of this machine to {RESULTS.name}/")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main())
