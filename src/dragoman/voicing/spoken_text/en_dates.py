"""English dates with the name of the month: November 22, 2026 and 22 Nov 2026. For ``en.py``."""

import re
from collections.abc import Sequence

from dragoman.voicing.spoken_text.en_numbers import ordinal, year
from dragoman.voicing.spoken_text.en_rules import COUNTED_NOUNS
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_MONTHS = "January February March April May June July August September October November December".split()
_NAMED = {name: month for month, name in enumerate(_MONTHS, 1)} | {
    short: month
    for month, shorts in enumerate("Jan;Feb;Mar;Apr;;Jun;Jul;Aug;Sep Sept;Oct;Nov;Dec".split(";"), 1)
    for short in shorts.split()
}
_COUNTED = [
    *COUNTED_NOUNS,
    *"percent thousand million billion times days weeks months hours minutes".split(),
]
_HALVES_OF_DAY = "am|pm|AM|PM|a\\.m|p\\.m"
_ALSO_WORDS = "May|March|Mar"
"""In titles these are no months: Version 2 May Contain Bugs, 5 May Street."""


def date(day: int, month: int, year: str) -> str:
    """Read a date; ``year`` in words, empty for none."""
    said = f"{_MONTHS[month - 1]} {ordinal(day)}"
    return f"{said}, {year}" if year else said


def month_rules(units: Sequence[str]) -> list[Rule]:
    """Read both orders, with a year or without; "On March 5 km of road" is no date, so ``units`` are none behind it.

    Neither is "In March 20 soldiers". A full stop ends the sentence before "2025 will"; only "Dec." has one of its own.
    """

    def read(match: re.Match[str]) -> str:
        said_year = year(int(match["year"])) if match["year"] else ""
        return date(int(match["day"]), _NAMED[match["month"]], said_year)

    month = rf"(?P<month>{one_of(list(_NAMED))})"
    day = "(?P<day>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?"
    whole_year = r"(?P<year>[12][0-9]{3})(?![\w%-]|[.,:/][0-9])"
    counted = f"{one_of(list(units))}|{one_of(_COUNTED)}|{_HALVES_OF_DAY}|%"
    no_date = rf"(?![\w:/%–-]|[.,][0-9]| ?(?:{counted})(?![\w]))"
    no_title = rf"(?!(?:{_ALSO_WORDS})(?: [12][0-9]{{3}})? [A-Z]\w)"
    behind_month = r"(?:,|(?<=\b[A-Z][a-z]{2})(?<!May)\.|(?<=\bSept)\.)?"
    day_first = rf"(?:the )?{day} {no_title}{month}{AFTER}(?:{behind_month} {whole_year})?"
    return [
        Rule(re.compile(rf"{BEFORE}(?<!\b[Ii]n ){month}\.? {day}{no_date}(?:,? {whole_year})?"), read),
        Rule(re.compile(rf"{OUTSIDE}(?<![-–/:])(?<!to )(?<!and ){day_first}"), read),
    ]
