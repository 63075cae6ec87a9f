"""Webhooks of teams over HTTP: who may make them, what they are told, and what becomes of what fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.accounts_site import KEY, AccountsSite, Person, accounts_site
from tests.integration.test_api_rooms import assert_problem
from tests.integration.test_teams import bring_in, make_team
from tests.lasting import live
from tests.webhook_receiver import Receiver, receiving

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.webhook_deliveries import MAX_FAILURES, WebhookDeliveries, longest_wait_s
from dragoman.accounts.webhook_signing import SecretBox
from dragoman.accounts.webhooks import MOST_WEBHOOKS, Webhooks
from dragoman.client.webhooks import read_webhook
from dragoman.ground.accounts import COMMAND
from dragoman.ground.jobs import MAX_DELAY_S, JobState
from dragoman.ground.webhooks import DELIVER, TeamEvent
from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import JobKind
from dragoman.store import webhooks as rows
from dragoman.store.jobs import StoredJobs

pytestmark = pytest.mark.usefixtures("each_database")

NEW = {"url": "https://hooks.example.org/in", "events": ["room.opened", "member.joined"]}

MEETING = {"starts_local": "2026-12-01T09:30", "time_zone": "Europe/Madrid", "minutes": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """A site whose webhooks may lead to a receiver on loopback, and somebody who does the jobs."""

    site: AccountsSite
    receiver: Receiver
    an: Person
    team: str
    runner: JobRunner

    async def make(self, events: tuple[str, ...] = ("room.opened",)) -> dict[str, Any]:
        body = {"url": f"{self.receiver.origin}/in", "events": list(events)}
        answer = await self.an.client.post(self.path(), json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def open_room(self, event: TeamEvent = TeamEvent.ROOM_OPENED) -> None:
        async with self.site.database.writing() as session:
            await rows.announce(session, team_id=self.team, event=event, at=self.site.clock(), ids={"room": "a-room"})

    async def work(self) -> int:
        """Do what is due; gives how many jobs that were."""
        done = 0
        while await self.runner.run_one():
            done += 1
        return done

    async def listed(self, webhook: str) -> dict[str, Any]:
        items = (await self.an.client.get(self.path())).json()["items"]
        return next(it for it in items if it["id"] == webhook)

    async def deliveries(self, webhook: str) -> list[dict[str, Any]]:
        answer = await self.an.client.get(self.path(f"/{webhook}/deliveries"))
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def path(self, below: str = "") -> str:
        return f"/api/v1/teams/{self.team}/webhooks{below}"


@asynccontextmanager
async def hooks(folder: Path, *, chance: float = 1.0) -> AsyncIterator[Hooks]:
    async with accounts_site(folder) as site, receiving() as receiver:
        jobs = StoredJobs(site.database, clock=site.clock)
        box, allowed = SecretBox(KEY), [receiver.origin]
        enforcement = Enforcement(site.database, clock=site.clock)
        rules = Webhooks(site.database, box, enforcement, allowed_origins=allowed, wake=jobs.wake, clock=site.clock)
        site.app.state.parts = replace(site.parts, accounts=replace(site.accounts, webhooks=rules))
        deliveries = WebhookDeliveries(
            site.database, box, allowed_origins=allowed, clock=site.clock, chance=lambda: chance
        )
        an = await site.sign_up("an@example.org")
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "lasts longer than a token"})).json()["key"]
        an = replace(an, client=site.client(key))
        runner = JobRunner(jobs, {DELIVER: JobKind(run=deliveries.deliver, deadline_s=30.0)})
        yield Hooks(site=site, receiver=receiver, an=an, team=await make_team(an), runner=runner)


async def test_a_webhook_shows_its_secret_once_and_is_listed_without_it(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        path = f"/api/v1/teams/{await make_team(an)}/webhooks"

        made = (await an.client.post(path, json=NEW)).json()
        listed = (await an.client.get(path)).json()["items"]

        assert made["secret"].startswith("whsec_")
        assert listed == [{key: value for key, value in made.items() if key != "secret"}]
        assert listed[0]["events"] == NEW["events"]


async def test_the_store_holds_no_secret_that_could_be_read(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        made = (await an.client.post(f"/api/v1/teams/{await make_team(an)}/webhooks", json=NEW)).json()

        async with site.database.reading() as session:
            stored = await session.scalar(text("select secret from webhooks"))

        assert made["secret"] not in stored
        assert made["secret"].removeprefix("whsec_") not in stored


async def test_members_may_not_manage_webhooks_and_strangers_see_none(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, eve = [await site.sign_up(f"{name}@example.org") for name in ("an", "binh", "eve")]
        team = await make_team(an)
        await bring_in(team, an, binh)
        path = f"/api/v1/teams/{team}/webhooks"
        made = (await an.client.post(path, json=NEW)).json()
        one = f"{path}/{made['id']}"

        for who, status, code in ((binh, 403, "forbidden"), (eve, 404, "team_not_found")):
            assert_problem(await who.client.get(path), status, code)
            assert_problem(await who.client.post(path, json=NEW), status, code)
            assert_problem(await who.client.patch(one, json={"disabled": True}), status, code)
            assert_problem(await who.client.get(f"{one}/deliveries"), status, code)
            assert_problem(await who.client.post(f"{one}/test"), status, code)
            assert_problem(await who.client.delete(one), status, code)


async def test_a_webhook_of_another_team_is_not_found(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, eve = await site.sign_up("an@example.org"), await site.sign_up("eve@example.org")
        made = (await an.client.post(f"/api/v1/teams/{await make_team(an)}/webhooks", json=NEW)).json()
        one = f"/api/v1/teams/{await make_team(eve)}/webhooks/{made['id']}"

        for answer in (
            await eve.client.patch(one, json={"disabled": True}),
            await eve.client.get(f"{one}/deliveries"),
            await eve.client.post(f"{one}/test"),
            await eve.client.delete(one),
        ):
            assert_problem(answer, 404, "webhook_not_found")


async def test_a_plan_without_the_api_makes_no_webhook_and_the_refusal_says_which_plan_has_it(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        path = f"/api/v1/teams/{await make_team(an)}/webhooks"
        await Enforcement(site.database, clock=site.clock).switch_plans(True, actor=COMMAND)

        answer = await an.client.post(path, json=NEW)

        assert_problem(answer, 403, "limit_reached")
        assert "pro" in answer.json()["detail"]


async def test_an_address_inside_or_without_https_is_refused(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        path = f"/api/v1/teams/{await make_team(an)}/webhooks"

        for url in ("http://hooks.example.org/", "https://127.0.0.1/", "https://[::1]/", "nonsense"):
            assert_problem(await an.client.post(path, json={**NEW, "url": url}), 422, "webhook_address_refused")
        for body in ({**NEW, "events": []}, {**NEW, "events": ["room.exploded"]}, {**NEW, "secret": "mine"}):
            assert_problem(await an.client.post(path, json=body), 422, "request_invalid")


async def test_a_team_has_ten_webhooks_at_most(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        path = f"/api/v1/teams/{await make_team(an)}/webhooks"

        answers = [await an.client.post(path, json=NEW) for _ in range(MOST_WEBHOOKS + 1)]

        assert [it.status_code for it in answers] == [201] * MOST_WEBHOOKS + [409]
        assert_problem(answers[-1], 409, "too_many_webhooks")


async def test_an_event_arrives_signed_once_and_tells_ids_and_times_alone(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        await house.make(("member.left",))

        await house.open_room()
        await house.work()

        (received,) = house.receiver.received
        now_s = house.site.clock().timestamp()
        told = read_webhook(received.body, received.headers, made["secret"], now_s=now_s)
        assert received.line == "POST /in HTTP/1.1"
        assert received.headers["content-type"] == "application/json"
        assert told == {
            "id": told["id"],
            "event": "room.opened",
            "at": "2026-11-22T12:00:00Z",
            "team": house.team,
            "room": "a-room",
        }
        (delivery,) = await house.deliveries(made["id"])
        assert (delivery["status"], delivery["attempts"], delivery["next_at"]) == (204, 1, None)
        assert delivery["event_id"] == told["id"]
        assert delivery["delivered_at"] == "2026-11-22T12:00:00Z"
        assert received.headers["dragoman-delivery"] == delivery["id"]


async def test_everything_that_happens_in_a_team_is_told(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make(tuple(TeamEvent))
        binh = await house.site.sign_up("binh@example.org")

        await bring_in(house.team, house.an, binh)
        await house.an.client.delete(f"/api/v1/teams/{house.team}/members/{binh.user_id}")
        room = (await house.an.client.post("/api/v1/my/rooms", json={"title": "M", "team_id": house.team})).json()["id"]
        planned = await house.an.client.post(f"/api/v1/my/rooms/{room}/meetings", json=MEETING)
        meeting = planned.json()["id"]
        assert (await house.an.client.delete(f"/api/v1/my/rooms/{room}/meetings/{meeting}")).status_code == 204
        opened = (await house.an.client.post(f"/api/v1/my/rooms/{room}/open")).json()
        host = house.site.client(opened["host_secret"])
        assert (await host.delete(f"/api/v1/rooms/{room}")).status_code == 204
        await live(house.site).keep_time()
        await house.work()

        told = [it.told for it in house.receiver.received]
        assert sorted(it["event"] for it in told) == sorted(TeamEvent)
        by_event = {it["event"]: it for it in told}
        assert by_event["member.joined"]["user"] == by_event["member.left"]["user"] == binh.user_id
        assert by_event["room.opened"]["room"] == by_event["room.ended"]["room"] == room
        assert by_event["room.scheduled"]["meeting"] == by_event["room.unscheduled"]["meeting"] == meeting
        assert by_event["room.unscheduled"]["room"] == room
        assert by_event["room.scheduled"]["starts_at"] == "2026-12-01T08:30:00Z"


async def test_of_a_deleted_room_each_meeting_to_come_is_told_to_be_cancelled(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make(("room.unscheduled",))
        room = (await house.an.client.post("/api/v1/my/rooms", json={"title": "M", "team_id": house.team})).json()["id"]
        meetings = []
        for day in ("2026-11-23", "2026-12-01", "2026-12-02"):
            body = {**MEETING, "starts_local": f"{day}T09:30"}
            meetings.append((await house.an.client.post(f"/api/v1/my/rooms/{room}/meetings", json=body)).json()["id"])
        house.site.clock.wind(days=5)

        assert (await house.an.client.delete(f"/api/v1/my/rooms/{room}")).status_code == 204
        await house.work()

        assert sorted(it.told["meeting"] for it in house.receiver.received) == sorted(meetings[1:])


async def test_a_room_deleted_at_noon_cancels_no_meeting_of_that_morning(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make(("room.unscheduled",))
        room = (await house.an.client.post("/api/v1/my/rooms", json={"title": "M", "team_id": house.team})).json()["id"]
        meetings = []
        for times in (
            {"starts_local": "2026-11-23T09:30"},
            {"starts_local": "2026-11-23T12:30"},
            {"starts_local": "2026-11-23T09:30", "weekly_until": "2026-11-30"},
        ):
            body = {**MEETING, **times}
            meetings.append((await house.an.client.post(f"/api/v1/my/rooms/{room}/meetings", json=body)).json()["id"])
        house.site.clock.wind(days=1)

        assert (await house.an.client.delete(f"/api/v1/my/rooms/{room}")).status_code == 204
        await house.work()

        assert sorted(it.told["meeting"] for it in house.receiver.received) == sorted(meetings[1:])


async def test_a_room_of_no_team_tells_nobody(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make(tuple(TeamEvent))

        room = (await house.an.client.post("/api/v1/my/rooms", json={"title": "Mine alone"})).json()["id"]
        assert (await house.an.client.post(f"/api/v1/my/rooms/{room}/open")).status_code == 200

        assert await house.work() == 0


async def test_what_is_not_kept_is_not_announced(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make()

        async with house.site.database.writing() as session:
            now = house.site.clock()
            await rows.announce(session, team_id=house.team, event=TeamEvent.ROOM_OPENED, at=now, ids={})
            await session.rollback()

        assert await house.work() == 0


async def test_a_failed_try_is_made_again_later_with_the_same_event(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse(503)
        await house.open_room()
        await house.work()
        (delivery,) = await house.deliveries(made["id"])
        assert (delivery["status"], delivery["attempts"], delivery["delivered_at"]) == (503, 1, None)
        assert delivery["next_at"] == "2026-11-22T12:00:20Z"
        assert await house.work() == 0  # not yet

        house.receiver.accept()
        house.site.clock.wind(seconds=20)
        await house.work()

        first, second = house.receiver.received
        assert first.told == second.told
        assert (await house.deliveries(made["id"]))[0]["attempts"] == 2
        assert (await house.listed(made["id"]))["failures"] == 0


async def test_tries_end_after_a_day_and_the_webhook_lives_on(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse()
        await house.open_room()
        await house.work()

        house.site.clock.wind(hours=23, minutes=59, seconds=50)
        await house.work()

        (delivery,) = await house.deliveries(made["id"])
        assert (delivery["attempts"], delivery["next_at"], delivery["delivered_at"]) == (2, None, None)
        assert not (await house.listed(made["id"]))["disabled"]
        house.site.clock.wind(hours=10)
        assert await house.work() == 0


async def test_a_wait_longer_than_a_job_may_wait_is_waited_in_steps(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse()
        await house.open_room()
        for attempts in range(1, 7):
            await house.work()
            house.site.clock.wind(seconds=longest_wait_s(attempts))
        await house.work()
        assert longest_wait_s(7) > 2 * MAX_DELAY_S

        house.site.clock.wind(seconds=MAX_DELAY_S)
        assert await house.work() == 1
        assert len(house.receiver.received) == 7

        house.site.clock.wind(seconds=MAX_DELAY_S)
        await house.work()
        house.site.clock.wind(seconds=longest_wait_s(7) - 2 * MAX_DELAY_S)
        await house.work()
        assert len(house.receiver.received) == 8
        assert (await house.deliveries(made["id"]))[0]["attempts"] == 8


async def test_an_event_is_tried_for_a_day_however_often_it_fails(tmp_path: Path) -> None:
    async with hooks(tmp_path, chance=0.5) as house:
        made = await house.make()
        house.receiver.refuse()
        await house.open_room()
        began, attempts = house.site.clock(), 0

        while house.site.clock() - began < timedelta(hours=23):
            await house.work()
            attempts = (await house.deliveries(made["id"]))[0]["attempts"]
            house.site.clock.wind(seconds=min(longest_wait_s(attempts) / 2, MAX_DELAY_S))

        assert attempts > MAX_FAILURES
        assert not (await house.listed(made["id"]))["disabled"]
        tried = len(house.receiver.received)
        house.receiver.accept()
        house.site.clock.wind(minutes=55)
        await house.work()
        assert len(house.receiver.received) == tried + 1
        assert (await house.deliveries(made["id"]))[0]["delivered_at"]


async def test_a_busy_team_does_not_lose_its_webhook_in_an_hour(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse()

        for _ in range(MAX_FAILURES + 5):
            await house.open_room()
            await house.work()
            house.site.clock.wind(minutes=2)

        assert (await house.listed(made["id"]))["failures"] > MAX_FAILURES
        assert not (await house.listed(made["id"]))["disabled"]


async def test_failures_of_a_whole_day_disable_it_and_the_audit_says_so(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse(410)

        await house.open_room()
        await house.work()
        async with house.site.database.writing() as session:
            await session.execute(text("update webhooks set failures = :before"), {"before": MAX_FAILURES - 2})
        house.site.clock.wind(hours=23)
        await house.work()
        assert not (await house.listed(made["id"]))["disabled"]
        house.site.clock.wind(hours=1)
        await house.open_room()
        await house.work()

        assert (await house.listed(made["id"]))["disabled"]
        entries = (await house.an.client.get(f"/api/v1/teams/{house.team}/audit")).json()["items"]
        (disabled,) = [it for it in entries if it["action"] == "webhook.disabled"]
        assert disabled["actor"]["kind"] == "system"
        assert disabled["facts"] == {"failures": MAX_FAILURES}
        assert [it["next_at"] for it in await house.deliveries(made["id"])] == [None, None]
        tries = len(house.receiver.received)
        await house.open_room()
        house.site.clock.wind(hours=3)
        await house.work()
        assert len(house.receiver.received) == tries


async def test_a_burst_that_meets_a_short_outage_counts_as_one_failure(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        house.receiver.refuse()
        for _ in range(5):
            await house.open_room()

        await house.work()

        assert len(house.receiver.received) == 5
        assert (await house.listed(made["id"]))["failures"] == 1


async def test_a_disabled_webhook_is_told_nothing_until_it_is_enabled_again(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        one = house.path(f"/{made['id']}")

        assert (await house.an.client.patch(one, json={"disabled": True})).json()["disabled"]
        await house.open_room()
        await house.work()
        assert house.receiver.received == []

        assert not (await house.an.client.patch(one, json={"disabled": False})).json()["disabled"]
        await house.open_room()
        await house.work()
        assert len(house.receiver.received) == 1


async def test_a_test_delivery_arrives_and_says_that_it_is_one(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()

        answer = await house.an.client.post(house.path(f"/{made['id']}/test"))
        await house.work()

        assert answer.status_code == 202, answer.text
        assert house.receiver.received[0].told["event"] == "webhook.test"


async def test_a_job_that_is_done_again_after_a_crash_sends_nothing_twice(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        await house.make()
        await house.open_room()
        await house.work()

        async with house.site.database.writing() as session:
            await session.execute(text("update jobs set state = :queued"), {"queued": JobState.QUEUED})
        await house.work()

        assert len(house.receiver.received) == 1


async def test_a_deleted_webhook_is_told_nothing_of_what_was_queued(tmp_path: Path) -> None:
    async with hooks(tmp_path) as house:
        made = await house.make()
        await house.open_room()

        assert (await house.an.client.delete(house.path(f"/{made['id']}"))).status_code == 204
        await house.work()

        assert house.receiver.received == []


def test_waits_double_up_to_two_hours() -> None:
    assert [longest_wait_s(attempts) for attempts in (1, 2, 3, 9, 10, 50)] == [20, 40, 80, 5120, 7200, 7200]
