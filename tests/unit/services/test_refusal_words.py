"""Every value that the facts of a refusal may have has words in the page, in each language; and no words are dead."""

import json
import re
from pathlib import Path

import pytest

from dragoman.accounts.limits import NAMES, UNLIMITED
from dragoman.accounts.plans import PLANS
from dragoman.accounts.rate_limits import RouteClass
from dragoman.ground.facts import Bound, Help, Rated, Reason, Scope

TEXTS = Path(__file__).parents[3] / "web" / "src" / "i18n"
PLURAL = re.compile("_(zero|one|other)$")
AMOUNTS = {name for name in NAMES if getattr(UNLIMITED, name) is None}


def named(language: str, group: str) -> set[str]:
    texts = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return {PLURAL.sub("", name) for name in texts["refusal"][group]}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_value_has_words_and_no_words_are_dead(language: str) -> None:
    assert named(language, "amount") == AMOUNTS
    assert named(language, "feature") == set(NAMES) - AMOUNTS
    assert named(language, "reason") == set(Reason)
    assert named(language, "bound") == set(Bound)
    assert named(language, "rated") == set(Rated)
    assert named(language, "scope") == set(Scope)
    assert named(language, "help") == set(Help)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_plan_and_every_limit_has_a_name(language: str) -> None:
    texts = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))["plan"]
    camel = {re.sub("_([a-z])", lambda it: it[1].upper(), name) for name in NAMES}

    assert set(texts["name"]) == set(PLANS)
    assert set(texts["limit"]) | set(texts["feature"]) == camel


def test_every_kind_of_request_that_is_counted_is_among_the_facts() -> None:
    assert set(RouteClass) <= set(Rated)
