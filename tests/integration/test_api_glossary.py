"""The glossary of a room: the host changes it, everybody in it reads it, its interpreter has it within a second."""

import asyncio
import socket
import threading
from collections.abc import Callable

import httpx2
import pytest
from tests.api_house import INNER, Clock, FakeCalls, client_of, listening, make_parts, running, secret
from tests.integration.test_api_interpreters import a_member, process
from tests.integration.test_api_rooms import assert_problem, join, make_room

from dragoman.ground.glossary import MAX_TERMS, TermBase
from dragoman.ground.rooms import Room
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.services.api import glossary
from dragoman.services.api.app import make_app
from dragoman.services.interpreter import Assignment
from dragoman.testing.rooms import FakeRoom
from dragoman.translating.glossary.fields import Direction
from dragoman.translating.glossary.files import read_glossary_file
from dragoman.wire.frames import Header
from dragoman.wire.terms import read_term_base

REPORT: Header = {
    "source": "report",
    "target": "bản tin",
    "source_language": "en",
    "target_language": "vi",
    "state": "forced",
    "match_case": False,
}
NAME: Header = {"source": "Dragoman", "state": "do-not-translate"}


def path(room: str, rest: str = "") -> str:
    return f"/api/v1/rooms/{room}/glossary{rest}"


def sources(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [term["source"] for term in answer.json()["terms"]]


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_the_host_sets_the_terms_and_everybody_in_the_room_reads_them() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)
        member = (await join(client, room))["secret"]

        stored = await client.put(path(room), json={"terms": [REPORT, NAME]}, headers=secret(host))
        read = await client.get(path(room), headers=secret(member))
        read_by_host = await client.get(path(room), headers=secret(host))

    assert sources(stored) == sources(read) == sources(read_by_host) == ["report", "Dragoman"]
    assert read.json()["terms"][0] == REPORT
    assert stored.json()["version"] == read.json()["version"] != ""


async def test_nobody_else_reads_and_nobody_but_the_host_changes() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)
        member = (await join(client, room))["secret"]
        other_room, other_host = await make_room(client)

        for who in (None, member, other_host, "guess"):
            headers = {} if who is None else secret(who)
            assert_problem(await client.put(path(room), json={"terms": [NAME]}, headers=headers), 403, "not_allowed")
            imported = await client.post(path(room, "/import"), content=b"Dragoman", headers=headers)
            assert_problem(imported, 403, "not_allowed")
        for who in ("", other_host, "guess"):
            for rest in ("", "/export"):
                assert_problem(await client.get(path(room, rest), headers=secret(who)), 403, "not_allowed")
        assert_problem(await client.get(path("nowhere"), headers=secret(host)), 404, "room_not_found")

        assert sources(await client.get(path(other_room), headers=secret(other_host))) == []


async def test_of_two_who_change_the_same_glossary_the_slower_is_told() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)
        first = await client.put(path(room), json={"terms": [NAME], "version": ""}, headers=secret(host))

        late = await client.put(path(room), json={"terms": [REPORT], "version": ""}, headers=secret(host))
        body = {"terms": [NAME, REPORT], "version": first.json()["version"]}
        second = await client.put(path(room), json=body, headers=secret(host))

    assert_problem(late, 409, "glossary_changed")
    assert sources(second) == ["Dragoman", "report"]


async def test_what_cannot_be_a_term_is_named_and_changes_nothing() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)
        bad = [{**REPORT, "target": ""}, {**REPORT, "state": "always"}, {**REPORT, "source_language": "xx"}]
        for term in bad:
            answer = await client.put(path(room), json={"terms": [NAME, term]}, headers=secret(host))
            assert_problem(answer, 422, "glossary_invalid")
            assert "term 2" in answer.json()["detail"]
        for body in ({"terms": [{"source": 1}]}, {"terms": [{**REPORT, "more": 1}]}, {"terms": None}):
            assert_problem(await client.put(path(room), json=body, headers=secret(host)), 422, "request_invalid")
        many = [{**REPORT, "source": f"report {number}"} for number in range(MAX_TERMS + 1)]
        answer = await client.put(path(room), json={"terms": many}, headers=secret(host))
        assert_problem(answer, 422, "glossary_invalid")
        answer = await client.post(path(room, "/import"), content=b"x" * (3 << 20), headers=secret(host))
        assert_problem(answer, 413, "too_large")

        assert sources(await client.get(path(room), headers=secret(host))) == []


async def test_a_thousand_long_terms_in_any_script_are_taken() -> None:
    terms = [{**REPORT, "source": f"{number} " + "会" * 190, "target": "ộ" * 200} for number in range(MAX_TERMS)]
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)

        stored = await client.put(path(room), json={"terms": terms}, headers=secret(host))

    assert len(sources(stored)) == MAX_TERMS


