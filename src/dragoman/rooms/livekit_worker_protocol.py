"""LiveKit's agent worker protocol without a network: messages in, answers out. ``dispatch.py`` is the shell around it.

The messages are those of ``livekit.protocol.agent``; the order of events is in livekit-server's ``pkg/agent``. A job is
offered, answered at once with a reserved place, assigned with a token, served, and reported as ended.
"""

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError
from livekit.protocol import agent as proto
from livekit.protocol.models import ParticipantPermission

from dragoman.rooms.livekit_participants import AI_GENERATED, EPOCH
from dragoman.rooms.tokens import RESERVED_IDENTITY

RESERVATION_S = 10.0
"""The server assigns within 7.5 s or not at all; then the reserved place is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A room to be interpreted."""

    id: str
    room: str
    metadata: str
    """What our API wrote into the dispatch."""
    url: str
    token: str = field(repr=False)
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As whom we take a job: the fixed identity evicts the ghost of a dead predecessor."""

    identity: str = RESERVED_IDENTITY
    name: str = "Interpreter"
    epoch: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The server knows us."""

    worker_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A room that the server would give us: decide the terms and call ``accept``, or ``refuse``."""

    job_id: str
    room: str
    metadata: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminated:
    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAway:
    """The server is being replaced: connect anew."""


Event = Registered | Offer | Assigned | Terminated | GoAway


class WorkerProtocol:
    """Of one worker over all its connections. Times are seconds of one clock that only rises."""

    def __init__(self, *, agent_name: str, url: str, max_jobs: int, version: str) -> None:
        self._agent_name = agent_name
        self._url = url
        self._max_jobs = max_jobs
        self._version = version
        self._reserved: dict[str, tuple[Terms, float]] = {}
        """Terms and the time at which the place is free again, by job."""
        self._running: set[str] = set()
        self._unreported: dict[str, proto.UpdateJobStatus] = {}
        """How jobs ended that ended while there was no connection."""
        self._connected = False
        self._last_pong_s = 0.0
        self.draining = False
        """True: no further job is taken."""

    @property
    def running(self) -> frozenset[str]:
        """Ids of the jobs being served."""
        return frozenset(self._running)

    def is_full(self, now_s: float) -> bool:
        self._reserved = {job: place for job, place in self._reserved.items() if place[1] > now_s}
        return self.draining or len(self._reserved) + len(self._running) >= self._max_jobs

    def hello(self, now_s: float) -> bytes:
        """Give the first message of a connection."""
        self._connected = False
        self._reserved.clear()
        self._last_pong_s = now_s
        permissions = ParticipantPermission(
            can_subscribe=True, can_publish=True, can_publish_data=True, can_update_metadata=True, agent=True
        )
        request = proto.RegisterWorkerRequest(
            type=proto.JobType.JT_ROOM,
            agent_name=self._agent_name,
            version=self._version,
            allowed_permissions=permissions,
        )
        return proto.WorkerMessage(register=request).SerializeToString()

    def receive(self, data: bytes, now_s: float) -> Event | None:
        """Read a message of the server; None if it asks for nothing. Raises ``ValueError`` for one that is not."""
        try:
            message = proto.ServerMessage.FromString(data)
        except DecodeError as error:
            raise ValueError("a message of the server does not parse") from error
        kind = message.WhichOneof("message")
        if kind != "register" and not self._connected:
            raise ValueError(f"the server began with {kind or 'an unknown message'} instead of the registration")
        event: Event | None = None
        match kind:
            case "register":
                self._connected = True
                event = Registered(worker_id=message.register.worker_id)
            case "availability":
                job = message.availability.job
                event = Offer(job_id=job.id, room=job.room.name, metadata=job.metadata)
            case "assignment":
                event = self._assigned(message.assignment)
            case "termination":
                event = Terminated(job_id=message.termination.job_id)
            case "pong":
                self._last_pong_s = now_s
            case "go_away":
                event = GoAway()
        return event

    def accept(self, offer: Offer, terms: Terms, now_s: float) -> bytes:
        """Answer an offer: a place is reserved, or there is none."""
        if self.is_full(now_s):
            return self.refuse(offer)
        self._reserved[offer.job_id] = (terms, now_s + RESERVATION_S)
        answer = proto.AvailabilityResponse(
            job_id=offer.job_id,
            available=True,
            participant_identity=terms.identity,
            participant_name=terms.name,
            participant_attributes={EPOCH: str(terms.epoch), AI_GENERATED: "true"},
        )
        return proto.WorkerMessage(availability=answer).SerializeToString()

    def refuse(self, offer: Offer) -> bytes:
        answer = proto.AvailabilityResponse(job_id=offer.job_id, available=False)
        return proto.WorkerMessage(availability=answer).SerializeToString()

    def status(self, *, load: float, now_s: float) -> list[bytes]:
        """Give what is said every few seconds: how busy we are, a ping, and what could not be reported before."""
        full = self.is_full(now_s)
        update = proto.UpdateWorkerStatus(
            status=proto.WorkerStatus.WS_FULL if full else proto.WorkerStatus.WS_AVAILABLE,
            load=min(1.0, max(0.0, load)),
            job_count=len(self._running),
            draining=self.draining,
        )
        ping = proto.WorkerPing(timestamp=round(now_s * 1000))
        late = [proto.WorkerMessage(update_job=job) for job in self._unreported.values()]
        self._unreported.clear()
        messages = [proto.WorkerMessage(update_worker=update), proto.WorkerMessage(ping=ping), *late]
        return [message.SerializeToString() for message in messages]

    def silent_for_s(self, now_s: float) -> float:
        """Say how long the server has answered no ping."""
        return now_s - self._last_pong_s

    def started(self, job: Job) -> bytes:
        status = proto.UpdateJobStatus(job_id=job.id, status=proto.JobStatus.JS_RUNNING)
        return proto.WorkerMessage(update_job=status).SerializeToString()

    def ended(self, job_id: str, *, error: str = "") -> None:
        """Note the end of a job; ``status`` reports it."""
        self._running.discard(job_id)
        status = proto.JobStatus.JS_FAILED if error else proto.JobStatus.JS_SUCCESS
        self._unreported[job_id] = proto.UpdateJobStatus(job_id=job_id, status=status, error=error)
        while len(self._unreported) > 10 * self._max_jobs:
            self._unreported.pop(next(iter(self._unreported)))

    def _assigned(self, assignment: proto.JobAssignment) -> Assigned | None:
        """An assignment that we have not agreed to, or too late, is not served: its place is gone."""
        terms, _ = self._reserved.pop(assignment.job.id, (None, 0.0))
        if terms is None or assignment.job.id in self._running:
            return None
        self._running.add(assignment.job.id)
        job = Job(
            id=assignment.job.id,
            room=assignment.job.room.name,
            metadata=assignment.job.metadata,
            url=assignment.url or self._url,  # the open-source server leaves it empty
            token=assignment.token,
            epoch=terms.epoch,
        )
        return Assigned(job=job)
