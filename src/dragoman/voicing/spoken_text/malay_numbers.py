"""The numbers of Malay and Indonesian, which differ in a few words. For ``id.py``, ``ms.py``."""

import re
from collections.abc import Callable, Sequence

from dragoman.voicing.spoken_text.language import in_groups
from dragoman.voicing.spoken_text.parts import part_of_whole_rule
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule


def malay_cardinal(number: int, digits: Sequence[str], scales: Sequence[str]) -> str:
    """Read a whole number from 0: 1,121 is "seribu seratus dua puluh satu". ``scales`` begin at a thousand."""
    groups = in_groups(number)
    said: list[str] = []
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group and place == 1 and group == 1:
            said.append(f"se{scales[0]}")
        elif group:
            said.append(_three_digits(group, digits))
            said += [scales[place - 1]] if place else []
    return " ".join(said) or digits[0]


def _three_digits(number: int, digits: Sequence[str]) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = ["seratus" if hundreds == 1 else f"{digits[hundreds]} ratus"] if hundreds else []
    if rest in (10, 11):
        said.append("sepuluh" if rest == 10 else "sebelas")
    elif tens == 1:
        said.append(f"{digits[ones]} belas")
    else:
        said += [f"{digits[tens]} puluh"] if tens else []
        said += [digits[ones]] if ones else []
    return " ".join(said)


def malay_rules(
    cardinal: Callable[[int], str], clock: Callable[[int, int, int | None], str], *, hour_cue: str
) -> list[Rule]:
    """Ordinals (ke-5), decades (1990-an), and times with a dot after the word for the hour."""

    def dotted(match: re.Match[str]) -> str | None:
        hour, minute = int(match["hour"]), int(match["minute"])
        return f"{match['cue']} {clock(hour, minute, None)}" if hour <= 24 else None

    return [
        part_of_whole_rule(lambda upper, lower: f"{cardinal(upper)} per {cardinal(lower)}"),
        Rule(
            re.compile(rf"{BEFORE}(?P<cue>ke)-(?P<number>[1-9][0-9]{{0,5}}){AFTER}(?![.,-][0-9])", re.IGNORECASE),
            lambda match: f"{match['cue']}{cardinal(int(match['number']))}",
        ),
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[1-9][0-9]{{0,2}}0)-an{AFTER}"),
            lambda match: f"{cardinal(int(match['number']))}an",
        ),
        Rule(
            re.compile(
                rf"{BEFORE}(?P<cue>{hour_cue}) (?P<hour>[0-9]{{1,2}})\.(?P<minute>[0-5][0-9])(?![\w]|[.,:][0-9])",
                re.IGNORECASE,
            ),
            dotted,
        ),
    ]
