"""Every stable code that the API documents has words in the page, in each language; and no words are for nothing."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from dragoman.accounts import errors as account_errors
from dragoman.ground.errors import DragomanError
from dragoman.meetings import errors as meeting_errors
from dragoman.services.api.app import openapi_document

WEB = Path(__file__).parents[3] / "web" / "src"
LANGUAGES = ["en", "vi"]
UNANSWERED = {"unreachable"}
"""What the page calls it when no answer comes."""
OTHERS = {"unknown", "too_many_requests_until"}
"""Words under ``fault`` that belong to no code."""
PLURAL = re.compile("_(zero|one|other)$")


@cache
def documented() -> frozenset[str]:
    """Give every code that a route documents, as openapi.py writes them: each begins a paragraph."""
    found = set()
    for item in openapi_document()["paths"].values():
        for operation in item.values():
            for answer in operation["responses"].values():
                found |= set(re.findall(r"(?:^|\n\n)`([a-z_]+)`(?=:|\n\n|$)", answer["description"]))
    return frozenset(found)


def in_page() -> set[str]:
    """Give the codes that the page knows, from its own list."""
    source = (WEB / "features" / "shell" / "faults.ts").read_text(encoding="utf-8")
    (listed,) = re.findall(r"export const FAULTS = \[(.*?)\] as const", source, flags=re.DOTALL)
    return set(re.findall(r"'([a-z_]+)'", listed))


def words(language: str) -> dict[str, dict[str, dict[str, str]]]:
    texts: dict[str, dict[str, dict[str, str]]] = json.loads(
        (WEB / "i18n" / f"{language}.json").read_text(encoding="utf-8")
    )
    return texts


def subclasses(kind: type[DragomanError]) -> Iterator[type[DragomanError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


def test_the_page_knows_every_code_that_the_api_documents_and_no_other() -> None:
    assert len(documented()) > 50
    assert in_page() == documented() | UNANSWERED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_and_no_words_are_dead(language: str) -> None:
    fault = words(language)["fault"]

    assert {PLURAL.sub("", key) for key in fault} == in_page() | OTHERS
    assert all(fault.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_back_from_a_provider_has_words_for_codes_that_there_are(language: str) -> None:
    known = {account_errors.OidcRefused.code, account_errors.OidcUnavailable.code}

    explained = set(words(language)["signIn"]["problem"])

    assert known <= explained <= {kind.code for kind in subclasses(DragomanError)}


@pytest.mark.parametrize("module", [account_errors, meeting_errors])
def test_every_error_of_accounts_and_meetings_is_documented_by_a_route(module: ModuleType) -> None:
    """But what only a redirect says, and the roots of branches."""
    said_elsewhere = {"account_error", "meeting_error", "too_many", "oidc_refused", "oidc_unavailable"}
    ours = {it.code for it in subclasses(DragomanError) if it.__module__ == module.__name__}

    assert ours - said_elsewhere <= documented()
