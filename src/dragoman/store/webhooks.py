"""Rows of webhooks and of what they are sent. From accounts/webhooks.py, and whoever ``announce``s; to the jobs."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.webhooks import DELIVER, TeamEvent
from dragoman.store.columns import new_id
from dragoman.store.jobs import add_job
from dragoman.store.paging import newest_first
from dragoman.store.tables import Webhook, WebhookDelivery

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def announce(
    session: AsyncSession,
    *,
    team_id: str | None,
    event: TeamEvent,
    at: datetime,
    ids: Mapping[str, str],
    times: Mapping[str, datetime] | None = None,
) -> None:
    """Let the webhooks of a team be told of ``event``, if the transaction is kept. A room of no team tells nobody.

    What is told are ids and times; anything else is refused with ``ValueError``.
    """
    if team_id is None:
        return
    payload = write_event(team_id=team_id, event=event, at=at, ids=ids, times=times)
    listening = select(Webhook).where(Webhook.team_id == team_id, Webhook.disabled_at.is_(None))
    for webhook in await session.scalars(listening):
        if event in webhook.events:
            await add_delivery(session, webhook.id, payload, at=at)


def write_event(
    *,
    team_id: str,
    event: str,
    at: datetime,
    ids: Mapping[str, str],
    times: Mapping[str, datetime] | None = None,
) -> dict[str, str]:
    """Write what receivers get: the event's own id first, by which they know what they had before."""
    if not all(_ID.fullmatch(it) for it in ids.values()):
        raise ValueError(f"{event} tells more than ids: {', '.join(ids)}")
    moments = {key: write_moment(moment) for key, moment in (times or {}).items()}
    return {"id": new_id(), "event": event, "at": write_moment(at), "team": team_id, **ids, **moments}


def write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def add_delivery(
    session: AsyncSession, webhook_id: str, payload: dict[str, str], *, at: datetime
) -> WebhookDelivery:
    """Queue a delivery and its first try."""
    delivery = WebhookDelivery(
        id=new_id(), webhook_id=webhook_id, event=payload["event"], payload=dict(payload), created_at=at, next_at=at
    )
    session.add(delivery)
    await session.flush()
    await add_try(session, delivery.id, attempt=1, at=at, delay_s=0.0)
    return delivery


async def add_try(
    session: AsyncSession, delivery_id: str, *, attempt: int, at: datetime, delay_s: float, hop: int = 0
) -> None:
    """Queue a try, once however often this is said. ``hop`` counts the jobs that only wait for the moment."""
    key = f"{DELIVER}:{delivery_id}:{attempt}:{hop}"
    payload = {"delivery": delivery_id, "attempt": attempt, "hop": hop}
    await add_job(session, DELIVER, payload, at=at, key=key, delay_s=delay_s)


def add(
    session: AsyncSession, *, webhook_id: str, team_id: str, url: str, secret: str, events: Sequence[str], at: datetime
) -> Webhook:
    """``secret``: encrypted."""
    webhook = Webhook(id=webhook_id, team_id=team_id, url=url, secret=secret, events=list(events), created_at=at)
    session.add(webhook)
    return webhook


async def find(
    session: AsyncSession, webhook_id: str, *, team_id: str | None = None, for_change: bool = True
) -> Webhook | None:
    """Give a webhook, of ``team_id`` alone where that is said.

    ``for_change``: until the transaction, which then is one that writes, ends nobody else changes it.
    """
    wanted = select(Webhook).where(Webhook.id == webhook_id)
    if for_change:
        wanted = wanted.with_for_update()
    if team_id is not None:
        wanted = wanted.where(Webhook.team_id == team_id)
    return await session.scalar(wanted)


async def of_team(
    session: AsyncSession, team_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Webhook]:
    wanted = select(Webhook).where(Webhook.team_id == team_id)
    ordered = newest_first(wanted, Webhook.created_at, Webhook.id, before=before, limit=limit)
    return list(await session.scalars(ordered))


async def count_of_team(session: AsyncSession, team_id: str) -> int:
    return await session.scalar(select(func.count()).where(Webhook.team_id == team_id)) or 0


async def remove(session: AsyncSession, webhook_id: str) -> None:
    """Delete a webhook with its deliveries."""
    await session.execute(delete(Webhook).where(Webhook.id == webhook_id))


async def find_delivery(session: AsyncSession, delivery_id: str) -> tuple[WebhookDelivery, Webhook] | None:
    """Give a delivery and its webhook; until the transaction ends nobody else changes them."""
    wanted = select(WebhookDelivery, Webhook).join(Webhook).where(WebhookDelivery.id == delivery_id)
    found = (await session.execute(wanted.with_for_update())).one_or_none()
    return None if found is None else (found[0], found[1])


async def deliveries_of(
    session: AsyncSession, webhook_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[WebhookDelivery]:
    wanted = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    ordered = newest_first(wanted, WebhookDelivery.created_at, WebhookDelivery.id, before=before, limit=limit)
    return list(await session.scalars(ordered))
