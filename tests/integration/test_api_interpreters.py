"""Interpreters and the API: leases, finals and their numbers, when one of the two is replaced in the middle."""

import asyncio
import dataclasses
import json
import socket
from collections.abc import Awaitable, Callable
from typing import ClassVar, Self, cast

import httpx2
import pytest
from tests.api_house import EN, INNER, VI, Clock, FakeCalls, client_of, listening, make_parts, running, secret

from dragoman.ground.captions import Caption
from dragoman.ground.errors import WireError
from dragoman.ground.rooms import Room
from dragoman.meetings.caption_message import write_caption
from dragoman.meetings.warden import LEASE_S
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.livekit_worker_protocol import Job
from dragoman.services.api.app import make_app
from dragoman.services.api.inner_client import InnerClient
from dragoman.services.api.parts import ApiParts
from dragoman.services.interpreter import Assignment, InterpreterProcess, read_assignment
from dragoman.testing.rooms import FakeRoom

JOIN = {"name": "An", "speaks": "vi", "reads": "en", "listens": "en", "consent": True}


def a_caption(number: int, *, final: bool = True) -> Caption:
    return Caption(
        segment=f"p-1.{number}",
        speaker="p-1",
        language=EN,
        source_language=VI,
        text=f"sentence {number}",
        start_s=float(number),
        end_s=number + 1.0,
        final=final,
        seq=number if final else 0,
    )


def process(url: str, interpret: Callable[[Room], Awaitable[None]]) -> tuple[InterpreterProcess, httpx2.AsyncClient]:
    client = InnerClient.connect(url, INNER)
    worker = InterpreterProcess(api=InnerClient(client), interpret=interpret, worker="w1", load=lambda: 0.5)
    return worker, client


async def texts(client: httpx2.AsyncClient, room: str, holder: str) -> list[tuple[int, int, str]]:
    answer = await client.get(f"/api/v1/rooms/{room}/captions?language=en", headers=secret(holder))
    return [(it["seq"], it["epoch"], it["text"]) for it in answer.json()["captions"]]


async def a_member(parts: ApiParts, calls: FakeCalls) -> tuple[str, str]:
    """Open a room with one person connected, to whom an interpreter is sent; gives it and their secret."""
    await parts.watch.look()  # what is there at the first look may have an interpreter already
    meeting = parts.meetings.open(at_s=parts.clock())
    attributes = {"dragoman.speaks": "vi", "dragoman.reads": "en", "dragoman.consent": "true"}
    calls.connect(meeting.id, "p-1", attributes, "An")
    await parts.watch.look()
    await parts.watch.decide()
    return meeting.id, parts.meetings.invitations.participant_secret(meeting.id, "p-1")


async def test_joining_sends_an_interpreter_ahead_and_its_lease_keeps_it() -> None:
    calls, clock = FakeCalls(), Clock()
    parts = make_parts(calls, clock=clock)
    async with client_of(parts) as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        before = list(calls.sent)
        await client.post(f"/api/v1/rooms/{room}/join", json=JOIN)

        await parts.watch.decide()
        renewal = {"epoch": 101, "worker": "w1"}
        kept = await client.put(f"/internal/leases/{room}", json=renewal, headers=secret(INNER))
        clock.now_s += 2
        await parts.watch.decide()
        seen = (await client.get(f"/api/v1/rooms/{room}")).json()
        clock.now_s += 2
        await parts.watch.decide()

    assert before == []
    assert kept.json()["keep"]
    assert seen["interpreted"]
    assert calls.sent == [(room, 101, 0), (room, 102, 0)]


async def test_the_supervisors_word_brings_a_new_interpreter_without_waiting_for_the_lease() -> None:
    calls, clock = FakeCalls(), Clock()
    parts = make_parts(calls, clock=clock)
    room, _ = await a_member(parts, calls)
    async with client_of(parts) as client:
        renewal = {"epoch": 101, "worker": "w1", "last_seq": 4}
        await client.put(f"/internal/leases/{room}", json=renewal, headers=secret(INNER))

        await client.delete("/internal/workers/w1", headers=secret(INNER))
        await parts.watch.decide()

    assert calls.sent == [(room, 101, 0), (room, 102, 4)]


