"""How many calls a team held, how long, and with how many people."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.accounts_site import NOON, AccountsSite, Person, accounts_site
from tests.integration.test_api_rooms import assert_problem

from dragoman.accounts.administration import AccountChange
from dragoman.ground.accounts import COMMAND

TEAMS = "/api/v1/teams"


async def make_team(owner: Person) -> str:
    made = await owner.client.post(TEAMS, json={"name": "Nachtigall"})
    return str(made.json()["id"])


async def hold(site: AccountsSite, owner: Person, team: str | None, *, minutes: int, people: int) -> None:
    """Hold a call that begins now."""
    room = f"room-{site.clock.now:%d%H%M}"
    await site.accounts.limits.open_call(room, owner.user_id, team)
    await site.accounts.limits.count_people(room, people)
    site.clock.wind(minutes=minutes)
    await site.accounts.limits.close_call(room)


async def again(site: AccountsSite, person: Person) -> Person:
    """Let somebody sign in once more, after a while."""
    client = site.client((await site.sign_in(person.email)).access_token)
    return Person(user_id=person.user_id, email=person.email, client=client)


@pytest.mark.usefixtures("each_database")
async def test_calls_are_added_up_by_the_day_on_which_they_began(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team, other = await make_team(an), await make_team(an)
        await hold(site, an, team, minutes=30, people=2)
        await hold(site, an, team, minutes=20, people=5)
        await hold(site, an, other, minutes=10, people=9)
        await hold(site, an, None, minutes=10, people=9)
        site.clock.wind(days=2, hours=-1)
        await site.accounts.limits.open_call("room-now", an.user_id, team)
        site.clock.wind(minutes=4)
        an = await again(site, an)

        told = (await an.client.get(f"{TEAMS}/{team}/figures")).json()
        today = (await an.client.get(f"{TEAMS}/{team}/figures", params={"days": 1})).json()

        now = {"day": "2026-11-24", "calls": 1, "minutes": 4, "most_people": 0}
        assert told == {"days": [now, {"day": "2026-11-22", "calls": 2, "minutes": 50, "most_people": 5}]}
        assert today == {"days": [now]}


async def test_figures_take_a_plan_that_has_them(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)
        await site.accounts.limits.switch_plans(True, actor=COMMAND)

        without = await an.client.get(f"{TEAMS}/{team}/figures")
        await site.accounts.administration.change(an.user_id, AccountChange(plan="pro"), actor=COMMAND)
        having = await an.client.get(f"{TEAMS}/{team}/figures")

        assert_problem(without, 403, "limit_reached")
        assert "figures about calls" in without.json()["detail"] and "pro" in without.json()["detail"]
        assert having.status_code == 200


@pytest.mark.usefixtures("each_database")
async def test_figures_go_back_as_far_as_the_plan_of_whose_room_it_was_to_the_second(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        bo = await site.sign_up("bo@example.org")
        team = await make_team(an)
        await site.accounts.limits.switch_plans(True, actor=COMMAND)
        await site.accounts.administration.change(an.user_id, AccountChange(plan="pro"), actor=COMMAND)
        await hold(site, an, team, minutes=2, people=2)
        await hold(site, bo, team, minutes=1, people=1)  # on the free plan
        told = []
        for day in (0, 7, 90):
            for second in (0, 1):
                site.clock.now = NOON + timedelta(minutes=3, days=day, seconds=second)
                an = await again(site, an)
                told.append((await an.client.get(f"{TEAMS}/{team}/figures")).json()["days"])

        both, ans = ({"day": "2026-11-22", "calls": calls, "minutes": calls + 1, "most_people": 2} for calls in (2, 1))
        assert told == [[both], [both], [both], [ans], [], []]


async def test_figures_of_an_unlimited_history_are_read_to_its_beginning(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)
        await hold(site, an, team, minutes=2, people=2)
        site.clock.wind(days=2000)
        an = await again(site, an)

        told = (await an.client.get(f"{TEAMS}/{team}/figures")).json()
        asked = (await an.client.get(f"{TEAMS}/{team}/figures", params={"days": 1999})).json()

        assert [it["day"] for it in told["days"]] == ["2026-11-22"]
        assert asked == {"days": []}


async def test_figures_go_back_ten_years_at_most(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)

        for days in (0, 3_661):
            answer = await an.client.get(f"{TEAMS}/{team}/figures", params={"days": days})
            assert_problem(answer, 422, "request_invalid")
