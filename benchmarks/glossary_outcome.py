"""What a glossary did to translations, summed up and written down. From ``glossary.py``."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.recognition_run import percentile
from benchmarks.report import Rows, table
from sacrebleu.metrics.chrf import CHRF

from dragoman.ground.languages import Language

TERM_ACCURACY = 90.0
"""Lowest share of terms that come out, per cent."""
COLLATERAL = -0.3
"""Lowest change of chrF++ in sentences without a term."""


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
    over_applied: int
    """Targets of the glossary that came out by it without being asked for, or more often than asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a glossary did to all sentences; accuracy in per cent, chrF++ from 0 to 100."""

    with_terms: int
    without_terms: int
    terms: int
    accuracy_plain: float
    accuracy: float
    chrf_with_terms_plain: float
    chrf_with_terms: float
    collateral_chrf: float
    changed_without_terms: int
    over_applied_with_terms: int
    over_applied_without_terms: int
    """Sentences in which a target of the glossary came out by it that nobody asked for, or too often."""
    added_ms_p50: float
    added_ms_p95: float
    """Of sentences with terms."""
    plain_ms_p50: float
    signature: str

    @property
    def complaints(self) -> list[str]:
        """What is below a goal."""
        found = []
        if self.accuracy < TERM_ACCURACY:
            found.append(f"term accuracy is below {TERM_ACCURACY:.0f} %")
        if self.collateral_chrf < COLLATERAL:
            found.append(f"sentences without terms lose more than {-COLLATERAL} chrF++")
        return found


def sum_up(with_terms: Sequence[Translated], without_terms: Sequence[Translated]) -> Outcome:
    terms = sum(it.terms for it in with_terms)
    added_ms = [it.termed_ms - it.plain_ms for it in with_terms]
    return Outcome(
        with_terms=len(with_terms),
        without_terms=len(without_terms),
        terms=terms,
        accuracy_plain=100 * sum(it.met_plain for it in with_terms) / terms,
        accuracy=100 * sum(it.met_termed for it in with_terms) / terms,
        chrf_with_terms_plain=chrf(with_terms, termed=False),
        chrf_with_terms=chrf(with_terms, termed=True),
        collateral_chrf=chrf(without_terms, termed=True) - chrf(without_terms, termed=False),
        changed_without_terms=sum(it.plain != it.termed for it in without_terms),
        over_applied_with_terms=sum(it.over_applied > 0 for it in with_terms),
        over_applied_without_terms=sum(it.over_applied > 0 for it in without_terms),
        added_ms_p50=percentile(added_ms, 0.5),
        added_ms_p95=percentile(added_ms, 0.95),
        plain_ms_p50=statistics.median(it.plain_ms for it in with_terms),
        signature=_signature(),
    )


def write_report(it: Outcome) -> str:
    rows: Rows = [
        (f"{it.with_terms} sentences with {it.terms} terms", "without the glossary", "with it", "goal"),
        ("term accuracy", f"{it.accuracy_plain:.1f} %", f"{it.accuracy:.1f} %", f">= {TERM_ACCURACY:.0f} %"),
        ("chrF++", f"{it.chrf_with_terms_plain:.1f}", f"{it.chrf_with_terms:.1f}", ""),
        ("over-application, sentences", "", str(it.over_applied_with_terms), ""),
        ("ms p50", f"{it.plain_ms_p50:.1f}", f"+{it.added_ms_p50:.1f} (p95 +{it.added_ms_p95:.1f})", ""),
        (f"{it.without_terms} sentences without terms",),
        ("collateral chrF++", "", f"{it.collateral_chrf:+.2f}", f">= {COLLATERAL}"),
        ("over-application, sentences", "", str(it.over_applied_without_terms), ""),
        ("changed, sentences", "", str(it.changed_without_terms), ""),
    ]
    return f"{table(rows)}\n\nchrF++: {it.signature}"


def _signature() -> str:
    metric = CHRF(word_order=2)
    metric.corpus_score([""], [[""]])
    return str(metric.get_signature())


def chrf(translated: Sequence[Translated], *, termed: bool) -> float:
    texts = [it.termed if termed else it.plain for it in translated]
    return float(CHRF(word_order=2).corpus_score(texts, [[it.sample.reference for it in translated]]).score)
