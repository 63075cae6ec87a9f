"""Parts of a whole and scores: 1/2, 3:2. What each language says for them is its own."""

import re
from collections.abc import Callable

from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule


def part_of_whole_rule(say: Callable[[int, int], str | None]) -> Rule:
    """Read 1/2 as a part; what is larger than one is none: 24/7."""

    def read(match: re.Match[str]) -> str | None:
        upper, lower = int(match["upper"]), int(match["lower"])
        return say(upper, lower) if 0 < upper < lower else None

    return Rule(
        re.compile(rf"{OUTSIDE}(?<!/)(?P<upper>[0-9]{{1,3}})/(?P<lower>[1-9][0-9]{{0,2}})(?![\w/]|[.,][0-9])"), read
    )


def score_rule(cardinal: Callable[[int], str], between: str) -> Rule:
    """Read 3:2; what may be a time has been read as one."""
    return Rule(
        re.compile(rf"{OUTSIDE}(?<!:)(?P<one>[0-9]{{1,3}}):(?P<other>[0-9]{{1,3}})(?![\w:]|[.,][0-9])"),
        lambda match: f"{cardinal(int(match['one']))}{between}{cardinal(int(match['other']))}",
    )