async def test_rooms_that_nobody_made_here_are_deleted_and_ours_are_known_again() -> None:
    calls = FakeCalls()
    before, after = make_parts(calls), make_parts(calls)
    room, holder = await a_member(before, calls)
    calls.connect("room-of-a-stranger", "p-2", {})

    await after.watch.look()

    async with client_of(after) as client:
        answer = await client.get(f"/api/v1/rooms/{room}/captions", headers=secret(holder))
    assert list(calls.present) == [room]
    assert answer.status_code == 200


async def test_what_our_processes_say_takes_their_token() -> None:
    parts = make_parts(FakeCalls())
    room = parts.meetings.open(at_s=0.0).id
    async with client_of(parts) as client:
        answers = [
            await client.put(f"/internal/leases/{room}", json={"epoch": 1, "worker": "w"}, headers=headers)
            for headers in ({}, secret("guess"), secret(parts.meetings.invitations.host_secret(room)))
        ]
        answers.append(await client.post(f"/internal/rooms/{room}/finals?epoch=1", json=[]))
        answers.append(await client.delete("/internal/workers/w"))

    assert {answer.status_code for answer in answers} == {403}


async def test_finals_of_a_ghost_and_garbage_are_refused() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    room, holder = await a_member(parts, calls)
    path = f"/internal/rooms/{room}/finals"
    not_captions: list[object] = [{}, [1], [{}]]
    async with client_of(parts) as client:
        ghost = await client.post(f"{path}?epoch=7", json=[write_caption(a_caption(1))], headers=secret(INNER))
        garbage = [await client.post(f"{path}?epoch=101", json=body, headers=secret(INNER)) for body in not_captions]
        partial = write_caption(a_caption(1, final=False))
        await client.post(f"{path}?epoch=101", json=[partial], headers=secret(INNER))
        kept = await texts(client, room, holder)

    assert ghost.status_code == 403
    assert {answer.status_code for answer in garbage} == {400}
    assert kept == []


async def test_numbers_go_on_and_segments_stay_apart_when_an_interpreter_takes_over() -> None:
    calls = FakeCalls()
    clock = Clock()

    async def say_two(room: Room) -> None:
        for number in (1, 2):
            await room.publish(a_caption(number), readers=frozenset({"p-1"}))

    with listening() as listener:
        parts = make_parts(calls, clock=clock)
        name, holder = await a_member(parts, calls)
        shown = FakeRoom(name)
        async with asyncio.timeout(30), running(make_app(parts), listener) as address:
            worker, inner_client = process(f"http://{address}", say_two)
            async with inner_client:
                for epoch in (101, 102):
                    last_seq = parts.meetings.get(name).finals.last_seq
                    await worker.interpret_room(shown, Assignment(epoch=epoch, last_seq=last_seq))
        async with client_of(parts) as client:
            kept = await texts(client, name, holder)

    assert kept == [(1, 101, "sentence 1"), (2, 101, "sentence 2"), (3, 102, "sentence 1"), (4, 102, "sentence 2")]
    assert [caption.seq for caption in shown.finals] == [1, 2, 3, 4]
    assert len({caption.segment for caption in shown.finals}) == 4


async def test_no_final_is_lost_when_the_api_is_replaced_in_the_middle() -> None:
    """The first API takes two finals and dies; two more are said while none is there; the second one gets all four."""
    calls = FakeCalls()
    first, second = make_parts(calls), make_parts(calls)
    name, holder = await a_member(first, calls)
    first_is_away, second_is_there = asyncio.Event(), asyncio.Event()
    waited: list[float] = []

    async def say_four(room: Room) -> None:
        loop = asyncio.get_running_loop()
        for number in (1, 2):
            await room.publish(a_caption(number), readers=frozenset({"p-1"}))
        said_two.set()
        await first_is_away.wait()
        for number in (3, 4):
            began_s = loop.time()
            await room.publish(a_caption(number), readers=frozenset({"p-1"}))
            waited.append(loop.time() - began_s)
        said_four.set()
        await second_is_there.wait()

    said_two, said_four = asyncio.Event(), asyncio.Event()
    shown = FakeRoom(name)
    with listening() as listener:
        port = listener.getsockname()[1]
        worker, inner_client = process(f"http://127.0.0.1:{port}", say_four)
        async with asyncio.timeout(60), inner_client, asyncio.TaskGroup() as tasks:
            async with running(make_app(first), listener):
                working = tasks.create_task(worker.interpret_room(shown, Assignment(epoch=101, last_seq=0)))
                await said_two.wait()
            first_is_away.set()
            await said_four.wait()
            with socket.create_server(("127.0.0.1", port), reuse_port=False) as again:
                async with running(make_app(second), again):
                    await until_known(second, name, 4)
                    second_is_there.set()
                    await working
    async with client_of(second) as client:
        kept = await texts(client, name, holder)

    assert kept == [(number, 101, f"sentence {number}") for number in (1, 2, 3, 4)]
    assert [caption.seq for caption in shown.finals] == [1, 2, 3, 4]
    assert max(waited) < 0.5


