"""Numbers that count: units and currencies. From ``figures.py``, which reads the numbers themselves."""

import re

from dragoman.voicing.spoken_text.abbreviations import full_stop
from dragoman.voicing.spoken_text.counted import count, from_to
from dragoman.voicing.spoken_text.figures import SIGN, amount, in_words, number_pattern, sign_in_words, split_number
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_SIGNS = "$€£¥￥₫₩₹₽฿₱₭៛"


def quantity_rules(language: SpokenLanguage) -> list[Rule]:
    """Give the rules: money first, because m is a million before a currency and a metre elsewhere."""
    number = rf"{SIGN}(?P<number>{number_pattern(language)})(?![0-9])"
    signs = one_of([sign for sign in language.money if sign[-1] in _SIGNS or sign in language.money_before])
    codes = one_of(list(language.money))
    magnitude = rf"(?: ?(?P<magnitude>{one_of(list(language.magnitudes))})(?![\w]))?" if language.magnitudes else ""

    def money(match: re.Match[str]) -> str:
        found = match.groupdict()
        words = _amount(found["number"], found.get("magnitude") or "", language.money[found["currency"]], language)
        return sign_in_words(found["sign"], language) + words + full_stop(match, language)

    def unit(match: re.Match[str]) -> str:
        words = amount(match["number"], language.units[match["unit"]], language)
        return sign_in_words(match["sign"], language) + words + full_stop(match, language)

    def span(match: re.Match[str]) -> str | None:
        """Read the unit of a range with its end: five to ten kilometres."""
        first, last = match["first"], match["last"]
        if "0" in (first[0], last[0]) or int(first) >= int(last):
            return None
        noun = language.units[match["unit"]]
        words = amount(last, noun, language) + full_stop(match, language)
        return from_to(language.count(int(first), noun.feminine), words, language)

    end = "[0-9]{1,4}"
    unit_after = rf" ?(?P<unit>{one_of(list(language.units))})(?![\w/²³])"
    return [
        Rule(re.compile(rf"{BEFORE}(?P<currency>{signs}) ?{number}{magnitude}(?![\w])"), money),
        Rule(re.compile(rf"{OUTSIDE}{number}{magnitude} ?(?P<currency>{codes}){AFTER}"), money),
        Rule(re.compile(rf"{OUTSIDE}(?P<first>{end}){language.range_mark}(?P<last>{end}){unit_after}"), span),
        Rule(re.compile(rf"{OUTSIDE}{number}{unit_after}"), unit),
    ]


def _amount(number: str, magnitude: str, money: Money, language: SpokenLanguage) -> str:
    if magnitude:
        said = language.magnitudes[magnitude]
        words = amount(number, said, language) if isinstance(said, Noun) else f"{in_words(number, language)} {said}"
        return f"{words} {language.after_magnitude(money.whole)}"
    whole, fraction = split_number(number, language)
    if len(fraction) != 2 or len(whole) > 15 or (whole[0] == "0" and whole != "0"):
        return amount(number, money.whole, language)
    units = count(int(whole), money.whole, language)
    if fraction == "00":
        return units
    if money.hundredth is None:
        return amount(number, money.whole, language)
    hundredths = count(int(fraction), money.hundredth, language)
    return hundredths if whole == "0" else language.hundredths.format(whole=units, hundredth=hundredths)
