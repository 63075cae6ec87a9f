"""What an account may use, as numbers and switches. From plans.py, which knows each plan's; to enforcement.py."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from dragoman.accounts.errors import PlanLimitsInvalid
from dragoman.ground.facts import Facts, Reason

Feature = Literal["cloning", "diarization", "documents", "api", "teams", "analytics"]
"""What a plan has or has not."""
Amount = Literal[
    "room_minutes", "people", "rooms_at_once", "history_days", "requests_per_hour", "voice_samples", "vocabulary_terms"
]
"""What a plan has so much of."""
LimitValue = int | bool | None

WARNED_BEFORE = timedelta(minutes=5)
"""People are told this long before the plan ends their call."""
_FEWEST = {"room_minutes": 1, "people": 1, "rooms_at_once": 0, "history_days": 0}
MOST = 1_000_000
"""Of any amount; beyond it, say unlimited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None is unlimited: what the machine carries."""

    room_minutes: int | None = None
    """How long one call lasts."""
    people: int | None = None
    """In one room."""
    rooms_at_once: int | None = None
    """Rooms of one owner in which a call is held."""
    history_days: int | None = None
    """How long what is kept of a call can be read."""
    requests_per_hour: int | None = None
    voice_samples: int | None = None
    vocabulary_terms: int | None = None
    """In the glossary of one room."""
    cloning: bool = True
    diarization: bool = True
    documents: bool = True
    api: bool = True
    teams: bool = True
    analytics: bool = True

    def has(self, feature: Feature) -> bool:
        return bool(getattr(self, feature))

    def most(self, amount: Amount) -> int | None:
        most: int | None = getattr(self, amount)
        return most


UNLIMITED = Limits()
"""Of everybody while plans are off."""
_AMOUNTS = tuple(field.name for field in fields(Limits) if field.default is None)
_FEATURES = tuple(field.name for field in fields(Limits) if field.default is True)
NAMES = (*_AMOUNTS, *_FEATURES)


def limits_json(limits: Limits) -> dict[str, LimitValue]:
    """Write the ``limits`` of a user's JSON; null is unlimited."""
    return {name: getattr(limits, name) for name in NAMES}


def check_plan_limits(given: Mapping[str, object]) -> dict[str, LimitValue]:
    """Give limits that an admin may set for one account. Raises ``PlanLimitsInvalid`` that says what would work."""
    unknown = sorted(str(name)[:40] for name in given if name not in NAMES)
    if unknown:
        raise PlanLimitsInvalid(
            f"no limit {', '.join(unknown[:5])}; there are: {', '.join(NAMES)}",
            facts=Facts(reason=Reason.LIMIT_UNKNOWN),
        )
    return {name: _checked(name, value) for name, value in given.items()}


def with_own(limits: Limits, own: Mapping[str, Any] | None) -> Limits:
    """Give ``limits`` with an account's own in their place; what another release had a name for is left out."""
    return replace(limits, **{name: value for name, value in (own or {}).items() if name in NAMES})


def ends_at(started_at: datetime, limits: Limits) -> datetime | None:
    """Say when a call is over for the plan of its room's owner; None for never."""
    return None if limits.room_minutes is None else started_at + timedelta(minutes=limits.room_minutes)


def warns_at(started_at: datetime, limits: Limits) -> datetime | None:
    """Say when people are to be told that the call ends soon: 5 minutes before, or at once in a shorter one."""
    end = ends_at(started_at, limits)
    return None if end is None else max(started_at, end - WARNED_BEFORE)


def _checked(name: str, value: object) -> LimitValue:
    if name in _FEATURES:
        if not isinstance(value, bool):
            raise PlanLimitsInvalid(
                f"{name} is true or false, not {_shown(value)}", facts=Facts(reason=Reason.NOT_A_SWITCH, limit=name)
            )
        return value
    if value is None:
        return None
    fewest = _FEWEST.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not fewest <= value <= MOST:
        raise PlanLimitsInvalid(
            f"{name} is a whole number from {fewest} to {MOST}, or null for unlimited, not {_shown(value)}",
            facts=Facts(reason=Reason.AMOUNT_OUT_OF_RANGE, limit=name, least=fewest, allowed=MOST),
        )
    return value


def _shown(value: object) -> str:
    return repr(value)[:40]
