"""Webhooks of teams: the rules. From the API; rows in store/webhooks.py, sent by webhook_deliveries.py."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.errors import TooManyWebhooks, WebhookNotFound
from dragoman.accounts.teams import team_seen_by
from dragoman.accounts.webhook_addresses import read_target
from dragoman.accounts.webhook_signing import SecretBox, new_secret
from dragoman.ground.accounts import Actor
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.team_roles import TeamAct
from dragoman.ground.webhooks import TEST_EVENT, TeamEvent
from dragoman.store import audit, teams, webhooks
from dragoman.store.columns import new_id
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User, Webhook, WebhookDelivery

MOST_WEBHOOKS = 10
"""Of one team."""

Place = tuple[datetime, str]
"""Where a page of a list begins: behind this moment and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: str = field(repr=False)


class Webhooks:
    """Makes and changes webhooks; everything stands in the audit log of the team.

    All of it takes the right to manage webhooks and raises ``TeamNotFound`` for who is not in the team, ``Forbidden``
    for who is not admin of it, and ``WebhookNotFound``.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        enforcement: Enforcement,
        *,
        allowed_origins: Collection[str] = (),
        wake: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """``allowed_origins``: see ``webhook_addresses.py``. ``wake``: lets the jobs look at once."""
        self._database = database
        self._box = box
        self._enforcement = enforcement
        self._allowed = frozenset(allowed_origins)
        self._wake = wake
        self._clock = clock

    async def make(self, team_id: str, url: str, events: Sequence[TeamEvent], *, actor: Actor) -> NewWebhook:
        """Raises ``WebhookAddressRefused``, ``TooManyWebhooks``, and ``LimitReached`` where the plan has no API."""
        read_target(url, allowed_origins=self._allowed)
        now, webhook_id, secret = self._clock(), new_id(), new_secret()
        async with self._database.writing() as session:
            await teams.lock(session, team_id)
            await self._admit(session, team_id, actor)
            if await webhooks.count_of_team(session, team_id) >= MOST_WEBHOOKS:
                raise TooManyWebhooks(
                    f"a team has at most {MOST_WEBHOOKS} webhooks; delete one first",
                    facts=Facts(limit=Bound.WEBHOOKS, allowed=MOST_WEBHOOKS, helps=(Help.DELETE_SOME,)),
                )
            webhook = webhooks.add(
                session,
                webhook_id=webhook_id,
                team_id=team_id,
                url=url,
                secret=self._box.close(secret, webhook_id=webhook_id),
                events=[event.value for event in dict.fromkeys(events)],
                at=now,
            )
            await session.flush()
            self._record(session, webhook, actor, "webhook.created", events=list(webhook.events))
            return NewWebhook(webhook=webhook, secret=secret)

    async def of_team(self, team_id: str, *, actor: Actor, before: Place | None, limit: int) -> Sequence[Webhook]:
        async with self._database.reading() as session:
            await self._see(session, team_id, actor)
            return await webhooks.of_team(session, team_id, before=before, limit=limit)

    async def set_disabled(self, team_id: str, webhook_id: str, disabled: bool, *, actor: Actor) -> Webhook:
        """Stop deliveries, or let them begin anew; what was announced in between is not delivered."""
        async with self._database.writing() as session:
            await self._see(session, team_id, actor)
            webhook = await _find(session, webhook_id, team_id)
            if disabled is not (webhook.disabled_at is not None):
                webhook.disabled_at = self._clock() if disabled else None
                webhook.failures, webhook.failed_at, webhook.failing_since = 0, None, None
                self._record(session, webhook, actor, "webhook.disabled" if disabled else "webhook.enabled")
            return webhook

    async def remove(self, team_id: str, webhook_id: str, *, actor: Actor) -> None:
        async with self._database.writing() as session:
            await self._see(session, team_id, actor)
            webhook = await _find(session, webhook_id, team_id)
            self._record(session, webhook, actor, "webhook.deleted")
            await webhooks.remove(session, webhook_id)

    async def deliveries(
        self, team_id: str, webhook_id: str, *, actor: Actor, before: Place | None, limit: int
    ) -> Sequence[WebhookDelivery]:
        async with self._database.reading() as session:
            await self._see(session, team_id, actor)
            await _find(session, webhook_id, team_id, for_change=False)
            return await webhooks.deliveries_of(session, webhook_id, before=before, limit=limit)

    async def test(self, team_id: str, webhook_id: str, *, actor: Actor) -> WebhookDelivery:
        """Queue a delivery that says nothing, to this webhook alone."""
        now = self._clock()
        async with self._database.writing() as session:
            await self._admit(session, team_id, actor)
            webhook = await _find(session, webhook_id, team_id)
            payload = webhooks.write_event(team_id=team_id, event=TEST_EVENT, at=now, ids={"webhook": webhook.id})
            delivery = await webhooks.add_delivery(session, webhook.id, payload, at=now)
        self._wake()
        return delivery

    async def _admit(self, session: AsyncSession, team_id: str, actor: Actor) -> None:
        await self._see(session, team_id, actor)
        granted = await self._enforcement.granted_in(session, await session.get(User, actor.id or ""))
        granted.require("api")

    async def _see(self, session: AsyncSession, team_id: str, actor: Actor) -> None:
        await team_seen_by(session, team_id, actor.id, TeamAct.MANAGE_WEBHOOKS)

    def _record(self, session: AsyncSession, webhook: Webhook, actor: Actor, action: str, **facts: audit.Fact) -> None:
        audit.record(
            session,
            at=self._clock(),
            actor=actor,
            action=action,
            target=("webhook", webhook.id),
            team_id=webhook.team_id,
            facts=facts,
        )


async def _find(session: AsyncSession, webhook_id: str, team_id: str, *, for_change: bool = True) -> Webhook:
    webhook = await webhooks.find(session, webhook_id, team_id=team_id, for_change=for_change)
    if webhook is None:
        raise WebhookNotFound("the team has no such webhook")
    return webhook
