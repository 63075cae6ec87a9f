"""``/admin/users``: find accounts and change what they may. For admins of the server."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from dragoman.accounts.administration import AccountChange
from dragoman.accounts.errors import AccountNotFound, Forbidden, LastAdmin, PlanLimitsInvalid
from dragoman.accounts.limits import LimitValue
from dragoman.services.api.account_answers import UserAnswer, write_user
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, admin_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.teams import UserId
from dragoman.store.tables import User

router = APIRouter(prefix="/admin/users", tags=["admin"], dependencies=[SIGNED_IN])

MAX_QUERY_CHARS = 100
MAX_LIMITS = 30


class KnownUserAnswer(UserAnswer):
    """An account, as an admin sees it."""

    disabled: bool
    plan_limits: dict[str, LimitValue] | None
    """Limits of their own, whether plans are on or off; they count on the enterprise plan. Null for none."""


class UserChange(Body):
    """What is left out stays as it is."""

    plan: Annotated[str, Field(max_length=16)] | None = None
    plan_limits: Annotated[dict[str, LimitValue], Field(max_length=MAX_LIMITS)] | None = None
    """Limits of their own, which count on the enterprise plan; null takes them away."""
    disabled: bool | None = None
    is_admin: bool | None = None


@router.get("", responses=problems(Forbidden))
async def see_users(
    request: Request, wish: Paged, query: Annotated[str, Query(max_length=MAX_QUERY_CHARS)] = ""
) -> Page[KnownUserAnswer]:
    """List the accounts in whose e-mail or name ``query`` stands; all for none."""
    await admin_of(request)
    found = await accounts_of(request).administration.search(query.strip(), before=wish.before, limit=wish.fetch)
    written = {user.id: await _write(user, request) for user in found[: wish.limit]}
    return page_of(found, wish, lambda user: written[user.id])


@router.patch("/{user}", responses=problems(Forbidden, AccountNotFound, LastAdmin, PlanLimitsInvalid))
async def change_user(user: UserId, body: UserChange, request: Request) -> KnownUserAnswer:
    """Give an account another plan or limits, close or open it, make it admin or not. The last admin stays one."""
    caller = await admin_of(request)
    limits = body.plan_limits or {} if "plan_limits" in body.model_fields_set else None
    change = AccountChange(plan=body.plan, plan_limits=limits, disabled=body.disabled, is_admin=body.is_admin)
    return await _write(await accounts_of(request).administration.change(user, change, actor=caller.actor), request)


async def _write(user: User, request: Request) -> KnownUserAnswer:
    seen = await write_user(user, request)
    own = {"disabled": user.disabled_at is not None, "plan_limits": user.plan_limits}
    return KnownUserAnswer.model_validate({**seen.model_dump(), **own})
