"""Ordinals written as a figure with a mark: 1º, 2.ª, 1er. What each language says for them is its own."""

import re
from collections.abc import Callable, Mapping, Sequence

from dragoman.voicing.spoken_text.rules import AFTER, OUTSIDE, Rule, one_of

_LARGEST_BARE = 20
"""Above it 25º is sooner a temperature; 25.º and 25ª are not."""
_SCALE = r" ?[CF](?!\w)"


def ordinal_mark_rules(
    say: Callable[[int, str], str | None],
    endings: Mapping[str, str],
    *,
    largest: int,
    before_months: Sequence[str] = (),
) -> list[Rule]:
    """Read a figure up to ``largest`` with one of the marks, whose endings ``say`` is given.

    Of ``before_months``, the day has the sign of degrees in place of its mark: 1° maggio.
    """

    def read(match: re.Match[str]) -> str | None:
        number = int(match["number"])
        if match["mark"] == "º" and number > _LARGEST_BARE:
            return None
        return say(number, endings[match["mark"]]) if number <= largest else None

    marks = one_of(list(endings))
    rules = [Rule(re.compile(rf"{OUTSIDE}(?P<number>[1-9][0-9]{{0,3}})(?P<mark>{marks})(?![\w]|-\w|{_SCALE})"), read)]
    if before_months:
        day = rf"{OUTSIDE}(?P<number>1)°(?= (?:d[ei] )?{one_of(before_months)}{AFTER})"
        rules.append(Rule(re.compile(day), lambda match: say(1, endings["º"])))
    return rules
