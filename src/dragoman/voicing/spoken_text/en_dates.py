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
_COUNTED = [*COUNTED_NOUNS, "percent", "thousand", "million", "billion"]


def date(day: int, month: int, year: str) -> str:
    """Read a date; ``year`` in words, empty for none."""
    said = f"{_MONTHS[month - 1]} {ordinal(day)}"
    return f"{said}, {year}" if year else said


def month_rules(units: Sequence[str]) -> list[Rule]:
    """Read both orders, with a year or without; "In March 5 km of road" is no date, so ``units`` are none behind it."""

    def read(match: re.Match[str]) -> str:
        said_year = year(int(match["year"])) if match["year"] else ""
        return date(int(match["day"]), _NAMED[match["month"]], said_year)

    month = rf"(?P<month>{one_of(list(_NAMED))})"
    day = "(?P<day>[12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th)?"
    whole_year = r"(?:[,.]? (?P<year>[12][0-9]{3})(?![\w%-]|[.,:/][0-9]))?"
    no_date = rf"(?![\w:/%–-]|[.,][0-9]| ?(?:{one_of(list(units))}|{one_of(_COUNTED)}|%)(?![\w]))"
    return [
        Rule(re.compile(rf"{BEFORE}{month}\.? {day}{no_date}{whole_year}"), read),
        Rule(re.compile(rf"{OUTSIDE}(?<![-–/:])(?<!to )(?<!and )(?:the )?{day} {month}{AFTER}{whole_year}"), read),
    ]
