"""What English writes around figures: 21st, 1990s, her 20s, 1 1/2, 5m people. For ``en.py``."""

import re

from dragoman.voicing.spoken_text.en_numbers import cardinal, ordinal, year
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_MAGNITUDES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion",
}  # fmt: skip
COUNTED_NOUNS = (
    "people users followers subscribers viewers views listeners customers members visitors downloads copies voters "
    "votes residents inhabitants workers employees jobs children students women men patients cases doses deaths "
    "refugees migrants passengers players fans families households homes vehicles cars tonnes tons barrels years"
).split()
"""What is never measured in metres, and stands behind no date: 5m people, in March 5 people."""
_SMALL_PARTS = {2: "half", 3: "third", 4: "quarter", **{lower: ordinal(lower) for lower in range(5, 10)}}
"""Nine tenths is where 9/10 may as well be a mark out of ten."""
_OWNERS = "my|your|his|her|its|our|their|the"
_PART_OF_DECADE = "early|mid|late"
_MORE_DECADES = r"(?P<more>(?:(?:, |,? and | or | to )['’]?[2-9]0s(?!\w)){0,4})"
_NOT_SECONDS = r"(?! (?:delay|timeout|interval|limit|mark|window|clip|countdown|timer)(?!\w))"


def english_rules() -> list[Rule]:
    return [*_ordinal_rules(), *_decade_rules(), *_part_rules(), *_magnitude_rules()]


def _ordinal_rules() -> list[Rule]:
    return [
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[0-9]{{1,6}})(?:st|nd|rd|th){AFTER}"),
            lambda match: ordinal(int(match["number"])),
        )
    ]


def _decade_rules() -> list[Rule]:
    """Read 20s as twenties only where no seconds can be meant: behind an owner, an apostrophe or another decade."""

    def short(match: re.Match[str]) -> str:
        return f"{match['cue']}{_plural(cardinal(int(match['decade'])))}{_each_decade(match['more'])}"

    def whole(match: re.Match[str]) -> str:
        return f"{_plural(year(int(match['year'])))}{_each_decade(match['more'])}"

    part = f"(?:{_PART_OF_DECADE})[ -]"
    decade = rf"['’]?(?P<decade>[2-9]0)s{AFTER}{_NOT_SECONDS}{_MORE_DECADES}"
    return [
        Rule(re.compile(rf"{OUTSIDE}(?P<year>[1-9][0-9][0-9]0)s{AFTER}{_MORE_DECADES}"), whole),
        Rule(re.compile(rf"{BEFORE}(?P<cue>(?:{_OWNERS}) (?:{part})?|{part}){decade}", re.IGNORECASE), short),
        Rule(re.compile(rf"{BEFORE}(?P<cue>)(?=['’]){decade}"), short),
    ]


def _each_decade(written: str) -> str:
    return re.sub("['’]?([0-9]{2})s", lambda match: _plural(cardinal(int(match[1]))), written)


def _plural(words: str) -> str:
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _part_rules() -> list[Rule]:
    """Read 2/3 and 1 1/2; behind these words it is a day or a page: on 3/4, page 1/2."""

    def read(match: re.Match[str]) -> str | None:
        upper, lower = int(match["upper"]), int(match["lower"])
        if upper >= lower:
            return None
        part = _SMALL_PARTS[lower] if upper == 1 else _several(_SMALL_PARTS[lower])
        if not match["whole"]:
            return f"{cardinal(upper)} {part}"
        article = "an" if part == "eighth" else "a"
        return f"{cardinal(int(match['whole']))} and {article if upper == 1 else cardinal(upper)} {part}"

    no_part = r"(?<![Oo]n )(?<![Pp]age )(?<![Pp]art )(?<![Ss]tep )(?<![Ss]lide )(?<![/:–-])"
    return [
        Rule(
            re.compile(
                rf"{OUTSIDE}{no_part}(?:(?P<whole>[1-9][0-9]{{0,2}}) )?(?P<upper>[1-9])/(?P<lower>[2-9])"
                r"(?![\w/-]|[.,][0-9])"
            ),
            read,
        )
    ]


def _several(part: str) -> str:
    return "halves" if part == "half" else f"{part}s"


def _magnitude_rules() -> list[Rule]:
    """Read 5m as millions only before what no metres stand before."""
    noun = rf"(?= (?:more |new |active |other )?{one_of(COUNTED_NOUNS)}{AFTER})"
    number = r"(?P<whole>[1-9][0-9]{0,3})(?:\.(?P<tenths>[0-9]{1,2}))?"

    def read(match: re.Match[str]) -> str:
        said = cardinal(int(match["whole"]))
        if match["tenths"]:
            said += f" point {' '.join(cardinal(int(digit)) for digit in match['tenths'])}"
        return f"{said} {_MAGNITUDES[match['magnitude']]}"

    return [Rule(re.compile(rf"{OUTSIDE}{number}(?P<magnitude>{one_of(list(_MAGNITUDES))}){noun}"), read)]
