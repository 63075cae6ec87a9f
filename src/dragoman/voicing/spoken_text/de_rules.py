"""What German writes around figures: am 1. März, im 2. Stock, am 3.10., 90er. For ``de.py``."""

import re
from collections.abc import Callable

from dragoman.voicing.spoken_text.abbreviations import sentence_end
from dragoman.voicing.spoken_text.de_numbers import cardinal, ordinal, year
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_PREPOSITIONS = "in|aus|bei|mit|nach|seit|von|zu|ab|an|auf|vor|hinter|neben|über|unter|zwischen|während|wegen"
_ENDINGS = {
    "en": rf"(?:{_PREPOSITIONS}) (?:der|einer)|am|zum|zur|im|vom|beim|dem|den|des|einem|einen|einer|jedem|jeden|"
    "(?:mein|dein|sein|ihr|unser|euer|eur|kein)(?:em|en|er|es)",
    "e": "der|die|das|ins|ans|eine|jeder|jede|jedes|(?:mein|dein|sein|ihr|unser|eur|kein)e",
}
"""What stands before an ordinal, by the ending that it asks for."""
_DATE_ENDINGS = {**_ENDINGS, "en": f"{_ENDINGS['en']}|bis|ab|seit|vor|nach"}
_NO_PREPOSITION = "".join(f"(?<!\\b{each} )" for each in _PREPOSITIONS.split("|"))
_FIGURE_DATE_ENDINGS = {"en": "am|vom|zum|dem|den|des", "e": f"{_NO_PREPOSITION}der"}
"""Dates are masculine: "die 3.10." and "mit der 3.10." are versions."""
_ORDINAL_NOUNS = (
    "Stock Stockwerk Etage Obergeschoss Untergeschoss Tag Mal Platz Rang Kapitel Jahrhundert Jahrtausend Klasse "
    "Weltkrieg Geburtstag Hochzeitstag Jahrestag Todestag Jubiläum Jahr Monat Woche Stunde Minute Sekunde Lebensjahr "
    "Schuljahr Semester Quartal Halbjahr Runde Spieltag Spiel Spielminute Satz Teil Band Auflage Ausgabe Folge Staffel "
    "Episode Liga Bundesliga FC Kind Sohn Tochter Person Reihe Stelle Schritt Stufe Phase Versuch Frage Hälfte "
    "Halbzeit Etappe Sitzung Sinfonie Symphonie Bezirk Grad Generation Schwangerschaftswoche Lektion Aufgabe Übung "
    "Seite Zeile Absatz Gebot Bundestag Legislaturperiode Advent Weihnachtstag Weihnachtsfeiertag Termin Buch Besuch "
    "Preis"
).split()
"""Before these and small letters a number with a dot is an ordinal; before other words its dot ends the sentence."""


def german_rules() -> list[Rule]:
    day = "(?P<number>[12][0-9]|3[01]|0?[1-9])"
    number = "(?P<number>[1-9][0-9]{0,5})"
    another = r"(?:(?P<joint> und | oder | bis | bis zum |[-–])(?P<other>[1-9][0-9]{0,5})\.)?"
    month = f"(?P<month>{'|'.join(_MONTHS)}){AFTER}"
    in_figures = r"\.(?P<month>1[0-2]|0?[1-9])\.(?:(?P<year>[12][0-9]{3})(?![\w/-]|\.[0-9])|(?![\w]))"
    noun = rf"{one_of(_ORDINAL_NOUNS)}(?:e?s)?{AFTER}"
    starts = rf"(?P<starts> (?!{noun})[A-ZÄÖÜ])"
    rules = []
    for ending, cues in _FIGURE_DATE_ENDINGS.items():
        cue = rf"{BEFORE}(?P<cue>(?i:{cues})) "
        rules.append(Rule(re.compile(rf"{cue}{day}{in_figures}(?={starts}?)"), _date_behind(ending)))
    in_range = r"(?P<cue>(?<=[0-9]\. )bis) "
    inside = r"(?P<cue>(?i:bis|ab|seit|vor|nach)) "
    rules += [
        Rule(re.compile(rf"{BEFORE}{in_range}{day}{in_figures}(?={starts}?)"), _date_behind("en")),
        Rule(re.compile(rf"{BEFORE}{inside}{day}{in_figures}(?=(?P<starts>) [a-zäöüß])"), _date_behind("en")),
    ]
    for ending, cues in _DATE_ENDINGS.items():
        cue = rf"{BEFORE}(?P<cue>(?i:{cues})) "
        rules.append(Rule(re.compile(rf"{cue}{day}\.{another}(?= {month})"), _ordinal_behind(ending)))
    for ending, cues in _ENDINGS.items():
        cue = rf"{BEFORE}(?P<cue>(?i:{cues})) "
        rules.append(
            Rule(re.compile(rf"{cue}{number}\.{another}(?= (?:{noun}|[a-zäöüß]{{2}}))"), _ordinal_behind(ending))
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
