"""What a program is told of a refusal beside its sentence, to say it in words of its own. From errors.py.

The API writes these as members of its problems (``services/api/problem_members.py``); the page has a text for each
value, in every language that it speaks (``web/src/i18n``).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Which rule refused, where a code stands for several."""

    # A field of a request
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_OFFERED = "not_offered"
    MALFORMED = "malformed"
    # The time of a meeting
    NOT_A_TIME = "not_a_time"
    NOT_A_DAY = "not_a_day"
    YEAR_OUT_OF_RANGE = "year_out_of_range"
    TIME_ZONE_UNKNOWN = "time_zone_unknown"
    MINUTES_OUT_OF_RANGE = "minutes_out_of_range"
    SERIES_OUT_OF_RANGE = "series_out_of_range"
    OVER_ALREADY = "over_already"
    # A new password
    PASSWORD_LENGTH = "password_length"  # noqa: S105  # a word, no password
    PASSWORD_IS_EMAIL = "password_is_email"  # noqa: S105
    PASSWORD_IS_NAME = "password_is_name"  # noqa: S105
    PASSWORD_COMMON = "password_common"  # noqa: S105
    # Limits that an admin sets
    PLAN_UNKNOWN = "plan_unknown"
    LIMIT_UNKNOWN = "limit_unknown"
    NOT_A_SWITCH = "not_a_switch"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    # The address of a webhook
    ADDRESS_TOO_LONG = "address_too_long"
    NOT_AN_ADDRESS = "not_an_address"
    ADDRESS_WITH_PASSWORD = "address_with_password"  # noqa: S105
    NOT_HTTPS = "not_https"
    INSIDE_NETWORK = "inside_network"
    # A term, or a file of terms
    TERM_EMPTY = "term_empty"
    TERM_TOO_LONG = "term_too_long"
    TERM_KEPT_AND_TRANSLATED = "term_kept_and_translated"
    TERM_WITHOUT_TRANSLATION = "term_without_translation"
    TERM_WITHOUT_LANGUAGE = "term_without_language"
    TERM_IN_ONE_LANGUAGE = "term_in_one_language"
    LANGUAGE_UNKNOWN = "language_unknown"
    STATE_UNKNOWN = "state_unknown"
    NEITHER_YES_NOR_NO = "neither_yes_nor_no"
    TOO_MANY_TERMS = "too_many_terms"
    COLUMN_TWICE = "column_twice"
    TOO_MANY_COLUMNS = "too_many_columns"
    QUOTE_OUT_OF_PLACE = "quote_out_of_place"
    NO_TERMS = "no_terms"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    NOT_UTF8 = "not_utf8"
    NOT_TEXT = "not_text"
    NOT_XML = "not_xml"
    XML_NOT_READ = "xml_not_read"


class Bound(StrEnum):
    """A limit that holds on every plan; those of plans are named in ``accounts/limits.py``."""

    API_KEYS = "api_keys"
    TEAMS_OF_PERSON = "teams_of_person"
    PEOPLE_IN_TEAM = "people_in_team"
    OPEN_INVITATIONS = "open_invitations"
    WEBHOOKS = "webhooks"
    LASTING_ROOMS = "lasting_rooms"
    CO_HOSTS = "co_hosts"
    PLANNED_MEETINGS = "planned_meetings"
    PEOPLE_IN_ROOM = "people_in_room"
    PEOPLE_WAITING = "people_waiting"
    SPEAKERS = "speakers"
    """At once, on this machine."""
    CALLS = "calls"
    """At once, on this machine."""
    PRACTICE_SPEAKERS = "practice_speakers"
    SESSIONS = "sessions"
    """Of ``/interpret``."""


class Rated(StrEnum):
    """What is done too often; ``RouteClass`` of ``accounts/rate_limits.py`` has the first four."""

    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    JOIN = "join"
    SIGN_UP = "sign_up"
    REQUEST = "request"


class Scope(StrEnum):
    """For whom requests are counted together."""

    ADDRESS = "address"
    """A network, an office perhaps."""
    USER = "user"
    TEAM = "team"
    SERVER = "server"


class Help(StrEnum):
    """What would help."""

    START_NEW_CALL = "start_new_call"
    END_OTHER_CALL = "end_other_call"
    WAIT = "wait"
    SOMEBODY_LEAVES = "somebody_leaves"
    DELETE_SOME = "delete_some"
    LEAVE_TEAM = "leave_team"
    LEAVE_SOME_OUT = "leave_some_out"
    ANOTHER_TIME = "another_time"
    FEWER_SPEAKERS = "fewer_speakers"
    ASK_ADMIN = "ask_admin"
    """Whoever runs the server can give a larger plan, or larger limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargerPlan:
    """The smallest one that would help."""

    name: str
    allowed: int | None
    """Of the same limit; None for any number, and for what a plan has or has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of one refusal; None is what it has not to do with. No text that people wrote, but for ``term``."""

    reason: Reason | None = None
    field: str | None = None
    """The field of the request that does not fit, ``terms.3.source``; lists begin at 0."""
    line: int | None = None
    """Of a file; from 1."""
    term: str | None = None
    """Of a glossary, its first letters."""
    limit: str | None = None
    """A limit of plans, a ``Bound``, or a ``Rated``."""
    allowed: int | None = None
    """The most, in the unit of the limit or the field; 0 for what a plan is without."""
    least: int | None = None
    free: int | None = None
    """How much is left of what is asked for."""
    scope: Scope | None = None
    within_s: int | None = None
    """In any stretch of so many seconds ``allowed`` may be done."""
    plan: str | None = None
    """Which sets the limit."""
    larger_plan: LargerPlan | None = None
    helps: tuple[Help, ...] = ()
    """The easiest first."""
    starts_at: datetime | None = None
    """Of the meeting that is meant. UTC."""


NO_FACTS: Final = Facts()
