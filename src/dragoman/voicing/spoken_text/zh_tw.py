"""Chinese in traditional letters, with the words of Taiwan: 兆, 公尺, 公分, 新臺幣."""

from functools import partial

from dragoman.voicing.spoken_text.east_asian import FULL_WIDTH, RANGE_MARK
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.zh_numbers import chinese_cardinal, chinese_clock, chinese_rules, each_digit

_SCALES = ((10**12, "兆"), (10**8, "億"), (10**4, "萬"))


def cardinal(number: int) -> str:
    """Read a whole number from 0: 22,345 is "兩萬兩千三百四十五"."""
    return chinese_cardinal(number, scales=_SCALES, two="兩")


def count(number: int, feminine: bool) -> str:
    return "兩" if number == 2 else cardinal(number)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(month)}月{cardinal(day)}日"
    return f"{year}年{said}" if year else said


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_YUAN, _DOLLAR, _EURO = Money(whole=_noun("元")), Money(whole=_noun("美元")), Money(whole=_noun("歐元"))
_POUND, _YEN, _WON, _DONG = (Money(whole=_noun(word)) for word in ("英鎊", "日圓", "韓元", "越南盾"))

TAIWANESE = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=each_digit,
    figures=FULL_WIDTH,
    glued=True,
    spaceless=True,
    own=chinese_rules(cardinal, two="兩"),
    thousands=",",
    decimals=r"\.",
    decimal_word="點",
    minus="負",
    plus="加",
    percent="百分之{}",
    up_to="到",
    range_mark=RANGE_MARK,
    point="點",
    at="小老鼠",
    slash="斜線",
    ampersand="和",
    date=_date,
    day_first=False,
    year_first=True,
    clock=partial(chinese_clock, two="兩", oclock="點"),
    hour_mark="[:：]",
    halves_of_day={**dict.fromkeys(("am", "AM", "a.m."), "上午"), **dict.fromkeys(("pm", "PM", "p.m."), "下午")},
    halves_first=True,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "公里", "m": "公尺", "cm": "公分", "mm": "公釐", "km/h": "公里每小時", "m/s": "公尺每秒",
            "km²": "平方公里", "km2": "平方公里", "m²": "平方公尺", "m2": "平方公尺", "m³": "立方公尺",
            "m3": "立方公尺", "㎞": "公里", "㎝": "公分", "㎜": "公釐", "㎡": "平方公尺", "㎏": "公斤", "ha": "公頃",
            "kg": "公斤", "g": "公克", "mg": "毫克", "t": "公噸", "l": "公升", "L": "公升", "ml": "毫升", "mL": "毫升",
            "°C": "度", "℃": "度", "°F": "華氏度", "℉": "華氏度", "°": "度", "h": "小時", "min": "分鐘", "s": "秒",
            "ms": "毫秒", "W": "瓦", "kW": "千瓦", "MW": "百萬瓦", "kWh": "度", "V": "伏特", "Hz": "赫茲",
            "kHz": "千赫", "MHz": "百萬赫", "GHz": "吉赫", "kcal": "大卡",
        }.items()
    },
    money={
        "NT$": _YUAN, "元": _YUAN, "TWD": Money(whole=_noun("元新臺幣")), "¥": _YEN, "￥": _YEN, "JPY": _YEN,
        "$": _YUAN, "US$": _DOLLAR, "USD": _DOLLAR, "美元": _DOLLAR, "HK$": Money(whole=_noun("港元")),
        "€": _EURO, "EUR": _EURO, "£": _POUND, "GBP": _POUND, "₩": _WON, "KRW": _WON, "₫": _DONG, "VND": _DONG,
        "CNY": Money(whole=_noun("元人民幣")), "₹": Money(whole=_noun("盧比")), "฿": Money(whole=_noun("泰銖")),
    },
    money_before=("TWD", "USD", "EUR", "JPY"),
    hundredths="{whole}{hundredth}",
    magnitudes={word: _noun(word) for word in ("百", "千", "萬", "百萬", "千萬", "億", "兆")},
    abbreviations={"vs": "對", "VS": "對"},
)  # fmt: skip
