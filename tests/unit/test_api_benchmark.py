"""The benchmark of the API: a goal that was not met is not told as met, and there is what it says there is."""

from pathlib import Path

from benchmarks.api import GOAL_MS, describe_asked
from benchmarks.api_run import MIX, PEOPLE, Asked, fill
from tests.accounts_site import accounts_site


def asked(*statuses: int, seconds: float = 0.01) -> list[Asked]:
    return [Asked(kind=MIX[0].name, status=status, seconds=seconds) for status in statuses]


def goal_of(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("goal: "))


def test_the_goal_is_met_by_fast_answers_alone() -> None:
    fast = describe_asked(asked(200, 201, 204), per_second=50)
    slow = describe_asked(asked(200, 200, seconds=GOAL_MS / 1000 + 0.1), per_second=50)

    assert goal_of(fast) == "goal: p99 under 300 ms: met"
    assert goal_of(slow) == "goal: p99 under 300 ms: +100 ms"


def test_the_goal_is_missed_where_fast_answers_are_refusals() -> None:
    for status in (429, 404, 500, 0):
        assert goal_of(describe_asked(asked(*[200] * 999, status), per_second=50)).endswith("missed: 1 of 1000 failed")


def test_the_goal_is_missed_where_nothing_was_asked() -> None:
    assert goal_of(describe_asked([], per_second=50)).endswith("missed: nothing was asked")


async def test_everybody_who_asks_has_a_team_and_a_key(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        keys = await fill(site.accounts)
        answers = [await site.client(key).get("/api/v1/teams") for key in keys]

    assert [len(answer.json()["items"]) for answer in answers] == [1] * PEOPLE
