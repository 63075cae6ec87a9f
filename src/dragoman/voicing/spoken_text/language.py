"""What one language says for figures and signs: the data that ``vi.py``, ``en.py`` and the others fill in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dragoman.voicing.spoken_text.rules import Rule

LARGEST = 10**15
"""Numbers from here on are read digit by digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """A thing that is counted."""

    one: str
    many: str
    feminine: bool = False
    two: str = ""
    """Where the language has a dual: Arabic."""
    few: str = ""
    """Where small numbers have a form of their own: Russian 2 to 4, Arabic 3 to 10."""


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
    counted: Callable[[int, Noun], str] | None = None
    """The number with its noun, where there is more to it than one and many."""
    fraction: Callable[[str, str], str] | None = None
    """The digits before and after the mark, where it is not the whole, a word, and digit by digit."""
    part: Callable[[Noun], str] = lambda noun: noun.many
    """The noun after a fraction."""
    digits: Sequence[str] = ()
    """The digits of telephone numbers, where they are not those that count."""
    figures: Mapping[int, int] = field(default_factory=dict)
    """The language's own digits and their marks, and the plain ones for them, as of ``str.maketrans``."""
    grouped: str = ""
    """Digits with marks between their groups, as a regular expression, where these are not of three: 12,34,567."""
    glued: bool = False
    """Words are written right beside figures: what stands next to a number is no part of it."""
    spaceless: bool = False
    """Words have no spaces between them."""
    own: Sequence[Rule] = ()
    """What the language alone has: ordinals, counters, its own way to write a date."""
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
    percent: str | Noun
    """Behind the number, or around it: Chinese says "百分之{}"."""
    up_to: str
    """Between the ends of a range, or around them: Korean says "{}에서 {}"."""
    range_mark: str = "[-–]"
    """Likewise as it is written, as a class of a regular expression."""
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
    year_first: bool = False
    """Dates are written 2026/11/21 and 2026. 11. 21."""
    clock: Callable[[int, int, int | None], str]
    """Hour, minute, second."""
    hour_mark: str = ":"
    """Between hour and minute, as a class of a regular expression."""
    clock_word: str = ""
    """What is written behind a time and said inside it: Uhr."""
    halves_of_day: Mapping[str, str] = field(default_factory=dict)
    """What may follow a time: am and pm."""
    halves_first: bool = False
    """They are said before the time."""
    units: Mapping[str, Noun]
    money: Mapping[str, Money]
    """By sign and by code."""
    money_before: Sequence[str] = ()
    """The codes among them that are written before the number: Rp."""
    hundredths: str
    """How whole and hundredth are put together: ``{whole} and {hundredth}``."""
    magnitudes: Mapping[str, str | Noun] = field(default_factory=dict)
    """Letters and words between a number and its currency."""
    after_magnitude: Callable[[Noun], str] = lambda noun: noun.many
    """The currency after a magnitude, and what links them: "d'euros"."""
    abbreviations: Mapping[str, str]
    """As written, dots included; those whose words end with a space stand before a name or a number."""
    before_figures: Mapping[str, str] = field(default_factory=dict)
    """Abbreviations that count only before a figure: "No. 5"; elsewhere "No." is a word and ends its sentence."""
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
