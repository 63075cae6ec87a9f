"""Measure the way from speech to caption and voice in real time, and what our own code costs beside the engines.

``python benchmarks/latency.py --help`` says how. The scenes are in ``scenes.py``, one run is in ``one_run.py``, what
is printed in ``report.py``; README.md beside this file says how to read it.
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

from benchmarks.machine import describe_machine
from benchmarks.one_run import Interpreted, interpret_scene, pull_scene
from benchmarks.report import as_json, describe, describe_scene
from benchmarks.scenes import SCENES, Scene, prepare_scene

from dragoman.ground.errors import DragomanError

SPARE_S = 120.0
"""For a run beyond the length of its audio: loading, warming up, and the last words."""
ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    wanted = list(SCENES.values()) if options.engines == ALL else [SCENES[options.engines]]
    runs: dict[str, list[Interpreted]] = {scene.name: [] for scene in wanted}
    with TemporaryDirectory(prefix="dragoman-benchmark-") as folder:
        scenes = [prepare_scene(scene, seconds=options.seconds, folder=Path(folder)) for scene in wanted]
        try:
            # One after the other and again: what changes on the machine meanwhile touches all of them.
            for number in range(1, options.runs + 1):
                for scene in scenes:
                    print(f"run {number} of {options.runs}: {scene.name} ...", file=sys.stderr, flush=True)
                    runs[scene.name].append(measure(scene))
        except DragomanError as error:
            print(f"latency: {error}", file=sys.stderr)
            return 1
    measured = [(scene, runs[scene.name]) for scene in scenes]
    for scene, of_scene in measured:
        print(f"\n{describe_scene(scene, of_scene)}", flush=True)
    if options.json is not None:
        text = json.dumps(as_json(machine, measured), ensure_ascii=False, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


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
    parser.add_argument("--engines", choices=[*SCENES, ALL], default=ALL, help="which engines; all")
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
