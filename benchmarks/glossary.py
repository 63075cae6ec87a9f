"""Measure what a glossary does to translations: how often its terms come out, what they cost, and what they harm.

``python benchmarks/glossary.py`` takes the sentences and terms of ``glossary_set/`` and the tests' tiny model, or with
``--model FOLDER`` another one that knows the pairs. It fails below the goals. The sentences are the grammar's of the
tiny model (tests/fixtures/README.md): what it says of a model that knows more of a language is said by ``--model``.
README.md beside this file says how to read it.
"""

import argparse
import asyncio
import csv
import dataclasses
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.glossary_outcome import Sample, Translated, sum_up, write_report
from benchmarks.machine import describe_machine
from benchmarks.report import describe, rounded, write_results

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.ground.engines import Translator
from dragoman.ground.errors import DragomanError
from dragoman.ground.events import Observers
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language, parse_language
from dragoman.translating.glossary.demands import unmet
from dragoman.translating.glossary.files import read_glossary_file
from dragoman.translating.glossary.forms import count_forms
from dragoman.translating.glossary.matcher import Found, TermMatcher
from dragoman.translating.hygiene import prepare
from dragoman.translating.router import TranslationRouter
from dragoman.wire.frames import Header

RESULTS = Path(__file__).resolve().parent / "results"
SET = Path(__file__).resolve().parent / "glossary_set"
PICO = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "mt-pico"
DEADLINE_S = 4.0
"""As in a call."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, 1 below a goal, 2 where something is missing or fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, default=PICO, help="folder of an NLLB or OPUS-MT model")
    parser.add_argument("--show", action="store_true", help="print the sentences whose terms are missing")
    parser.add_argument("--write", action="store_true", help="write to results/glossary-<cores>-cores.md and .json")
    options = parser.parse_args(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    try:
        engine = CTranslate2Translator(options.model)
        base = read_glossary_file((SET / "terms.csv").read_bytes())
        with_terms, without_terms = (
            asyncio.run(translate_all(engine, base, read_samples(SET / name)))
            for name in ("with_terms.tsv", "without_terms.tsv")
        )
        engine.close()
    except DragomanError as error:
        print(f"glossary: {error}", file=sys.stderr)
        return 2
    outcome = sum_up(with_terms, without_terms)
    said = write_report(outcome)
    print("\n" + said)
    if options.show:
        for it in with_terms:
            if it.met_termed < it.terms:
                print(f"  {it.sample.text} | {it.plain} | {it.termed} | {it.sample.reference}")
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "model": options.model.name,
            "outcome": rounded(dataclasses.asdict(outcome)),
        }
        path = write_results(
            RESULTS,
            "glossary",
            title="What a glossary does to translations",
            command=" ".join(["python benchmarks/glossary.py", *(sys.argv[1:] if arguments is None else arguments)]),
            cores=machine.cores,
            text=f"{describe(machine)}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {path}")
    for complaint in outcome.complaints:
        print(f"glossary: {complaint}", file=sys.stderr)
    return 1 if outcome.complaints else 0


def read_samples(file: Path) -> list[Sample]:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
    samples = []
    for row in rows:
        source, _, target = row["direction"].partition("-")
        samples.append(
            Sample(
                source_language=parse_language(source),
                target_language=parse_language(target),
                text=row["source"],
                reference=row["reference"],
            )
        )
    return samples


async def translate_all(engine: Translator, base: TermBase, samples: Sequence[Sample]) -> list[Translated]:
    """Translate every sentence twice, each time with a memory that is empty of it."""
    with EnginePool(workers=2, observer=Observers()) as pool:
        plain, termed = (TranslationRouter(engines=[engine], pool=pool, observer=Observers()) for _ in range(2))
        return [await _translate(plain, termed, base, sample) for sample in samples]


async def _translate(plain: TranslationRouter, termed: TranslationRouter, base: TermBase, sample: Sample) -> Translated:
    pair = (sample.source_language, sample.target_language)
    before, before_ms = await _timed(plain, sample, NO_TERMS)
    after, after_ms = await _timed(termed, sample, base)
    matcher = TermMatcher(base.terms, source=pair[0], target=pair[1])
    found = matcher.find(prepare(sample.text, pair[0]).text)
    targets = [term.target or term.source for term in base.terms if term.holds_for(*pair)]
    terms = len({it.wanted for it in found})
    return Translated(
        sample=sample,
        plain=before,
        termed=after,
        plain_ms=before_ms,
        termed_ms=after_ms,
        terms=terms,
        met_plain=terms - len(unmet(found, before, pair[1])),
        met_termed=terms - len(unmet(found, after, pair[1])),
        over_applied=count_surplus(targets, found, before=before, after=after, language=pair[1]),
    )


def count_surplus(
    targets: Iterable[str], found: Sequence[Found], *, before: str, after: str, language: Language
) -> int:
    """Count the targets of which ``after`` holds more than were asked for and more than ``before`` holds."""
    surplus = 0
    for target in dict.fromkeys(targets):
        asked = sum(target in it.wanted.targets for it in found)
        surplus += count_forms(after, target, language) > max(asked, count_forms(before, target, language))
    return surplus


async def _timed(router: TranslationRouter, sample: Sample, terms: TermBase) -> tuple[str, float]:
    began = time.perf_counter()
    answer = await router.translate(
        sample.text,
        source=sample.source_language,
        target=sample.target_language,
        deadline_s=DEADLINE_S,
        terms=terms,
    )
    return answer.text, (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
