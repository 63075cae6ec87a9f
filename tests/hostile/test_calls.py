"""People who do in a call what they may not, or nothing: through the API's one port, on a real livekit-server."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import uvicorn
from livekit import rtc
from livekit.api import AccessToken, ListParticipantsRequest, VideoGrants
from livekit.rtc.participant import PublishDataError
from tests.api_house import FakeCalls, client_of, listening, make_parts, secret
from tests.api_site import JOIN, ApiSite, api_site, eventually
from tests.hostile.command import CommandLine, Ended
from tests.livekit_server import Guest, guest, person
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import ParticipantChanged, RoomEvent
from dragoman.rooms.key_pair import KeyPair, make_keys
from dragoman.rooms.livekit_captions import CAPTION_TOPIC
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.tokens import human_token
from dragoman.services.api.app import make_app, server_options
from dragoman.services.api.parts import JOIN_BURST
from dragoman.services.api.patience import PatientProtocol

EN, VI = Language("en"), Language("vi")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[ApiSite]:
    async with asyncio.timeout(120), api_site(tmp_path) as running:
        yield running


async def make_room(site: ApiSite) -> tuple[str, str]:
    made = (await site.client.post("/api/v1/rooms", json={})).json()
    return made["room"], made["host_secret"]


def token_of(keys: KeyPair, *, room: str = "room", life: timedelta = timedelta(minutes=1)) -> str:
    return human_token(keys, room=room, identity="p-1", name="An", attributes={}, life=life)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def without_signature(token: str) -> str:
    """Say that nothing proves it: the oldest trick with such tokens."""
    return ".".join([part({"alg": "none", "typ": "JWT"}), token.split(".")[1], ""])


def for_another_room(token: str) -> str:
    """Keep the signature of the one room."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return ".".join([head, part({**claims, "video": {**claims["video"], "room": "other"}}), signature])


async def test_a_token_that_is_old_or_forged_opens_nothing_and_the_reason_is_said(site: ApiSite) -> None:
    good = token_of(site.sfu.keys)
    stranger = KeyPair(key=site.sfu.keys.key, secret=make_keys().secret)
    bad = {
        "expired": token_of(site.sfu.keys, life=timedelta(minutes=-5)),
        "other secret": token_of(stranger),
        "other key": token_of(make_keys()),
        "no signature": without_signature(good),
        "other room": for_another_room(good),
        "none": "",
        "garbage": "a.b.c",
    }

    answers = {}
    for name, token in bad.items():
        answers[name] = await site.client.get("/rtc/validate", params={"access_token": token})
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{site.address}/rtc?access_token={token}", proxy=None)
        assert refused.value.response.status_code == 401, name
    well = await site.client.get("/rtc/validate", params={"access_token": good})

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(bad, 401)
    assert all(answer.text.strip() for answer in answers.values())
    assert well.status_code == 200


async def test_what_is_not_joining_is_not_passed_to_the_media_server(site: ApiSite) -> None:
    async with site.sfu.api():
        answers = [
            await site.client.post("/twirp/livekit.RoomService/ListRooms", json={}),
            await site.client.post("/rtc/../twirp/livekit.RoomService/ListRooms", json={}),
            await site.client.get("/rtc/v2/validate"),
            await site.client.get("/metrics"),
        ]
        refused = []
        for path in ("/agent", "/rtc/v2", "/rtc/validate", "/rtc/../agent"):
            with pytest.raises(InvalidStatus) as error:
                await connect(f"ws://{site.address}{path}?access_token={token_of(site.sfu.keys)}", proxy=None)
            refused.append(error.value.response.status_code)

    assert all(answer.status_code in (404, 405) for answer in answers), [answer.status_code for answer in answers]
    assert all(status in (403, 404) for status in refused), refused


class Followed:
    """What an interpreter is told of its room."""

    def __init__(self, room: LiveKitRoom) -> None:
        self.room = room
        self.events: list[RoomEvent] = []

    async def follow(self) -> None:
        async for event in self.room.events():
            self.events.append(event)

    def knows(self, identity: str) -> bool:
        return any(isinstance(it, ParticipantChanged) and it.participant.identity == identity for it in self.events)


@asynccontextmanager
async def followed(site: ApiSite, room: str) -> AsyncIterator[Followed]:
    async with site.sfu.interpreter_room(room) as joined, asyncio.TaskGroup() as tasks:
        following = Followed(joined)
        tasks.create_task(following.follow())
        try:
            yield following
        finally:
            joined.end()


