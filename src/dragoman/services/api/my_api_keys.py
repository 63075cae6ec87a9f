"""``/me/api-keys``: keys for programs that do what their owner may."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from dragoman.accounts.errors import ApiKeyNotFound, Forbidden, LimitReached, TooManyApiKeys
from dragoman.services.api.account_answers import Time, Title
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, person_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.store.tables import ApiKey

router = APIRouter(prefix="/me/api-keys", tags=["me"], dependencies=[SIGNED_IN], responses=problems(Forbidden))

KeyId = Annotated[str, Path(max_length=64)]


class NewKey(Body):
    name: Title
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """None for a key without an end."""


class KeyAnswer(BaseModel):
    id: str
    name: str
    hint: str
    """Its first letters."""
    created_at: Time
    used_at: Time | None
    expires_at: Time | None


class MadeKey(KeyAnswer):
    key: str
    """Shown this once."""


@router.get("")
async def see_keys(request: Request, wish: Paged) -> Page[KeyAnswer]:
    """List the keys, without what is secret of them."""
    caller = await person_of(request)
    rows = await accounts_of(request).api_keys.of_user(caller.user_id, before=wish.before, limit=wish.fetch)
    return page_of(rows, wish, _write)


@router.post("", status_code=201, responses=problems(Forbidden, LimitReached, TooManyApiKeys))
async def make_key(body: NewKey, request: Request) -> MadeKey:
    """Make a key. It is shown this once."""
    caller, accounts = await person_of(request), accounts_of(request)
    await accounts.limits.require(caller.user_id, "api")
    lifetime = None if body.expires_in_days is None else timedelta(days=body.expires_in_days)
    made = await accounts.api_keys.make(caller.user_id, name=body.name, lifetime=lifetime, actor=caller.actor)
    return MadeKey(**_write(made.row).model_dump(mode="python"), key=made.key)


@router.delete("/{key_id}", status_code=204, responses=problems(ApiKeyNotFound))
async def delete_key(key_id: KeyId, request: Request) -> None:
    """Delete a key; programs that send it are refused from then on."""
    caller = await person_of(request)
    await accounts_of(request).api_keys.delete(caller.user_id, key_id, actor=caller.actor)


def _write(row: ApiKey) -> KeyAnswer:
    return KeyAnswer(
        id=row.id,
        name=row.name,
        hint=row.hint,
        created_at=row.created_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )
