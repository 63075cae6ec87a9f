"""Rooms over HTTP: who may do what, and what is refused, over a media server in memory."""

import asyncio
import dataclasses
import threading
from collections.abc import Mapping
from typing import cast

import httpx2
import pytest
from tests.api_house import DIAGNOSIS, HOME, FakeCalls, client_of, make_parts, secret

from dragoman.ground.languages import Language
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.services.api.directions import Directions
from dragoman.services.api.parts import JOIN_BURST, ApiParts
from dragoman.services.doctor import Diagnosis

JOIN = {"name": "An", "speaks": "vi", "reads": "vi", "listens": "vi", "consent": True}


async def make_room(client: httpx2.AsyncClient) -> tuple[str, str]:
    made = (await client.post("/api/v1/rooms", json={})).json()
    return made["room"], made["host_secret"]


async def join(client: httpx2.AsyncClient, room: str, **changes: object) -> dict[str, str]:
    answer = await client.post(f"/api/v1/rooms/{room}/join", json={**JOIN, **changes})
    assert answer.status_code == 201, answer.text
    joined: dict[str, str] = answer.json()
    return joined


def connect(parts: ApiParts, calls: FakeCalls, room: str, identity: str) -> None:
    """Let somebody who has joined come in."""
    member = parts.meetings.get(room).member(identity)
    calls.connect(room, identity, member.choices.attributes(), member.name)


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


async def test_a_room_tells_which_languages_work_in_it_and_why_the_others_do_not() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)

        seen = (await client.get(f"/api/v1/rooms/{room}")).json()

    speaks = {it["code"]: (it["works"], it["reason"]) for it in seen["speaks"]}
    listens = {it["code"]: (it["works"], it["reason"]) for it in seen["listens"]}
    assert speaks["en"] == (True, "") and speaks["es"] == (False, "not_recognised")
    assert listens["vi"] == (True, "") and listens["eu"] == (False, "no_voice")
    assert listens["ja"] == (False, "not_translated")
    assert [it["code"] for it in seen["speaks"][:2]] == ["en", "vi"]
    assert {"source": "vi", "target": "en", "voice": True} in seen["directions"]


async def test_identity_comes_from_the_server_and_never_from_the_client() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)

        forged = await client.post(f"/api/v1/rooms/{room}/join", json={**JOIN, "identity": "interpreter"})
        first, second = await join(client, room), await join(client, room)

    assert_problem(forged, 422, "request_invalid")
    assert first["identity"] != second["identity"]
    assert first["token"] == f"token of {first['identity']} for {room}"
    assert (first["name"], second["name"]) == ("An", "An (2)")


async def test_who_comes_back_with_their_secret_keeps_their_identity() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)
        first = await join(client, room)

        again = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(first["secret"]))

    assert (again.json()["identity"], again.json()["name"]) == (first["identity"], "An")


async def test_who_reloads_the_page_comes_back_into_a_locked_and_full_room_and_nobody_else_does() -> None:
    async with client_of(make_parts(FakeCalls(), most_members=1)) as client:
        room, host = await make_room(client)
        first = await join(client, room)
        await client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))

        again = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(first["secret"]))
        forged = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(first["identity"] + ".x"))

    assert (again.status_code, again.json()["identity"]) == (201, first["identity"])
    assert_problem(forged, 409, "room_locked")


async def test_a_practice_speaker_takes_a_seat_and_no_lock_keeps_it_out() -> None:
    asked: list[str] = []

    async def practise(room: str, language: str) -> None:
        asked.append(room)

    parts = dataclasses.replace(make_parts(FakeCalls(), most_members=2), practise=practise)
    async with client_of(parts) as client:
        room, host = await make_room(client)
        an = await join(client, room)
        path = f"/api/v1/rooms/{room}/practice-speaker"
        await client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))

        came = await client.post(path, json={}, headers=secret(an["secret"]))
        await client.patch(f"/api/v1/rooms/{room}", json={"locked": False}, headers=secret(host))
        await join(client, room)
        full = await client.post(path, json={}, headers=secret(an["secret"]))

    assert came.status_code == 202
    assert_problem(full, 409, "room_full")
    assert asked == [room]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"speaks": "klingon"}, "unknown_language"),
        ({"speaks": "es"}, "choice_not_possible"),
        ({"listens": "eu"}, "choice_not_possible"),
        ({"name": "\u202e\u200b "}, "request_invalid"),
        ({"name": "x" * 61}, "request_invalid"),
        ({"consent": "yes"}, "request_invalid"),
        ({"voice": "opera"}, "request_invalid"),
        ({"voice": "own"}, "choice_not_possible"),
        ({"speaks": ["vi"]}, "request_invalid"),
    ],
)
async def test_a_join_that_cannot_be_is_refused_with_what_would_work(change: dict[str, object], code: str) -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)

        answer = await client.post(f"/api/v1/rooms/{room}/join", json={**JOIN, **change})

    assert_problem(answer, 422, code)
    if code != "request_invalid":
        assert ("natural, fast" if "voice" in change else "English") in answer.json()["detail"]


