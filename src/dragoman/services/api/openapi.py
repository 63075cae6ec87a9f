"""What the OpenAPI says of every route: who may ask, which problems it answers with, its name. To app.py.

A resource states once, on its router or on a route, what can go wrong there and what to show::

    router = APIRouter(prefix="/teams", tags=["teams"], dependencies=[SIGNED_IN], responses=problems(TeamNotFound))

    @router.post("", status_code=201, responses=problems(LimitReached))
    async def make_team(body: NewTeam, request: Request) -> TeamAnswer:
        \"\"\"Make a team; who makes it owns it.

        What stands from here on is the description.
        \"\"\"

What every route may answer with (guards.py, a body that does not fit, an account that is not there) is added here.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import Field

from dragoman.accounts.errors import AnswerNotKept, IdempotencyKeyReused, RequestUnderWay
from dragoman.ground.errors import DragomanError, StoreFull, StoreUnavailable, TooManyRequests
from dragoman.meetings.errors import RequestInvalid
from dragoman.services.api.problem_members import ProblemMembers
from dragoman.services.api.problems import PROBLEM_TYPE, status_of

Schema = dict[str, Any]
"""A part of the document, which is JSON of any shape."""

SESSION_COOKIE_NAME = "dragoman_session"

_BEARER = HTTPBearer(
    scheme_name="bearer",
    description="`Authorization: Bearer ...` with the access token of `POST /session`, or with an API key (`dgm_...`).",
    auto_error=False,
)
_COOKIE = APIKeyCookie(
    name=SESSION_COOKIE_NAME,
    scheme_name="cookie",
    description="The refresh token that `POST /session` sets; only the page uses it.",
    auto_error=False,
)
_ROOM_SECRET = HTTPBearer(
    scheme_name="room_secret",
    description="`Authorization: Bearer ...` with the host's secret of a room, or with that of one participant.",
    auto_error=False,
)
_SCHEMES = (_BEARER, _COOKIE, _ROOM_SECRET)

SIGNED_IN = Security(_BEARER)
"""Says that a route takes an account. It only describes: ``caller_of`` (callers.py) is what checks."""
BY_COOKIE = Security(_COOKIE)
"""Says that a route takes the cookie of a session."""
BY_ROOM_SECRET = Security(_ROOM_SECRET)
"""Says that a route takes the secret of the host or of a participant."""
MAYBE_SIGNED_IN: Schema = {"security": [{_BEARER.scheme_name: []}, {}]}
"""``openapi_extra`` of a route that answers everybody, and more to who has an account."""

DESCRIPTION = """Calls in which everyone speaks their own language.

Times are RFC 3339 in UTC. Lists come in pages, newest first: pass `next` of one as `cursor` of the following.
Whatever goes wrong is answered as `application/problem+json` with a `code` that stays the same, a `detail` in English,
and members with the facts of it, to say it in another language.
"""


class Problem(ProblemMembers):
    """RFC 9457."""

    type: str = Field("about:blank", description="Always the same; `code` tells problems apart.")
    title: str = Field(description="The status in words.")
    status: int
    code: str = Field(description="Stable word for what happened.", examples=["room_not_found"])
    detail: str = Field(description="A sentence that says what would work.")


def problems(*kinds: int | type[DragomanError]) -> dict[int | str, Schema]:
    """Give ``responses`` of a route or a router: statuses, or better errors, whose codes are then listed."""
    said: dict[int | str, list[str]] = {}
    for kind in kinds:
        if isinstance(kind, int):
            said.setdefault(kind, [])
        else:
            said.setdefault(status_of(kind), []).append(_say(kind.code, kind.__doc__))
    return {status: _answer(codes) for status, codes in said.items()}


def operation_id(route: APIRoute) -> str:
    """Name an operation ``<tag>_<function>``, such as ``rooms_make_room``."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def describe(app: FastAPI) -> None:
    """Let ``app.openapi()`` give the whole document. It is made when it is first asked for."""
    make = app.openapi
    made: list[Schema] = []

    def openapi() -> Schema:
        if not made:
            made.append(_finish(make()))
        return made[0]

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI documents it


