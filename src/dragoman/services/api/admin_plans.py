"""``/admin/plans``: whether plans count, and what each allows. For admins of the server."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden
from dragoman.accounts.limits import LimitValue, limits_json
from dragoman.accounts.plans import PLANS
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, admin_of
from dragoman.services.api.openapi import SIGNED_IN, problems

router = APIRouter(prefix="/admin/plans", tags=["admin"], dependencies=[SIGNED_IN], responses=problems(Forbidden))


class PlansChange(Body):
    on: bool


class PlanAnswer(BaseModel):
    name: str
    limits: dict[str, LimitValue]
    """Null is unlimited; those of enterprise count where an account has none of its own."""


class PlansAnswer(BaseModel):
    on: bool
    """Off, everybody gets what the machine carries, whatever their plan."""
    plans: list[PlanAnswer]
    """The smallest first."""


@router.get("")
async def see_plans(request: Request) -> PlansAnswer:
    """Say whether plans count, and what each allows."""
    await admin_of(request)
    return _write(await accounts_of(request).limits.plans_on())


@router.put("")
async def switch_plans(body: PlansChange, request: Request) -> PlansAnswer:
    """Let plans count or not. Calls that go on end when the plan of before said so."""
    caller = await admin_of(request)
    await accounts_of(request).limits.switch_plans(body.on, actor=caller.actor)
    return _write(body.on)


def _write(on: bool) -> PlansAnswer:
    plans = [PlanAnswer(name=plan.name, limits=limits_json(plan.limits)) for plan in PLANS.values()]
    return PlansAnswer(on=on, plans=plans)
