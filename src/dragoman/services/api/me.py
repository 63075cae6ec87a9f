"""``/me``: the account of who asks."""

from fastapi import APIRouter, Request

from dragoman.accounts.errors import Forbidden, PasswordRefused, WrongCredentials
from dragoman.services.api.account_answers import Password, Title, UserAnswer, write_user
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, caller_of, person_of
from dragoman.services.api.openapi import SIGNED_IN, problems

router = APIRouter(prefix="/me", tags=["me"], dependencies=[SIGNED_IN])


class ChangedMe(Body):
    """What is left out stays as it is."""

    name: Title | None = None


class ChangedPassword(Body):
    current: Password
    new: Password


@router.get("")
async def see_me(request: Request) -> UserAnswer:
    """Say who asks, and what they may use."""
    caller = await caller_of(request)
    return await write_user(await accounts_of(request).people.get(caller.user_id), request)


@router.patch("", responses=problems(Forbidden))
async def change_me(body: ChangedMe, request: Request) -> UserAnswer:
    """Change the name that others see."""
    caller, people = await person_of(request), accounts_of(request).people
    if body.name is None:
        return await write_user(await people.get(caller.user_id), request)
    return await write_user(await people.rename(caller.user_id, body.name, actor=caller.actor), request)


@router.put("/password", status_code=204, responses=problems(WrongCredentials, PasswordRefused, Forbidden))
async def change_password(body: ChangedPassword, request: Request) -> None:
    """Change the password; every other session ends."""
    caller = await person_of(request)
    await accounts_of(request).sign_in.change_password(
        caller.user_id,
        current=body.current,
        new=body.new,
        session_id=caller.session_id or "",
        actor=caller.actor,
    )
