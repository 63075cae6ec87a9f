"""What a host decided for a whole call stays decided when the API is replaced in the middle of it."""

import json
from dataclasses import dataclass

import httpx2
from tests.api_house import FakeCalls, client_of, make_parts, secret

from dragoman.rooms.room_metadata import MOST_REMOVED, read_metadata
from dragoman.services.api.parts import ApiParts

JOIN = {"name": "An", "speaks": "vi", "reads": "en", "listens": "en", "consent": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class ACall:
    """An instant room with somebody in it, who stays, and somebody whom the host put out."""

    room: str
    host: str
    stays: str
    removed: str


async def make_call(client: httpx2.AsyncClient, parts: ApiParts, calls: FakeCalls) -> ACall:
    made = (await client.post("/api/v1/rooms", json={})).json()
    room = made["room"]
    an, ben = [(await client.post(f"/api/v1/rooms/{room}/join", json=JOIN)).json() for _ in range(2)]
    for person in (an, ben):
        calls.connect(room, person["identity"], {}, person["name"])
    await parts.watch.look()
    path = f"/api/v1/rooms/{room}/participants/{ben['identity']}"
    removed = await client.delete(path, headers=secret(made["host_secret"]))
    assert removed.status_code == 204, removed.text
    return ACall(room=room, host=made["host_secret"], stays=an["secret"], removed=ben["secret"])


async def join(client: httpx2.AsyncClient, room: str, proof: str) -> tuple[int, str]:
    answer = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(proof))
    return answer.status_code, answer.json().get("code", "")


async def test_whom_the_host_put_out_stays_out_when_the_api_is_replaced() -> None:
    calls = FakeCalls()
    before, after = make_parts(calls), make_parts(calls)
    async with client_of(before) as client:
        call = await make_call(client, before, calls)

    await after.watch.look()

    async with client_of(after) as client:
        removed, stayed = await join(client, call.room, call.removed), await join(client, call.room, call.stays)
    assert removed == (403, "not_allowed")
    assert stayed[0] == 201


async def test_a_lock_holds_when_the_api_is_replaced_and_can_be_taken_away() -> None:
    calls = FakeCalls()
    before, after = make_parts(calls), make_parts(calls)
    async with client_of(before) as client:
        call = await make_call(client, before, calls)
        await client.patch(f"/api/v1/rooms/{call.room}", json={"locked": True}, headers=secret(call.host))

    await after.watch.look()

    async with client_of(after) as client:
        seen = (await client.get(f"/api/v1/rooms/{call.room}")).json()
        stranger, stayed = await join(client, call.room, "x.y"), await join(client, call.room, call.stays)
        await client.patch(f"/api/v1/rooms/{call.room}", json={"locked": False}, headers=secret(call.host))
        later = await join(client, call.room, "x.y")
    assert seen["locked"]
    assert (stranger, stayed[0], later[0]) == ((409, "room_locked"), 201, 201)


async def test_nobody_comes_in_before_a_new_api_knows_what_the_host_decided() -> None:
    calls = FakeCalls()
    before, after = make_parts(calls), make_parts(calls)
    async with client_of(before) as client:
        call = await make_call(client, before, calls)
        await client.patch(f"/api/v1/rooms/{call.room}", json={"locked": True}, headers=secret(call.host))
    after.meetings.known_again(call.room, at_s=after.clock())  # by an interpreter's lease, say
    calls.away = True

    async with client_of(after) as client:
        unseen = await join(client, call.room, call.removed)
        calls.away = False
        removed, stranger = await join(client, call.room, call.removed), await join(client, call.room, "x.y")

    assert unseen == (503, "room_unavailable")
    assert (removed, stranger) == ((403, "not_allowed"), (409, "room_locked"))


async def test_what_a_host_decides_after_the_api_was_replaced_keeps_what_they_decided_before() -> None:
    calls = FakeCalls()
    before, after = make_parts(calls), make_parts(calls)
    async with client_of(before) as client:
        call = await make_call(client, before, calls)
    after.meetings.known_again(call.room, at_s=after.clock())

    async with client_of(after) as client:
        await client.patch(f"/api/v1/rooms/{call.room}", json={"locked": True}, headers=secret(call.host))

    decided = read_metadata(calls.metadata[call.room])
    assert decided.locked
    assert len(decided.removed) == 1


async def test_what_everybody_in_the_call_can_read_names_nobody_who_was_put_out() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        call = await make_call(client, parts, calls)

    (mark,) = json.loads(calls.metadata[call.room])["removed"]
    identity = call.removed.partition(".")[0]
    assert len(mark) == 16
    assert identity not in calls.metadata[call.room]


async def test_the_room_remembers_so_many_removed_people_and_no_more() -> None:
    meeting = make_parts(FakeCalls()).meetings.open(at_s=0.0)

    for number in range(MOST_REMOVED + 1):
        meeting.decided.remove(f"p-{number}")

    assert not meeting.decided.was_removed("p-0")
    assert meeting.decided.was_removed(f"p-{MOST_REMOVED}")
    assert len(meeting.metadata()) < 16_000
