"""What one language says for figures and signs: the data that ``vi.py``, ``en.py`` and the others fill in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LARGEST = 10**15
"""Numbers from here on are read digit by digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """A thing that is counted."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A currency, and its hundredth where it has one."""

    whole: Noun
    hundredth: Noun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLanguage:
    """How a language reads what is written with figures and signs."""

    cardinal: Callable[[int], str]
    """From 0 to below ``LARGEST``."""
    count: Callable[[int, bool], str]
    """The number before a noun; True for a feminine one."""
    year: Callable[[int], str]
    reads_years_alone: bool = False
    """Four plain digits are read as a year."""
    thousands: str
    """The marks between groups of three digits, as a class of a regular expression."""
    decimals: str
    """The marks before a fraction, likewise."""
    decimal_word: str
    minus: str
    plus: str
    percent: str
    up_to: str
    """Between the ends of a range."""
    point: str
    """In addresses and versions."""
    at: str
    slash: str
    ampersand: str
    date: Callable[[int, int, str], str]
    """Day, month, and the year in words (empty for none)."""
    month_cue: str = ""
    """Before month/year."""
    month_year: Callable[[int, str], str] | None = None
    """What follows the cue: the month, and the year in words."""
    day_first: bool = True
    """False where both orders are in use: then a date counts only if it can be read in one way alone."""
    clock: Callable[[int, int, int | None], str]
    """Hour, minute, second."""
    hour_mark: str = ":"
    """Between hour and minute, as a class of a regular expression."""
    clock_word: str = ""
    """What is written behind a time and said inside it: Uhr."""
    halves_of_day: Mapping[str, str] = field(default_factory=dict)
    """What may follow a time: am and pm."""
    units: Mapping[str, Noun]
    money: Mapping[str, Money]
    """By sign and by code."""
    hundredths: str
    """How whole and hundredth are put together: ``{whole} and {hundredth}``."""
    magnitudes: Mapping[str, str] = field(default_factory=dict)
    """Letters and words between a number and its currency."""
    of_money: str = ""
    """Between a magnitude and the currency: Spanish says "dos millones de euros"."""
    abbreviations: Mapping[str, str]
    """As written, dots included; those whose words end with a space stand before a name or a number."""
    cues: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """After these words a number is read in its own way: Vietnamese says "tháng tư"."""
    date_cues: tuple[str, ...] = ()
    """After these words, day/month is a date."""


def in_groups(number: int) -> list[int]:
    """Cut a number in groups of three digits, the lowest first."""
    groups = []
    while True:
        number, group = divmod(number, 1000)
        groups.append(group)
        if not number:
            return groups
