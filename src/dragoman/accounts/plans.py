"""The plans, as data: what each allows and how urgent its jobs are. From plans.toml and limits.py; to enforcement.py.

While plans are off, which they are on a fresh installation, everybody gets what the machine carries.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from dragoman.accounts.errors import PlanLimitsInvalid
from dragoman.accounts.limits import NAMES, UNLIMITED, Amount, Feature, Limits, check_plan_limits, with_own
from dragoman.ground.facts import Facts, Reason

_TABLE = Path(__file__).with_name("plans.toml")
_UNLIMITED = "unlimited"
FREE, ENTERPRISE = "free", "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    name: str
    priority: int
    """Of what is done for it, jobs and live work, within one kind; 0 to 100."""
    limits: Limits


class HasPlan(Protocol):
    """An account, as far as its plan goes: ``User`` of the store."""

    @property
    def plan(self) -> str: ...
    @property
    def plan_limits(self) -> Mapping[str, Any] | None: ...


def read_plans(path: Path = _TABLE) -> Mapping[str, Plan]:
    """Read the plans, the smallest first. Raises ``PlanLimitsInvalid``, which names the plan and the limit."""
    tables: dict[str, dict[str, object]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType({name: _read_plan(name, dict(table)) for name, table in tables.items()})


def _read_plan(name: str, table: dict[str, object]) -> Plan:
    priority = table.pop("priority", None)
    missing = [limit for limit in NAMES if limit not in table]
    if not isinstance(priority, int) or missing:
        raise PlanLimitsInvalid(f"{name}: {', '.join(missing) or 'a whole number as priority'} is missing")
    values = {limit: None if value == _UNLIMITED else value for limit, value in table.items()}
    try:
        return Plan(name=name, priority=priority, limits=with_own(UNLIMITED, check_plan_limits(values)))
    except PlanLimitsInvalid as error:
        raise PlanLimitsInvalid(f"{name}: {error}") from error


PLANS = read_plans()


def plan_named(name: str) -> Plan:
    """Find a plan. Raises ``PlanLimitsInvalid`` with those that there are."""
    if name not in PLANS:
        raise PlanLimitsInvalid(
            f"no plan {name[:40]!r}; there are: {', '.join(PLANS)}", facts=Facts(reason=Reason.PLAN_UNKNOWN)
        )
    return PLANS[name]


def limits_of(user: HasPlan, plans_on: bool) -> Limits:
    """Give what counts for an account; its own limits count where its plan is enterprise."""
    if not plans_on:
        return UNLIMITED
    limits = PLANS.get(user.plan, PLANS[FREE]).limits
    return with_own(limits, user.plan_limits) if user.plan == ENTERPRISE else limits


def priority_of(plan: str) -> int:
    """Say how urgent the jobs of an account of this plan are; larger goes first among those of one kind."""
    return PLANS.get(plan, PLANS[FREE]).priority


def plan_with(feature: Feature, *, above: str) -> Plan | None:
    """Give the smallest plan larger than ``above`` that has ``feature``."""
    return next((plan for plan in _larger(above) if plan.limits.has(feature)), None)


def plan_beyond(amount: Amount, most: int, *, above: str) -> Plan | None:
    """Give the smallest plan larger than ``above`` that allows more than ``most``."""
    for plan in _larger(above):
        allowed = plan.limits.most(amount)
        if allowed is None or allowed > most:
            return plan
    return None


def _larger(plan: str) -> list[Plan]:
    return [it for it in PLANS.values() if it.priority > priority_of(plan)]
