"""What Russian writes around figures: 5-й, 1990-х, 21 ноября 2026 г., до 5 км, 2 книги. For ``ru.py``."""

import re
from collections.abc import Callable, Mapping

from dragoman.voicing.spoken_text.language import Noun
from dragoman.voicing.spoken_text.parts import part_of_whole_rule, score_rule
from dragoman.voicing.spoken_text.ru_numbers import (
    LARGEST_ORDINAL,
    cardinal,
    counted_genitive,
    form,
    genitive,
    ordinal,
)
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
PERCENT = Noun(one="процент", few="процента", many="процентов")
_ENDINGS = {
    "й": "ый", "ый": "ый", "ой": "ой", "я": "ая", "ая": "ая", "е": "ое", "ое": "ое", "ые": "ые", "го": "ого",
    "ого": "ого", "му": "ому", "ому": "ому", "м": "ом", "ом": "ом", "ым": "ым", "ю": "ую", "ую": "ую", "х": "ых",
    "ых": "ых", "ми": "ыми", "ыми": "ыми",
}  # fmt: skip
_YEARS = {"год": "ый", "года": "ого", "году": "ом", "годом": "ым"}
_NOMINATIVE_DAY = "сегодня|завтра|вчера|послезавтра|на|по|за|это"
_GENITIVE_CUES = (
    "до|от|после|около|более|менее|больше|меньше|свыше|без|из|для|кроме|порядка|старше|младше|моложе|выше|ниже|дороже|"
    "дешевле|не более|не менее|не больше|не меньше"
)
_NUMBER = r"(?P<number>[1-9][0-9]{0,2}(?: [0-9]{3}){1,3}|[1-9][0-9]{0,8})(?![0-9]| [0-9]{3}(?![0-9]))"
_NOT_WITHIN = r"(?![\w]|[-.,:/–%][\w])"
_NO_DATE = rf"(?! (?:{'|'.join(MONTHS)}|год|года|году|г\.))"
_WORD = r"(?= (?P<next>[а-яё]{3,20})(?: (?P<then>[а-яё]{3,20}))?(?![\w]))"
_OF_PLURALS = ("ых", "их", "ые", "ие")
_NO_NOUNS = frozenset("или при они эти это ими если почти уже тоже евро кофе ночи мужчина папа дядя".split())
"""Whose endings say nothing of the number before them."""
_OF_MEN = frozenset("человека ребёнка ребенка участника игрока сотрудника ученика студента клиента".split())
"""Men in the accusative, which ends as women do in the nominative."""


def russian_rules(units: Mapping[str, Noun]) -> list[Rule]:
    year = "(?P<year>[12][0-9]{3})"
    day_month = rf"(?P<day>[1-9]|[12][0-9]|3[01]) (?P<month>{'|'.join(MONTHS)}){AFTER}"
    day_month_year = rf"{day_month}(?: {year}(?: года{AFTER}| ?г\.|(?![\w]|[-.,:/][0-9])))?"
    unit = rf"(?: ?(?P<unit>%|{one_of(list(units))})(?![\w/²³]))?"
    marks = {unit.rstrip(".") for unit in units} | {"руб", "долл", "коп"}
    cues = rf"{BEFORE}(?P<cue>{_GENITIVE_CUES})"
    return [
        Rule(re.compile(rf"{BEFORE}(?P<cue>{_NOMINATIVE_DAY}) {day_month_year}", re.IGNORECASE), _day("ое")),
        Rule(re.compile(rf"{BEFORE}(?P<cue>[Кк]) {day_month_year}"), _day("ому")),
        Rule(re.compile(rf"{OUTSIDE}{day_month_year}"), _day("ого")),
        Rule(re.compile(rf"{BEFORE}(?P<cue>[Кк]) {year} (?P<word>году){AFTER}"), _year("ому")),
        Rule(re.compile(rf"{BEFORE}(?P<cue>[Вв]) {year} ?г\.(?!г)"), _year("ом", "году")),
        Rule(re.compile(rf"{OUTSIDE}{year} (?P<word>{'|'.join(_YEARS)}){AFTER}"), _year("")),
        Rule(re.compile(rf"{OUTSIDE}{year} ?г\.(?!г)"), _year("ого", "года")),
        Rule(
            re.compile(
                rf"{OUTSIDE}(?P<number>[0-9]{{1,4}})-(?P<ending>{one_of(list(_ENDINGS))}){AFTER}"
                r"(?= (?P<next>[а-яё]{2,20}))?"
            ),
            _ordinal,
        ),
        # Twenty years old in one word: what such an adjective is called, only the voice can know.
        Rule(re.compile(rf"{OUTSIDE}[0-9]{{1,9}}-[а-яё]{{3,20}}{AFTER}"), lambda match: match[0]),
        Rule(
            re.compile(rf"{cues} (?P<hour>[0-9]{{1,2}}):(?P<minute>[0-5][0-9])(?![\w:]|[.,][0-9])", re.IGNORECASE),
            _time_genitive,
        ),
        Rule(
            re.compile(rf"{cues} {_NUMBER}{unit}{_NOT_WITHIN}{_NO_DATE}(?= (?P<next>[а-яё]{{2,20}}))?", re.IGNORECASE),
            lambda match: _genitive(match, units),
        ),
        Rule(
            re.compile(rf"{BEFORE}(?P<cue>[Сс]) {_NUMBER}(?P<unit>)(?P<next>)(?= до )"), lambda m: _genitive(m, units)
        ),
        part_of_whole_rule(_part),
        score_rule(cardinal, " "),
        Rule(
            re.compile(rf"{OUTSIDE}[78]9[0-9]{{9}}(?![\w]|[.,][0-9])"),
            lambda match: " ".join(cardinal(int(digit)) for digit in match[0]),
        ),
        Rule(
            re.compile(rf"{OUTSIDE}(?<!-)(?P<number>[12])[-–](?P<last>[234])(?= (?P<next>[а-яё]{{3,20}}))"),
            lambda match: None if match["next"] in marks else _range(match),
        ),
        Rule(
            re.compile(rf"{OUTSIDE}{_NUMBER}{_WORD}"),
            lambda match: None if match["next"] in marks else _agreeing(match),
        ),
    ]


