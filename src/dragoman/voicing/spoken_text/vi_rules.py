"""What Vietnamese writes around figures: lễ 30/4, 2/3 dân số, quý 3/2026, 8h-10h, 500k. For ``vi.py``."""

import re
from collections.abc import Callable

from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, OUTSIDE, Rule, one_of

_HOLIDAY_CUES = "lễ|dịp|mồng|mùng|khánh"
_HOLIDAYS = "26/3 27/2 30/4 19/5 27/7 19/8 20/10 20/11 22/12 24/12 25/12 31/12".split()
"""Days of the year that everybody knows by their figures; 8/3 and 2/9 might be parts of something as well."""
_WHOLES = (
    "dân số;số;tổng;diện tích;thế giới;quãng đường;chặng đường;lượng;thời gian;cuộc đời;lít;cốc;ly;chén;bát;thìa;muỗng;"
    "quả;trái;cái;kg;giá;giá trị;lương;người;học sinh;sinh viên;nhân viên;cổ phần;đất nước;nước;công việc;thành viên"
).split(";")
"""What there are parts of: before them 2/3 is no day and no mark."""
_NO_PART = "".join(rf"(?<!\b{word} )" for word in "từ đến tới vào sau trước".split())
"""Behind these it is a day all the same: từ 1/7 lương tăng."""
_NO_DAY = "".join(rf"(?<!\b{word} )" for word in "số;nhà;hẻm;ngõ;ngách;kiệt;phòng;trang;lệ;địa chỉ".split(";"))
_PRICE = re.compile(
    r"(?<!\w)(?:giá|mua|bán|tốn|trả|tiền|phí|vé|lương|ship|giảm|tặng|thưởng|nợ|vay|nạp|chuyển|rút|cọc|mất|hết|lãi|lỗ)"
    r"(?: (?:chỉ|còn|là|từ|khoảng|gần|hơn|có|thêm)){0,2} (?:[0-9]{2,4}k ?(?:đến|tới|hoặc|[-–]) ?)?\Z",
    re.IGNORECASE,
)
_LONGEST_PRICE = 36
_NO_PRICE = "".join(rf"(?<!\b{word} )" for word in "vàng;chạy;đua;giải;cự ly;marathon;iso".split(";"))
_COMMON_PRICE = 50
"""What is paid in notes is no length, no carat and no picture: 100k, 150k, 500k."""
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
_NO_DATE = r"(?![\w/]|[.,-][0-9])"


def vietnamese_rules(
    cardinal: Callable[[int], str],
    date: Callable[[int, int, str], str],
    clock: Callable[[int, int, int | None], str],
) -> list[Rule]:
    return [
        *_holiday_rules(date),
        *_part_rules(cardinal),
        _hours_rule(clock),
        _thousands_rule(cardinal),
    ]


def _thousands_rule(cardinal: Callable[[int], str]) -> Rule:
    """Read 35k as thousands only where money is meant: gold has 24k, runners 21k and pictures 16k."""

    def read(match: re.Match[str]) -> str | None:
        number = int(match["number"])
        before = match.string[max(match.start() - _LONGEST_PRICE, 0) : match.start()]
        if number % _COMMON_PRICE and match["each"] is None and not _PRICE.search(before):
            return None
        return f"{cardinal(number)} nghìn"

    each = r"(?P<each>(?= ?/ ?[^\W\d_]| (?:một|1|mỗi) [^\W\d_]))?"
    money = r"(?! ?(?:[$€₫]|(?:đ|đồng|VND|VNĐ|USD)(?!\w)))"
    return Rule(re.compile(rf"{OUTSIDE}(?i:{_NO_PRICE})(?P<number>[1-9][0-9]{{1,3}})k{AFTER}{money}{each}"), read)


def _holiday_rules(date: Callable[[int, int, str], str]) -> list[Rule]:
    def day(written: str) -> str:
        number, _, month = written.partition("/")
        return date(int(number), int(month), "").removeprefix("ngày ")

    def read(match: re.Match[str]) -> str:
        said = f"{match['cue']} {day(match['first'])}"
        if not match["last"]:
            return said
        return f"{said} {'và' if 'và' in match['joint'] else 'đến'} {day(match['last'])}"

    day_month = "(?:[12][0-9]|3[01]|0?[1-9])/(?:1[0-2]|0?[1-9])"
    another = rf"(?:(?P<joint> và | ?[-–] ?)(?P<last>{day_month}))?"
    return [
        Rule(
            re.compile(
                rf"{BEFORE}(?P<cue>{_HOLIDAY_CUES}) (?P<first>{day_month}){another}{_NO_DATE}",
                re.IGNORECASE,
            ),
            read,
        ),
        Rule(re.compile(rf"{OUTSIDE}(?<!/)(?i:{_NO_DAY}){one_of(_HOLIDAYS)}{_NO_DATE}"), lambda match: day(match[0])),
    ]


def _part_rules(cardinal: Callable[[int], str]) -> list[Rule]:
    """Read parts of a whole, and the quarters of a year."""

    def fourth(number: int) -> str:
        return "tư" if number == 4 else cardinal(number)

    def part(match: re.Match[str]) -> str | None:
        upper, lower = int(match["upper"]), int(match["lower"])
        return f"{cardinal(upper)} phần {fourth(lower)}" if upper < lower else None

    def quarter(match: re.Match[str]) -> str:
        return f"{match['cue']} {fourth(_QUARTERS[match['quarter']])} năm {cardinal(int(match['year']))}"

    quarters, whole = one_of(list(_QUARTERS)), one_of(_WHOLES)
    return [
        Rule(re.compile(rf"{OUTSIDE}(?<!/)(?i:{_NO_PART})(?P<upper>[1-8])/(?P<lower>[2-9])(?= {whole}{AFTER})"), part),
        Rule(
            re.compile(rf"{BEFORE}(?P<cue>[Qq]uý) (?P<quarter>{quarters})/(?P<year>[12][0-9]{{3}})(?![\w/-])"), quarter
        ),
    ]


def _hours_rule(clock: Callable[[int, int, int | None], str]) -> Rule:
    def read(match: re.Match[str]) -> str | None:
        first, last = int(match["first"]), int(match["last"])
        if not first < last <= 24:
            return None
        return f"{clock(first, 0, None)} đến {clock(last, int(match['minute'] or 0), None)}"

    return Rule(
        re.compile(rf"{OUTSIDE}(?P<first>[0-9]{{1,2}})h ?[-–] ?(?P<last>[0-9]{{1,2}})h(?P<minute>[0-5][0-9])?{AFTER}"),
        read,
    )