async def test_files_are_added_to_what_is_there_and_given_out_as_all_formats() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)
        await client.put(path(room), json={"terms": [NAME]}, headers=secret(host))
        file = "Dragoman\nreport,bản tin\n".encode()

        imported = await client.post(path(room, "/import?source=en&target=vi"), content=file, headers=secret(host))
        exported = [
            await client.get(path(room, f"/export?format={name}"), headers=secret(host))
            for name in ("csv", "tsv", "tbx")
        ]
        refused = await client.post(path(room, "/import"), content=b"ok\nreport,x\n", headers=secret(host))
        again = await client.post(path(room, "/import"), content=exported[2].content, headers=secret(host))

    assert (sources(imported), imported.json()["added"]) == (["Dragoman", "report"], 1)
    assert_problem(refused, 422, "glossary_invalid")
    assert "line 2" in refused.json()["detail"]
    assert again.json()["added"] == 0
    assert [it.headers["content-disposition"].rpartition(".")[2] for it in exported] == ['csv"', 'tsv"', 'tbx"']


async def test_a_file_is_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    read_by: list[threading.Thread] = []

    def read(data: bytes, *, direction: Direction | None) -> TermBase:
        read_by.append(threading.current_thread())
        return read_glossary_file(data, direction=direction)

    monkeypatch.setattr(glossary, "read_glossary_file", read)
    async with client_of(make_parts(FakeCalls())) as client:
        room, host = await make_room(client)

        await client.post(path(room, "/import"), content=b"Dragoman\n", headers=secret(host))

    assert len(read_by) == 1
    assert read_by[0] is not threading.current_thread()


async def test_an_interpreter_has_the_terms_from_its_start_and_follows_every_change() -> None:
    calls = FakeCalls()
    parts = make_parts(calls, clock=Clock())
    seen: list[list[str]] = []

    async def watch(room: Room) -> None:
        assert isinstance(room, ContinuedRoom)
        for wanted in (["Dragoman"], ["Dragoman", "report"], []):
            async with asyncio.timeout(20):
                await until(lambda: [term.source for term in room.terms().terms] == wanted)  # noqa: B023
            seen.append(wanted)
            changed.set()

    changed = asyncio.Event()
    with listening() as listener:
        name, _ = await a_member(parts, calls)
        host = parts.meetings.invitations.host_secret(name)
        async with asyncio.timeout(60), running(make_app(parts), listener) as address, client_of(parts) as client:
            await client.put(path(name), json={"terms": [NAME]}, headers=secret(host))
            worker, inner_client = process(f"http://{address}", watch)
            async with inner_client, asyncio.TaskGroup() as tasks:
                tasks.create_task(worker.interpret_room(FakeRoom(name), Assignment(epoch=101, last_seq=0)))
                for terms in ([NAME, REPORT], []):
                    await changed.wait()
                    changed.clear()
                    await client.put(path(name), json={"terms": terms}, headers=secret(host))

    assert seen == [["Dragoman"], ["Dragoman", "report"], []]


async def test_an_api_that_was_replaced_gets_the_terms_back_from_the_interpreter() -> None:
    calls = FakeCalls()
    first, second = make_parts(calls), make_parts(calls)
    name, _ = await a_member(first, calls)
    first.meetings.get(name).set_terms(read_term_base({"version": "", "terms": [REPORT]}))
    has_terms, is_done = asyncio.Event(), asyncio.Event()

    async def interpret(room: Room) -> None:
        assert isinstance(room, ContinuedRoom)
        assert room.terms().terms
        has_terms.set()
        await is_done.wait()

    def recalled() -> TermBase | None:
        meeting = second.meetings.known_again(name, at_s=0.0)
        return None if meeting is None or not meeting.terms.terms else meeting.terms

    with listening() as listener:
        port = listener.getsockname()[1]
        worker, inner_client = process(f"http://127.0.0.1:{port}", interpret)
        async with asyncio.timeout(60), inner_client, asyncio.TaskGroup() as tasks:
            async with running(make_app(first), listener):
                tasks.create_task(worker.interpret_room(FakeRoom(name), Assignment(epoch=101, last_seq=0)))
                await has_terms.wait()
                # It knows which API it spoke to from its first renewal on.
                await until(lambda: first.watch.is_interpreted(name))
            with socket.create_server(("127.0.0.1", port), reuse_port=False) as again:
                async with running(make_app(second), again):
                    await until(lambda: recalled() is not None)
                    is_done.set()

    assert recalled() == first.meetings.get(name).terms


async def test_an_interpreter_that_was_replaced_is_told_no_terms() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    name, _ = await a_member(parts, calls)
    inner = f"/internal/rooms/{name}/glossary"
    async with client_of(parts) as client:
        ghost = await client.get(f"{inner}?epoch=7", headers=secret(INNER))
        stranger = await client.get(f"{inner}?epoch=101")
        garbage = await client.put(f"{inner}?epoch=101", json={"terms": [1]}, headers=secret(INNER))
        broken = await client.put(f"{inner}?epoch=101", content=b"{", headers=secret(INNER))

    assert (ghost.status_code, stranger.status_code, garbage.status_code) == (403, 403, 400)
    assert broken.status_code == 400
