"""Chinese in simplified letters, as the mainland speaks it."""

import re
from functools import partial

from dragoman.voicing.spoken_text.east_asian import FULL_WIDTH, RANGE_MARK
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule
from dragoman.voicing.spoken_text.zh_numbers import chinese_cardinal, chinese_clock, chinese_rules, each_digit

_SCALES = ((10**8, "亿"), (10**4, "万"))


def cardinal(number: int) -> str:
    """Read a whole number from 0: 22,345 is "两万两千三百四十五"."""
    return chinese_cardinal(number, scales=_SCALES, two="两")


def count(number: int, feminine: bool) -> str:
    return "两" if number == 2 else cardinal(number)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(month)}月{cardinal(day)}日"
    return f"{year}年{said}" if year else said


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_MOBILE = Rule(
    re.compile(rf"{OUTSIDE}1[3-9][0-9]{{9}}(?![\w]|[.,][0-9])"),
    lambda match: each_digit(int(match[0])),
)
"""Telephone numbers of the mainland."""
_YUAN, _DOLLAR, _EURO = Money(whole=_noun("元")), Money(whole=_noun("美元")), Money(whole=_noun("欧元"))
_POUND, _YEN, _WON, _DONG = (Money(whole=_noun(word)) for word in ("英镑", "日元", "韩元", "越南盾"))

CHINESE = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=each_digit,
    figures=FULL_WIDTH,
    glued=True,
    spaceless=True,
    own=[*chinese_rules(cardinal, two="两"), _MOBILE],
    thousands=",",
    decimals=r"\.",
    decimal_word="点",
    minus="负",
    plus="加",
    percent="百分之{}",
    up_to="到",
    range_mark=RANGE_MARK,
    point="点",
    at="艾特",
    slash="斜杠",
    ampersand="和",
    date=_date,
    day_first=False,
    year_first=True,
    clock=partial(chinese_clock, two="两", oclock="点"),
    hour_mark="[:：]",
    halves_of_day={**dict.fromkeys(("am", "AM", "a.m."), "上午"), **dict.fromkeys(("pm", "PM", "p.m."), "下午")},
    halves_first=True,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "公里", "m": "米", "dm": "分米", "cm": "厘米", "mm": "毫米", "km/h": "公里每小时", "m/s": "米每秒",
            "km²": "平方公里", "km2": "平方公里", "m²": "平方米", "m2": "平方米", "m³": "立方米", "m3": "立方米",
            "㎞": "公里", "㎝": "厘米", "㎜": "毫米", "㎡": "平方米", "㎏": "公斤", "ha": "公顷", "kg": "公斤",
            "g": "克", "mg": "毫克", "t": "吨", "l": "升", "L": "升", "ml": "毫升", "mL": "毫升", "°C": "摄氏度",
            "℃": "摄氏度",
            "°F": "华氏度", "℉": "华氏度", "°": "度", "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "W": "瓦",
            "kW": "千瓦", "MW": "兆瓦", "kWh": "千瓦时", "V": "伏", "Hz": "赫兹", "kHz": "千赫", "MHz": "兆赫",
            "GHz": "吉赫", "kcal": "千卡",
        }.items()
    },
    money={
        "¥": _YUAN, "￥": _YUAN, "元": _YUAN, "CNY": Money(whole=_noun("元人民币")),
        "RMB": Money(whole=_noun("元人民币")), "$": _DOLLAR, "US$": _DOLLAR, "USD": _DOLLAR, "美元": _DOLLAR,
        "HK$": Money(whole=_noun("港元")), "NT$": Money(whole=_noun("新台币")), "€": _EURO, "EUR": _EURO, "£": _POUND,
        "GBP": _POUND, "JPY": _YEN, "₩": _WON, "KRW": _WON, "₫": _DONG, "VND": _DONG,
        "₽": Money(whole=_noun("卢布")), "₹": Money(whole=_noun("卢比")), "฿": Money(whole=_noun("泰铢")),
    },
    money_before=("CNY", "RMB", "USD", "EUR", "GBP", "JPY"),
    hundredths="{whole}{hundredth}",
    magnitudes={word: _noun(word) for word in ("百", "千", "万", "百万", "千万", "亿", "万亿")},
    abbreviations={"vs": "对", "VS": "对"},
)  # fmt: skip
