"""Requests made up from the OpenAPI, as everybody who may come: nothing breaks, nothing is answered undocumented.

Every route gets ``DRAGOMAN_TEST_CASES`` requests of each kind, two without it, and each is sent as everybody.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.hostile.api_house import HostileHouse, hostile_house

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]

CASES = int(os.environ.get("DRAGOMAN_TEST_CASES", "2"))
ROLES = ["nobody", "stranger", "foreigner", "guest", "host", "member", "admin", "owner"]
"""A stranger has a made-up token, a foreigner an account in no team. Who may do most comes last."""
CHECKS = [schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]  # fmt: skip
AFTER_ALL = {"me_end_other_sessions", "session_sign_out"}
"""What would sign the others out; it has tests of its own."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileHouse]:
    with hostile_house(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_every_answer_is_documented_and_no_request_breaks_anything(house: HostileHouse, mode: GenerationMode) -> None:
    wrong = [error for operation in operations(house) if (error := attack(house, operation, mode))]

    assert not wrong, "\n\n".join(wrong)


def operations(house: HostileHouse) -> list[Operation]:
    """Give all routes; what deletes comes last, and what deletes most at the very end."""
    found = []
    for result in schemathesis.openapi.from_dict(house.document).get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        found.append(result.ok())
    kept = [it for it in found if it.definition.raw["operationId"] not in AFTER_ALL]
    return sorted(kept, key=lambda it: (it.method == "delete", -len(it.path) if it.method == "delete" else 0))


def attack(house: HostileHouse, operation: Operation, mode: GenerationMode) -> str:
    """Send some requests; gives what is wrong with the answer to one, empty for nothing."""
    # Known ids every other time: otherwise nearly everything would be a 404.
    cases = st.tuples(operation.as_strategy(generation_mode=mode), st.booleans())

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=cases)
    def send(case: tuple[Request, bool]) -> None:
        request, with_known_ids = case
        if with_known_ids:
            use_known_ids(request, house)
        for role in ROLES:
            send_as(house, request, role)

    try:
        send()
    except Unsatisfiable:
        return ""  # nothing that does not fit can be made up for a route that takes nothing
    except (AssertionError, FailureGroup) as error:
        return f"{operation.label}: {error}"
    return ""


def send_as(house: HostileHouse, request: Request, role: str) -> None:
    authorize(request, house.tokens.get(role, "made-up"))
    response = request.call(base_url=house.origin)
    request.validate_response(response, checks=CHECKS)
    takes_account = request.operation.definition.raw.get("security") == [{"bearer": []}]
    if takes_account and role in ("nobody", "stranger", "guest", "host"):
        assert response.status_code >= 400, f"{role} was answered {response.status_code}, without an account"


def use_known_ids(request: Request, house: HostileHouse) -> None:
    for name, known in house.known.items():
        if name in (request.path_parameters or {}):
            request.path_parameters[name] = known


def authorize(request: Request, token: str) -> None:
    for name in [name for name in request.headers or {} if name.lower() == "authorization"]:
        del request.headers[name]
    if token:
        request.headers["Authorization"] = f"Bearer {token}"
