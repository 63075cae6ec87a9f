"""What the store said of a session before it changed is not believed after it; on both databases."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.accounts_site import accounts_site

from dragoman.ground.accounts import SYSTEM, Actor
from dragoman.store import api_keys, sessions
from dragoman.store.tables import ApiKey, SignedIn, User


@pytest.mark.usefixtures("each_database")
async def test_a_session_that_ends_while_the_store_is_asked_about_it_is_refused_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        read = sessions.with_user

        async def slow(session: AsyncSession, session_id: str) -> tuple[SignedIn, User] | None:
            monkeypatch.setattr(sessions, "with_user", read)
            found = await read(session, session_id)
            await site.accounts.sessions.end_others(an.user_id, besides=None, actor=SYSTEM)
            return found

        monkeypatch.setattr(sessions, "with_user", slow)
        await an.client.get("/api/v1/me")

        assert (await an.client.get("/api/v1/me")).status_code == 401


@pytest.mark.usefixtures("each_database")
async def test_a_key_that_is_deleted_while_the_store_is_asked_about_it_is_refused_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        actor = Actor(kind="user", id=an.user_id)
        made = await site.accounts.api_keys.make(an.user_id, name="k", lifetime=None, actor=actor)
        client = site.client(made.key)
        await client.get("/api/v1/me")
        site.accounts.standing.forget(an.user_id)
        read = api_keys.with_user

        async def slow(session: AsyncSession, hashed: str) -> tuple[ApiKey, User] | None:
            monkeypatch.setattr(api_keys, "with_user", read)
            found = await read(session, hashed)
            await site.accounts.api_keys.delete(an.user_id, made.row.id, actor=actor)
            return found

        monkeypatch.setattr(api_keys, "with_user", slow)
        await client.get("/api/v1/me")

        assert (await client.get("/api/v1/me")).status_code == 401
