"""Measure what a glossary does to translations: how often its terms come out, what they cost, and what they harm.

``python benchmarks/glossary.py`` takes the sentences and terms of ``glossary_set/`` and the tests' tiny model, or with
``--model FOLDER`` another one that knows the pairs. It fails below the goals. The sentences are the grammar's of the
tiny model (tests/fixtures/README.md): what it says of a model that knows more of a language is said by ``--model``.
"""

import argparse
import asyncio
import csv
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import describe_machine
from benchmarks.recognition_run import percentile
from benchmarks.report import describe
from sacrebleu.metrics.chrf import CHRF

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.ground.engines import Translator
from dragoman.ground.errors import DragomanError
from dragoman.ground.events import Observers
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language, parse_language
from dragoman.translating.glossary.demands import unmet
from dragoman.translating.glossary.files import read_glossary_file
from dragoman.translating.glossary.matcher import TermMatcher
from dragoman.translating.hygiene import prepare
from dragoman.translating.router import TranslationRouter

SET = Path(__file__).resolve().parent / "glossary_set"
PICO = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "mt-pico"
TERM_ACCURACY = 90.0
"""Lowest share of terms that come out, per cent."""
COLLATERAL = -0.3
"""Lowest change of chrF++ in sentences without a term."""
DEADLINE_S = 4.0
"""As in a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    source_language: Language
    target_language: Language
    text: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """One sentence, without and with the glossary."""

    sample: Sample
    plain: str
    termed: str
    plain_ms: float
    termed_ms: float
    terms: int
    met_plain: int
    met_termed: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, 1 below a goal, 2 where something is missing or fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, default=PICO, help="folder of an NLLB or OPUS-MT model")
    parser.add_argument("--show", action="store_true", help="print the sentences whose terms are missing")
    options = parser.parse_args(arguments)
    print(describe(describe_machine()), flush=True)
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
    return report(with_terms, without_terms, show=options.show)


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
    found = TermMatcher(base.terms, source=pair[0], target=pair[1]).find(prepare(sample.text, pair[0]).text)
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
    )


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


def report(with_terms: Sequence[Translated], without_terms: Sequence[Translated], *, show: bool) -> int:
    terms = sum(it.terms for it in with_terms)
    accuracy = 100 * sum(it.met_termed for it in with_terms) / terms
    before = 100 * sum(it.met_plain for it in with_terms) / terms
    collateral = chrf(without_terms, termed=True) - chrf(without_terms, termed=False)
    changed = sum(it.plain != it.termed for it in without_terms)
    print(f"{len(with_terms)} sentences with {terms} terms, {len(without_terms)} without; {_signature()}")
    print(f"term accuracy           {before:5.1f} % without the glossary, {accuracy:5.1f} % with it")
    hit = (chrf(with_terms, termed=False), chrf(with_terms, termed=True))
    print(f"chrF++ with terms       {hit[0]:5.1f} without the glossary, {hit[1]:5.1f} with it")
    print(f"chrF++ without terms    {collateral:+5.2f} by the glossary; {changed} sentences changed")
    for what, some in (("with terms", with_terms), ("all", [*with_terms, *without_terms])):
        added = [it.termed_ms - it.plain_ms for it in some]
        plain = statistics.median(it.plain_ms for it in some)
        p50, p95 = percentile(added, 0.5), percentile(added, 0.95)
        print(f"added ms, {what:<12}  p50 {p50:.1f}, p95 {p95:.1f} (plain p50 {plain:.1f})")
    if show:
        for it in with_terms:
            if it.met_termed < it.terms:
                print(f"  {it.sample.text} | {it.plain} | {it.termed} | {it.sample.reference}")
    complaints = []
    if accuracy < TERM_ACCURACY:
        complaints.append(f"term accuracy is below {TERM_ACCURACY:.0f} %")
    if collateral < COLLATERAL:
        complaints.append(f"sentences without terms lose more than {-COLLATERAL} chrF++")
    for complaint in complaints:
        print(f"glossary: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def _signature() -> str:
    metric = CHRF(word_order=2)
    metric.corpus_score([""], [[""]])
    return str(metric.get_signature())


def chrf(translated: Sequence[Translated], *, termed: bool) -> float:
    texts = [it.termed if termed else it.plain for it in translated]
    return float(CHRF(word_order=2).corpus_score(texts, [[it.sample.reference for it in translated]]).score)


if __name__ == "__main__":
    sys.exit(main())
