"""Measure what a language model saves by keeping what the prompts of a meeting begin with: tokens read, seconds.

``python benchmarks/language_model.py`` takes a model of the size of Hy-MT2-1.8B, in 4 bits, whose weights are computed:
it costs what the real one costs and knows one answer. By turns it translates a sentence of a meeting whose background
it knows, and the same sentence with a background that it never read. README.md beside this file says more.
"""

import argparse
import dataclasses
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.language_model_shape import HY_MT2, SENTENCES, LanguageModelShape, background, write_language_model
from benchmarks.machine import describe_machine, measure_memory
from benchmarks.report import Rows, describe, rounded, table, write_results

from dragoman.engines.translation.llama_cpp import LlamaCppTranslator
from dragoman.ground.engines import Glossary
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

RESULTS = Path(__file__).resolve().parent / "results"
KEPT = Path(__file__).resolve().parent.parent / ".cache" / "benchmark-models"
EN, VI = Language("en"), Language("vi")
WORDS: Final = 20
"""Of a background: with its question and the sentence a prompt of about 200 tokens."""
WITHIN_S: Final = 600.0
ROUNDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One sentence."""

    tokens_read: int
    tokens_kept: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What was measured."""

    known: tuple[Asked, ...]
    """Of a meeting whose background was read before."""
    new: tuple[Asked, ...]
    rss_mib: float
    """Of the worker."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0; it never fails for being slow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"of both kinds, by turns; {ROUNDS}")
    parser.add_argument("--write", action="store_true", help=f"write the figures of this machine to {RESULTS.name}/")
    options = parser.parse_args(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    ran = measure(KEPT, HY_MT2, rounds=options.rounds, threads=min(2, machine.cores))
    said = write_report(ran)
    print("\n" + said)
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "ran": rounded(dataclasses.asdict(ran)),
        }
        path = write_results(
            RESULTS,
            "language-model",
            title=f"A language model that translates, on {machine.cores} cores",
            command=" ".join(
                ["python benchmarks/language_model.py", *(sys.argv[1:] if arguments is None else arguments)]
            ),
            cores=machine.cores,
            text=f"{describe(machine)}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {path}")
    return 0


def measure(folder: Path, shape: LanguageModelShape, *, rounds: int, threads: int) -> Ran:
    """Ask by turns; the first sentence of the meeting, which reads its background, is not kept."""
    engine = LlamaCppTranslator(write_language_model(folder, shape), threads=threads)
    try:
        meeting = background(0, WORDS)
        _ask(engine, SENTENCES[0], meeting)
        known, new = [], []
        for number in range(rounds):
            sentence = SENTENCES[(number + 1) % len(SENTENCES)]
            known.append(_ask(engine, sentence, meeting))
            new.append(_ask(engine, sentence, background(number + 1, WORDS)))
        rss_mib = sum(measure_memory(pid)[0].rss_mib for pid in engine.worker_pids)
    finally:
        engine.close()
    return Ran(known=tuple(known), new=tuple(new), rss_mib=rss_mib)


def _ask(engine: LlamaCppTranslator, sentence: str, about: str) -> Asked:
    before, began = engine.prompt_tokens, time.perf_counter()
    engine.translate([sentence], source=EN, target=VI, glossary=Glossary(background=about), deadline_s=WITHIN_S)
    seconds, after = time.perf_counter() - began, engine.prompt_tokens
    return Asked(tokens_read=after.read - before.read, tokens_kept=after.kept - before.kept, seconds=seconds)


def write_report(ran: Ran) -> str:
    rows: Rows = [("a sentence of 12 words, answered in 16 tokens", "tokens read", "tokens kept", "s p50")]
    for name, asked in (("of a meeting that it knows", ran.known), ("of a new meeting", ran.new)):
        rows.append(
            (
                name,
                f"{statistics.median(one.tokens_read for one in asked):.0f}",
                f"{statistics.median(one.tokens_kept for one in asked):.0f}",
                f"{statistics.median(one.seconds for one in asked):.2f}",
            )
        )
    times = statistics.median(one.seconds for one in ran.new) / statistics.median(one.seconds for one in ran.known)
    return f"{table(rows)}\n\n{times:.1f} times quicker; RSS of the worker {ran.rss_mib:.0f} MiB"


if __name__ == "__main__":
    sys.exit(main())
