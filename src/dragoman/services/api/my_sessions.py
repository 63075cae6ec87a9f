"""``/me/sessions``: where somebody is signed in, and an end to it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden, SessionNotFound
from dragoman.services.api.account_answers import Time
from dragoman.services.api.callers import accounts_of, person_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.store.tables import SignedIn

router = APIRouter(prefix="/me/sessions", tags=["me"], dependencies=[SIGNED_IN], responses=problems(Forbidden))

SessionId = Annotated[str, Path(max_length=64)]


class SessionAnswer(BaseModel):
    id: str
    device: str
    """Browser and system, such as "Firefox on Linux"; empty if it did not say."""
    address: str
    """The network it was last used from."""
    created_at: Time
    used_at: Time
    current: bool
    """The one that asks."""


@router.get("")
async def see_sessions(request: Request, wish: Paged) -> Page[SessionAnswer]:
    """List the browsers that are signed in."""
    caller = await person_of(request)

    def write(row: SignedIn) -> SessionAnswer:
        return SessionAnswer(
            id=row.id,
            device=row.device,
            address=row.address,
            created_at=row.created_at,
            used_at=row.used_at,
            current=row.id == caller.session_id,
        )

    rows = await accounts_of(request).sessions.of_user(caller.user_id, before=wish.before, limit=wish.fetch)
    return page_of(rows, wish, write)


@router.delete("/{session_id}", status_code=204, responses=problems(SessionNotFound))
async def end_session(session_id: SessionId, request: Request) -> None:
    """Sign out one browser."""
    caller = await person_of(request)
    await accounts_of(request).sessions.end(caller.user_id, session_id, actor=caller.actor)


@router.delete("", status_code=204)
async def end_other_sessions(request: Request) -> None:
    """Sign out everywhere but here."""
    caller = await person_of(request)
    await accounts_of(request).sessions.end_others(caller.user_id, besides=caller.session_id, actor=caller.actor)
