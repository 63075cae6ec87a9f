"""Lao: the places as in Thai, ຊາວ for twenty. Marks of thousands are dots and commas, as both are in use."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.parts import part_of_whole_rule
from dragoman.voicing.spoken_text.th_numbers import PlaceWords, read_places

_DIGITS = "ສູນ ໜຶ່ງ ສອງ ສາມ ສີ່ ຫ້າ ຫົກ ເຈັດ ແປດ ເກົ້າ".split()
_WORDS = PlaceWords(
    digits=_DIGITS,
    tens=("", "ສິບ", "ຊາວ", *(f"{digit}ສິບ" for digit in _DIGITS[3:])),
    places=("ຮ້ອຍ", "ພັນ", "ໝື່ນ", "ແສນ"),
    million="ລ້ານ",
    last_one="ເອັດ",
)
_MONTHS = "ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ".split()


def cardinal(number: int) -> str:
    """Read a whole number from 0: 121 is "ໜຶ່ງຮ້ອຍຊາວເອັດ"."""
    return read_places(number, _WORDS)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{cardinal(hour)}ໂມງ"
    if minute or second is not None:
        said += f"{cardinal(minute)}ນາທີ"
    return said if second is None else f"{said}{cardinal(second)}ວິນາທີ"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_KIP, _DOLLAR, _BAHT, _EURO, _DONG, _YUAN = (
    Money(whole=_noun(word)) for word in ("ກີບ", "ໂດລາ", "ບາດ", "ເອີໂຣ", "ດົງ", "ຢວນ")
)

LAO = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    figures=str.maketrans("໐໑໒໓໔໕໖໗໘໙", "0123456789"),
    glued=True,
    spaceless=True,
    own=[part_of_whole_rule(lambda upper, lower: f"ເສດ{cardinal(upper)}ສ່ວນ{cardinal(lower)}")],
    thousands="[.,]",
    decimals="[.,]",
    decimal_word="ຈຸດ",
    minus="ລົບ",
    plus="ບວກ",
    percent="ເປີເຊັນ",
    up_to="ຫາ",
    point="ຈຸດ",
    at="ແອັດ",
    slash="ທັບ",
    ampersand="ແລະ",
    date=_date,
    clock=_clock,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "ກິໂລແມັດ", "m": "ແມັດ", "cm": "ຊັງຕີແມັດ", "mm": "ມິນລີແມັດ", "km/h": "ກິໂລແມັດຕໍ່ຊົ່ວໂມງ",
            "km²": "ຕາລາງກິໂລແມັດ", "km2": "ຕາລາງກິໂລແມັດ", "m²": "ຕາແມັດ", "m2": "ຕາແມັດ", "ha": "ເຮັກຕາ",
            "kg": "ກິໂລກຣາມ", "g": "ກຣາມ", "t": "ໂຕນ", "l": "ລິດ", "L": "ລິດ", "°C": "ອົງສາເຊ", "°": "ອົງສາ",
            "h": "ຊົ່ວໂມງ", "min": "ນາທີ", "s": "ວິນາທີ",
        }.items()
    },
    money={
        "₭": _KIP, "LAK": _KIP, "ກີບ": _KIP, "$": _DOLLAR, "US$": _DOLLAR, "USD": _DOLLAR, "฿": _BAHT, "THB": _BAHT,
        "€": _EURO, "EUR": _EURO, "₫": _DONG, "VND": _DONG, "CNY": _YUAN,
    },
    money_before=("LAK", "USD", "THB"),
    hundredths="{whole} {hundredth}",
    magnitudes={word: word for word in ("ຮ້ອຍ", "ພັນ", "ໝື່ນ", "ແສນ", "ລ້ານ", "ຕື້")},
    abbreviations={"ຄ.ສ.": "ຄຣິດສັກກະລາດ", "ພ.ສ.": "ພຸດທະສັກກະລາດ"},
)  # fmt: skip
