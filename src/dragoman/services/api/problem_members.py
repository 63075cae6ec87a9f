"""The facts of a refusal as extension members of a problem (RFC 9457, section 3.2). From problems.py and openapi.py."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from dragoman.ground.facts import Facts, Help, Reason, Scope

Absent = SkipJsonSchema[None]
"""A member that has nothing to say is left out, never null."""


def _drop_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _member(description: str, **more: Any) -> Any:
    return Field(default=None, description=description, json_schema_extra=_drop_default, **more)


class LargerPlanMember(BaseModel):
    """The smallest plan that would help."""

    name: str
    allowed: int | None = Field(description="Of the same limit; null for any number, or for what it has then.")


class ProblemMembers(BaseModel):
    """What a program needs to say a refusal in its own words. Those that have nothing to do with it are left out."""

    reason: Reason | Absent = _member("Which rule refused, where `code` stands for several.")
    field: str | Absent = _member(
        "The field of the request that does not fit; lists begin at 0.", examples=["terms.3.source"]
    )
    line: int | Absent = _member("Of a file; from 1.")
    term: str | Absent = _member("The beginning of the glossary's term that cannot be used.")
    limit: str | Absent = _member(
        "Which limit it is: one of the `limits` of a user, which plans set, or one that holds for everybody.",
        examples=["rooms_at_once", "api_keys"],
    )
    allowed: int | Absent = _member("The most there may be, in the unit of the limit; 0 for what a plan is without.")
    least: int | Absent = _member("The fewest there may be.")
    free: int | Absent = _member("How much is left of it.")
    scope: Scope | Absent = _member("For whom the requests that were too many are counted together.")
    within_s: int | Absent = _member("In any stretch of so many seconds `allowed` requests pass.")
    plan: str | Absent = _member("The plan that sets the limit.", examples=["free"])
    larger_plan: LargerPlanMember | Absent = _member("The smallest plan that would help, where there is one.")
    helps: list[Help] | Absent = _member("What would help, the easiest first.")
    starts_at: datetime | Absent = _member("Of the meeting that is meant.")
    retry_after_s: int | Absent = _member("As the header `Retry-After`.")


def write_members(facts: Facts, *, retry_after: str | None = None) -> dict[str, Any]:
    """Write what there is to say, as JSON. ``retry_after`` is the header."""
    members = ProblemMembers.model_validate(facts, from_attributes=True)
    members.helps = members.helps or None
    members.retry_after_s = int(retry_after) if retry_after is not None else None
    written: dict[str, Any] = members.model_dump(mode="json", exclude_none=True)
    if facts.larger_plan is not None:
        written["larger_plan"] = {"name": facts.larger_plan.name, "allowed": facts.larger_plan.allowed}
    return written
