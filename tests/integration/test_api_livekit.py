"""The API with a real livekit-server behind it: one port for all, interpreters sent and replaced."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit import rtc
from livekit.api import CreateRoomRequest, ListRoomsRequest
from tests.api_house import secret
from tests.api_site import JOIN, ApiSite, api_site, eventually


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path) as running:
        yield running


async def test_a_call_goes_through_one_port_and_its_choices_reach_everybody(site: ApiSite) -> None:
    room = (await site.client.post("/api/v1/rooms", json={})).json()
    name, host = room["room"], secret(room["host_secret"])

    async def was_told() -> bool:
        return call.local_participant.attributes.get("dragoman.listens") == "original"

    async def is_out() -> bool:
        return call.connection_state == rtc.ConnectionState.CONN_DISCONNECTED

    joined, call = await site.join(name)
    path = f"/api/v1/rooms/{name}/participants/{joined['identity']}"
    before = dict(call.local_participant.attributes)
    changed = await site.client.patch(path, json={"listens": "original"}, headers=secret(joined["secret"]))
    await eventually(was_told)
    muted = await site.client.post(f"{path}/mute", headers=host)
    removed = await site.client.delete(path, headers=host)
    await eventually(is_out)
    await call.disconnect()

    assert call.name == name
    assert before["dragoman.speaks"] == "vi"
    assert (changed.status_code, muted.status_code, removed.status_code) == (200, 204, 204)


async def test_an_interpreter_comes_and_is_replaced_and_the_numbers_go_on(site: ApiSite) -> None:
    name = (await site.client.post("/api/v1/rooms", json={})).json()["room"]
    joined, call = await site.join(name)

    async def has_finals(count: int) -> bool:
        return len(await site.captions(name, joined["secret"])) == count

    async def is_seen() -> bool:
        return "interpreter" in call.remote_participants

    async with site.interpreters():
        await eventually(lambda: has_finals(1))
        await eventually(is_seen)
        first = call.remote_participants["interpreter"]
        seen = (await site.client.get(f"/api/v1/rooms/{name}")).json()
    async with site.interpreters():
        took_s = await eventually(lambda: has_finals(2))
    finals = await site.captions(name, joined["secret"])
    await call.disconnect()

    assert first.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    assert seen["interpreted"]
    assert [seq for seq, _ in finals] == [1, 2]
    assert len({segment for _, segment in finals}) == 2
    assert took_s < 5.0


async def test_which_interpreter_is_in_a_call_is_seen_without_its_renewals(site: ApiSite) -> None:
    name = (await site.client.post("/api/v1/rooms", json={})).json()["room"]
    _, call = await site.join(name)

    async def is_seen() -> bool:
        return "interpreter" in call.remote_participants

    before = await site.calls.interpreter_epoch(name)
    async with site.interpreters():
        await eventually(is_seen)
        told = call.remote_participants["interpreter"].attributes["dragoman.epoch"]
        epoch = await site.calls.interpreter_epoch(name)
    nowhere = await site.calls.interpreter_epoch("no-such-room")
    await call.disconnect()

    assert (before, nowhere) == (0, 0)
    assert str(epoch) == told != "0"


async def test_ending_a_call_puts_everybody_out_and_a_stranger_room_is_deleted(site: ApiSite) -> None:
    made = (await site.client.post("/api/v1/rooms", json={})).json()
    joined, call = await site.join(made["room"])
    async with site.sfu.api() as direct:
        await direct.room.create_room(CreateRoomRequest(name="of a stranger"))

        async def is_empty() -> bool:
            return not (await direct.room.list_rooms(ListRoomsRequest())).rooms

        ended = await site.client.delete(f"/api/v1/rooms/{made['room']}", headers=secret(made["host_secret"]))
        await eventually(is_empty)
    again = await site.client.post(f"/api/v1/rooms/{made['room']}/join", json=JOIN)
    await call.disconnect()

    assert (ended.status_code, again.status_code) == (204, 404)
    assert joined["room"] == made["room"]
