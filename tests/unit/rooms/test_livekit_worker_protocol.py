import pytest
from livekit.protocol import agent as proto
from livekit.protocol.models import Room

from dragoman.rooms.livekit_worker_protocol import (
    RESERVATION_S,
    Assigned,
    GoAway,
    Offer,
    Registered,
    Terminated,
    Terms,
    WorkerProtocol,
)


def connected(*, max_jobs: int = 2) -> WorkerProtocol:
    protocol = WorkerProtocol(agent_name="dragoman", url="ws://sfu", max_jobs=max_jobs, version="1")
    protocol.hello(0.0)
    protocol.receive(server(register=proto.RegisterWorkerResponse(worker_id="W")), 0.0)
    return protocol


def server(**message: object) -> bytes:
    return proto.ServerMessage(**message).SerializeToString()  # type: ignore[arg-type]


def offered(protocol: WorkerProtocol, job_id: str, *, now_s: float = 0.0) -> Offer:
    job = proto.Job(id=job_id, room=Room(name="room"), metadata="7")
    offer = protocol.receive(server(availability=proto.AvailabilityRequest(job=job)), now_s)
    assert isinstance(offer, Offer)
    return offer


def assigned(protocol: WorkerProtocol, job_id: str, *, now_s: float = 0.0) -> Assigned | None:
    job = proto.Job(id=job_id, room=Room(name="room"), metadata="7")
    event = protocol.receive(server(assignment=proto.JobAssignment(job=job, token=job_id)), now_s)
    assert event is None or isinstance(event, Assigned)
    return event


def sent(data: bytes) -> proto.WorkerMessage:
    return proto.WorkerMessage.FromString(data)


def is_available(data: bytes) -> bool:
    return sent(data).availability.available


def test_a_worker_registers_with_explicit_permissions() -> None:
    protocol = WorkerProtocol(agent_name="dragoman", url="ws://sfu", max_jobs=2, version="1")

    request = sent(protocol.hello(0.0)).register

    assert (request.agent_name, request.type) == ("dragoman", proto.JobType.JT_ROOM)
    assert request.allowed_permissions.agent
    assert not request.allowed_permissions.hidden


def test_the_first_answer_is_the_registration() -> None:
    protocol = WorkerProtocol(agent_name="dragoman", url="ws://sfu", max_jobs=2, version="1")
    protocol.hello(0.0)

    with pytest.raises(ValueError, match="instead of the registration"):
        protocol.receive(server(pong=proto.WorkerPong()), 0.0)
    registered = protocol.receive(server(register=proto.RegisterWorkerResponse(worker_id="W")), 0.0)

    assert registered == Registered(worker_id="W")


def test_garbage_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="does not parse"):
        connected().receive(b"\xff\xff\xff", 0.0)


def test_an_accepted_job_is_assigned_under_the_fixed_identity() -> None:
    protocol = connected()
    offer = offered(protocol, "J1")

    answer = sent(protocol.accept(offer, Terms(epoch=7), 0.0)).availability
    event = assigned(protocol, "J1")

    assert (answer.available, answer.participant_identity) == (True, "interpreter")
    assert dict(answer.participant_attributes) == {"dragoman.epoch": "7", "dragoman.ai_generated": "true"}
    assert event is not None
    assert (event.job.room, event.job.url, event.job.epoch, event.job.metadata) == ("room", "ws://sfu", 7, "7")
    assert protocol.running == {"J1"}


def test_a_place_is_reserved_when_it_is_promised() -> None:
    protocol = connected(max_jobs=1)

    first = protocol.accept(offered(protocol, "J1"), Terms(), 0.0)
    second = protocol.accept(offered(protocol, "J2"), Terms(), 0.1)

    assert (is_available(first), is_available(second)) == (True, False)


def test_a_promise_that_is_not_taken_up_frees_its_place() -> None:
    protocol = connected(max_jobs=1)
    protocol.accept(offered(protocol, "J1"), Terms(), 0.0)

    later = protocol.accept(offered(protocol, "J2"), Terms(), RESERVATION_S + 0.1)

    assert is_available(later)
    assert assigned(protocol, "J1", now_s=RESERVATION_S + 0.2) is None


def test_a_draining_worker_takes_nothing_and_says_so() -> None:
    protocol = connected()
    protocol.draining = True

    answer = protocol.accept(offered(protocol, "J1"), Terms(), 0.0)
    update = sent(protocol.status(load=0.3, now_s=0.0)[0]).update_worker

    assert not is_available(answer)
    assert (update.status, update.draining) == (proto.WorkerStatus.WS_FULL, True)


def test_the_end_of_a_job_is_reported_even_after_a_reconnection() -> None:
    protocol = connected()
    protocol.accept(offered(protocol, "J1"), Terms(), 0.0)
    assigned(protocol, "J1")
    protocol.hello(5.0)
    protocol.ended("J1", error="RoomUnavailable")
    protocol.receive(server(register=proto.RegisterWorkerResponse(worker_id="W2")), 5.0)

    messages = [sent(data) for data in protocol.status(load=0.0, now_s=5.0)]

    assert messages[0].update_worker.job_count == 0
    assert messages[-1].update_job.status == proto.JobStatus.JS_FAILED
    assert messages[-1].update_job.error == "RoomUnavailable"


def test_pongs_tell_how_long_the_server_has_been_silent() -> None:
    protocol = connected()
    protocol.receive(server(pong=proto.WorkerPong()), 4.0)

    assert protocol.silent_for_s(9.0) == 5.0


def test_termination_and_going_away_are_told() -> None:
    protocol = connected()

    assert protocol.receive(server(termination=proto.JobTermination(job_id="J1")), 0.0) == Terminated(job_id="J1")
    assert protocol.receive(server(go_away=proto.AgentHttp.GoAway(reason="")), 0.0) == GoAway()
