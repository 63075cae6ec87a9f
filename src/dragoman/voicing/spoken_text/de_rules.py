"""What German writes around figures: am 1. März, im 2. Stock, am 3.10., 90er. For ``de.py``."""

import re
from collections.abc import Callable

from dragoman.voicing.spoken_text.abbreviations import sentence_end
from dragoman.voicing.spoken_text.de_numbers import cardinal, ordinal, year
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule

_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_PREPOSITIONS = "in|aus|bei|mit|nach|seit|von|zu|ab|an|auf|vor|hinter|neben|über|unter|zwischen|während|wegen"
_ENDINGS = {
    "en": rf"(?:{_PREPOSITIONS}) (?:der|einer)|am|zum|zur|im|vom|beim|dem|den|des|einem|einen|einer|jedem|jeden|"
    "(?:mein|dein|sein|ihr|unser|euer|eur|kein)(?:em|en|er|es)",
    "e": "der|die|das|ins|ans|eine|jeder|jede|jedes|(?:mein|dein|sein|ihr|unser|eur|kein)e",
}
"""What stands before an ordinal, by the ending that it asks for."""
_DATE_ENDINGS = {**_ENDINGS, "en": f"{_ENDINGS['en']}|bis|ab|seit|vor|nach"}
_SENTENCE_STARTS = (
    "Aber|Also|Auch|Dann|Danach|Das|Dem|Den|Der|Deshalb|Die|Dort|Du|Ein|Eine|Er|Es|Hier|Ich|Ihr|Ja|Jetzt|Man|Mein|Nein|"
    "Oder|Sie|So|Und|Was|Wenn|Wer|Wie|Wir|Wo"
)


def german_rules() -> list[Rule]:
    day = "(?P<number>[12][0-9]|3[01]|0?[1-9])"
    number = "(?P<number>[1-9][0-9]{0,5})"
    another = r"(?:(?P<joint> und | oder | bis | bis zum |[-–])(?P<other>[1-9][0-9]{0,5})\.)?"
    month = f"(?P<month>{'|'.join(_MONTHS)}){AFTER}"
    in_figures = r"\.(?P<month>1[0-2]|0?[1-9])\.(?:(?P<year>[12][0-9]{3})(?![\w/-]|\.[0-9])|(?![\w]))"
    starts = f"(?: (?:{_SENTENCE_STARTS})(?![\\w]))"
    rules = []
    for ending, cues in _DATE_ENDINGS.items():
        cue = rf"{BEFORE}(?P<cue>(?i:{cues})) "
        rules += [
            Rule(re.compile(rf"{cue}{day}{in_figures}(?=(?P<starts>{starts})?)"), _date_behind(ending)),
            Rule(re.compile(rf"{cue}{day}\.{another}(?= {month})"), _ordinal_behind(ending)),
        ]
    for ending, cues in _ENDINGS.items():
        cue = rf"{BEFORE}(?P<cue>(?i:{cues})) "
        rules.append(
            Rule(re.compile(rf"{cue}{number}\.{another}(?= [^\W\d_]{{2}})(?!{starts})"), _ordinal_behind(ending))
        )
    return [
        *rules,
        Rule(re.compile(rf"{OUTSIDE}(?<![-–]){day}\.{another}(?= {month})"), _ordinal_behind("er")),
        Rule(re.compile(rf"{OUTSIDE}(?P<number>[1-9][0-9]{{0,3}})er(?P<case>n?){AFTER}"), _decade),
    ]


def date(day: int, month: int, year: str) -> str:
    """Read a date that stands by itself; ``year`` in words, empty for none."""
    return _date(day, month, year, ending="er")


def _date(day: int, month: int, year: str, *, ending: str) -> str:
    said = f"{ordinal(day, ending)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _date_behind(ending: str) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        said_year = year(int(match["year"])) if match["year"] else ""
        said = _date(int(match["number"]), int(match["month"]), said_year, ending=ending)
        stop = "." if match["starts"] and not said_year else sentence_end(match)
        return f"{match['cue']} {said}{stop}"

    return read


def _ordinal_behind(ending: str) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        found = match.groupdict()
        said = ordinal(int(found["number"]), ending)
        if found.get("cue"):
            said = f"{found['cue']} {said}"
        if not found["other"]:
            return said
        joint = " bis " if found["joint"] in "-–" else found["joint"]
        return f"{said}{joint}{ordinal(int(found['other']), ending)}"

    return read


def _decade(match: re.Match[str]) -> str:
    number = int(match["number"])
    return f"{year(number) if number >= 1000 else cardinal(number)}er{match['case']}"
