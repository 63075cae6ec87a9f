"""Send made-up requests to an API as everybody who may come, and look at the answers. To test_openapi.py, which is
short, and benchmarks/openapi.py, which is long."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
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
from tests.hostile.api_house import HostileHouse
from tests.hostile.authorization_world import Ask, Caller

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]

STRANGER = "made-up"
"""The token of somebody who was never here."""
ROLES = (
    Caller.ANONYMOUS,
    None,
    Caller.FOREIGN,
    Caller.GUEST,
    Caller.HOST,
    Caller.MEMBER,
    Caller.SITE_ADMIN,
    Caller.OWNER,
)
"""Everybody who comes; None is a stranger. Who may do most comes last."""
WITHOUT_ACCOUNT = {Caller.ANONYMOUS, None, Caller.GUEST, Caller.HOST}
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
LAST = ("rooms_change_room", "admin_switch_plans")
"""What may leave others with less than before: a locked call, plans that are on."""


@dataclass(slots=True)
class Sent:
    """What was asked and answered."""

    requests: Counter[str] = field(default_factory=Counter)
    """By operation."""
    granted: Counter[str] = field(default_factory=Counter)
    """Of those the ones that were answered with what was asked for."""
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    """Of those answered 5xx."""

    def count(self, operation: str, status: int) -> None:
        self.requests[operation] += 1
        self.granted[operation] += status < 400
        self.statuses[status] += 1
        self.broken += status >= 500


def operations(house: HostileHouse) -> list[Operation]:
    """Give all operations, those of ``LAST`` at the end."""
    found = []
    for result in schemathesis.openapi.from_dict(house.document).get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        found.append(result.ok())
    return sorted(found, key=lambda it: LAST.index(id_of(it)) if id_of(it) in LAST else -1)


def id_of(operation: Operation) -> str:
    name: str = operation.definition.raw["operationId"]
    return name


def name_of(operation: Operation) -> str:
    """Give its name in the authorization matrix: ``GET /api/v1/me``."""
    return f"{operation.method.upper()} {operation.path}"


def media_type_of(operation: Operation) -> str:
    """Say what the OpenAPI takes the body for."""
    content = operation.definition.raw.get("requestBody", {}).get("content")
    assert content, "it takes a body that the OpenAPI knows nothing of"
    return str(next(iter(content)))


def grant(house: HostileHouse, operation: Operation, sent: Sent | None = None) -> str:
    """Send what fits, as somebody who gets it; gives what is wrong with the answer."""
    caller, asked = house.fitting(name_of(operation))
    body = asked.json if asked.content is None else asked.content
    try:
        given: dict[str, Any] = {} if body is None else {"body": body, "media_type": media_type_of(operation)}
        request = operation.Case(path_parameters=dict(asked.params), query=dict(asked.query), **given)
        send_as(house, request, caller, asked, sent)
    except (AssertionError, FailureGroup) as error:
        return f"{operation.label}, fitting: {error}"
    return ""


def attack(
    house: HostileHouse, operation: Operation, mode: GenerationMode, *, cases: int, sent: Sent | None = None
) -> str:
    """Send some requests; gives what is wrong with the answer to one, empty for nothing."""
    caller, known = house.fitting(name_of(operation))
    # Known ids every other time: otherwise nearly everything would be a 404.
    turns = cycle((True, False))

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(request=operation.as_strategy(generation_mode=mode))
    def send(request: Request) -> None:
        if next(turns):
            use_known_ids(request, known.params)
        for role in ROLES:
            send_as(house, request, role, known if role is caller else None, sent)

    try:
        send()
    except Unsatisfiable:
        return ""  # nothing that does not fit can be made up for a route that takes nothing
    except (AssertionError, FailureGroup) as error:
        return f"{operation.label}: {error}"
    return ""


def send_as(
    house: HostileHouse, request: Request, caller: Caller | None, asked: Ask | None = None, sent: Sent | None = None
) -> None:
    """Send a request as ``caller``, or as the twin of theirs that ``asked`` may have."""
    authorize(request, STRANGER if caller is None else house.tokens[caller])
    if asked is not None and asked.client is not None:
        request.headers.update({name: it for name, it in asked.client.headers.items() if name in _TWINS_OWN})
    response = request.call(base_url=house.origin)
    if sent is not None:
        sent.count(id_of(request.operation), response.status_code)
    check(request, response)
    takes_account = request.operation.definition.raw.get("security") == [{"bearer": []}]
    if takes_account and caller in WITHOUT_ACCOUNT:
        who = caller or "a stranger"
        assert response.status_code >= 400, f"{who} was answered {response.status_code}, without an account"


_TWINS_OWN = ("authorization", "cookie")


def check(request: Request, response: Any) -> None:
    """Raise ``FailureGroup`` for an answer that breaks, or that the OpenAPI does not have."""
    request.validate_response(response, checks=CHECKS)


def use_known_ids(request: Request, known: Mapping[str, str]) -> None:
    for name in known.keys() & (request.path_parameters or {}).keys():
        request.path_parameters[name] = known[name]


def authorize(request: Request, token: str) -> None:
    for name in [name for name in request.headers or {} if name.lower() == "authorization"]:
        del request.headers[name]
    if token:
        request.headers["Authorization"] = f"Bearer {token}"
