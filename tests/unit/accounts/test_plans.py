"""What each plan allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dragoman.accounts.errors import LimitReached, PlanLimitsInvalid
from dragoman.accounts.granted import Granted
from dragoman.accounts.limits import MOST, NAMES, UNLIMITED, Limits, check_plan_limits, ends_at, limits_json, warns_at
from dragoman.accounts.plans import PLANS, limits_of, plan_named, priority_of, read_plans

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    plan: str
    plan_limits: Mapping[str, Any] | None = None


def test_the_four_plans_allow_what_was_promised() -> None:
    amounts = ("room_minutes", "people", "rooms_at_once", "history_days", "requests_per_hour")
    stored = ("voice_samples", "vocabulary_terms")

    table = {name: tuple(getattr(plan.limits, it) for it in (*amounts, *stored)) for name, plan in PLANS.items()}

    assert table == {
        "free": (60, 6, 2, 7, 100, 0, 0),
        "premium": (180, 10, 5, 30, 500, 5, 0),
        "pro": (None, 20, 10, 90, 2000, None, 1000),
        "enterprise": (None,) * 7,
    }


def test_cloning_begins_with_premium_and_everything_else_with_pro() -> None:
    features = ("diarization", "documents", "api", "teams", "analytics")

    assert [name for name, plan in PLANS.items() if plan.limits.cloning] == ["premium", "pro", "enterprise"]
    for feature in features:
        assert [name for name, plan in PLANS.items() if getattr(plan.limits, feature)] == ["pro", "enterprise"]


@pytest.mark.parametrize("plan", PLANS)
def test_while_plans_are_off_everybody_gets_what_the_machine_carries(plan: str) -> None:
    assert limits_of(Account(plan, {"people": 1}), False) == UNLIMITED


def test_limits_of_their_own_count_for_enterprise_alone() -> None:
    own = {"people": 200, "api": False}

    assert limits_of(Account("enterprise", own), True) == Limits(people=200, api=False)
    assert limits_of(Account("pro", own), True) == PLANS["pro"].limits


def test_a_plan_of_another_release_counts_as_the_smallest() -> None:
    assert limits_of(Account("platinum"), True) == PLANS["free"].limits
    assert limits_of(Account("enterprise", {"holograms": 3}), True) == UNLIMITED
    assert priority_of("platinum") == priority_of("free")


def test_a_larger_plan_has_more_urgent_jobs() -> None:
    priorities = [priority_of(name) for name in ("free", "premium", "pro", "enterprise")]

    assert priorities == sorted(set(priorities))


def test_limits_are_written_with_null_for_unlimited() -> None:
    written = limits_json(PLANS["pro"].limits)

    assert tuple(written) == NAMES
    assert (written["room_minutes"], written["people"], written["api"]) == (None, 20, True)


def test_every_limit_that_an_admin_may_set_is_taken() -> None:
    given = limits_json(PLANS["premium"].limits)

    assert check_plan_limits(given) == given
    assert check_plan_limits({}) == {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"peple": 3}, "no limit peple; there are: room_minutes, people"),
        ({"people": 0}, "people is a whole number from 1 to 1000000, or null for unlimited, not 0"),
        ({"people": -5}, "not -5"),
        ({"people": True}, "not True"),
        ({"people": 2.5}, "not 2.5"),
        ({"people": "20"}, "not '20'"),
        ({"people": MOST + 1}, "from 1 to 1000000"),
        ({"api": 1}, "api is true or false, not 1"),
        ({"api": None}, "api is true or false, not None"),
        ({"x" * 5000: 1}, f"no limit {'x' * 40}; there"),
        ({"people": "9" * 5000}, "not '999"),
    ],
)
def test_a_wrong_limit_is_refused_with_what_would_work(given: dict[str, object], says: str) -> None:
    with pytest.raises(PlanLimitsInvalid) as refused:
        check_plan_limits(given)

    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


def test_an_unknown_plan_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(PlanLimitsInvalid, match="'gold'; there are: free, premium, pro, enterprise"):
        plan_named("gold")


def test_a_table_of_plans_with_a_gap_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "plans.toml"
    table.write_text("[free]\npriority = 0\npeople = 3\n", encoding="utf-8")

    with pytest.raises(PlanLimitsInvalid, match="free: room_minutes, rooms_at_once"):
        read_plans(table)


def test_a_call_ends_when_its_plan_says_and_warns_five_minutes_before() -> None:
    hour, short, endless = Limits(room_minutes=60), Limits(room_minutes=3), Limits()

    assert ends_at(NINE, hour) == NINE + timedelta(minutes=60)
    assert warns_at(NINE, hour) == NINE + timedelta(minutes=55)
    assert warns_at(NINE, short) == NINE
    assert ends_at(NINE, endless) is warns_at(NINE, endless) is None


def test_a_refusal_names_limit_number_and_plan_and_what_would_help() -> None:
    free = Granted(plan="free", limits=PLANS["free"].limits)

    with pytest.raises(LimitReached) as refused:
        free.check("rooms_at_once", 3)

    assert str(refused.value) == (
        "the free plan allows 2 rooms at once: end the call in another room of yours, or ask the admin of this server "
        "for the premium plan, which allows 5"
    )
    assert refused.value.code == "limit_reached"


def test_a_refusal_names_the_smallest_plan_with_the_feature() -> None:
    with pytest.raises(LimitReached, match=r"the free plan is without teams: ask the admin .* for the pro plan"):
        Granted(plan="free", limits=PLANS["free"].limits).require("teams")


def test_the_largest_plan_is_told_to_ask_the_admin_for_more() -> None:
    mine = Granted(plan="enterprise", limits=Limits(people=50, api=False))

    with pytest.raises(LimitReached, match="50 people in one room: ask the admin of this server for more"):
        mine.check("people", 51)
    with pytest.raises(LimitReached, match="without API keys: ask the admin of this server for it"):
        mine.require("api")


def test_exactly_the_limit_is_allowed() -> None:
    Granted(plan="free", limits=PLANS["free"].limits).check("rooms_at_once", 2)
    Granted(plan="pro", limits=PLANS["pro"].limits).check("voice_samples", 10**9)


def test_a_room_holds_the_least_of_wish_plan_and_machine() -> None:
    free = Granted(plan="free", limits=PLANS["free"].limits)
    endless = Granted(plan="pro", limits=UNLIMITED)

    assert free.most_people(wished=None, carried=50) == 6
    assert free.most_people(wished=4, carried=50) == 4
    assert free.most_people(wished=40, carried=5) == 5
    assert endless.most_people(wished=None, carried=50) == 50
