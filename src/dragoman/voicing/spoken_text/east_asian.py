"""What Chinese, Japanese and Korean share: figures of full width, degrees below zero, groups of four digits."""

import re

from dragoman.voicing.spoken_text.rules import Rule

RANGE_MARK = "[-–~～〜]"
FULL_WIDTH = str.maketrans("０１２３４５６７８９％．：／", "0123456789%.:/")


def below_zero_rule(minus: str) -> Rule:
    """Read the sign of a temperature right behind a word; behind words elsewhere it is a dash."""
    return Rule(re.compile(r"(?<=[^\x00-\x7f])[-−](?=[0-9]{1,3}(?:\.[0-9]{1,3})? ?[°℃])"), lambda _: minus)


def in_ten_thousands(number: int) -> list[int]:
    """Cut a number in groups of four digits, the lowest first."""
    groups = []
    while True:
        number, group = divmod(number, 10_000)
        groups.append(group)
        if not number:
            return groups