def _cued(match: re.Match[str], words: str) -> str:
    cue = match.groupdict().get("cue")
    return f"{cue} {words}" if cue else words


def year_genitive(number: int) -> str:
    """Read the year of a date: "две тысячи двадцать шестого года"."""
    return f"{ordinal(number, 'ого') if number <= LARGEST_ORDINAL else cardinal(number)} года"


def _day(ending: str) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        said = f"{ordinal(int(match['day']), ending)} {match['month']}"
        return _cued(match, f"{said} {year_genitive(int(match['year']))}" if match["year"] else said)

    return read


def _year(ending: str, word: str = "") -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        written = word or match["word"]
        said = _cued(match, f"{ordinal(int(match['year']), ending or _YEARS[written])} {written}")
        return f"{said}." if match[0].endswith(".") and match.end() == len(match.string) else said

    return read


def _ordinal(match: re.Match[str]) -> str:
    number, ending = int(match["number"]), _ENDINGS[match["ending"]]
    if match["ending"] == "е" and number and number % 10 == 0:
        ending = "ые"
    # 5-й этаж, but на 5-й странице.
    if match["ending"] == "й" and (match["next"] or "").endswith(("е", "и", "ы", "ой", "ей")):
        ending = "ой"
    return ordinal(number, ending)


def _time_genitive(match: re.Match[str]) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 24:
        return None
    minutes = genitive(cardinal(minute)) if minute >= 10 else f"ноль {genitive(cardinal(minute)) if minute else 'ноль'}"
    return f"{match['cue']} {genitive(cardinal(hour))} {minutes}"


def _genitive(match: re.Match[str], units: Mapping[str, Noun]) -> str:
    number = int(match["number"].replace(" ", ""))
    if match["unit"]:
        noun = PERCENT if match["unit"] == "%" else units[match["unit"]]
        return f"{match['cue']} {counted_genitive(number, noun)}"
    feminine = (match["next"] or "").endswith(("ы", "и"))
    return f"{match['cue']} {genitive(cardinal(number, feminine=feminine))}"


def _part(upper: int, lower: int) -> str:
    """Read 1/2 as "одна вторая", 3/4 as "три четвёртых"."""
    ending = form(upper, Noun(one="ая", few="ых", many="ых"))
    return f"{cardinal(upper, feminine=True)} {ordinal(lower, ending)}"


def _range(match: re.Match[str]) -> str | None:
    first, last = int(match["number"]), int(match["last"])
    feminine = match["next"].endswith(("ы", "и"))
    return f"{cardinal(first, feminine=feminine)} – {cardinal(last, feminine=feminine)}" if first < last else None


def _agreeing(match: re.Match[str]) -> str | None:
    """Read один and два in the gender of the noun behind them, which its ending tells."""
    number, word = int(match["number"].replace(" ", "")), match["next"]
    kind = form(number, Noun(one="1", few="2", many="5"))
    if kind == "5" or word in _NO_NOUNS:
        return None
    if kind == "1":
        said = cardinal(number)
        if word in _OF_MEN:
            return f"{said[: -len('один')]}одного"
        # Only neuters end so behind it; with a consonant before it, е is "in one class".
        neuter = word.endswith(("о", "ие", "ье", "ое"))
        changed = "одно" if neuter else {"а": "одна", "я": "одна", "у": "одну", "ю": "одну"}.get(word[-1])
        return f"{said[: -len('один')]}{changed}" if changed and said.endswith("один") else None
    if word.endswith(_OF_PLURALS) and match["then"]:
        word = match["then"]
    return cardinal(number, feminine=word.endswith(("ы", "и")))