async def test_names_lose_what_nobody_sees_and_what_turns_text_around() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)

        joined = await join(client, room, name="\u202eEvil\u200b \x00 <b>क्‍ष</b>")

    assert joined["name"] == "Evil <b>क्‍ष</b>"


async def test_a_full_a_locked_and_a_gone_room_say_so() -> None:
    async with client_of(make_parts(FakeCalls(), most_members=1)) as client:
        room, host = await make_room(client)
        await join(client, room)

        full = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN)
        await client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))
        locked = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN)
        ended = await client.delete(f"/api/v1/rooms/{room}", headers=secret(host))
        gone = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN)
        guessed = await client.get("/api/v1/rooms/AAAAAAAAAAAAAAAAAAAAAAAA")

    assert_problem(full, 409, "room_full")
    assert_problem(locked, 409, "room_locked")
    assert ended.status_code == 204
    assert_problem(gone, 404, "room_not_found")
    assert_problem(guessed, 404, "room_not_found")
    assert gone.json() == guessed.json()


async def test_choices_change_in_the_call_by_ones_own_secret_alone() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, host = await make_room(client)
        other_room, _ = await make_room(client)
        an, ben = await join(client, room), await join(client, room)
        elsewhere = await join(client, other_room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"

        changed = await client.patch(path, json={"listens": "original", "consent": False}, headers=secret(an["secret"]))
        by_others = [
            await client.patch(path, json={"consent": True}, headers=headers)
            for headers in ({}, secret(ben["secret"]), secret(host), secret(elsewhere["secret"]), secret("x.y"))
        ]
        unknown = await client.patch(path, json={"reads": "xx"}, headers=secret(an["secret"]))

    assert changed.json() == {
        "speaks": "vi",
        "reads": "vi",
        "listens": "original",
        "voice": "natural",
        "consent": False,
    }
    attributes = calls.present[room][an["identity"]].attributes
    assert (attributes["dragoman.consent"], attributes["dragoman.listens"]) == ("false", "original")
    for answer in by_others:
        assert_problem(answer, 403, "not_allowed")
    assert_problem(unknown, 422, "unknown_language")


async def test_a_voice_is_wished_for_on_joining_and_in_the_call_and_stays_with_other_changes() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        offered = (await client.get(f"/api/v1/rooms/{room}")).json()["voices"]
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"

        fast = await client.patch(path, json={"voice": "fast"}, headers=secret(an["secret"]))
        other = await client.patch(path, json={"listens": "original"}, headers=secret(an["secret"]))

    assert [(it["voice"], it["works"], it["reason"]) for it in offered] == [
        ("natural", True, ""),
        ("fast", True, ""),
        ("own", False, "no_own_voice"),
    ]
    assert [answer.json()["voice"] for answer in (fast, other)] == ["fast", "fast"]
    assert cast(dict[str, object], cast(object, an["choices"]))["voice"] == "natural"
    assert calls.present[room][an["identity"]].attributes["dragoman.voice"] == "fast"


async def test_a_change_that_the_call_did_not_take_is_taken_back_but_not_that_consent_is_withdrawn() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        calls.away = True

        answer = await client.patch(path, json={"reads": "en", "consent": False}, headers=secret(an["secret"]))

    assert_problem(answer, 503, "room_unavailable")
    assert "consent stays withdrawn" in answer.json()["detail"]
    chosen = parts.meetings.get(room).member(an["identity"]).choices
    assert (chosen.reads, chosen.consents) == (Language("vi"), False)


async def test_consent_that_could_not_be_withdrawn_in_the_call_is_as_soon_as_the_call_answers() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        await parts.watch.look()
        calls.away = True
        answers = [await client.patch(path, json={"consent": False}, headers=secret(an["secret"]))]
        calls.away = False

        await parts.watch.look()
        told = calls.present[room][an["identity"]].attributes["dragoman.consent"]
        answers.append(await client.patch(path, json={"consent": False}, headers=secret(an["secret"])))

    assert told == "false"
    assert [answer.status_code for answer in answers] == [503, 200]


async def test_consent_that_was_withdrawn_in_vain_and_cannot_be_given_again_stays_withdrawn() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        calls.away = True

        for consent in (False, True, False):
            answer = await client.patch(path, json={"consent": consent}, headers=secret(an["secret"]))
            assert_problem(answer, 503, "room_unavailable")
            assert not parts.meetings.get(room).member(an["identity"]).choices.consents


async def test_consent_is_withdrawn_and_given_again_also_when_no_engine_is_left_for_the_language() -> None:
    calls, works = FakeCalls(), [DIAGNOSIS]
    parts = dataclasses.replace(make_parts(calls), directions=Directions(lambda: works[-1]))
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        works.append(dataclasses.replace(DIAGNOSIS, directions=()))
        parts.directions.forget()

        answers = []
        for consent in (False, True):
            answer = await client.patch(path, json={"consent": consent}, headers=secret(an["secret"]))
            told = calls.present[room][an["identity"]].attributes
            answers.append((answer.status_code, answer.json(), told["dragoman.consent"], told["dragoman.speaks"]))
        languages = await client.patch(path, json={"reads": "en", "consent": False}, headers=secret(an["secret"]))

    chosen = {"speaks": "vi", "reads": "vi", "listens": "vi", "voice": "natural"}
    assert answers == [
        (200, {**chosen, "consent": False}, "false", "vi"),
        (200, {**chosen, "consent": True}, "true", "vi"),
    ]
    assert_problem(languages, 422, "choice_not_possible")


async def test_consent_that_is_withdrawn_while_languages_are_checked_waits_for_nothing_and_stays_withdrawn() -> None:
    calls = FakeCalls()
    checking, checked = threading.Event(), threading.Event()

    def check() -> Diagnosis:
        checking.set()
        assert checked.wait(10)
        return DIAGNOSIS

    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
    slow = dataclasses.replace(parts, directions=Directions(check))
    async with client_of(slow) as client, asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        languages = tasks.create_task(client.patch(path, json={"reads": "en"}, headers=secret(an["secret"])))
        await asyncio.to_thread(checking.wait, 10)
        withdrawn = await client.patch(path, json={"consent": False}, headers=secret(an["secret"]))
        checked.set()

    assert (withdrawn.status_code, languages.result().status_code) == (200, 200)
    assert (languages.result().json()["reads"], languages.result().json()["consent"]) == ("en", False)
    assert calls.present[room][an["identity"]].attributes["dragoman.consent"] == "false"


class RefusingOnce(FakeCalls):
    """Refuses the first change of somebody's attributes, when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def change_attributes(self, room: str, identity: str, attributes: Mapping[str, str]) -> None:
        if not self.asked.is_set():
            self.asked.set()
            await self.let.wait()
            raise RoomUnavailable("away")
        await super().change_attributes(room, identity, attributes)


async def test_consent_that_is_withdrawn_stays_so_when_a_change_before_it_is_taken_back() -> None:
    calls = RefusingOnce()
    parts = make_parts(calls)
    async with client_of(parts) as client, asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        room, _ = await make_room(client)
        an = await join(client, room)
        connect(parts, calls, room, an["identity"])
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        languages = tasks.create_task(client.patch(path, json={"reads": "en"}, headers=secret(an["secret"])))
        await calls.asked.wait()
        withdrawn = await client.patch(path, json={"consent": False}, headers=secret(an["secret"]))
        calls.let.set()

    assert_problem(languages.result(), 503, "room_unavailable")
    assert withdrawn.status_code == 200
    assert not parts.meetings.get(room).member(an["identity"]).choices.consents
    assert calls.present[room][an["identity"]].attributes["dragoman.consent"] == "false"


async def test_a_choice_made_before_connecting_reaches_the_call_when_the_watch_looks() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        before = parts.meetings.get(room).member(an["identity"]).choices.attributes()
        await client.patch(
            f"/api/v1/rooms/{room}/participants/{an['identity']}", json={"reads": "en"}, headers=secret(an["secret"])
        )
        calls.connect(room, an["identity"], before)

        await parts.watch.look()

    assert calls.present[room][an["identity"]].attributes["dragoman.reads"] == "en"


async def test_the_host_mutes_and_removes_and_nobody_else_does() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, host = await make_room(client)
        an, ben = await join(client, room), await join(client, room)
        connect(parts, calls, room, ben["identity"])
        ben_path = f"/api/v1/rooms/{room}/participants/{ben['identity']}"

        by_an = [
            await client.post(f"{ben_path}/mute", headers=secret(an["secret"])),
            await client.delete(ben_path, headers=secret(an["secret"])),
            await client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(an["secret"])),
            await client.delete(f"/api/v1/rooms/{room}"),
        ]
        muted = await client.post(f"{ben_path}/mute", headers=secret(host))
        removed = await client.delete(ben_path, headers=secret(host))
        captions = await client.get(f"/api/v1/rooms/{room}/captions", headers=secret(ben["secret"]))
        back = await client.post(f"/api/v1/rooms/{room}/join", json=JOIN, headers=secret(ben["secret"]))
        nobody = await client.delete(f"/api/v1/rooms/{room}/participants/p-0", headers=secret(host))

    for answer in by_an:
        assert_problem(answer, 403, "not_allowed")
    assert (muted.status_code, removed.status_code) == (204, 204)
    assert calls.muted == [(room, ben["identity"])]
    assert ben["identity"] not in calls.present[room]
    assert_problem(captions, 404, "participant_not_found")
    assert_problem(back, 403, "not_allowed")
    assert_problem(nobody, 404, "participant_not_found")


async def test_making_rooms_takes_the_host_password_where_one_is_set() -> None:
    async with client_of(make_parts(FakeCalls(), host_password="let me in")) as client:  # noqa: S106
        without = await client.post("/api/v1/rooms", json={})
        wrong = await client.post("/api/v1/rooms", json={"password": "let me out"})
        right = await client.post("/api/v1/rooms", json={"password": "let me in"})
        told = (await client.get("/api/v1/capabilities")).json()

    assert_problem(without, 403, "not_allowed")
    assert_problem(wrong, 403, "not_allowed")
    assert right.status_code == 201
    assert told["host_password"]


async def test_joining_again_and_again_from_one_address_has_to_wait() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answers = [await client.post("/api/v1/rooms", json={}) for _ in range(JOIN_BURST + 1)]

    assert {answer.status_code for answer in answers[:JOIN_BURST]} == {201}
    assert_problem(answers[JOIN_BURST], 429, "too_many_requests")
    assert int(answers[JOIN_BURST].headers["retry-after"]) <= 3


async def test_capabilities_tell_what_works_and_what_models_would_add() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        told = (await client.get("/api/v1/capabilities")).json()

    assert {"source": "en", "target": "eu", "voice": False} in told["directions"]
    assert told["offers"] == [
        {"conversations": [["en", "ca"]], "download_mb": 5, "command": "dragoman models pull some-model"}
    ]


async def test_a_practice_speaker_needs_somebody_to_speak_to() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)
        an = await join(client, room)

        unasked = await client.post(f"/api/v1/rooms/{room}/practice-speaker", json={})
        absent = await client.post(f"/api/v1/rooms/{room}/practice-speaker", json={}, headers=secret(an["secret"]))

    assert_problem(unasked, 403, "not_allowed")
    assert_problem(absent, 503, "engine_unavailable")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 10_000])
async def test_garbage_as_a_body_is_a_client_error(body: bytes) -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        room, _ = await make_room(client)

        answer = await client.post(
            f"/api/v1/rooms/{room}/join", content=body, headers={"Content-Type": "application/json"}
        )

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_bodies_that_are_too_large_are_cut_off() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answer = await client.post("/api/v1/rooms", content=b" " * 20_000)

    assert_problem(answer, 413, "too_large")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Origin": HOME}, 201),
        ({}, 201),
    ],
)
async def test_only_our_own_pages_may_ask(headers: dict[str, str], status: int) -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answer = await client.post("/api/v1/rooms", json={}, headers=headers)

    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_a_practice_speaker_is_asked_for_in_a_language_that_works() -> None:
    asked: list[tuple[str, str]] = []

    async def practise(room: str, language: str) -> None:
        asked.append((room, language))

    parts = dataclasses.replace(make_parts(FakeCalls()), practise=practise)
    async with client_of(parts) as client:
        room, _ = await make_room(client)
        an = await join(client, room)
        path = f"/api/v1/rooms/{room}/practice-speaker"

        came = await client.post(path, json={"speaks": "vi"}, headers=secret(an["secret"]))
        refused = await client.post(path, json={"speaks": "es"}, headers=secret(an["secret"]))

    assert (came.status_code, came.json()) == (202, {"speaks": "vi"})
    assert_problem(refused, 422, "choice_not_possible")
    assert asked == [(room, "vi")]
