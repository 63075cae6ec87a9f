"""Measure translation: milliseconds a sentence by model and by sentences at once, memory, beside plain CTranslate2.

``python benchmarks/translation.py --help`` says how. Each model runs in a process of its own (``translation_run.py``);
README.md beside this file says how to read it.
"""

import argparse
import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.goals import missed_by
from benchmarks.machine import describe_machine
from benchmarks.report import Rows, describe, rounded, table, write_results
from benchmarks.translation_models import FIREFOX, TRANSFORMERS
from benchmarks.translation_run import PICO, Ran, Timed

from dragoman.wire.frames import Header

RESULTS = Path(__file__).resolve().parent / "results"
KEPT = Path(__file__).resolve().parent.parent / ".cache" / "benchmark-models"
MODELS = (PICO, *FIREFOX, *reversed(TRANSFORMERS))
QUICK = (PICO, "opus-mt")
SIZES, QUICK_SIZES = (1, 2, 4, 8), (1, 8)
ROUNDS, QUICK_ROUNDS = 20, 3
GOALS_MS = {**dict.fromkeys(FIREFOX, 150.0), "nllb-600m": 900.0}
"""For one sentence of 12 words on two cores, median."""
SHORTLIST_GOAL = 1.8
"""How many times quicker a shortlist is to make NLLB's shape."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if something is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    said = [describe(machine)]
    print(said[0], flush=True)
    models = options.models or (QUICK if options.quick else MODELS)
    sizes = QUICK_SIZES if options.quick else SIZES
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    KEPT.mkdir(parents=True, exist_ok=True)
    runs: dict[str, Ran] = {}
    for model in models:
        print(f"{model} ...", file=sys.stderr, flush=True)
        try:
            runs[model] = _run(model, sizes, rounds=rounds, threads=min(2, machine.cores))
        except subprocess.CalledProcessError as error:
            print(f"translation: {model} failed: {error.stderr.strip()[-2000:]}", file=sys.stderr)
            return 1
    said += [_table(runs), _goals(runs)]
    print("\n" + "\n\n".join(said[1:]), flush=True)
    figures: Header = {
        "machine": rounded(dataclasses.asdict(machine)),
        "models": {name: rounded(dataclasses.asdict(ran)) for name, ran in runs.items()},
    }
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write:
        path = write_results(
            RESULTS,
            "translation",
            title=f"Translation on {machine.cores} cores",
            command=" ".join(["python benchmarks/translation.py", *(sys.argv[1:] if arguments is None else arguments)]),
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 0


def _run(model: str, sizes: Sequence[int], *, rounds: int, threads: int) -> Ran:
    script = Path(__file__).with_name("translation_run.py")
    asked = [model, ",".join(map(str, sizes)), str(rounds), str(KEPT), str(threads)]
    done = subprocess.run([sys.executable, str(script), *asked], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    timed = tuple(Timed(**{**one, "seconds": tuple(one["seconds"])}) for one in found.pop("timed"))
    return Ran(timed=timed, **found)


def _table(runs: dict[str, Ran]) -> str:
    rows: Rows = [
        ("model", "at once", "way", "ms a sentence p50", "p95", "all there p50", "times plain", "RSS MiB", "same")
    ]
    for name, ran in runs.items():
        plain = {one.sentences: one for one in ran.timed if one.way == "plain"}
        for one in ran.timed:
            faster = percentile_ms(plain[one.sentences], 50) / percentile_ms(one, 50)
            rows.append(
                (
                    name,
                    str(one.sentences),
                    one.way,
                    f"{percentile_ms(one, 50) / one.sentences:.1f}",
                    f"{percentile_ms(one, 95) / one.sentences:.1f}",
                    f"{percentile_ms(one, 50):.0f}",
                    "" if one.way == "plain" else f"{faster:.2f}",
                    f"{ran.rss_mib:.0f}" if one is ran.timed[0] else "",
                    f"{ran.same_answers:.0%}" if one is ran.timed[0] else "",
                )
            )
    return table(rows)


def _goals(runs: dict[str, Ran]) -> str:
    rows: Rows = [("goal", "measured", "shortfall")]
    for name, goal_ms in GOALS_MS.items():
        if name in runs:
            found = percentile_ms(_find(runs[name], "ours", 1), 50)
            rows.append(
                (f"{name}: 12 words in {goal_ms:.0f} ms, p50", f"{found:.0f} ms", missed_by(found, goal_ms, "ms"))
            )
    if "nllb-600m" in runs:
        ran = runs["nllb-600m"]
        times = percentile_ms(_find(ran, "unlisted", 1), 50) / percentile_ms(_find(ran, "ours", 1), 50)
        missing = "met" if times >= SHORTLIST_GOAL else f"{SHORTLIST_GOAL - times:.2f} times more"
        rows.append((f"nllb-600m: {SHORTLIST_GOAL} times quicker by its shortlist", f"{times:.2f} times", missing))
    return table(rows) if len(rows) > 1 else "no goal is for these models"


def _find(ran: Ran, way: str, sentences: int) -> Timed:
    return next(one for one in ran.timed if (one.way, one.sentences) == (way, sentences))


def percentile_ms(timed: Timed, percent: int) -> float:
    """Give a percentile of the rounds, in milliseconds."""
    if len(timed.seconds) == 1:
        return timed.seconds[0] * 1000
    return quantiles(timed.seconds, n=100, method="inclusive")[percent - 1] * 1000


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="translation.py", description="Measure translation by itself.")
    parser.add_argument("--quick", action="store_true", help="the two smallest models, a minute in all")
    parser.add_argument("--models", nargs="+", choices=MODELS, metavar="MODEL", help=f"which: {' '.join(MODELS)}")
    parser.add_argument("--rounds", type=_count, metavar="N", help=f"of every way, by turns; {ROUNDS}")
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
