"""Tries to deliver what a webhook is to be told: one job is one try. From store/webhooks.py; by outgoing.py.

A try that fails queues the next one, with back-off and full jitter, for up to 24 hours. Webhooks that fail 20 times in
a row, for 24 hours at least, are disabled. A receiver may get one event twice, after a crash of ours: its ``id`` stays
the same.
"""

import json
import random
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman import __version__
from dragoman.accounts import outgoing
from dragoman.accounts.errors import WebhookAddressRefused
from dragoman.accounts.outgoing import DeliveryFailed, Resolve
from dragoman.accounts.webhook_addresses import read_target
from dragoman.accounts.webhook_signing import SIGNATURE_HEADER, SecretBox, sign
from dragoman.ground.accounts import SYSTEM
from dragoman.ground.jobs import MAX_DELAY_S, JobData
from dragoman.jobs.work import Work
from dragoman.store import audit, webhooks
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import Webhook, WebhookDelivery

log = structlog.get_logger()

GIVEN_UP_AFTER = timedelta(hours=24)
MAX_FAILURES = 20
DISABLED_AFTER = GIVEN_UP_AFTER
"""So long at least without a success: until then whatever is queued is tried."""
FAILURES_APART = timedelta(minutes=1)
"""Failures closer together than this count as one."""
FIRST_WAIT_S, LONGEST_WAIT_S = 20.0, 7200.0
DEADLINE_S = 30.0
"""For one try, the database included."""


def longest_wait_s(attempts: int) -> float:
    """Say how long at most to wait after so many failed tries: 20 s, 40 s, and so on up to two hours."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(30, max(0, attempts - 1))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    url: str
    secret: str
    body: bytes
    delivery_id: str


class WebhookDeliveries:
    """Makes the tries. ``chance`` gives a number from 0 to 1, for the jitter."""

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        *,
        allowed_origins: Collection[str] = (),
        clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
        resolve: Resolve = outgoing.resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._box = box
        self._allowed = frozenset(allowed_origins)
        self._clock = clock
        self._chance = chance
        self._resolve = resolve
        self._trust = trust

    async def deliver(self, work: Work) -> JobData:
        """Make one try, or wait on: ``Handler`` of the jobs of the kind ``DELIVER``."""
        delivery_id, attempt, hop = (work.job.payload.get(key) for key in ("delivery", "attempt", "hop"))
        if not isinstance(delivery_id, str) or not isinstance(attempt, int) or not isinstance(hop, int):
            return {"outcome": "unreadable"}
        prepared = await self._prepare(delivery_id, attempt, hop)
        if isinstance(prepared, str):
            return {"outcome": prepared}
        status, error = await self._post(prepared)
        return {"outcome": await self._note(delivery_id, attempt, status, error), "status": status}

    async def _prepare(self, delivery_id: str, attempt: int, hop: int) -> _Try | str:
        """Read what to send; a word if it is not to be sent, or not yet."""
        now = self._clock()
        async with self._database.writing() as session:
            found = await webhooks.find_delivery(session, delivery_id)
            if found is None:
                return "gone"
            delivery, webhook = found
            if delivery.next_at is None or delivery.attempts >= attempt:
                return "done_before"
            if webhook.disabled_at is not None:
                delivery.next_at = None
                return "disabled"
            wait_s = (delivery.next_at - now).total_seconds()
            # A longer wait than any of ours is that of a clock which was put back.
            if 0 < wait_s <= LONGEST_WAIT_S:
                delay_s = min(wait_s, MAX_DELAY_S)
                await webhooks.add_try(session, delivery_id, attempt=attempt, at=now, delay_s=delay_s, hop=hop + 1)
                return "waits"
            return _Try(
                url=webhook.url,
                secret=self._box.open(webhook.secret, webhook_id=webhook.id),
                body=json.dumps(delivery.payload, separators=(",", ":")).encode(),
                delivery_id=delivery_id,
            )

    async def _post(self, it: _Try) -> tuple[int | None, str | None]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Dragoman/{__version__}",
            "Dragoman-Delivery": it.delivery_id,
            SIGNATURE_HEADER: sign(it.secret, it.body, at_s=int(self._clock().timestamp())),
        }
        try:
            target = read_target(it.url, allowed_origins=self._allowed)
            return await outgoing.post(target, it.body, headers, resolve=self._resolve, trust=self._trust), None
        except WebhookAddressRefused:
            return None, "address_refused"
        except DeliveryFailed as error:
            return None, error.reason

    async def _note(self, delivery_id: str, attempt: int, status: int | None, error: str | None) -> str:
        """Write what came of a try, and queue the next one if there is to be one."""
        now = self._clock()
        async with self._database.writing() as session:
            found = await webhooks.find_delivery(session, delivery_id)
            if found is None or found[0].attempts >= attempt:
                return "gone"
            delivery, webhook = found
            delivery.attempts, delivery.status, delivery.error = attempt, status, error
            delivery.next_at = None
            if status is not None and 200 <= status < 300:
                delivery.delivered_at = now
                webhook.failures, webhook.failed_at, webhook.failing_since = 0, None, None
                return "delivered"
            if self._has_failed_too_often(session, webhook, now):
                return "disabled"
            wait_s = self._chance() * longest_wait_s(attempt)
            delivery.next_at = self._next_moment(delivery, now, wait_s)
            if delivery.next_at is None:
                return "given_up"
            await webhooks.add_try(session, delivery_id, attempt=attempt + 1, at=now, delay_s=min(wait_s, MAX_DELAY_S))
            return "again"

    def _has_failed_too_often(self, session: AsyncSession, webhook: Webhook, now: datetime) -> bool:
        """Count a failure; disable the webhook if they are too many, over too long a time."""
        last, since = webhook.failed_at, webhook.failing_since or now
        webhook.failing_since = since
        if last is None or abs(now - last) >= FAILURES_APART:
            webhook.failures, webhook.failed_at = webhook.failures + 1, now
        lasting = webhook.failures >= MAX_FAILURES and now - since >= DISABLED_AFTER
        if lasting and webhook.disabled_at is None:
            webhook.disabled_at = now
            audit.record(
                session,
                at=now,
                actor=SYSTEM,
                action="webhook.disabled",
                target=("webhook", webhook.id),
                team_id=webhook.team_id,
                facts={"failures": webhook.failures},
            )
            log.warning("webhook_disabled", webhook=webhook.id, failures=webhook.failures)
        return webhook.disabled_at is not None

    def _next_moment(self, delivery: WebhookDelivery, now: datetime, wait_s: float) -> datetime | None:
        moment = now + timedelta(seconds=wait_s)
        return None if moment - delivery.created_at > GIVEN_UP_AFTER else moment