async def send_garbage(who: Guest) -> None:
    """Say all that cannot be said: as data, and as captions in the interpreter's name."""
    me = who.rtc.local_participant
    forged = {"lk.segment_id": "an.1.en", "lk.transcription_final": "true", "dragoman.speaker": "an"}
    # What the server does not allow may be refused here already, or just not arrive.
    with suppress(PublishDataError, TimeoutError, RuntimeError):
        for size in (0, 1, 1_000, 14_000):
            for topic in ("", CAPTION_TOPIC, "dragoman.dub", "x" * 200):
                await me.publish_data(b"\xff" * size, reliable=size % 2 == 0, topic=topic)
        for _ in range(300):
            await me.publish_data(b"{", reliable=False, topic="dragoman.dub")
    with suppress(rtc.StreamError, TimeoutError, RuntimeError, ConnectionError):
        await me.send_text("Transfer the money.", topic=CAPTION_TOPIC, attributes=forged)


def true_caption() -> Caption:
    return Caption(
        segment="an.2",
        speaker="an",
        language=EN,
        source_language=VI,
        text="Hello.",
        start_s=0.0,
        end_s=1.0,
        final=True,
        seq=1,
    )


async def test_a_person_cannot_send_data_nor_captions_to_anybody(site: ApiSite) -> None:
    room, _ = await make_room(site)
    ben = person("ben", speaks="en", reads="en", listens="en")

    async with (
        guest(site.sfu, room, person("eve", speaks="en")) as eve,
        guest(site.sfu, room, ben) as ben_there,
        followed(site, room) as interpreter,
    ):
        await ben_there.wait_for(ben_there.sees_interpreter)
        async with asyncio.timeout(30):
            await send_garbage(eve)
        await interpreter.room.publish(true_caption(), readers=frozenset({"ben"}))
        await ben_there.wait_for(lambda: ben_there.captions)

    assert [(seen.text, seen.sender) for seen in ben_there.captions] == [("Hello.", "interpreter")]
    assert ben_there.hints == []


async def test_an_interpreter_that_gets_garbage_all_the_same_goes_on(site: ApiSite) -> None:
    room, _ = await make_room(site)
    grants = VideoGrants(room_join=True, room=room, can_publish_data=True)
    allowed = AccessToken(site.sfu.keys.key, site.sfu.keys.secret).with_identity("eve").with_grants(grants).to_jwt()
    eve = Guest(person("eve"))

    async with guest(site.sfu, room, person("ben", reads="en")) as ben, followed(site, room) as interpreter:
        await eve.join(site.sfu.url, allowed)
        await ben.wait_for(lambda: interpreter.knows("eve"))
        async with asyncio.timeout(30):
            await send_garbage(eve)
        async with guest(site.sfu, room, person("late", reads="en")):
            await ben.wait_for(lambda: interpreter.knows("late"))
        await interpreter.room.publish(true_caption(), readers=frozenset({"ben"}))
        await ben.wait_for(lambda: {seen.sender for seen in ben.captions} == {"eve", "interpreter"})
        await eve.leave()

    assert [seen.text for seen in ben.captions if seen.sender == "interpreter"] == ["Hello."]


async def test_a_person_changes_neither_name_nor_languages_nor_consent_alone(site: ApiSite) -> None:
    room, _ = await make_room(site)
    joined, call = await site.join(room)
    me = call.local_participant
    changes = (
        me.set_attributes({"dragoman.consent": "false", "dragoman.speaks": "en"}),
        me.set_metadata("mine"),
        me.set_name("Interpreter"),
    )
    for change in changes:
        with suppress(Exception):  # refused here in one way or another; what counts is what the server has
            async with asyncio.timeout(5):
                await change
    async with site.sfu.api() as api:
        (seen,) = [
            it
            for it in (await api.room.list_participants(ListParticipantsRequest(room=room))).participants
            if it.identity == joined["identity"]
        ]
    await call.disconnect()

    assert (seen.name, seen.metadata) == ("An", "")
    assert seen.attributes["dragoman.consent"] == "true"
    assert seen.attributes["dragoman.speaks"] == "vi"


async def test_who_joins_and_does_nothing_takes_a_seat_and_nothing_else(site: ApiSite) -> None:
    room, _ = await make_room(site)
    joined, call = await site.join(room)

    async with followed(site, room) as interpreter:
        await eventually(lambda: _says(interpreter.knows(joined["identity"])))
        microphones = interpreter.room.open_microphones
    seen = (await site.client.get(f"/api/v1/rooms/{room}")).json()
    await call.disconnect()

    assert microphones == 0
    assert [type(event) for event in interpreter.events] == [ParticipantChanged]
    assert seen["people"] == 1


async def _says(truth: bool) -> bool:
    return truth


async def practise(command: CommandLine, *arguments: str) -> Ended:
    return await asyncio.to_thread(lambda: command.end(command.start("practice", *arguments)))


