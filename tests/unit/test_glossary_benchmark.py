"""The benchmark of the glossary: its sums are right, what nobody asked for is counted, and it goes all the way."""

import json
from pathlib import Path

import pytest
from benchmarks import glossary
from benchmarks.glossary import count_surplus
from benchmarks.glossary_outcome import Sample, Translated, sum_up, write_report

from dragoman.ground.glossary import make_term
from dragoman.ground.languages import Language
from dragoman.translating.glossary.matcher import TermMatcher

EN, VI = Language("en"), Language("vi")
TARGETS = ("bản tin", "phiếu thu")


def translated(plain: str, termed: str, *, terms: int, met_plain: int, met: int, over_applied: int = 0) -> Translated:
    sample = Sample(source_language=EN, target_language=VI, text="The report.", reference="Bản tin.")
    return Translated(
        sample=sample,
        plain=plain,
        termed=termed,
        plain_ms=10.0,
        termed_ms=15.0,
        terms=terms,
        met_plain=met_plain,
        met_termed=met,
        over_applied=over_applied,
    )


@pytest.mark.parametrize(
    ("said", "before", "after", "surplus"),
    [
        ("The report.", "Báo cáo.", "Bản tin.", 0),
        ("The report.", "Báo cáo.", "Bản tin bản tin.", 1),
        ("The report.", "Báo cáo.", "Bản tin phiếu thu.", 1),
        ("Good morning.", "Chào buổi sáng.", "Bản tin.", 1),
        ("Good morning.", "Bản tin.", "Bản tin.", 0),
        ("The report and the report.", "Báo cáo.", "Bản tin và bản tin.", 0),
    ],
)
def test_what_comes_out_unasked_or_too_often_is_over_applied(said: str, before: str, after: str, surplus: int) -> None:
    terms = [
        make_term(source=source, target=target, source_language=EN, target_language=VI)
        for source, target in zip(("report", "invoice"), TARGETS, strict=True)
    ]
    found = TermMatcher(terms, source=EN, target=VI).find(said)

    assert count_surplus(TARGETS, found, before=before, after=after, language=VI) == surplus


def test_the_outcome_says_what_was_missed_and_what_was_harmed() -> None:
    hits = [
        translated("Báo cáo.", "Bản tin.", terms=1, met_plain=0, met=1),
        translated("Báo cáo.", "Báo cáo.", terms=1, met_plain=0, met=0),
    ]
    misses = [translated("Bản tin.", "Phiếu thu.", terms=0, met_plain=0, met=0, over_applied=1)]

    outcome = sum_up(hits, misses)

    assert (outcome.accuracy_plain, outcome.accuracy) == (0.0, 50.0)
    assert (outcome.over_applied_with_terms, outcome.over_applied_without_terms) == (0, 1)
    assert outcome.changed_without_terms == 1
    assert outcome.collateral_chrf < -50
    assert outcome.added_ms_p50 == pytest.approx(5.0)
    assert len(outcome.complaints) == 2
    assert "50.0 %" in write_report(outcome)


def test_it_writes_what_it_measured_of_the_tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "terms.csv").write_bytes((glossary.SET / "terms.csv").read_bytes())
    for name in ("with_terms.tsv", "without_terms.tsv"):
        lines = (glossary.SET / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text("\n".join([*lines[:1], *lines[2:6]]) + "\n", encoding="utf-8")
    monkeypatch.setattr(glossary, "SET", tmp_path)
    monkeypatch.setattr(glossary, "RESULTS", tmp_path / "results")

    assert glossary.main(["--write"]) == 0

    (figures,) = (tmp_path / "results").glob("glossary-*-cores.json")
    outcome = json.loads(figures.read_text(encoding="utf-8"))["outcome"]
    assert (outcome["with_terms"], outcome["without_terms"], outcome["accuracy"]) == (4, 4, 100.0)
    assert "term accuracy" in figures.with_suffix(".md").read_text(encoding="utf-8")
