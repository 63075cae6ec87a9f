"""What a problem says in members, beside its sentence: the same shape for every code."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from dragoman.accounts.errors import LimitReached
from dragoman.accounts.granted import Granted
from dragoman.accounts.limits import MOST, Amount, Feature, check_plan_limits
from dragoman.accounts.passwords import check_new_password
from dragoman.accounts.plans import PLANS, plan_named
from dragoman.accounts.rate_limits import Asking, Rate, RateLimits, RouteClass
from dragoman.accounts.webhook_addresses import read_target
from dragoman.ground.errors import CapacityExhausted, DragomanError, TooManyRequests
from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import MAX_TERMS, GlossaryInvalid, TermState, make_term
from dragoman.meetings.errors import ScheduleInvalid, SlotsTaken
from dragoman.meetings.reservation import Reservation, Reservations
from dragoman.meetings.schedule import read_meeting_time
from dragoman.services.api.field_faults import facts_of_field
from dragoman.services.api.openapi import Problem
from dragoman.services.api.problem_members import ProblemMembers, write_members
from dragoman.services.api.problems import problem_of
from dragoman.services.api.request_limits import too_many
from dragoman.translating.glossary.files import MAX_FILE_BYTES, read_glossary_file

OF_EVERY_PROBLEM = {"type", "title", "status", "code", "detail"}
FOUR_WORDS = "four words in a row"


def members_of(error: DragomanError) -> dict[str, Any]:
    answer = problem_of(error)
    written: dict[str, Any] = json.loads(bytes(answer.body))
    assert written.keys() >= OF_EVERY_PROBLEM
    assert None not in written.values()
    assert written.get("retry_after_s") == (int(it) if (it := answer.headers.get("retry-after")) else None)
    return {name: value for name, value in written.items() if name not in OF_EVERY_PROBLEM}


def refused(ask: Callable[[], object]) -> DragomanError:
    with pytest.raises(DragomanError) as caught:
        ask()
    return caught.value


def free() -> Granted:
    return Granted(plan="free", limits=PLANS["free"].limits)


def test_the_openapi_documents_every_member_and_none_is_ever_null() -> None:
    schema = Problem.model_json_schema()

    assert set(ProblemMembers.model_fields) == {it.name for it in fields(Facts)} | {"retry_after_s"}
    assert set(schema["properties"]) == set(ProblemMembers.model_fields) | OF_EVERY_PROBLEM
    for name in ProblemMembers.model_fields:
        assert schema["properties"][name]["description"], name
        assert "null" not in json.dumps(schema["properties"][name]), name


def test_an_error_without_facts_has_no_members() -> None:
    assert members_of(ScheduleInvalid("no")) == {}
    assert write_members(Facts()) == {}


@pytest.mark.parametrize("amount", get_args(Amount))
def test_a_limit_of_a_plan_names_itself_its_number_and_what_would_help(amount: Amount) -> None:
    most = free().limits.most(amount)
    assert most is not None

    members = members_of(refused(lambda: free().check(amount, most + 1)))

    assert (members["limit"], members["allowed"], members["plan"]) == (amount, most, "free")
    assert members["larger_plan"]["allowed"] is None or members["larger_plan"]["allowed"] > most
    assert members["larger_plan"]["name"] in str(refused(lambda: free().check(amount, most + 1)))
    assert members["helps"][-1] == "ask_admin"


@pytest.mark.parametrize("feature", get_args(Feature))
def test_what_a_plan_is_without_names_the_plan_that_has_it(feature: Feature) -> None:
    members = members_of(refused(lambda: free().require(feature)))

    larger = members.pop("larger_plan")
    assert members == {"limit": feature, "allowed": 0, "plan": "free", "helps": ["ask_admin"]}
    assert larger["allowed"] is None and PLANS[larger["name"]].limits.has(feature)


def test_where_no_plan_is_larger_none_is_named() -> None:
    own = Granted(plan="enterprise", limits=PLANS["free"].limits)

    assert "larger_plan" not in members_of(refused(lambda: own.check("people", 7)))
    assert "larger_plan" not in members_of(refused(lambda: own.require("api")))


def test_facts_and_sentence_agree_on_what_helps_by_oneself() -> None:
    error = refused(lambda: free().check("rooms_at_once", 3))

    assert isinstance(error, LimitReached)
    assert members_of(error)["helps"] == ["end_other_call", "ask_admin"]
    assert "end the call in another room of yours" in str(error)


def test_taken_slots_say_when_how_many_and_what_there_is() -> None:
    start = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

    def meeting(room_id: str, slots: int) -> Reservation:
        return Reservation(room_id=room_id, slots=slots, starts_at=start, ends_at=start + timedelta(hours=1))

    error = refused(lambda: Reservations([meeting("a", 3)], capacity=4).check([meeting("b", 2)]))

    assert isinstance(error, SlotsTaken)
    assert members_of(error) == {
        "limit": "speakers",
        "allowed": 4,
        "free": 1,
        "starts_at": "2026-11-23T08:30:00Z",
        "helps": ["another_time", "fewer_speakers"],
    }


@pytest.mark.parametrize(
    ("asking", "limit", "scope"),
    [
        (Asking(route=RouteClass.SIGN_IN, address="192.0.2.1"), "sign_in", "address"),
        (Asking(route=RouteClass.READ, address=None, user_id="u"), "read", "user"),
        (Asking(route=RouteClass.WRITE, address=None, user_id="u", team_id="t"), "write", "team"),
    ],
)
def test_too_many_requests_say_whose_they_are_and_how_long_to_wait(asking: Asking, limit: str, scope: str) -> None:
    many, one = dict.fromkeys(RouteClass, Rate(9, 60)), dict.fromkeys(RouteClass, Rate(1, 60))
    rates = {"address": many, "user": many, "team": many, scope: one}
    limits = RateLimits(lambda: 0.0, addresses=rates["address"], users=rates["user"], teams=rates["team"])
    limits.take(asking)

    members = members_of(too_many(limits.take(asking)))

    assert members == {"limit": limit, "allowed": 1, "scope": scope, "within_s": 60, "retry_after_s": 60}


def test_too_many_requests_of_an_hour_name_the_plan() -> None:
    asking = Asking(route=RouteClass.WRITE, address=None, user_id="u", most_per_hour=1)
    limits = RateLimits(lambda: 0.0)
    limits.take(asking)

    members = members_of(too_many(limits.take(asking), free()))

    assert (members["limit"], members["allowed"], members["plan"]) == ("requests_per_hour", 100, "free")
    assert (members["scope"], members["within_s"], members["retry_after_s"]) == ("user", 3600, 3600)
    assert members["larger_plan"] == {"name": "premium", "allowed": 500}


def test_when_it_may_work_again_is_said_as_the_header_says_it() -> None:
    assert members_of(CapacityExhausted("full", retry_after_s=41.2)) == {"retry_after_s": 42}
    assert members_of(CapacityExhausted("full")) == {"retry_after_s": 2}
    assert members_of(TooManyRequests("slow down", retry_after_s=7)) == {"retry_after_s": 7}


def meeting_at(starts_local: str = "2026-11-23T09:30", **more: Any) -> object:
    usual = {"time_zone": "Europe/Berlin", "minutes": 45, "weekly_until": None}
    return read_meeting_time(starts_local=starts_local, **{**usual, **more})


def term(source: str = "report", target: str = "bản tin", **more: Any) -> object:
    return make_term(**{"source": source, "target": target, "source_language": "en", "target_language": "vi", **more})


def file(content: bytes | str) -> object:
    return read_glossary_file(content.encode() if isinstance(content, str) else content)


ENTITY = '<!DOCTYPE t [<!ENTITY a "b">]><tbx/>'
REASONS: list[tuple[Reason, Callable[[], object]]] = [
    (Reason.NOT_A_TIME, lambda: meeting_at("tomorrow")),
    (Reason.YEAR_OUT_OF_RANGE, lambda: meeting_at("1815-01-01T09:30")),
    (Reason.TIME_ZONE_UNKNOWN, lambda: meeting_at(time_zone="Moon")),
    (Reason.MINUTES_OUT_OF_RANGE, lambda: meeting_at(minutes=1)),
    (Reason.NOT_A_DAY, lambda: meeting_at(weekly_until="soon")),
    (Reason.SERIES_OUT_OF_RANGE, lambda: meeting_at(weekly_until=date(2026, 1, 1).isoformat())),
    (Reason.PASSWORD_LENGTH, lambda: check_new_password("short", email="an@example.org", name="An")),
    (Reason.PASSWORD_IS_EMAIL, lambda: check_new_password("an@example.org", email="an@example.org", name="An")),
    (Reason.PASSWORD_IS_NAME, lambda: check_new_password(FOUR_WORDS, email="an@example.org", name=FOUR_WORDS)),
    (Reason.PASSWORD_COMMON, lambda: check_new_password("aaaaaaaaaaaa", email="an@example.org", name="An")),
    (Reason.PLAN_UNKNOWN, lambda: plan_named("gold")),
    (Reason.LIMIT_UNKNOWN, lambda: check_plan_limits({"moons": 1})),
    (Reason.NOT_A_SWITCH, lambda: check_plan_limits({"api": 1})),
    (Reason.AMOUNT_OUT_OF_RANGE, lambda: check_plan_limits({"people": MOST + 1})),
    (Reason.ADDRESS_TOO_LONG, lambda: read_target(f"https://example.org/{'x' * 2000}")),
    (Reason.NOT_AN_ADDRESS, lambda: read_target("example.org")),
    (Reason.NOT_AN_ADDRESS, lambda: read_target("https://example.org:many")),
    (Reason.ADDRESS_WITH_PASSWORD, lambda: read_target("https://an:word@example.org")),
    (Reason.NOT_HTTPS, lambda: read_target("http://example.org")),
    (Reason.INSIDE_NETWORK, lambda: read_target("https://10.0.0.1")),
    (Reason.TERM_EMPTY, lambda: term(source="?")),
    (Reason.TERM_TOO_LONG, lambda: term(source="x" * 201)),
    (Reason.TERM_TOO_LONG, lambda: term(source="x" * 9999)),
    (Reason.TERM_KEPT_AND_TRANSLATED, lambda: term(state=TermState.DO_NOT_TRANSLATE)),
    (Reason.TERM_WITHOUT_TRANSLATION, lambda: term(target="")),
    (Reason.TERM_WITHOUT_LANGUAGE, lambda: term(source_language=None)),
    (Reason.TERM_IN_ONE_LANGUAGE, lambda: term(target_language="en")),
    (Reason.LANGUAGE_UNKNOWN, lambda: file("report,bản tin,xx,vi\n")),
    (Reason.STATE_UNKNOWN, lambda: file("report,bản tin,en,vi,always\n")),
    (Reason.NEITHER_YES_NOR_NO, lambda: file("report,bản tin,en,vi,forced,perhaps\n")),
    (Reason.TOO_MANY_TERMS, lambda: file("".join(f"word{it}\n" for it in range(MAX_TERMS + 1)))),
    (Reason.TOO_MANY_TERMS, lambda: file("".join(f"word{it}\n" for it in range(2 * MAX_TERMS + 1)))),
    (Reason.COLUMN_TWICE, lambda: file("source,source\na,b\n")),
    (Reason.TOO_MANY_COLUMNS, lambda: file("a,b,en,vi,forced,yes,more\n")),
    (Reason.QUOTE_OUT_OF_PLACE, lambda: file('"a"b,c\n')),
    (Reason.NO_TERMS, lambda: file("source,target\n")),
    (Reason.NO_TERMS, lambda: file("<tbx/>")),
    (Reason.FILE_EMPTY, lambda: file(" ")),
    (Reason.FILE_TOO_LARGE, lambda: file(b"x" * (MAX_FILE_BYTES + 1))),
    (Reason.NOT_UTF8, lambda: file(b"a,\xe9\xe9\n")),
    (Reason.NOT_TEXT, lambda: file(b"a,b\0\n")),
    (Reason.NOT_XML, lambda: file("<tbx>")),
    (Reason.XML_NOT_READ, lambda: file(ENTITY)),
]


@pytest.mark.parametrize(("reason", "ask"), REASONS)
def test_every_rule_is_told_apart(reason: Reason, ask: Callable[[], object]) -> None:
    members = members_of(refused(ask))

    assert members["reason"] == reason


@pytest.mark.parametrize(
    ("kind", "context", "facts"),
    [
        ("missing", {}, Facts(reason=Reason.MISSING, field="name")),
        ("extra_forbidden", {}, Facts(reason=Reason.UNKNOWN_FIELD, field="name")),
        ("string_too_short", {"min_length": 1}, Facts(reason=Reason.TOO_SHORT, field="name", least=1)),
        ("string_too_long", {"max_length": 80}, Facts(reason=Reason.TOO_LONG, field="name", allowed=80)),
        ("too_short", {"min_length": 1}, Facts(reason=Reason.TOO_FEW, field="name", least=1)),
        ("too_long", {"max_length": 9}, Facts(reason=Reason.TOO_MANY, field="name", allowed=9)),
        ("greater_than_equal", {"ge": 2}, Facts(reason=Reason.TOO_SMALL, field="name", least=2)),
        ("less_than_equal", {"le": 50}, Facts(reason=Reason.TOO_LARGE, field="name", allowed=50)),
        ("literal_error", {"expected": "a"}, Facts(reason=Reason.NOT_OFFERED, field="name")),
        ("value_error", {"error": ValueError()}, Facts(reason=Reason.MALFORMED, field="name")),
    ],
)
def test_a_field_that_does_not_fit_says_why(kind: str, context: dict[str, Any], facts: Facts) -> None:
    assert facts_of_field("name", kind, context) == facts


def test_every_reason_is_given_by_something() -> None:
    of_fields = {Reason.MISSING, Reason.UNKNOWN_FIELD, Reason.TOO_SHORT, Reason.TOO_LONG, Reason.TOO_FEW}
    of_fields |= {Reason.TOO_MANY, Reason.TOO_SMALL, Reason.TOO_LARGE, Reason.NOT_OFFERED, Reason.MALFORMED}

    assert of_fields | {reason for reason, _ in REASONS} | {Reason.OVER_ALREADY} == set(Reason)


def test_a_line_of_a_file_is_named() -> None:
    error = refused(lambda: file("ok\nreport,x\n"))

    assert isinstance(error, GlossaryInvalid)
    assert members_of(error) == {"reason": "term_without_language", "line": 2, "term": "report"}