def _say(code: str, what: str | None) -> str:
    first = " ".join((what or "").strip().split("\n\n")[0].split())
    return f"`{code}`: {first}" if first else f"`{code}`"


def _answer(codes: list[str]) -> Schema:
    return {"model": Problem, "description": "\n\n".join(codes) or "See `code`."}


_ALWAYS = {
    403: _say("origin_not_allowed", "Sent to another name than this server's, or by another site's page."),
    408: _say("too_slow", "The request took too long to arrive."),
    413: _say("too_large", "The body is longer than this route takes."),
    429: _say(TooManyRequests.code, "Wait as long as `Retry-After` says."),
}
_WITH_BODY = {400: _say("bad_request", "The body is no JSON.")}
_WITH_INPUT = {422: _say(RequestInvalid.code, "The first field that does not fit is named.")}
_WITH_ACCOUNT = {
    401: _say("not_signed_in", "No account, or its token is not good any more."),
    503: _say(StoreUnavailable.code, StoreUnavailable.__doc__),
}
_WITH_CHANGE = {507: _say(StoreFull.code, StoreFull.__doc__)}
_WITH_KEY = {
    409: "\n\n".join(_say(it.code, it.__doc__) for it in (RequestUnderWay, AnswerNotKept)),
    422: _say(IdempotencyKeyReused.code, IdempotencyKeyReused.__doc__),
}
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any word of your own, such as a UUID: sent again within 24 hours the request is not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[!-~]+$"},
}


def _finish(document: Schema) -> Schema:
    document["info"]["description"] = DESCRIPTION
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    parts["securitySchemes"] = {
        it.scheme_name: it.model.model_dump(mode="json", by_alias=True, exclude_none=True) for it in _SCHEMES
    }
    for path in document["paths"].values():
        for method, operation in path.items():
            _finish_operation(method, operation)
    return document


def _finish_operation(method: str, operation: Schema) -> None:
    _name(operation)
    if method == "post" and _schemes(operation) & {_BEARER.scheme_name}:
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        answers.pop("422")
    for status, text in _added(method, operation).items():
        known = answers.setdefault(str(status), {"description": ""})
        lines = [*known["description"].split("\n\n"), *text.split("\n\n")]
        known["description"] = "\n\n".join(dict.fromkeys(filter(None, lines)))
    for status, answer in answers.items():
        if int(status) >= 400:
            answer["content"] = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            if status in ("429", "503"):
                answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    operation["responses"] = dict(sorted(answers.items()))


def _name(operation: Schema) -> None:
    """Take the first sentence of the docstring for the summary, where none was given."""
    words = operation["operationId"].removeprefix(f"{(operation.get('tags') or [''])[0]}_").replace("_", " ")
    if operation.get("summary") != words.title():
        return
    text = operation.get("description", "").replace("``", "`")
    first, _, rest = text.partition("\n\n")
    sentence, stop, more = " ".join(first.split()).partition(". ")
    operation["summary"] = sentence.removesuffix(".") or words.capitalize()
    description = "\n\n".join(it for it in (more if stop else "", rest) if it)
    if description:
        operation["description"] = description
    else:
        operation.pop("description", None)


def _added(method: str, operation: Schema) -> Mapping[int, str]:
    added = dict(_ALWAYS)
    changes = method not in ("get", "head", "options")
    if "requestBody" in operation:
        added |= _WITH_BODY
    if "requestBody" in operation or "parameters" in operation:
        added |= _WITH_INPUT
    if _schemes(operation) & {_BEARER.scheme_name, _COOKIE.scheme_name}:
        added |= _WITH_ACCOUNT
        if changes:
            added |= _WITH_CHANGE
    if _KEY_PARAMETER in operation.get("parameters", ()):
        added |= {status: "\n\n".join(filter(None, (added.get(status), text))) for status, text in _WITH_KEY.items()}
    return added


def _schemes(operation: Schema) -> set[str]:
    return {name for it in operation.get("security", ()) for name in it}
