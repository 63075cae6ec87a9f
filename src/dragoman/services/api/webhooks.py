"""``/teams/{team}/webhooks``: addresses that are told what happens in a team. Rules in accounts/webhooks.py."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from dragoman.accounts.errors import (
    Forbidden,
    LimitReached,
    TeamNotFound,
    TooManyWebhooks,
    WebhookAddressRefused,
    WebhookNotFound,
)
from dragoman.accounts.webhook_addresses import MAX_URL_CHARS
from dragoman.accounts.webhooks import Webhooks
from dragoman.ground.webhooks import TeamEvent
from dragoman.services.api.account_answers import Time
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.teams import TeamId
from dragoman.store.columns import ID_LENGTH
from dragoman.store.tables import Webhook, WebhookDelivery

router = APIRouter(
    prefix="/teams/{team}/webhooks",
    tags=["webhooks"],
    dependencies=[SIGNED_IN],
    responses=problems(Forbidden, TeamNotFound, WebhookNotFound),
)

WebhookId = Annotated[str, Path(max_length=ID_LENGTH)]
Event = Annotated[TeamEvent, Field(strict=False)]
"""A JSON text, so not as strict as the rest."""


class NewWebhook(Body):
    url: Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS, examples=["https://example.org/dragoman"])]
    """Of https and the public network."""
    events: Annotated[list[Event], Field(min_length=1, max_length=len(TeamEvent))]


class WebhookChange(Body):
    disabled: bool


class WebhookAnswer(BaseModel):
    id: str
    url: str
    events: list[str]
    disabled: bool
    failures: int
    """Of its tries, in a row."""
    created_at: Time


class MadeWebhook(WebhookAnswer):
    secret: str
    """Signs every delivery. It is shown this once."""


class DeliveryAnswer(BaseModel):
    id: str
    event: str
    event_id: str
    """The same for every try, and for every webhook that is told."""
    status: int | None
    """Of the last answer."""
    error: str | None
    """Why there was none: ``too_slow``, ``unreachable``, ``not_trusted``, ``no_http`` or ``address_refused``."""
    attempts: int
    created_at: Time
    delivered_at: Time | None
    next_at: Time | None
    """When it is tried next; null where it is not."""


@router.get("")
async def see_webhooks(team: TeamId, request: Request, wish: Paged) -> Page[WebhookAnswer]:
    """List the webhooks of a team. By an admin of the team."""
    caller = await caller_of(request)
    rows = await _rules(request).of_team(team, actor=caller.actor, before=wish.before, limit=wish.fetch)
    return page_of(rows, wish, _write)


@router.post("", status_code=201, responses=problems(Forbidden, LimitReached, TooManyWebhooks, WebhookAddressRefused))
async def make_webhook(team: TeamId, body: NewWebhook, request: Request) -> MadeWebhook:
    """Make a webhook. By an admin of the team, whose plan has the API.

    Deliveries are signed: ``Dragoman-Signature: t=...,v1=...`` with HMAC-SHA-256 of ``t.body`` by the ``secret``.
    """
    caller = await caller_of(request)
    made = await _rules(request).make(team, body.url, body.events, actor=caller.actor)
    return MadeWebhook(**_write(made.webhook).model_dump(), secret=made.secret)


@router.patch("/{webhook}")
async def change_webhook(team: TeamId, webhook: WebhookId, body: WebhookChange, request: Request) -> WebhookAnswer:
    """Stop its deliveries, or let them begin anew. By an admin of the team."""
    caller = await caller_of(request)
    return _write(await _rules(request).set_disabled(team, webhook, body.disabled, actor=caller.actor))


@router.delete("/{webhook}", status_code=204)
async def delete_webhook(team: TeamId, webhook: WebhookId, request: Request) -> None:
    """Delete a webhook with the list of its deliveries. By an admin of the team."""
    caller = await caller_of(request)
    await _rules(request).remove(team, webhook, actor=caller.actor)


@router.get("/{webhook}/deliveries")
async def see_deliveries(team: TeamId, webhook: WebhookId, request: Request, wish: Paged) -> Page[DeliveryAnswer]:
    """List what a webhook was sent, and what came of it. By an admin of the team."""
    caller = await caller_of(request)
    rows = await _rules(request).deliveries(team, webhook, actor=caller.actor, before=wish.before, limit=wish.fetch)
    return page_of(rows, wish, _write_delivery)


@router.post("/{webhook}/test", status_code=202, responses=problems(Forbidden, LimitReached))
async def test_webhook(team: TeamId, webhook: WebhookId, request: Request) -> DeliveryAnswer:
    """Send it a ``webhook.test``. By an admin of the team; the list of deliveries says what came of it."""
    caller = await caller_of(request)
    return _write_delivery(await _rules(request).test(team, webhook, actor=caller.actor))


def _rules(request: Request) -> Webhooks:
    return accounts_of(request).webhooks


def _write(webhook: Webhook) -> WebhookAnswer:
    return WebhookAnswer(
        id=webhook.id,
        url=webhook.url,
        events=webhook.events,
        disabled=webhook.disabled_at is not None,
        failures=webhook.failures,
        created_at=webhook.created_at,
    )


def _write_delivery(delivery: WebhookDelivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        id=delivery.id,
        event=delivery.event,
        event_id=delivery.payload["id"],
        status=delivery.status,
        error=delivery.error,
        attempts=delivery.attempts,
        created_at=delivery.created_at,
        delivered_at=delivery.delivered_at,
        next_at=delivery.next_at,
    )
