"""What one account may do now, and the words of every refusal. Plain; from plans.py; to enforcement.py.

A refusal names the limit, its number and the plan, and says what would help.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dragoman.accounts.errors import LimitReached
from dragoman.accounts.limits import Amount, Feature, Limits
from dragoman.accounts.plans import plan_beyond, plan_with
from dragoman.ground.precedence import ORDINARY

_AMOUNTS: Mapping[Amount, tuple[str, str]] = {
    "room_minutes": ("minutes in one call", "start a new call"),
    "people": ("people in one room", ""),
    "rooms_at_once": ("rooms at once", "end the call in another room of yours"),
    "history_days": ("days of history", ""),
    "requests_per_hour": ("requests per hour", "try again later"),
    "voice_samples": ("voice samples", "delete one"),
    "vocabulary_terms": ("terms in the glossary of a room", "leave some out"),
}
"""What there is so much of, and what helps by itself where there is some at all."""
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
            raise LimitReached(f"the {self.plan} plan is without {_FEATURES[feature]}: {_ASK} {helps}")

    def check(self, amount: Amount, wanted: int) -> None:
        """Raise ``LimitReached`` if ``wanted``, all taken together, is more than the plan allows."""
        most = self.limits.most(amount)
        if most is not None and wanted > most:
            raise LimitReached(self._what_would_help(amount, most))

    def why_no_more(self, amount: Amount) -> str:
        """Say which limit it is and what would help; empty without a limit."""
        most = self.limits.most(amount)
        return "" if most is None else self._what_would_help(amount, most)

    def most_people(self, *, wished: int | None, carried: int) -> int:
        """Say how many people a room holds: what its owner wishes, within the plan and what the machine carries."""
        return min(it for it in (wished, self.limits.people, carried) if it is not None)

    def _what_would_help(self, amount: Amount, most: int) -> str:
        what, by_oneself = _AMOUNTS[amount]
        larger = plan_beyond(amount, most, above=self.plan)
        either = f"{by_oneself}, or " if by_oneself and most else ""
        helps = "for more"
        if larger is not None:
            helps = f"for the {larger.name} plan, which allows {_number(larger.limits.most(amount))}"
        return f"the {self.plan} plan allows {most or 'no'} {what}: {either}{_ASK} {helps}"


def _number(most: int | None) -> str:
    return "any number" if most is None else str(most)
