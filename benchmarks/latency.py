"""Measure the way from speech to caption and voice in real time, and what our own code costs beside the engines.

Of recordings, through the parts of ``dragoman interpret``, and of a call, through ``dragoman up`` and a real page.
``python benchmarks/latency.py --help`` says how. Recordings: ``scenes.py``, ``one_run.py``, ``report.py``; the call:
``call_run.py``, ``call_report.py``. README.md beside this file says how to read it.
"""

import argparse
import dataclasses
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

# Called by its path, as "make bench" does, Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.call_report import call_as_json, describe_call
from benchmarks.call_run import CallRun, measure_call
from benchmarks.call_site import CallFailed
from benchmarks.machine import describe_machine
from benchmarks.one_run import Interpreted, interpret_scene, pull_scene
from benchmarks.report import as_json, describe, describe_scene, rounded, write_results
from benchmarks.scenes import SCENES, Scene, prepare_scene

from dragoman.ground.errors import DragomanError
from dragoman.wire.frames import Header

SPARE_S = 120.0
"""For a run beyond the length of its audio: loading, warming up, and the last words."""
ALL, RECORDINGS, CALL = "all", "recordings", "call"
RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if something is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    said = [describe(machine)]
    print(said[0], flush=True)
    figures: Header = {"machine": rounded(dataclasses.asdict(machine))}
    try:
        if options.what in {RECORDINGS, ALL}:
            measured = _measure_recordings(options)
            figures |= as_json(machine, measured)
            said += [describe_scene(scene, runs) for scene, runs in measured]
        if options.what in {CALL, ALL}:
            calls = _measure_calls(options)
            figures["call"] = call_as_json(calls)
            said.append(describe_call(calls))
    except (DragomanError, CallFailed, TimeoutError) as error:
        print(f"latency: {error or 'it did not end in its time'}", file=sys.stderr)
        return 1
    print("\n" + "\n\n".join(said[1:]), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write:
        path = write_results(
            RESULTS,
            "latency" if options.what == ALL else f"latency-{options.what}",
            title=f"Latency and cost on {machine.cores} cores",
            command=" ".join(["python benchmarks/latency.py", *(sys.argv[1:] if arguments is None else arguments)]),
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 0


def _measure_recordings(options: argparse.Namespace) -> list[tuple[Scene, list[Interpreted]]]:
    wanted = list(SCENES.values()) if options.engines == ALL else [SCENES[options.engines]]
    runs: dict[str, list[Interpreted]] = {scene.name: [] for scene in wanted}
    with TemporaryDirectory(prefix="dragoman-benchmark-") as folder:
        scenes = [prepare_scene(scene, seconds=options.seconds, folder=Path(folder)) for scene in wanted]
        # One after the other and again: what changes on the machine meanwhile touches all of them.
        for number in range(1, options.runs + 1):
            for scene in scenes:
                _say(f"run {number} of {options.runs}: {scene.name} ...")
                runs[scene.name].append(measure(scene))
    return [(scene, runs[scene.name]) for scene in scenes]


def _measure_calls(options: argparse.Namespace) -> list[CallRun]:
    runs = []
    for number in range(1, options.runs + 1):
        _say(f"run {number} of {options.runs}: call ...")
        brief = options.seconds is not None
        runs.append(measure_call(options.seconds, flashes_s=5.0 if brief else 20.0, joins=1 if brief else 5))
    return runs


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure(scene: Scene) -> Interpreted:
    """Interpret once, and let the null interpreter run beside it, each in a fresh process.

    The null interpreter takes about one percent of a core, and beside the other it meets the same machine.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=fresh, max_tasks_per_child=1) as processes:
        interpreting = processes.submit(interpret_scene, scene)
        pulling = processes.submit(pull_scene, scene)
        within_s = scene.ends_at_s + SPARE_S
        interpreted, null_s = interpreting.result(within_s), pulling.result(within_s)
    return dataclasses.replace(interpreted, cost=dataclasses.replace(interpreted.cost, null_s=null_s))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="latency.py", description="Measure latency and cost, in real time.")
    parser.add_argument("--seconds", type=_positive, metavar="N", help="audio a scene, for a quick look; all of it")
    parser.add_argument("--runs", type=_count, default=1, metavar="N", help="times each scene is interpreted; 1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    parser.add_argument("--what", choices=[RECORDINGS, CALL, ALL], default=ALL, help="what is measured; all")
    parser.add_argument("--engines", choices=[*SCENES, ALL], default=ALL, help="which engines, for recordings; all")
    parser.add_argument("--write", action="store_true", help=f"write the figures of this machine to {RESULTS.name}/")
    return parser.parse_args(arguments)


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main())
