"""Japanese, in the letters that its numbers are written with: 三月五日, 二人. How those sound, voices know.

Counters change the sound of numbers (さんぼん, ふつか, ふたり): a voice that reads kanji has it from there.
"""

import re

from dragoman.voicing.spoken_text.east_asian import FULL_WIDTH, RANGE_MARK, below_zero_rule, in_ten_thousands
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.parts import part_of_whole_rule, score_rule
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule

_DIGITS: tuple[str, ...] = ("", *"一二三四五六七八九")
_PLACES = ((1000, "千"), (100, "百"), (10, "十"))
_SCALES = ("", "万", "億", "兆")


def cardinal(number: int) -> str:
    """Read a whole number from 0: 12,345 is "一万二千三百四十五"; empty places are not said."""
    groups = in_ten_thousands(number)
    said = [
        f"{_four_digits(groups[place], one_thousand=place > 0)}{_SCALES[place]}"
        for place in reversed(range(len(groups)))
        if groups[place]
    ]
    return "".join(said) or "ゼロ"


def _four_digits(number: int, *, one_thousand: bool) -> str:
    said, rest = "", number
    for value, place in _PLACES:
        digit, rest = divmod(rest, value)
        if digit:
            says_one = digit > 1 or (value == 1000 and one_thousand)
            said += (_DIGITS[digit] if says_one else "") + place
    return said + _DIGITS[rest]


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(month)}月{cardinal(day)}日"
    return f"{year}年{said}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{cardinal(hour) if hour else '零'}時"
    if minute or second is not None:
        said += f"{cardinal(minute)}分"
    return said if second is None else f"{said}{cardinal(second)}秒"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_YEN, _DOLLAR, _EURO = Money(whole=_noun("円")), Money(whole=_noun("ドル")), Money(whole=_noun("ユーロ"))
_POUND, _WON, _DONG = (Money(whole=_noun(word)) for word in ("ポンド", "ウォン", "ドン"))

JAPANESE = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    figures=FULL_WIDTH,
    glued=True,
    spaceless=True,
    own=[
        Rule(re.compile(rf"{OUTSIDE}0(?=時)"), lambda _: "零"),
        Rule(re.compile(rf"{OUTSIDE}1,?000(?=[万億兆])"), lambda _: "一千"),
        part_of_whole_rule(lambda upper, lower: f"{cardinal(lower)}分の{cardinal(upper)}"),
        score_rule(cardinal, "対"),
        below_zero_rule("マイナス"),
    ],
    thousands=",",
    decimals=r"\.",
    decimal_word="点",
    minus="マイナス",
    plus="プラス",
    percent="パーセント",
    up_to="から",
    range_mark=RANGE_MARK,
    point="ドット",
    at="アットマーク",
    slash="スラッシュ",
    ampersand="アンド",
    date=_date,
    day_first=False,
    year_first=True,
    clock=_clock,
    hour_mark="[:：]",
    halves_of_day={**dict.fromkeys(("am", "AM", "a.m."), "午前"), **dict.fromkeys(("pm", "PM", "p.m."), "午後")},
    halves_first=True,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "キロメートル", "m": "メートル", "cm": "センチメートル", "mm": "ミリメートル",
            "km/h": "時速{}キロメートル", "m/s": "秒速{}メートル", "km²": "平方キロメートル", "km2": "平方キロメートル",
            "m²": "平方メートル", "m2": "平方メートル", "m³": "立方メートル", "m3": "立方メートル",
            "㎞": "キロメートル",
            "㎝": "センチメートル", "㎜": "ミリメートル", "㎡": "平方メートル", "㎏": "キログラム", "ha": "ヘクタール",
            "kg": "キログラム", "g": "グラム", "mg": "ミリグラム", "t": "トン", "l": "リットル", "L": "リットル",
            "ml": "ミリリットル", "mL": "ミリリットル", "°C": "度", "℃": "度", "°F": "華氏{}度", "℉": "華氏{}度",
            "°": "度", "h": "時間", "min": "分", "s": "秒", "ms": "ミリ秒", "W": "ワット", "kW": "キロワット",
            "MW": "メガワット", "kWh": "キロワット時", "V": "ボルト", "Hz": "ヘルツ", "kHz": "キロヘルツ",
            "MHz": "メガヘルツ", "GHz": "ギガヘルツ", "KB": "キロバイト", "MB": "メガバイト", "GB": "ギガバイト",
            "TB": "テラバイト", "kcal": "キロカロリー",
        }.items()
    },
    money={
        "¥": _YEN, "￥": _YEN, "円": _YEN, "JPY": _YEN, "$": _DOLLAR, "US$": _DOLLAR, "ドル": _DOLLAR,
        "USD": Money(whole=_noun("米ドル")), "€": _EURO, "EUR": _EURO, "£": _POUND, "GBP": _POUND, "₩": _WON,
        "KRW": _WON, "₫": _DONG, "VND": _DONG, "CNY": Money(whole=_noun("人民元")), "₹": Money(whole=_noun("ルピー")),
        "฿": Money(whole=_noun("バーツ")),
    },
    money_before=("JPY", "USD", "EUR"),
    hundredths="{whole}{hundredth}",
    magnitudes={word: word for word in ("百", "千", "万", "百万", "千万", "億", "兆")},
    abbreviations={
        "㈱": "株式会社", "(株)": "株式会社", "（株）": "株式会社", "㈲": "有限会社",
        "vs": "対", "VS": "対",
    },
)  # fmt: skip