async def test_the_practice_command_speaks_in_the_room_of_a_link_and_leaves(
    site: ApiSite, command: CommandLine
) -> None:
    room, _ = await make_room(site)

    async with guest(site.sfu, room, person("ben", reads="en")) as ben, asyncio.TaskGroup() as tasks:
        practising = tasks.create_task(practise(command, f"http://{site.address}/r/{room}"))
        await ben.wait_for(lambda: "microphone" in ben.loud_at_s, timeout_s=60)
        names = [who.name for who in ben.rtc.remote_participants.values()]
        ended = await practising
        await ben.wait_for(lambda: not ben.rtc.remote_participants)

    assert names == ["Practice speaker"]
    assert ended.status == 0, ended.stderr
    assert "has left" in ended.stdout


async def test_the_practice_command_says_why_it_cannot_come_in(site: ApiSite, command: CommandLine) -> None:
    room, host = await make_room(site)
    full_room, _ = await make_room(site)
    for _ in range(3):
        await site.client.post(f"/api/v1/rooms/{full_room}/join", json=JOIN)
    await site.client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))
    with listening() as listener:
        nobody = f"127.0.0.1:{listener.getsockname()[1]}"
    wrong = {
        f"http://{nobody}/r/{room}": "dragoman up",
        f"http://{site.address}/r/AAAAAAAAAAAAAAAAAAAAAAAA": "no such room",
        f"http://{site.address}/r/{room}": "unlock",
        f"http://{site.address}/r/{full_room}": "full",
        f"http://{site.address}/": "no link to a room",
    }

    ended = {address: await practise(command, address) for address in wrong}
    in_japanese = await practise(command, f"http://{site.address}/r/{room}", "--speaks", "ja")

    for address, answer in ended.items():
        assert (answer.status, answer.stdout) == (1, ""), address
        assert wrong[address] in answer.stderr, answer.stderr
    assert "speaks English" in in_japanese.stderr


async def test_whom_the_host_has_put_out_does_not_stay_by_an_old_token(site: ApiSite) -> None:
    room, host = await make_room(site)
    joined, call = await site.join(room)
    await site.client.delete(f"/api/v1/rooms/{room}/participants/{joined['identity']}", headers=secret(host))
    again = rtc.Room()
    await again.connect(f"ws://{site.address}", joined["token"])

    async def is_out() -> bool:
        return again.connection_state == rtc.ConnectionState.CONN_DISCONNECTED

    await eventually(is_out, within_s=20)
    refused = await site.client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(joined["secret"]))
    await call.disconnect()

    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_a_thousand_joins_at_once_fill_the_room_and_then_have_to_wait() -> None:
    parts = make_parts(FakeCalls(), most_members=5)
    async with client_of(parts) as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]

        answers = await asyncio.gather(*[client.post(f"/api/v1/rooms/{room}/join", json=JOIN) for _ in range(1000)])

    codes = [answer.json().get("code", "joined") for answer in answers]
    assert codes.count("joined") == 5
    assert codes.count("room_full") == JOIN_BURST - 6  # the room was made from there, too
    assert codes.count("too_many_requests") == 1001 - JOIN_BURST
    assert len(parts.meetings.get(room).members(at_s=parts.clock())) == 5


class HastyProtocol(PatientProtocol):
    head_within_s = 0.3


@asynccontextmanager
async def hasty_server() -> AsyncIterator[int]:
    """Serve as for people, with less patience; gives the port."""
    with listening() as listener:
        port = listener.getsockname()[1]
        app = make_app(make_parts(FakeCalls(), origins=frozenset({f"http://127.0.0.1:{port}"})))
        options = server_options() | {"http": HastyProtocol}
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2, **options))
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listener]))
            while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
                await asyncio.sleep(0.01)
            try:
                yield port
            finally:
                server.should_exit = True
                await serving


@pytest.mark.parametrize("first", [b"", b"GET / HT", b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HTTP"])
async def test_a_client_that_never_ends_its_request_is_hung_up_on(first: bytes) -> None:
    async with hasty_server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        with suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()
        well = await ask(port, "/health/live")

    assert b"200 OK" in well


async def test_a_head_that_comes_byte_by_byte_is_not_waited_for_and_a_long_one_is_refused() -> None:
    async with hasty_server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began_s = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began_s < 30 and not reader.at_eof():
                writer.write(b"X")
                await writer.drain()
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.05)
        took_s = time.monotonic() - began_s
        writer.close()
        long = await ask(port, "/" + "x" * 100_000)

    assert took_s < 20
    assert b"200" not in long[:20]


async def test_a_request_in_good_time_is_answered_again_and_again_on_one_connection() -> None:
    async with hasty_server() as port, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        statuses = []
        for _ in range(3):
            statuses.append((await client.get("/health/live")).status_code)
            await asyncio.sleep(0.5)  # longer than a head may take: between two requests nobody is hurried

    assert statuses == [200, 200, 200]


async def ask(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    with suppress(ConnectionError):
        answer = await reader.read()
    writer.close()
    return answer
