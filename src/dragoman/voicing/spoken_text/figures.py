"""Numbers by themselves: whole ones, fractions, percentages, ranges, telephone numbers, versions.

``quantities.py`` reads those that count something. The marks of thousands and fractions are the language's own.
"""

import re

from dragoman.voicing.spoken_text.counted import count, from_to, put_together
from dragoman.voicing.spoken_text.language import LARGEST, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule

SIGN = r"(?P<sign>(?:(?<![^\s(\[{\"'«“„:=、，。；：（「『])[-+−])?)"
"""Behind another figure or a letter it is a dash."""
_LONGEST_YEAR = 4


def number_pattern(language: SpokenLanguage) -> str:
    """Write what a number looks like; ``value_of`` and ``in_words`` read what it matches."""
    grouped = rf"{_grouped(language)}(?![0-9])(?:{language.decimals}[0-9]+)?"
    return rf"(?:{grouped}|[0-9]++(?:{language.decimals}[0-9]++)?)"


def _grouped(language: SpokenLanguage) -> str:
    return language.grouped or rf"[1-9][0-9]{{0,2}}(?:{language.thousands}[0-9]{{3}})+"


def split_number(text: str, language: SpokenLanguage) -> tuple[str, str]:
    """Give the digits before and after the fraction's mark."""
    grouped = re.fullmatch(rf"({_grouped(language)})(?:{language.decimals}([0-9]+))?", text)
    if grouped is not None:
        return re.sub("[^0-9]", "", grouped[1]), grouped[2] or ""
    whole, _, fraction = re.sub("[^0-9]", "|", text).partition("|")
    return whole, fraction


def in_words(text: str, language: SpokenLanguage) -> str:
    """Read a number as it is written."""
    whole, fraction = split_number(text, language)
    if fraction and language.fraction is not None:
        return language.fraction(whole, fraction)
    words = whole_in_words(whole, language)
    return f"{words} {language.decimal_word} {_each_digit(fraction, language)}" if fraction else words


def amount(text: str, noun: Noun, language: SpokenLanguage) -> str:
    """Read a number as it is written, with what it counts."""
    whole, fraction = split_number(text, language)
    if fraction:
        return put_together(in_words(text, language), language.part(noun))
    if len(whole) > 15 or int(whole) >= LARGEST or (whole[0] == "0" and whole != "0"):
        return put_together(in_words(text, language), noun.many)
    return count(int(whole), noun, language)


def percentage(text: str, language: SpokenLanguage) -> str:
    """Read what stands before a percent sign, and the sign."""
    if isinstance(language.percent, Noun):
        return amount(text, language.percent, language)
    words = in_words(text, language)
    return language.percent.format(words) if "{" in language.percent else f"{words} {language.percent}"


def whole_in_words(digits: str, language: SpokenLanguage) -> str:
    """Read digits as a number; those of a number plate or a telephone one by one."""
    if (len(digits) > 1 and digits[0] == "0") or len(digits) > 15 or int(digits) >= LARGEST:
        return digit_by_digit(digits, language)
    return language.cardinal(int(digits))


def digit_by_digit(digits: str, language: SpokenLanguage) -> str:
    if not language.digits:
        return _each_digit(digits, language)
    return " ".join(language.digits[int(digit)] for digit in digits)


def _each_digit(digits: str, language: SpokenLanguage) -> str:
    return " ".join(language.cardinal(int(digit)) for digit in digits)


def sign_in_words(sign: str, language: SpokenLanguage) -> str:
    if not sign:
        return ""
    return f"{language.plus if sign == '+' else language.minus} "


def figure_rules(language: SpokenLanguage) -> list[Rule]:
    """Give the rules, the particular ones first."""
    number = number_pattern(language)

    def percent(match: re.Match[str]) -> str:
        return f"{sign_in_words(match['sign'], language)}{percentage(match['number'], language)}"

    def spans(match: re.Match[str]) -> str | None:
        first, last = match["first"], match["last"]
        if match["both"] and not match["percent"]:
            return None
        if "0" in (first[0], last[0]) or int(first) >= int(last) or (len(first) != len(last) and len(last) > 3):
            return None
        from_words = _plain(first, language)
        if not match["percent"]:
            return from_to(from_words, _plain(last, language), language)
        if isinstance(language.percent, str) and "{" in language.percent:
            from_words = percentage(first, language)
        return from_to(from_words, percentage(last, language), language)

    def telephone(match: re.Match[str]) -> str:
        groups = re.findall("[0-9]+", match[0])
        words = ", ".join(digit_by_digit(group, language) for group in groups)
        return f"{language.plus} {words}" if match[0].startswith("+") else words

    def version(match: re.Match[str]) -> str:
        return f" {language.point} ".join(whole_in_words(each, language) for each in match[0].split("."))

    def listed(match: re.Match[str]) -> str:
        return ", ".join(whole_in_words(each, language) for each in match[0].split(","))

    def plain(match: re.Match[str]) -> str:
        text: str = match["number"]
        return f"{sign_in_words(match['sign'], language)}{_plain(text, language)}"

    mark = language.range_mark
    ends = rf"(?P<first>[0-9]{{1,4}})(?P<both> ?%)?{mark}(?P<last>[0-9]{{1,4}})(?P<percent> ?%)?"
    # 0901 234 567 and 0901.234.567: what counts something does not begin with a zero, whatever marks its thousands.
    in_groups = r"0[0-9]{2,4}(?P<mark>[ .])[0-9]{3,4}(?P=mark)[0-9]{3,4}"
    rules = [
        Rule(re.compile(rf"{OUTSIDE}{ends}(?![\w-]|[.,][0-9])"), spans),
        Rule(re.compile(rf"{OUTSIDE}{SIGN}(?P<number>{number}) ?%"), percent),
        Rule(re.compile(rf"{OUTSIDE}\+[0-9]{{1,3}}(?:[ -][0-9]++)++{AFTER}"), telephone),
        Rule(re.compile(rf"{OUTSIDE}(?<!-)[0-9]++(?:-[0-9]++)++{AFTER}"), telephone),
        Rule(re.compile(rf"{OUTSIDE}{in_groups}(?![\w]|[.,][0-9])"), telephone),
        Rule(re.compile(rf"{OUTSIDE}{SIGN}(?P<number>{number})(?![\w@]|[.,][0-9]|\.[\w])"), plain),
        Rule(re.compile(rf"{OUTSIDE}[0-9]++(?:\.[0-9]++){{2,}}+{AFTER}"), version),
        Rule(re.compile(rf"{OUTSIDE}[0-9]++(?:,[0-9]++)++{AFTER}"), listed),
        Rule(re.compile(rf"{OUTSIDE}(?P<sign>)(?P<number>[0-9]++)(?![\w@+]|[.,@+][\w])"), plain),
    ]
    return _cue_rules(language) + rules


def _plain(text: str, language: SpokenLanguage) -> str:
    if language.reads_years_alone and len(text) == _LONGEST_YEAR and text.isdigit() and text[0] != "0":
        return language.year(int(text))
    return in_words(text, language)


def _cue_rules(language: SpokenLanguage) -> list[Rule]:
    """Read a number by the word before it."""

    def rule(cue: str, words: dict[int, str]) -> Rule:
        numbers = "|".join(str(number) for number in words)
        return Rule(
            re.compile(rf"{BEFORE}(?P<cue>{re.escape(cue)}) (?P<number>{numbers})(?![\w]|[.,/][0-9])", re.IGNORECASE),
            lambda match: f"{match['cue']} {words[int(match['number'])]}",
        )

    return [rule(cue, dict(words)) for cue, words in language.cues.items()]
