"""Which kinds of jobs this server does, and who does them. From open_accounts.py; to the API and the commands.

A kind is added here: its handler (``jobs/work.py``) and how long one attempt may take.
"""

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dragoman.accounts import erasure, export, retention, webhook_deliveries
from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.erasure import ERASE, Erasure
from dragoman.accounts.export import EXPORT, Exports
from dragoman.accounts.retention import RETENTION, Retention, history_days
from dragoman.accounts.sessions import Sessions
from dragoman.accounts.webhook_deliveries import WebhookDeliveries
from dragoman.accounts.webhook_signing import SecretBox
from dragoman.ground.webhooks import DELIVER
from dragoman.jobs.daily import DailyJobs
from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import JobKind
from dragoman.services import daily_backups
from dragoman.services.daily_backups import BACKUP, DailyBackups
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs

Background = Mapping[str, Callable[[], Coroutine[object, object, None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The queue, and everything that puts jobs into it or does them."""

    queue: StoredJobs
    kinds: Mapping[str, JobKind]
    exports: Exports
    erasure: Erasure
    daily: DailyJobs

    def background(self) -> Background:
        """Give what is to run as long as the server does. Webhooks have a runner of their own: backups are long."""
        own = {kind: it for kind, it in self.kinds.items() if kind != DELIVER}
        webhooks = JobRunner(self.queue, {DELIVER: self.kinds[DELIVER]}, at_once=2)
        return {"jobs": JobRunner(self.queue, own).run, "webhooks": webhooks.run, "daily jobs": self.daily.run}


def make_jobs(
    database: Database,
    *,
    data_dir: Path,
    sessions: Sessions,
    enforcement: Enforcement,
    box: SecretBox,
    webhook_origins: Collection[str] = (),
    clock: Callable[[], datetime],
) -> Jobs:
    """Make the queue of a database with all its kinds. Nothing runs yet."""
    queue = StoredJobs(database, clock=clock)
    exports = Exports(database, queue, data_dir=data_dir, clock=clock)
    erasing = Erasure(database, queue, sessions, exports, data_dir=data_dir, clock=clock)
    backups = DailyBackups(database, data_dir=data_dir, clock=clock)
    sweeping = Retention(database, exports=data_dir / export.FOLDER, history=history_days(enforcement), clock=clock)
    delivering = WebhookDeliveries(database, box, allowed_origins=webhook_origins, clock=clock)
    return Jobs(
        queue=queue,
        kinds={
            BACKUP: JobKind(run=backups.make, deadline_s=daily_backups.DEADLINE_S),
            ERASE: JobKind(run=erasing.erase, deadline_s=erasure.DEADLINE_S),
            EXPORT: JobKind(run=exports.make, deadline_s=export.DEADLINE_S),
            RETENTION: JobKind(run=sweeping.sweep, deadline_s=retention.DEADLINE_S),
            DELIVER: JobKind(run=delivering.deliver, deadline_s=webhook_deliveries.DEADLINE_S),
        },
        exports=exports,
        erasure=erasing,
        daily=DailyJobs(queue, (BACKUP, RETENTION), clock=clock),
    )
