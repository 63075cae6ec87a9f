"""Numbers that count: units and currencies. From ``figures.py``, which reads the numbers themselves."""

import re

from dragoman.voicing.spoken_text.figures import SIGN, in_words, number_pattern, sign_in_words, split_number
from dragoman.voicing.spoken_text.language import LARGEST, Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_SIGNS = "$€£¥₫₩₹"


def quantity_rules(language: SpokenLanguage) -> list[Rule]:
    """Give the rules: money first, because m is a million before a currency and a metre elsewhere."""
    number = rf"{SIGN}(?P<number>{number_pattern(language)})(?![0-9])"
    signs = one_of([sign for sign in language.money if sign[-1] in _SIGNS])
    codes = one_of(list(language.money))
    magnitude = rf"(?: ?(?P<magnitude>{one_of(list(language.magnitudes))})(?![\w]))?" if language.magnitudes else ""

    def money(match: re.Match[str]) -> str:
        found = match.groupdict()
        return sign_in_words(found["sign"], language) + _amount(
            found["number"], found.get("magnitude") or "", language.money[found["currency"]], language
        )

    def unit(match: re.Match[str]) -> str:
        words = _counted(match["number"], language.units[match["unit"]], language)
        return sign_in_words(match["sign"], language) + words

    return [
        Rule(re.compile(rf"{BEFORE}(?P<currency>{signs}) ?{number}{magnitude}(?![\w])"), money),
        Rule(re.compile(rf"{OUTSIDE}{number}{magnitude} ?(?P<currency>{codes}){AFTER}"), money),
        Rule(re.compile(rf"{OUTSIDE}{number} ?(?P<unit>{one_of(list(language.units))})(?![\w/²³])"), unit),
    ]


def _amount(number: str, magnitude: str, money: Money, language: SpokenLanguage) -> str:
    if magnitude:
        said = language.magnitudes[magnitude]
        return f"{in_words(number, language)} {said} {language.of_money}{money.whole.many}"
    whole, fraction = split_number(number, language)
    if len(fraction) != 2 or money.hundredth is None or len(whole) > 15 or (whole[0] == "0" and whole != "0"):
        return _counted(number, money.whole, language)
    amount = _count(int(whole), money.whole, language)
    if fraction == "00":
        return amount
    hundredths = _count(int(fraction), money.hundredth, language)
    return hundredths if whole == "0" else language.hundredths.format(whole=amount, hundredth=hundredths)


def _counted(number: str, noun: Noun, language: SpokenLanguage) -> str:
    whole, fraction = split_number(number, language)
    if fraction or len(whole) > 15 or int(whole) >= LARGEST or (whole[0] == "0" and whole != "0"):
        return f"{in_words(number, language)} {noun.many}"
    return _count(int(whole), noun, language)


def _count(number: int, noun: Noun, language: SpokenLanguage) -> str:
    words = language.count(number, noun.feminine)
    return f"{words} {noun.one if number == 1 else noun.many}".rstrip()
