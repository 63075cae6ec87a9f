"""English ordinals and decades: 21st, 1990s. For ``normalise.py``."""

import re

from dragoman.voicing.spoken_text.en import ordinal, year
from dragoman.voicing.spoken_text.rules import AFTER, OUTSIDE, Rule


def ordinal_rules() -> list[Rule]:
    def decade(match: re.Match[str]) -> str:
        words = year(int(match["year"]))
        return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"

    return [
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[0-9]{{1,6}})(?:st|nd|rd|th){AFTER}"),
            lambda match: ordinal(int(match["number"])),
        ),
        Rule(re.compile(rf"{OUTSIDE}(?P<year>[1-9][0-9][0-9]0)s{AFTER}"), decade),
    ]
