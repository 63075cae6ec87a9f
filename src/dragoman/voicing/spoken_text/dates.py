"""Dates in figures: 2026-11-21, 21/11/2026, 21.11.2026, and day/month after a word that says so."""

import re

from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.rules import BEFORE, Rule

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def date_rules(language: SpokenLanguage) -> list[Rule]:
    def iso(match: re.Match[str]) -> str | None:
        return _date(int(match["day"]), int(match["month"]), match["year"], language)

    def written(match: re.Match[str]) -> str | None:
        first, second = int(match["first"]), int(match["second"])
        if language.day_first:
            return _date(first, second, match["year"], language)
        # English writes both orders: only one of them may be a date, or the numbers are read as they stand.
        orders = {(first, second), (second, first)}
        found = [said for day, month in sorted(orders) if (said := _date(day, month, match["year"], language))]
        return found[0] if len(found) == 1 else None

    def short(match: re.Match[str]) -> str | None:
        said = _date(int(match["first"]), int(match["second"]), "", language)
        return None if said is None else f"{match['cue']} {_without_cue(said, match['cue'])}"

    rules = [
        *_month_rules(language),
        Rule(re.compile(rf"{BEFORE}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?![\w-])"), iso),
        Rule(
            re.compile(
                rf"{BEFORE}(?P<first>[0-9]{{1,2}})(?P<mark>[./-])(?P<second>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}})"
                rf"(?![\w/-]|\.[0-9])"
            ),
            written,
        ),
    ]
    if language.year_first:
        rules.append(
            Rule(
                re.compile(
                    rf"{BEFORE}(?P<year>[0-9]{{4}})(?P<mark>[./-])(?P<gap> ?)(?P<month>[0-9]{{1,2}})(?P=mark)(?P=gap)"
                    rf"(?P<day>[0-9]{{1,2}})(?![\w/-]|\.[0-9])"
                ),
                iso,
            )
        )
    if language.date_cues:
        cues = "|".join(map(re.escape, language.date_cues))
        day_month = r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})(?![\w/])"
        rules.append(Rule(re.compile(rf"{BEFORE}(?P<cue>{cues}) {day_month}", re.IGNORECASE), short))
        full = r"(?P<first>[0-9]{1,2})[/.-](?P<second>[0-9]{1,2})[/.-](?P<year>[0-9]{4})(?![\w/-])"
        rules.append(
            Rule(
                re.compile(rf"{BEFORE}(?P<cue>{cues}) {full}", re.IGNORECASE),
                lambda match: (
                    None
                    if (said := _written_day_first(match, language)) is None
                    else f"{match['cue']} {_without_cue(said, match['cue'])}"
                ),
            )
        )
    return rules


def _month_rules(language: SpokenLanguage) -> list[Rule]:
    """Read month/year after the word for a month."""
    say, cue = language.month_year, language.month_cue
    if say is None:
        return []

    def read(match: re.Match[str]) -> str | None:
        month = int(match["month"])
        return f"{match['cue']} {say(month, language.year(int(match['year'])))}" if 1 <= month <= 12 else None

    month_year = r"(?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})(?![\w/-])"
    return [Rule(re.compile(rf"{BEFORE}(?P<cue>{cue}) {month_year}", re.IGNORECASE), read)]


def _written_day_first(match: re.Match[str], language: SpokenLanguage) -> str | None:
    return _date(int(match["first"]), int(match["second"]), match["year"], language)


def fraction_rule(language: SpokenLanguage) -> Rule:
    """Read the stroke between numbers that are no date."""
    return Rule(re.compile("(?<=[0-9])/(?=[0-9])"), lambda _: language.slash)


def _date(day: int, month: int, year: str, language: SpokenLanguage) -> str | None:
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return None
    return language.date(day, month, language.year(int(year)) if year else "")


def _without_cue(said: str, cue: str) -> str:
    """Say "ngày" once where it is written before the date."""
    first, _, rest = said.partition(" ")
    return rest if first == cue.lower() else said
