"""Vietnamese, as the north reads: mốt, tư and lăm behind tens, linh for an empty ten, không trăm inside."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups
from dragoman.voicing.spoken_text.vi_rules import vietnamese_rules

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BEHIND_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_SCALES = ("", "nghìn", "triệu")
_BILLION = 10**9


def cardinal(number: int) -> str:
    """Read a whole number from 0: 21 is "hai mươi mốt", 1,005 "một nghìn không trăm linh năm"."""
    return " ".join(_words(number, inside=False)) or _DIGITS[0]


def _words(number: int, *, inside: bool) -> list[str]:
    """Read up to the largest: "tỷ" ends each nine digits. ``inside`` something stands before, so zeros are said."""
    billions, rest = divmod(number, _BILLION)
    words = [*_words(billions, inside=inside), "tỷ"] if billions else []
    groups = in_groups(rest)
    for place in reversed(range(len(groups))):
        if groups[place]:
            words += _three_digits(groups[place], inside=inside or bool(words))
            words += [_SCALES[place]] if place else []
    return words


def _three_digits(number: int, *, inside: bool) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or inside else []
    if not tens:
        return [*words, *(["linh"] if words else []), _DIGITS[ones]] if ones else words
    if tens == 1:
        words.append("mười")
        return [*words, "lăm" if ones == 5 else _DIGITS[ones]] if ones else words
    words += [_DIGITS[tens], "mươi"]
    return [*words, _BEHIND_TENS.get(ones, _DIGITS[ones])] if ones else words


def _date(day: int, month: int, year: str) -> str:
    said = f"ngày {cardinal(day)} tháng {_MONTHS.get(month, cardinal(month))}"
    return f"{said} năm {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{cardinal(hour)} giờ"
    if minute or second is not None:
        said += f" {cardinal(minute)} phút"
    return said if second is None else f"{said} {cardinal(second)} giây"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_MONTHS = {4: "tư"}
_DONG, _DOLLAR = Money(whole=_noun("đồng")), Money(whole=_noun("đô la"))

VIETNAMESE = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    own=vietnamese_rules(cardinal, _date, _clock),
    thousands=r"\.",
    decimals="[.,]",
    decimal_word="phẩy",
    minus="âm",
    plus="cộng",
    percent="phần trăm",
    up_to="đến",
    point="chấm",
    at="a còng",
    slash="trên",
    ampersand="và",
    date=_date,
    clock=_clock,
    hour_mark="[:hg]",
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xen ti mét", "mm": "mi li mét",
            "km/h": "ki lô mét trên giờ", "km/giờ": "ki lô mét trên giờ", "m/s": "mét trên giây",
            "km²": "ki lô mét vuông", "km2": "ki lô mét vuông", "m²": "mét vuông", "m2": "mét vuông",
            "m³": "mét khối", "m3": "mét khối", "ha": "héc ta", "kg": "ki lô gam", "g": "gam", "mg": "mi li gam",
            "l": "lít", "ml": "mi li lít", "°C": "độ C", "°F": "độ F", "°": "độ", "h": "giờ", "s": "giây",
            "ms": "mi li giây", "W": "oát", "kW": "ki lô oát", "kWh": "ki lô oát giờ", "MW": "mê ga oát",
            "V": "vôn", "Hz": "héc", "kHz": "ki lô héc", "MHz": "mê ga héc", "GHz": "gi ga héc",
            "KB": "ki lô bai", "MB": "mê ga bai", "GB": "gi ga bai", "TB": "tê ra bai", "tr": "triệu",
        }.items()
    },
    money={
        "đ": _DONG, "đồng": _DONG, "₫": _DONG, "VND": _DONG, "VNĐ": _DONG, "$": _DOLLAR,
        "USD": Money(whole=_noun("đô la Mỹ")),
        "€": Money(whole=_noun("ơ rô")), "EUR": Money(whole=_noun("ơ rô")), "£": Money(whole=_noun("bảng")),
        "GBP": Money(whole=_noun("bảng Anh")), "¥": Money(whole=_noun("yên")), "JPY": Money(whole=_noun("yên Nhật")),
        "₩": Money(whole=_noun("won")), "CNY": Money(whole=_noun("nhân dân tệ")),
    },
    hundredths="{whole} {hundredth}",
    magnitudes={
        "nghìn": "nghìn", "ngàn": "ngàn", "triệu": "triệu", "tỷ": "tỷ", "tỉ": "tỉ", "tr": "triệu", "k": "nghìn",
        "K": "nghìn", "M": "triệu",
    },
    abbreviations={
        "TP.HCM": "thành phố Hồ Chí Minh", "TP. HCM": "thành phố Hồ Chí Minh", "TPHCM": "thành phố Hồ Chí Minh",
        "Tp.HCM": "thành phố Hồ Chí Minh", "HCM": "Hồ Chí Minh", "TP. ": "thành phố ", "Tp. ": "thành phố ",
        "TP ": "thành phố ", "GS.TS. ": "giáo sư tiến sĩ ", "GS.TS ": "giáo sư tiến sĩ ",
        "PGS.TS. ": "phó giáo sư tiến sĩ ", "PGS.TS ": "phó giáo sư tiến sĩ ", "GS. ": "giáo sư ",
        "PGS. ": "phó giáo sư ", "TS. ": "tiến sĩ ", "ThS. ": "thạc sĩ ", "BS. ": "bác sĩ ", "KS. ": "kỹ sư ",
        "LS. ": "luật sư ", "Q. ": "quận ", "P. ": "phường ", "Q.": "quận ", "P.": "phường ",
        "v.v...": "vân vân", "v.v…": "vân vân", "v.v.": "vân vân", "v.v": "vân vân", "VN": "Việt Nam",
        "UBND": "ủy ban nhân dân", "HĐND": "hội đồng nhân dân", "CLB": "câu lạc bộ", "THPT": "trung học phổ thông",
        "THCS": "trung học cơ sở", "ĐH": "đại học", "TNHH": "trách nhiệm hữu hạn", "SĐT": "số điện thoại",
        "BHXH": "bảo hiểm xã hội", "BHYT": "bảo hiểm y tế", "CNTT": "công nghệ thông tin", "QĐ": "quyết định",
        "VNĐ": "đồng", "VND": "đồng", "USD": "đô la Mỹ",
    },
    cues={
        "tháng": {4: "tư"},
        "thứ": {2: "hai", 3: "ba", 4: "tư", 5: "năm", 6: "sáu", 7: "bảy"},
        "lần thứ": {1: "nhất", 4: "tư"},
    },
    month_cue="tháng",
    month_year=lambda month, year: f"{_MONTHS.get(month, cardinal(month))} năm {year}",
    date_cues=("ngày", "sáng", "trưa", "chiều", "tối", "đêm", "hôm"),
)  # fmt: skip
