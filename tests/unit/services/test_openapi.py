"""What the OpenAPI says of every route."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dragoman.accounts.errors import LimitReached, TeamNotFound
from dragoman.cli import app as commands
from dragoman.services.api.app import openapi_document
from dragoman.services.api.openapi import problems


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_has_a_summary_a_tag_and_an_id_of_its_own(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]

    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert len(operation["tags"]) == 1, name
        assert re.fullmatch(r"[a-z_]+", operation["operationId"]), name
        assert 5 < len(operation["summary"]) <= 120, name
        assert " " in operation["summary"], f"{name}: give its function a docstring"


def test_every_problem_is_of_one_form_and_names_its_codes(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                (media_type,) = answer["content"]
                assert media_type == "application/problem+json", name
                assert re.search(r"`[a-z_]+`:", answer["description"]), f"{name} {status}"
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {"title", "status", "code", "detail"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_whoever_is_not_signed_in_is_refused_wherever_an_account_is_taken(document: dict[str, Any]) -> None:
    taking = [(name, it) for name, it in operations(document) if "bearer" in str(it.get("security"))]

    assert len(taking) > 30
    assert all("401" in operation["responses"] for _, operation in taking)
    assert {"bearer", "cookie", "room_secret"} == set(document["components"]["securitySchemes"])


def test_what_is_ours_alone_is_not_described(document: dict[str, Any]) -> None:
    assert all(path.startswith("/api/v1/") for path in document["paths"])


def test_errors_of_one_status_are_listed_together() -> None:
    answers = problems(TeamNotFound, LimitReached, 404)

    assert list(answers) == [404, 403]
    assert "team_not_found" in answers[404]["description"]


def test_the_command_writes_the_document_to_a_file_or_standard_output(tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "openapi.json"

    said = CliRunner().invoke(commands, ["openapi", "--out", str(file)])
    shown = CliRunner().invoke(commands, ["openapi"])

    assert said.exit_code == shown.exit_code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(shown.stdout) == document
