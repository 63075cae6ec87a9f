"""The glossary of a room where its interpreter is: fetched when it changes. From interpreter.py; to inner_client.py."""

import structlog

from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.services.api.inner_client import ApiAway, InnerClient, RenewalAnswer, Replaced

log = structlog.get_logger()


class RoomTerms:
    """Of one room. An API that is away changes nothing: what was known holds on."""

    def __init__(self, api: InnerClient, room: str, *, epoch: int) -> None:
        self._api = api
        self._room = room
        self._epoch = epoch
        self._terms = NO_TERMS
        self._instance = ""

    @classmethod
    async def fetched(cls, api: InnerClient, room: str, *, epoch: int) -> "RoomTerms":
        """Begin with what the room has already, as an interpreter that takes over does."""
        terms = cls(api, room, epoch=epoch)
        await terms._fetch()
        return terms

    def now(self) -> TermBase:
        return self._terms

    async def follow(self, answer: RenewalAnswer) -> None:
        """Fetch another version; remind an API that was replaced, and has none, of ours."""
        is_new = bool(self._instance) and answer.instance != self._instance
        self._instance = answer.instance
        if answer.glossary == self._terms.version:
            return
        if is_new and self._terms.terms and not answer.glossary:
            try:
                await self._api.recall_terms(self._room, self._terms, epoch=self._epoch)
            except (ApiAway, Replaced) as error:
                log.warning("glossary_not_recalled", detail=str(error))
                self._instance = ""
            return
        await self._fetch()

    async def _fetch(self) -> None:
        try:
            self._terms = await self._api.terms(self._room, epoch=self._epoch)
        except (ApiAway, Replaced) as error:
            log.warning("glossary_not_fetched", detail=str(error))
        else:
            log.info("glossary_fetched", terms=len(self._terms.terms), version=self._terms.version)
