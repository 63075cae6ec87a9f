"""Thai: one million after another, เอ็ด at the end, times with นาฬิกา."""

import re

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.parts import part_of_whole_rule
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule
from dragoman.voicing.spoken_text.th_numbers import PlaceWords, read_places

_DIGITS = "ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า".split()
_WORDS = PlaceWords(
    digits=_DIGITS,
    tens=("", "สิบ", "ยี่สิบ", *(f"{digit}สิบ" for digit in _DIGITS[3:])),
    places=("ร้อย", "พัน", "หมื่น", "แสน"),
    million="ล้าน",
    last_one="เอ็ด",
)
_MONTHS = ("มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม").split()
_SHORT_MONTHS = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.".split()


def cardinal(number: int) -> str:
    """Read a whole number from 0: 121 is "หนึ่งร้อยยี่สิบเอ็ด"."""
    return read_places(number, _WORDS)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{cardinal(hour)}นาฬิกา"
    if minute or second is not None:
        said += f"{cardinal(minute)}นาที"
    return said if second is None else f"{said}{cardinal(second)}วินาที"


def _dotted_clock(match: re.Match[str]) -> str | None:
    """Read 14.30 น.; without น. it is a fraction."""
    hour, minute = int(match["hour"]), int(match["minute"])
    return _clock(hour, minute, None) if hour <= 24 else None


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_BAHT = Money(whole=_noun("บาท"), hundredth=_noun("สตางค์"))
_DOLLAR, _EURO, _POUND, _YEN = (Money(whole=_noun(word)) for word in ("ดอลลาร์", "ยูโร", "ปอนด์", "เยน"))
_DONG, _WON, _KIP = (Money(whole=_noun(word)) for word in ("ดอง", "วอน", "กีบ"))

THAI = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    figures=str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789"),
    glued=True,
    spaceless=True,
    own=[
        part_of_whole_rule(lambda upper, lower: f"เศษ{cardinal(upper)}ส่วน{cardinal(lower)}"),
        Rule(re.compile(rf"{OUTSIDE}(?P<hour>[0-9]{{1,2}})\.(?P<minute>[0-5][0-9]) ?น\."), _dotted_clock),
    ],
    thousands=",",
    decimals=r"\.",
    decimal_word="จุด",
    minus="ลบ",
    plus="บวก",
    percent="เปอร์เซ็นต์",
    up_to="ถึง",
    point="จุด",
    at="แอท",
    slash="ทับ",
    ampersand="และ",
    date=_date,
    clock=_clock,
    clock_word=r"น\.",
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "กิโลเมตร", "กม.": "กิโลเมตร", "m": "เมตร", "ม.": "เมตร", "cm": "เซนติเมตร", "ซม.": "เซนติเมตร",
            "mm": "มิลลิเมตร", "มม.": "มิลลิเมตร", "km/h": "กิโลเมตรต่อชั่วโมง", "กม./ชม.": "กิโลเมตรต่อชั่วโมง",
            "m/s": "เมตรต่อวินาที", "km²": "ตารางกิโลเมตร", "km2": "ตารางกิโลเมตร", "ตร.กม.": "ตารางกิโลเมตร",
            "m²": "ตารางเมตร", "m2": "ตารางเมตร", "ตร.ม.": "ตารางเมตร", "m³": "ลูกบาศก์เมตร", "m3": "ลูกบาศก์เมตร",
            "ลบ.ม.": "ลูกบาศก์เมตร", "ha": "เฮกตาร์", "kg": "กิโลกรัม", "กก.": "กิโลกรัม", "g": "กรัม", "mg": "มิลลิกรัม",
            "มก.": "มิลลิกรัม", "t": "ตัน", "l": "ลิตร", "L": "ลิตร", "ml": "มิลลิลิตร", "mL": "มิลลิลิตร", "มล.": "มิลลิลิตร",
            "°C": "องศาเซลเซียส", "°F": "องศาฟาเรนไฮต์", "°": "องศา", "h": "ชั่วโมง", "ชม.": "ชั่วโมง", "min": "นาที",
            "s": "วินาที", "ms": "มิลลิวินาที", "W": "วัตต์", "kW": "กิโลวัตต์", "MW": "เมกะวัตต์",
            "kWh": "กิโลวัตต์ชั่วโมง", "V": "โวลต์", "Hz": "เฮิรตซ์", "kHz": "กิโลเฮิรตซ์", "MHz": "เมกะเฮิรตซ์",
            "GHz": "กิกะเฮิรตซ์", "KB": "กิโลไบต์", "MB": "เมกะไบต์", "GB": "กิกะไบต์", "TB": "เทระไบต์",
        }.items()
    },
    money={
        "฿": _BAHT, "บาท": _BAHT, "THB": _BAHT, "$": _DOLLAR, "US$": _DOLLAR,
        "USD": Money(whole=_noun("ดอลลาร์สหรัฐ")), "€": _EURO, "EUR": _EURO, "£": _POUND, "GBP": _POUND, "¥": _YEN,
        "JPY": _YEN, "₫": _DONG, "VND": _DONG, "₩": _WON, "KRW": _WON, "₭": _KIP, "LAK": _KIP,
        "CNY": Money(whole=_noun("หยวน")), "₹": Money(whole=_noun("รูปี")),
    },
    money_before=("THB", "USD", "EUR"),
    hundredths="{whole} {hundredth}",
    magnitudes={word: word for word in ("ร้อย", "พัน", "หมื่น", "แสน", "ล้าน", "พันล้าน")},
    abbreviations={
        **dict(zip(_SHORT_MONTHS, _MONTHS, strict=True)),
        "พ.ศ.": "พุทธศักราช", "ค.ศ.": "คริสต์ศักราช", "กทม.": "กรุงเทพมหานคร", "ฯลฯ": "และอื่นๆ",
        "ผศ.ดร.": "ผู้ช่วยศาสตราจารย์ด็อกเตอร์",
        "รศ.ดร.": "รองศาสตราจารย์ด็อกเตอร์", "ศ.ดร.": "ศาสตราจารย์ด็อกเตอร์",
    },
)  # fmt: skip
