"""A translation has a term in any inflection, and not where it is only part of another word."""

import pytest

from dragoman.ground.glossary import TermState
from dragoman.ground.languages import Language
from dragoman.translating.glossary.demands import is_met
from dragoman.translating.glossary.forms import holds_form
from dragoman.translating.glossary.matcher import Wanted


@pytest.mark.parametrize(
    ("language", "term", "text", "holds"),
    [
        ("en", "invoice", "Two Invoices are late.", True),
        ("en", "agency", "All agencies agree.", True),
        ("en", "form", "The information is here.", False),
        ("en", "it", "Its colour.", False),
        ("fr", "réunion annuelle", "Les REUNIONS ANNUELLES commencent.", True),
        ("es", "acta", "La acción exacta.", False),
        ("de", "Vertrag", "Die Verträge und des Vertrags.", True),
        ("ru", "отчёт", "Мы читаем отчёты.", True),
        ("vi", "bàn", "Bán cái ghế.", False),
        ("vi", "hóa đơn", "Hoá đơn này.", True),
        ("zh", "会议", "今天的会议室", True),
        ("ar", "تقرير", "قرأت التقرير.", True),
        ("ko", "보고서", "보고서를 읽었다.", True),
    ],
)
def test_terms_are_recognised_in_simple_inflections(language: str, term: str, text: str, holds: bool) -> None:
    assert holds_form(text, term, Language(language)) is holds


def test_case_counts_where_it_is_asked_for() -> None:
    assert holds_form("We like IT.", "IT", Language("en"), match_case=True)
    assert not holds_form("We like it.", "IT", Language("en"), match_case=True)


def test_a_banned_form_is_no_fault_inside_the_wanted_one() -> None:
    wanted = Wanted(source="họp", targets=("conference call",), banned=("call",), strength=TermState.FORCED)

    assert is_met(wanted, "The conference call begins.", Language("en"))
    assert not is_met(wanted, "The conference call is a call.", Language("en"))
