"""The glossary of a room where its interpreter is: fetched when it changes. From interpreter.py; to inner_client.py."""

import asyncio

import structlog

from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.services.api.inner_client import ApiAway, InnerClient, Replaced

log = structlog.get_logger()

ASK_AGAIN_S = 0.1
"""After an API that did not answer, or whose terms could not be had: a change is there within a second all the same."""


class RoomTerms:
    """Of one room. An API that is away changes nothing: what was known holds on."""

    def __init__(self, api: InnerClient, room: str, *, epoch: int) -> None:
        self._api = api
        self._room = room
        self._epoch = epoch
        self._terms = NO_TERMS
        self._instance = ""
        self._following = asyncio.Lock()
        """Who waits for changes and who renews the lease may hear of one at once: it is fetched once."""

    @classmethod
    async def fetched(cls, api: InnerClient, room: str, *, epoch: int) -> "RoomTerms":
        """Begin with what the room has already, as an interpreter that takes over does."""
        terms = cls(api, room, epoch=epoch)
        await terms._fetch()
        return terms

    def now(self) -> TermBase:
        return self._terms

    async def keep_following(self) -> None:
        """Ask without a pause for the next change: it is here two and a half round trips after it was made, or sooner.

        Ends when this interpreter is replaced.
        """
        while True:
            try:
                changed = await self._api.changed_terms(self._room, known=self._terms.version, epoch=self._epoch)
            except ApiAway:
                await asyncio.sleep(ASK_AGAIN_S)
                continue
            except Replaced:
                return
            await self.follow(instance=changed.instance, version=changed.glossary)
            if self._terms.version != changed.glossary:
                await asyncio.sleep(ASK_AGAIN_S)

    async def follow(self, *, instance: str, version: str) -> None:
        """Fetch another version; remind an API that was replaced, and has none, of ours."""
        async with self._following:
            is_new = bool(self._instance) and instance != self._instance
            if version != self._terms.version:
                if is_new and self._terms.terms and not version:
                    await self._recall(instance)
                    return
                await self._fetch()
            self._instance = instance

    async def _recall(self, instance: str) -> None:
        """Remind the API ``instance``, and know it as one that has our terms if it took them."""
        try:
            await self._api.recall_terms(self._room, self._terms, epoch=self._epoch)
        except (ApiAway, Replaced) as error:
            log.warning("glossary_not_recalled", detail=str(error))
        else:
            self._instance = instance

    async def _fetch(self) -> None:
        try:
            self._terms = await self._api.terms(self._room, epoch=self._epoch)
        except (ApiAway, Replaced) as error:
            log.warning("glossary_not_fetched", detail=str(error))
        else:
            log.info("glossary_fetched", terms=len(self._terms.terms), version=self._terms.version)
