"""An interpreter dies, and the API hands what it was at to the next one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
import pytest
from tests.api_house import EN, INNER, VI, Clock, FakeCalls, client_of, listening, make_parts, running, secret

from dragoman.ground.captions import Caption, Unfinished
from dragoman.meetings.caption_message import write_unfinished
from dragoman.meetings.choices import choices_of
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.meetings.standing import standing_of
from dragoman.services.api.app import make_app
from dragoman.services.api.inner_client import InnerClient, worker_name
from dragoman.services.api.parts import ApiParts
from dragoman.services.interpreter import Assignment, InterpreterProcess
from dragoman.testing.rooms import FakeRoom

BOTH = frozenset({VI, EN})


def at(text: str, *, segment: str = "p-1.1", closed: bool = False) -> Unfinished:
    return Unfinished(
        segment=segment,
        speaker="p-1",
        source_language=VI,
        text=text,
        start_s=1.0,
        end_s=2.0,
        closed=closed,
        languages=BOTH,
    )


def a_final(segment: str, *, seq: int, language: str = "vi") -> Caption:
    return Caption(
        segment=segment,
        speaker="p-1",
        language=VI if language == "vi" else EN,
        source_language=VI,
        text="mot hai",
        start_s=1.0,
        end_s=2.0,
        final=True,
        seq=seq,
    )


OF_ANOTHER = replace(at("bon", segment="p-2.1"), speaker="p-2")


async def a_room(parts: ApiParts, calls: FakeCalls) -> str:
    await parts.watch.look()
    meeting = parts.meetings.open(at_s=parts.clock())
    calls.connect(meeting.id, "p-1", {"dragoman.speaks": "vi", "dragoman.consent": "true"}, "An")
    await parts.watch.look()
    await parts.watch.decide()
    return meeting.id


async def interpret_in_turn(*works: Callable[[ContinuedRoom], Awaitable[None]]) -> FakeRoom:
    """Let interpreters of rising epochs work in one room, through a real API; gives what was shown."""
    calls = FakeCalls()
    parts = make_parts(calls, clock=Clock())
    with listening() as listener:
        name = await a_room(parts, calls)
        shown = FakeRoom(name)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            asyncio.timeout(30),
            running(make_app(parts), listener),
            InnerClient.connect(url, INNER) as client,
        ):
            for epoch, work in enumerate(works, start=101):
                process = InterpreterProcess(
                    api=InnerClient(client), interpret=work, worker=worker_name(epoch), load=lambda: 0.0
                )
                await process.interpret_room(shown, Assignment(epoch=epoch, last_seq=0))
    return shown


async def test_what_was_unfinished_goes_to_the_next_interpreter_under_its_old_name_and_numbers_go_on() -> None:
    inherited: list[Unfinished] = []

    async def die_in_a_sentence(room: ContinuedRoom) -> None:
        await room.keep([at("mot hai", closed=True), at("ba", segment="p-1.2")])
        await room.publish(a_final("p-1.1", seq=1), readers=frozenset({"p-1"}))

    async def take_over(room: ContinuedRoom) -> None:
        inherited.extend(room.inherited)
        await room.publish(a_final(room.inherited[0].segment, seq=1, language="en"), readers=frozenset({"p-1"}))
        await room.publish(a_final("p-1.1", seq=2), readers=frozenset({"p-1"}))

    async def find_the_rest(room: ContinuedRoom) -> None:
        last.extend(room.inherited)

    last: list[Unfinished] = []
    shown = await interpret_in_turn(die_in_a_sentence, take_over, find_the_rest)

    assert [(it.segment, it.text, it.languages) for it in inherited] == [
        ("101.p-1.1", "mot hai", frozenset({EN})),
        ("101.p-1.2", "ba", BOTH),
    ]
    assert [(it.seq, it.segment) for it in shown.finals] == [(1, "101.p-1.1"), (2, "101.p-1.1"), (3, "102.p-1.1")]
    assert [it.segment for it in last] == ["101.p-1.2"]


async def test_nothing_of_who_withdrew_goes_to_the_next_interpreter() -> None:
    inherited: list[Unfinished] = []

    async def die_in_a_sentence(room: ContinuedRoom) -> None:
        await room.keep([at("mot hai", closed=True), OF_ANOTHER])

    async def be_withdrawn_from(room: ContinuedRoom) -> None:
        await room.keep([at("ba", segment="p-1.2")])
        room.forget("p-1")
        await room.keep([at("muoi", segment="p-3.1")])

    async def take_over(room: ContinuedRoom) -> None:
        inherited.extend(room.inherited)

    await interpret_in_turn(die_in_a_sentence, be_withdrawn_from, take_over)

    assert [it.segment for it in inherited] == ["101.p-2.1", "102.p-3.1"]


@pytest.mark.parametrize("change", [{"dragoman.consent": "false"}, {"dragoman.transcribed": "false"}, None])
async def test_whose_words_nobody_may_finish_any_more_leaves_none_even_when_gone(change: dict[str, str] | None) -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    room = await a_room(parts, calls)
    meeting = parts.meetings.get(room)
    meeting.finals.unfinished.keep(at("ba"))
    if change is None:
        meeting.decided.interpretation = False
    else:
        member = meeting.member("p-1")
        attributes = member.attributes() | change
        meeting.replace_member(
            replace(member, choices=choices_of(attributes), standing=standing_of(attributes), left=True, present=False)
        )

    async with client_of(parts) as client:
        path = f"/internal/rooms/{room}/unfinished?epoch=101"
        answer = (await client.get(path, headers=secret(INNER))).json()

    assert answer["unfinished"] == []
    assert meeting.finals.unfinished.all() == []


async def test_an_interpreter_that_was_replaced_cannot_change_what_is_unfinished() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    room = await a_room(parts, calls)
    path = f"/internal/rooms/{room}/unfinished"
    async with client_of(parts) as client:
        ghost = await client.post(f"{path}?epoch=7", json=[write_unfinished(at("ba"))], headers=secret(INNER))
        garbage = await client.post(f"{path}?epoch=101", json=[{}], headers=secret(INNER))
        stranger = await client.get(f"{path}?epoch=101")
        kept = await client.get(f"{path}?epoch=101", headers=secret(INNER))

    assert [ghost.status_code, garbage.status_code, stranger.status_code] == [403, 400, 403]
    assert kept.json() == {"unfinished": [], "last_seq": 0, "priority": None}


async def test_an_interpreter_that_ends_by_an_error_is_replaced_before_its_lease_runs_out() -> None:
    async def fail(room: ContinuedRoom) -> None:
        raise RuntimeError("no such thing")

    calls = FakeCalls()
    parts = make_parts(calls, clock=Clock())
    with listening() as listener:
        name = await a_room(parts, calls)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            asyncio.timeout(30),
            running(make_app(parts), listener),
            InnerClient.connect(url, INNER) as client,
        ):
            process = InterpreterProcess(api=InnerClient(client), interpret=fail, worker="w", load=lambda: 0.0)
            for epoch in (101, 102):
                with pytest.raises(ExceptionGroup):
                    await process.interpret_room(FakeRoom(name), Assignment(epoch=epoch, last_seq=0))
                await parts.watch.decide()

    # The second failure in a row is answered a little later.
    assert [epoch for _, epoch, _ in calls.sent] == [101, 102]


async def test_an_interpreter_starts_with_nothing_when_the_api_is_away() -> None:
    seen: list[int] = []

    async def look(room: ContinuedRoom) -> None:
        seen.append(len(room.inherited))

    with listening() as nobody_answers:
        port = nobody_answers.getsockname()[1]
    async with asyncio.timeout(30), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        process = InterpreterProcess(api=InnerClient(client), interpret=look, worker="w", load=lambda: 0.0)
        await process.interpret_room(FakeRoom("room"), Assignment(epoch=5, last_seq=3))

    assert seen == [0]
