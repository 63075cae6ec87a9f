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
_RACERS = ("men", "women")
"""Those run 100m and 10k."""
_SMALL_PARTS = {2: "half", 3: "third", 4: "quarter", **{lower: ordinal(lower) for lower in range(5, 10)}}
"""Nine tenths is where 9/10 may as well be a mark out of ten."""
_OWNERS = "my|your|his|her|its|our|their|the"
_PART_OF_DECADE = "early|mid|late"
_TIMES = "in|during|of|from|since|through|throughout|until|into|by|like"
_MORE_DECADES = r"(?:, |,? and | or | to )(?:the )?['’]?[2-9]0s(?!\w)"
_SECONDS = "delay|timeout|interval|limit|mark|window|clip|countdown|timer"
_PERHAPS_SECONDS = (
    "wait|rest|break|pause|video|ad|response|lead|run|between|after|before|left|remaining|gap|span|period|silence|spot|"
    "sprint|plank|hold|intro|segment|sample|recording|trailer|buffer|latency|lap"
)
_NO_PART = re.compile(
    r"(?<!\w)(?:on|until|till|by|due|since|rated|page|part|step|slide|question|attempt|version|section|chapter|"
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.? (?:[0-9]+ )?\Z",
    re.IGNORECASE,
)
"""Behind these words 3/4 is a day, a page or a mark."""
_LONGEST_BEFORE = 16


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
    """Read 20s as twenties only where no seconds can be meant.

    That is with an apostrophe, with early, mid or late, behind "in the", beside another decade, and where a clause
    ends: "I loved the 80s."
    """

    def short(match: re.Match[str]) -> str:
        return f"{match['cue']}{_plural(cardinal(int(match['decade'])))}{_each_decade(match['more'])}"

    def whole(match: re.Match[str]) -> str:
        return f"{_plural(year(int(match['year'])))}{_each_decade(match['more'])}"

    part = f"(?:{_PART_OF_DECADE})[ -]"
    more, one_more = rf"(?P<more>(?:{_MORE_DECADES}){{0,4}})", rf"(?P<more>(?:{_MORE_DECADES}){{1,4}})"
    marked = rf"['’]?(?P<decade>[2-9]0)s{AFTER}(?! (?:{_SECONDS})(?!\w))"
    decade = rf"{marked}(?! (?:{_PERHAPS_SECONDS})(?!\w))"
    sure = rf"(?P<cue>(?:{_TIMES}) (?:{_OWNERS}) (?:{part})?|(?:(?:{_OWNERS}) )?{part})"
    owner = rf"(?P<cue>(?:{_OWNERS}) )"
    return [
        Rule(re.compile(rf"{OUTSIDE}(?P<year>[1-9][0-9][0-9]0)s{AFTER}{more}"), whole),
        Rule(re.compile(rf"{BEFORE}{sure}{decade}{more}", re.IGNORECASE), short),
        Rule(re.compile(rf"{BEFORE}{owner}{decade}{one_more}", re.IGNORECASE), short),
        Rule(
            re.compile(
                rf"{BEFORE}{owner}{decade}(?P<more>)(?=[.,;!?)]|\Z| (?:are|were|had|saw|brought)(?!\w))", re.IGNORECASE
            ),
            short,
        ),
        Rule(re.compile(rf"{BEFORE}(?P<cue>)(?=['’]){marked}{more}"), short),
    ]


def _each_decade(written: str) -> str:
    return re.sub("['’]?([0-9]{2})s", lambda match: _plural(cardinal(int(match[1]))), written)


def _plural(words: str) -> str:
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _part_rules() -> list[Rule]:
    """Read 2/3 and 1 1/2; behind some words it is a day or a page: on 3/4, page 1/2."""

    def read(match: re.Match[str]) -> str | None:
        upper, lower = int(match["upper"]), int(match["lower"])
        before = match.string[max(match.start() - _LONGEST_BEFORE, 0) : match.start()]
        if upper >= lower or _NO_PART.search(before):
            return None
        part = _SMALL_PARTS[lower] if upper == 1 else _several(_SMALL_PARTS[lower])
        if not match["whole"]:
            return f"{cardinal(upper)} {part}"
        article = "an" if part == "eighth" else "a"
        return f"{cardinal(int(match['whole']))} and {article if upper == 1 else cardinal(upper)} {part}"

    return [
        Rule(
            re.compile(
                rf"{OUTSIDE}(?<![/:–-])(?:(?P<whole>[1-9][0-9]{{0,2}}) )?(?P<upper>[1-9])/(?P<lower>[2-9])"
                r"(?![\w/-]|[.,][0-9])"
            ),
            read,
        )
    ]


def _several(part: str) -> str:
    return "halves" if part == "half" else f"{part}s"


def _magnitude_rules() -> list[Rule]:
    """Read 5m as millions only before what no metres stand before."""
    nouns = one_of([noun for noun in COUNTED_NOUNS if noun not in _RACERS])
    noun = rf"(?= (?:more |new |active |other )?{nouns}(?![\w'’]))"
    number = r"(?P<whole>[1-9][0-9]{0,3})(?:\.(?P<tenths>[0-9]{1,2}))?"

    def read(match: re.Match[str]) -> str:
        said = cardinal(int(match["whole"]))
        if match["tenths"]:
            said += f" point {' '.join(cardinal(int(digit)) for digit in match['tenths'])}"
        return f"{said} {_MAGNITUDES[match['magnitude']]}"

    return [Rule(re.compile(rf"{OUTSIDE}{number}(?P<magnitude>{one_of(list(_MAGNITUDES))}){noun}"), read)]
