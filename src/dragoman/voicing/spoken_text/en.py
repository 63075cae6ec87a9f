"""English: years in pairs, ordinals, half days, dollars and cents."""

from dragoman.voicing.spoken_text.en_dates import date, month_rules
from dragoman.voicing.spoken_text.en_numbers import cardinal, year
from dragoman.voicing.spoken_text.en_rules import english_rules
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage


def _clock(hour: int, minute: int, second: int | None) -> str:
    if second is not None:
        return f"{cardinal(hour)} {_minutes(minute)} and {_counted(second, 'second')}"
    if minute:
        return f"{cardinal(hour)} {_minutes(minute)}"
    return f"{cardinal(hour)} o'clock" if 1 <= hour <= 12 else f"{cardinal(hour)} hundred hours"


def _minutes(minute: int) -> str:
    return cardinal(minute) if minute >= 10 else f"oh {cardinal(minute)}"


def _counted(number: int, noun: str) -> str:
    return f"{cardinal(number)} {noun if number == 1 else f'{noun}s'}"


def _noun(word: str, many: str = "") -> Noun:
    return Noun(one=word, many=many or f"{word}s")


def _same(word: str) -> Noun:
    return Noun(one=word, many=word)


_CENT = _noun("cent")
_DOLLAR, _EURO = Money(whole=_noun("dollar"), hundredth=_CENT), Money(whole=_noun("euro"), hundredth=_CENT)
_POUND = Money(whole=_noun("pound"), hundredth=Noun(one="penny", many="pence"))
_HALVES = {**dict.fromkeys(("am", "AM", "a.m.", "a.m"), "a m"), **dict.fromkeys(("pm", "PM", "p.m.", "p.m"), "p m")}

_UNITS = {
    "km": _noun("kilometer"), "m": _noun("meter"), "cm": _noun("centimeter"), "mm": _noun("millimeter"),
    "km/h": _noun("kilometer per hour", "kilometers per hour"),
    "kmh": _noun("kilometer per hour", "kilometers per hour"),
    "m/s": _noun("meter per second", "meters per second"), "mph": _noun("mile per hour", "miles per hour"),
    "km²": _noun("square kilometer"), "m²": _noun("square meter"), "m2": _noun("square meter"),
    "m³": _noun("cubic meter"), "m3": _noun("cubic meter"), "ha": _noun("hectare"), "mi": _noun("mile"),
    "ft": _noun("foot", "feet"), "yd": _noun("yard"), "lb": _noun("pound"), "lbs": _noun("pound"),
    "oz": _noun("ounce"), "kg": _noun("kilogram"), "g": _noun("gram"), "mg": _noun("milligram"),
    "l": _noun("liter"), "L": _noun("liter"), "ml": _noun("milliliter"), "mL": _noun("milliliter"),
    "°C": _noun("degree Celsius", "degrees Celsius"), "°F": _noun("degree Fahrenheit", "degrees Fahrenheit"),
    "°": _noun("degree"), "h": _noun("hour"), "hr": _noun("hour"), "hrs": _noun("hour"), "min": _noun("minute"),
    "s": _noun("second"), "sec": _noun("second"), "ms": _noun("millisecond"), "W": _noun("watt"),
    "kW": _noun("kilowatt"), "MW": _noun("megawatt"), "kWh": _noun("kilowatt hour"), "V": _noun("volt"),
    "Hz": _same("hertz"), "kHz": _same("kilohertz"), "MHz": _same("megahertz"), "GHz": _same("gigahertz"),
    "KB": _noun("kilobyte"), "MB": _noun("megabyte"), "GB": _noun("gigabyte"), "TB": _noun("terabyte"),
}  # fmt: skip

ENGLISH = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=year,
    reads_years_alone=True,
    own=[*english_rules(), *month_rules(list(_UNITS))],
    thousands=",",
    decimals=r"\.",
    decimal_word="point",
    minus="minus",
    plus="plus",
    percent="percent",
    up_to="to",
    point="dot",
    at="at",
    slash="slash",
    ampersand="and",
    date=date,
    day_first=False,
    clock=_clock,
    halves_of_day=_HALVES,
    units=_UNITS,
    money={
        "$": _DOLLAR, "US$": _DOLLAR, "USD": Money(whole=_noun("US dollar"), hundredth=_CENT), "€": _EURO,
        "EUR": _EURO, "£": _POUND, "GBP": _POUND, "¥": Money(whole=_same("yen")), "JPY": Money(whole=_same("yen")),
        "₫": Money(whole=_same("dong")), "VND": Money(whole=_same("dong")), "₩": Money(whole=_same("won")),
        "₹": Money(whole=_noun("rupee")), "CNY": Money(whole=_same("yuan")),
    },
    hundredths="{whole} and {hundredth}",
    magnitudes={
        "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion", "k": "thousand",
        "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion",
    },
    abbreviations={
        "Dr. ": "Doctor ", "Mr. ": "Mister ", "Mrs. ": "Missus ", "Prof. ": "Professor ", "Mr ": "Mister ",
        "Mrs ": "Missus ", "Dr ": "Doctor ", "Jr.": "Junior", "Sr.": "Senior", "Gen. ": "General ",
        "Sen. ": "Senator ", "Gov. ": "Governor ", "Capt. ": "Captain ", "Lt. ": "Lieutenant ", "Sgt. ": "Sergeant ",
        "Mt. ": "Mount ", "Fig. ": "figure ", "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera",
        "vs.": "versus", "approx.": "approximately", "Inc.": "Incorporated", "Ltd.": "Limited", "Corp.": "Corporation",
        "Dept.": "Department", "Ave.": "Avenue", "Blvd.": "Boulevard", "a.m.": "a m", "p.m.": "p m", "w/o": "without",
        "Jan. ": "January ", "Feb. ": "February ", "Aug. ": "August ", "Sept. ": "September ", "Oct. ": "October ",
        "Nov. ": "November ", "Dec. ": "December ",
    },
    before_figures={"No. ": "number "},
)  # fmt: skip
