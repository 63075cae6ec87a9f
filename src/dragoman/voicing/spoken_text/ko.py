"""Korean: Chinese numbers to reckon with, Korean ones for hours and for what is counted, 유월 and 시월."""

import re

from dragoman.voicing.spoken_text.east_asian import (
    FULL_WIDTH,
    RANGE_MARK,
    in_ten_thousands,
)
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.parts import part_of_whole_rule, score_rule
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule

_DIGITS: tuple[str, ...] = ("", *"일이삼사오육칠팔구")
_PLACES = ((1000, "천"), (100, "백"), (10, "십"))
_SCALES = ("", "만", "억", "조")
_SCALE_VALUES = {"백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
_COUNTING = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_COUNTING_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_MONTHS = {6: "유월", 10: "시월"}
_COUNTERS = (
    r"개(?![월국년소사교])|명|시간|시(?![즌리])|살|마리|잔|병(?![동원실])|권|달(?!러)"
    r"|가지|사람|곳|켤레|송이|그루|군데|벌"
)


def cardinal(number: int) -> str:
    """Read a whole number from 0: 12,345 is "만 이천삼백사십오"."""
    groups = in_ten_thousands(number)
    said = [f"{_four_digits(groups[place])}{_SCALES[place]}" for place in reversed(range(len(groups))) if groups[place]]
    words = " ".join(said) or "영"
    return words[1:] if words.startswith("일만") else words


def _four_digits(number: int) -> str:
    said, rest = "", number
    for value, place in _PLACES:
        digit, rest = divmod(rest, value)
        if digit:
            said += (_DIGITS[digit] if digit > 1 else "") + place
    return said + _DIGITS[rest]


def counting(number: int) -> str:
    """Read a number before what it counts: 3 is "세", 20 "스무". From 100 on it is the Chinese one."""
    if not 0 < number < 100:
        return cardinal(number)
    if number == 20:
        return "스무"
    tens, ones = divmod(number, 10)
    return _COUNTING_TENS[tens] + _COUNTING[ones]


def _date(day: int, month: int, year: str) -> str:
    said = f"{_MONTHS.get(month, f'{cardinal(month)}월')} {cardinal(day)}일"
    return f"{year}년 {said}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{_hour(hour)} 시"
    if minute or second is not None:
        said += f" {cardinal(minute)} 분"
    return said if second is None else f"{said} {cardinal(second)} 초"


def _hour(hour: int) -> str:
    """The hours of the clock's face are Korean, those of the railway's Chinese."""
    return counting(hour) if hour <= 12 else cardinal(hour)


def _counted(match: re.Match[str]) -> str:
    number = int(match["number"])
    return f"{_hour(number) if match['counter'] == '시' else counting(number)} {match['counter']}"


def _range_counted(match: re.Match[str]) -> str:
    first, last = int(match["number"]), int(match["last"])
    read = _hour if match["counter"] == "시" else counting
    return f"{read(first)}에서 {read(last)} {match['counter']}"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_WON, _DOLLAR, _EURO = Money(whole=_noun("원")), Money(whole=_noun("달러")), Money(whole=_noun("유로"))
_POUND, _YEN, _DONG, _YUAN = (Money(whole=_noun(word)) for word in ("파운드", "엔", "동", "위안"))

KOREAN = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    digits="공일이삼사오육칠팔구",
    figures=FULL_WIDTH,
    glued=True,
    own=[
        Rule(re.compile(rf"{OUTSIDE}(?P<month>6|10)월"), lambda match: _MONTHS[int(match["month"])]),
        Rule(
            re.compile(rf"{OUTSIDE}(?<![제/~-])(?P<number>[1-9][0-9]?) ?(?P<counter>{_COUNTERS})"), _counted
        ),
        Rule(
            re.compile(
                rf"{OUTSIDE}(?<!-)(?P<number>[1-9][0-9]?){RANGE_MARK}(?P<last>[1-9][0-9]?) ?(?P<counter>{_COUNTERS})"
            ),
            _range_counted,
        ),
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[1-9][0-9]{{0,3}})(?P<scale>[만억조])"),
            lambda match: cardinal(int(match["number"]) * _SCALE_VALUES[match["scale"]]),
        ),
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[1-9])(?P<scale>[천백])(?=[만억원 ])"),
            lambda match: cardinal(int(match["number"]) * _SCALE_VALUES[match["scale"]]),
        ),
        part_of_whole_rule(lambda upper, lower: f"{cardinal(lower)}분의 {cardinal(upper)}"),
        score_rule(cardinal, " 대 "),
    ],
    thousands=",",
    decimals=r"\.",
    decimal_word="점",
    minus="마이너스",
    plus="플러스",
    percent="퍼센트",
    up_to="{}에서 {}",
    range_mark=RANGE_MARK,
    point="점",
    at="골뱅이",
    slash="슬래시",
    ampersand="앤드",
    date=_date,
    day_first=False,
    year_first=True,
    clock=_clock,
    halves_of_day={**dict.fromkeys(("am", "AM", "a.m."), "오전"), **dict.fromkeys(("pm", "PM", "p.m."), "오후")},
    halves_first=True,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "킬로미터", "m": "미터", "cm": "센티미터", "mm": "밀리미터", "km/h": "시속 {} 킬로미터",
            "m/s": "초속 {} 미터", "km²": "제곱킬로미터", "km2": "제곱킬로미터", "m²": "제곱미터", "m2": "제곱미터",
            "m³": "세제곱미터", "m3": "세제곱미터", "ha": "헥타르", "kg": "킬로그램", "g": "그램", "mg": "밀리그램",
            "t": "톤", "l": "리터", "L": "리터", "ml": "밀리리터", "mL": "밀리리터", "°C": "도", "℃": "도",
            "°F": "화씨 {} 도", "℉": "화씨 {} 도", "°": "도", "h": "시간", "min": "분", "s": "초", "ms": "밀리초",
            "W": "와트", "kW": "킬로와트", "MW": "메가와트", "kWh": "킬로와트시", "V": "볼트", "Hz": "헤르츠",
            "kHz": "킬로헤르츠", "MHz": "메가헤르츠", "GHz": "기가헤르츠", "KB": "킬로바이트", "MB": "메가바이트",
            "GB": "기가바이트", "TB": "테라바이트", "kcal": "킬로칼로리",
        }.items()
    },
    money={
        "₩": _WON, "원": _WON, "KRW": _WON, "$": _DOLLAR, "US$": _DOLLAR, "USD": Money(whole=_noun("미국 달러")),
        "달러": _DOLLAR, "€": _EURO, "EUR": _EURO, "유로": _EURO, "£": _POUND, "GBP": _POUND, "파운드": _POUND,
        "¥": _YEN, "JPY": _YEN, "엔": _YEN, "CNY": _YUAN, "위안": _YUAN, "₫": _DONG, "VND": _DONG,
        "₹": Money(whole=_noun("루피")), "฿": Money(whole=_noun("밧")),
    },
    money_before=("KRW", "USD", "EUR"),
    hundredths="{whole} {hundredth}",
    magnitudes={word: word for word in ("백", "천", "만", "백만", "천만", "억", "조")},
    abbreviations={"㈜": "주식회사", "(주)": "주식회사", "vs": "대", "VS": "대"},
)  # fmt: skip
