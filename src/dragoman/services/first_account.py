"""Notice the first account of a machine that has none. From serve_api.py, which then ends and is started again.

The routes of accounts are put together once, when an API starts. Whoever is in a call stays in it: sound goes through
the media server, and the next API knows the calls again from there.
"""

import asyncio

from dragoman.ground.errors import StoreError
from dragoman.settings import Settings

LOOK_EVERY_S = 2.0


async def first_account(settings: Settings, *, look_every_s: float = LOOK_EVERY_S) -> None:
    """Return once somebody has an account.

    A database that is away, or whose tables are just being made, says nothing either way and is asked again.
    """
    while not await _is_there(settings):  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(look_every_s)


async def _is_there(settings: Settings) -> bool:
    if not settings.has_database:
        return False
    # The database costs 40 MB, which a private machine keeps for its engines.
    from dragoman.services.open_accounts import is_anybody

    try:
        return await is_anybody(settings)
    except StoreError:
        return False
