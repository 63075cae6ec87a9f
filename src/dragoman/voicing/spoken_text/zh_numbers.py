"""Chinese numbers: 零 for skipped places, 两 for two of something. For ``zh.py``, ``zh_tw.py``."""

import re
from collections.abc import Callable

from dragoman.voicing.spoken_text.east_asian import RANGE_MARK, below_zero_rule
from dragoman.voicing.spoken_text.parts import part_of_whole_rule, score_rule
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule

DIGITS = "零一二三四五六七八九"
_PLACES = ((1000, "千"), (100, "百"), (10, "十"))
_COUNTED = (
    "个個位条條只隻张張本件家次天周週岁歲块塊元人名杯瓶斤里米台臺套支枝双雙组組份句遍种種项項场場部辆輛架间間所"
    "颗顆粒片层層倍吨噸克升秒夜对對封顿頓首座段回碗百千万萬亿億兆"
)
"""Before these, a lone 2 is 两; 层 counts floors only behind a number, and 楼 names one."""
_LONGER = "小时 小時 点钟 點鐘 点半 點半 分钟 分鐘 公里 公斤 公尺 公分 公升 厘米 毫米 星期 礼拜 禮拜".split()


def chinese_cardinal(number: int, *, scales: tuple[tuple[int, str], ...], two: str) -> str:
    """Read a whole number from 0: 10,234 is "一万零二百三十四", 2,000 "两千".

    ``scales`` are the large units, the largest first; ``two`` is two before thousands and before them.
    """
    if number < 10_000:
        return _below_ten_thousand(number, two)
    scale, name = next((scale, name) for scale, name in scales if number >= scale)
    head, rest = divmod(number, scale)
    said = two if head == 2 else chinese_cardinal(head, scales=scales, two=two)
    if not rest:
        return said + name
    skipped = DIGITS[0] if rest < scale // 10 else ""
    # Only a number that begins with ten drops its one: 十五, but 一百一十五.
    tail = chinese_cardinal(rest, scales=scales, two=two)
    return said + name + skipped + (f"{DIGITS[1]}{tail}" if tail.startswith("十") else tail)


def _below_ten_thousand(number: int, two: str) -> str:
    said, rest = "", number
    for value, place in _PLACES:
        digit, rest = divmod(rest, value)
        if digit:
            said += (two if digit == 2 and value == 1000 else DIGITS[digit]) + place
        elif said and not said.endswith(DIGITS[0]) and rest:
            said += DIGITS[0]
    if rest or not said:
        said += DIGITS[rest]
    return said[1:] if said.startswith("一十") else said


def each_digit(number: int) -> str:
    """Read a year: 2026 is "二零二六"."""
    return "".join(DIGITS[int(digit)] for digit in str(number))


def chinese_clock(hour: int, minute: int, second: int | None, *, two: str, oclock: str) -> str:
    said = f"{two if hour == 2 else _below_ten_thousand(hour, two)}{oclock}"
    if minute or second is not None:
        said += f"{DIGITS[0] if minute < 10 and minute else ''}{_below_ten_thousand(minute, two)}分"
    return said if second is None else f"{said}{_below_ten_thousand(second, two)}秒"


def chinese_rules(cardinal: Callable[[int], str], *, two: str) -> list[Rule]:
    """Years digit by digit, two before what it counts, fractions and scores."""
    counted = "|".join([f"[{_COUNTED}]", *_LONGER])
    year = "[12][0-9]{3}"

    def read_year(match: re.Match[str]) -> str | None:
        number = int(match["year"])
        return each_digit(number) if number % 1000 else None

    return [
        Rule(
            re.compile(rf"{OUTSIDE}(?P<first>{year}){RANGE_MARK}(?P<last>{year})(?=年)"),
            lambda match: f"{each_digit(int(match['first']))}到{each_digit(int(match['last']))}",
        ),
        Rule(re.compile(rf"{OUTSIDE}(?P<year>{year})(?= ?年)"), read_year),
        Rule(
            re.compile(rf"{OUTSIDE}(?<![第/-])2{RANGE_MARK}(?P<last>[3-9]|[1-9][0-9])(?= ?(?:{counted}))"),
            lambda match: f"{two}到{cardinal(int(match['last']))}",
        ),
        Rule(re.compile(rf"{OUTSIDE}(?<![第/-])2(?= ?(?:{counted}|年(?!级|級)))"), lambda _: two),
        part_of_whole_rule(lambda upper, lower: f"{cardinal(lower)}分之{cardinal(upper)}"),
        score_rule(cardinal, "比"),
        below_zero_rule("负" if two == "两" else "負"),
    ]