class Heir(InnerClient):
    """Says when an interpreter has taken over all that was said before it."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        super().__init__(client)
        self.has_everything = asyncio.Event()

    async def finals_before(self, room: str, seq: int, *, epoch: int) -> list[Caption]:
        finals = await super().finals_before(room, seq, epoch=epoch)
        if not finals:
            self.has_everything.set()
        return finals


async def test_no_final_is_lost_when_first_the_interpreter_and_then_the_api_are_replaced() -> None:
    calls = FakeCalls()
    first, second = make_parts(calls), make_parts(calls)
    name, holder = await a_member(first, calls)
    said_three, second_is_there = asyncio.Event(), asyncio.Event()

    async def say_two(room: Room) -> None:
        for number in (1, 2):
            await room.publish(a_caption(number), readers=frozenset({"p-1"}))

    async def say_one(room: Room) -> None:
        await heir.has_everything.wait()
        await room.publish(a_caption(1), readers=frozenset({"p-1"}))
        said_three.set()
        await second_is_there.wait()

    shown = FakeRoom(name)
    with listening() as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        before, client = process(url, say_two)
        heir = Heir(client)
        after = InterpreterProcess(api=heir, interpret=say_one, worker="w2", load=lambda: 0.5)
        async with asyncio.timeout(60), client, asyncio.TaskGroup() as tasks:
            async with running(make_app(first), listener):
                await before.interpret_room(shown, Assignment(epoch=101, last_seq=0))
                working = tasks.create_task(after.interpret_room(shown, Assignment(epoch=102, last_seq=2)))
                await said_three.wait()
            with socket.create_server(("127.0.0.1", port), reuse_port=False) as again:
                async with running(make_app(second), again):
                    await until_known(second, name, 3)
                    second_is_there.set()
                    await working
    async with client_of(second) as client:
        kept = await texts(client, name, holder)

    assert [(seq, text) for seq, _, text in kept] == [(1, "sentence 1"), (2, "sentence 2"), (3, "sentence 1")]


async def test_an_api_whose_clock_was_set_back_sends_interpreters_that_count_more_than_those_it_sees() -> None:
    calls, clock = FakeCalls(), Clock()
    before, after = make_parts(calls), make_parts(calls, clock=clock)
    room, _ = await a_member(before, calls)
    calls.epochs[room] = 5000

    await after.watch.look()
    clock.now_s += LEASE_S + 0.1
    await after.watch.decide()

    assert calls.sent[-1] == (room, 5001, 0)


async def until_known(parts: ApiParts, room: str, count: int) -> None:
    async with asyncio.timeout(20):
        while (known := parts.meetings.known_again(room, at_s=parts.clock())) is None or len(known.finals) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_room_whose_interpreter_fails_again_and_again_is_sent_one_less_and_less_often() -> None:
    calls, clock = FakeCalls(), Clock()
    failed_at_s: list[float] = []
    sent_at_s: list[float] = []

    async def fail(room: Room) -> None:
        while not parts.watch.is_interpreted(name):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        raise RuntimeError("a defect")

    with listening() as listener:
        parts = make_parts(calls, clock=clock)
        name, _ = await a_member(parts, calls)
        async with asyncio.timeout(30), running(make_app(parts), listener) as address:
            worker, inner_client = process(f"http://{address}", fail)
            async with inner_client:
                for attempt in range(3):
                    epoch = calls.sent[-1][1]
                    with pytest.raises(ExceptionGroup):
                        await worker.interpret_room(FakeRoom(name), Assignment(epoch=epoch, last_seq=0))
                    failed_at_s.append(clock.now_s)
                    while len(calls.sent) == attempt + 1:
                        clock.now_s += 0.5
                        await parts.watch.decide()
                    sent_at_s.append(clock.now_s)

    waits_s = [sent - failed for failed, sent in zip(failed_at_s, sent_at_s, strict=True)]
    assert waits_s[0] < waits_s[1] < waits_s[2]


async def test_an_interpreter_that_was_replaced_stops_at_its_next_renewal() -> None:
    calls = FakeCalls()
    cancelled = asyncio.Event()

    async def never_end(room: Room) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with listening() as listener:
        parts = make_parts(calls)
        name, _ = await a_member(parts, calls)
        async with asyncio.timeout(20), running(make_app(parts), listener) as address:
            worker, inner_client = process(f"http://{address}", never_end)
            async with inner_client:
                await worker.interpret_room(FakeRoom(name), Assignment(epoch=50, last_seq=0))

    assert cancelled.is_set()


def test_a_dispatch_is_read_strictly() -> None:
    assert read_assignment('{"epoch": 7, "last_seq": 3}') == Assignment(epoch=7, last_seq=3)
    for metadata in ("", "[]", '{"epoch": -1, "last_seq": 0}', '{"epoch": 1}', '{"epoch": 1, "last_seq": 0, "x": 1}'):
        with pytest.raises(WireError):
            read_assignment(metadata)


async def test_captions_are_for_those_in_the_room_in_their_language_after_what_they_have() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    room, holder = await a_member(parts, calls)
    finals = [write_caption(a_caption(number)) for number in (1, 2, 3)]
    finals.append(write_caption(dataclasses.replace(a_caption(4), language=VI)))
    async with client_of(parts) as client:
        await client.post(f"/internal/rooms/{room}/finals?epoch=101", json=finals, headers=secret(INNER))
        path = f"/api/v1/rooms/{room}/captions"

        later = await client.get(f"{path}?language=en&after_seq=1", headers=secret(holder))
        everything = await client.get(path, headers=secret(holder))
        nobody = [
            await client.get(path),
            await client.get(path, headers=secret("p-1.AAAA")),
            await client.get(path, headers=secret(parts.meetings.invitations.host_secret(room))),
        ]
        wrong = [
            await client.get(f"{path}?{query}", headers=secret(holder)) for query in ("language=xx", "after_seq=-1")
        ]

    assert [it["seq"] for it in later.json()["captions"]] == [2, 3]
    assert later.json()["last_seq"] == 4
    assert [it["seq"] for it in everything.json()["captions"]] == [1, 2, 3, 4]
    assert {answer.status_code for answer in nobody} == {403}
    assert {answer.status_code for answer in wrong} == {422}


class RoomOfAJob(FakeRoom):
    """A room that is joined slowly; ``present`` counts who is in it or on the way."""

    present: ClassVar[list[int]] = []
    most: ClassVar[list[int]] = []
    end_reason = None

    async def __aenter__(self) -> Self:
        self.present.append(1)
        self.most.append(len(self.present))
        await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.1)
        self.present.pop()


async def test_a_room_that_is_dispatched_twice_has_one_interpreter_at_a_time_and_the_later_one_stays() -> None:
    calls = FakeCalls()
    serving: list[str] = []
    both_served = asyncio.Event()

    async def interpret(room: Room) -> None:
        serving.append(cast(asyncio.Task[None], asyncio.current_task()).get_name())
        if len(serving) == 2:
            both_served.set()
        await asyncio.Event().wait()

    with listening() as listener:
        parts = make_parts(calls)
        name, _ = await a_member(parts, calls)
        async with asyncio.timeout(20), running(make_app(parts), listener) as address:
            client = InnerClient.connect(f"http://{address}", INNER)
            worker = InterpreterProcess(
                api=InnerClient(client),
                interpret=interpret,
                worker="w1",
                load=lambda: 0.5,
                room_of=lambda job, epoch: cast(LiveKitRoom, RoomOfAJob(job.room)),
            )

            def job(epoch: int) -> Job:
                metadata = json.dumps({"epoch": epoch, "last_seq": 0})
                return Job(id=f"j{epoch}", room=name, metadata=metadata, url="", token="", epoch=epoch)

            async with client:
                await worker.serve(job(7))  # older than the one that the API sent: it does not even join
                first = asyncio.create_task(worker.serve(job(101)))
                while not serving:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                second = asyncio.create_task(worker.serve(job(102)))
                await both_served.wait()
                second.cancel()
                await asyncio.wait([first, second])

    assert RoomOfAJob.most == [1, 1]
    assert first.cancelled()
