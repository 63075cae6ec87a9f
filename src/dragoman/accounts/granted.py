"""What one account may do now, and the words and facts of every refusal. Plain; from plans.py; to enforcement.py.

A refusal names the limit, its number and the plan, and says what would help.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dragoman.accounts.errors import LimitReached
from dragoman.accounts.limits import Amount, Feature, Limits
from dragoman.accounts.plans import Plan, plan_beyond, plan_with
from dragoman.ground.facts import NO_FACTS, Facts, Help, LargerPlan
from dragoman.ground.precedence import ORDINARY

_AMOUNTS: Mapping[Amount, tuple[str, Help | None]] = {
    "room_minutes": ("minutes in one call", Help.START_NEW_CALL),
    "people": ("people in one room", None),
    "rooms_at_once": ("rooms at once", Help.END_OTHER_CALL),
    "history_days": ("days of history", None),
    "requests_per_hour": ("requests per hour", Help.WAIT),
    "voice_samples": ("voice samples", Help.DELETE_SOME),
    "vocabulary_terms": ("terms in the glossary of a room", Help.LEAVE_SOME_OUT),
}
"""What there is so much of, and what helps by itself where there is some at all."""
_BY_ONESELF: Mapping[Help, str] = {
    Help.START_NEW_CALL: "start a new call",
    Help.END_OTHER_CALL: "end the call in another room of yours",
    Help.WAIT: "try again later",
    Help.DELETE_SOME: "delete one",
    Help.LEAVE_SOME_OUT: "leave some out",
}
_ASK = "ask the admin of this server"
_FEATURES: Mapping[Feature, str] = {
    "cloning": "dubs in your own voice",
    "diarization": "telling several speakers at one microphone apart",
    "documents": "documents",
    "api": "API keys",
    "teams": "teams",
    "analytics": "figures about calls",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What counts for an account."""

    plan: str
    limits: Limits
    """Unlimited while plans are off."""
    priority: int = ORDINARY
    """Of what is done for it, among work of one kind; alike for all while plans are off."""

    def require(self, feature: Feature) -> None:
        """Raise ``LimitReached`` unless the plan has ``feature``."""
        if not self.limits.has(feature):
            larger = plan_with(feature, above=self.plan)
            helps = f"for the {larger.name} plan, which includes this" if larger else "for it"
            raise LimitReached(
                f"the {self.plan} plan is without {_FEATURES[feature]}: {_ASK} {helps}",
                facts=Facts(
                    limit=feature,
                    allowed=0,
                    plan=self.plan,
                    larger_plan=LargerPlan(name=larger.name, allowed=None) if larger else None,
                    helps=(Help.ASK_ADMIN,),
                ),
            )

    def check(self, amount: Amount, wanted: int) -> None:
        """Raise ``LimitReached`` if ``wanted``, all taken together, is more than the plan allows."""
        most = self.limits.most(amount)
        if most is not None and wanted > most:
            raise LimitReached(self._what_would_help(amount, most), facts=self.facts_of(amount))

    def why_no_more(self, amount: Amount) -> str:
        """Say which limit it is and what would help; empty without a limit."""
        most = self.limits.most(amount)
        return "" if most is None else self._what_would_help(amount, most)

    def facts_of(self, amount: Amount) -> Facts:
        """Give the same as ``why_no_more``, for programs."""
        most = self.limits.most(amount)
        if most is None:
            return NO_FACTS
        _, by_oneself = _AMOUNTS[amount]
        larger = self._larger(amount, most)
        return Facts(
            limit=amount,
            allowed=most,
            plan=self.plan,
            larger_plan=LargerPlan(name=larger.name, allowed=larger.limits.most(amount)) if larger else None,
            helps=(by_oneself, Help.ASK_ADMIN) if by_oneself and most else (Help.ASK_ADMIN,),
        )

    def most_people(self, *, wished: int | None, carried: int) -> int:
        """Say how many people a room holds: what its owner wishes, within the plan and what the machine carries."""
        return min(it for it in (wished, self.limits.people, carried) if it is not None)

    def _what_would_help(self, amount: Amount, most: int) -> str:
        what, by_oneself = _AMOUNTS[amount]
        larger = self._larger(amount, most)
        either = f"{_BY_ONESELF[by_oneself]}, or " if by_oneself and most else ""
        helps = "for more"
        if larger is not None:
            helps = f"for the {larger.name} plan, which allows {_number(larger.limits.most(amount))}"
        return f"the {self.plan} plan allows {most or 'no'} {what}: {either}{_ASK} {helps}"

    def _larger(self, amount: Amount, most: int) -> Plan | None:
        return plan_beyond(amount, most, above=self.plan)


def _number(most: int | None) -> str:
    return "any number" if most is None else str(most)
