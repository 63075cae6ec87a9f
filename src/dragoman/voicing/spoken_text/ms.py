"""Malay, as Malaysia speaks it: kosong, lapan, bilion; commas between thousands, ringgit before the number."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.malay_numbers import malay_cardinal, malay_rules

_DIGITS = "kosong satu dua tiga empat lima enam tujuh lapan sembilan".split()
_SCALES = ("ribu", "juta", "bilion", "trilion")
_MONTHS = "Januari Februari Mac April Mei Jun Julai Ogos September Oktober November Disember".split()


def cardinal(number: int) -> str:
    """Read a whole number from 0: 1,118 is "seribu seratus lapan belas"."""
    return malay_cardinal(number, _DIGITS, _SCALES)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = cardinal(hour)
    if minute or second is not None:
        said += f" {cardinal(minute)} minit"
    return said if second is None else f"{said} {cardinal(second)} saat"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_SEN = _noun("sen")
_RINGGIT, _DOLLAR = Money(whole=_noun("ringgit"), hundredth=_SEN), Money(whole=_noun("dolar"), hundredth=_SEN)
_EURO, _POUND, _YEN = Money(whole=_noun("euro"), hundredth=_SEN), Money(whole=_noun("paun")), Money(whole=_noun("yen"))
_RUPIAH, _DONG = Money(whole=_noun("rupiah")), Money(whole=_noun("dong"))

MALAY = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    own=malay_rules(cardinal, _clock, hour_cue="pukul|jam"),
    thousands=",",
    decimals=r"\.",
    decimal_word="perpuluhan",
    minus="negatif",
    plus="tambah",
    percent="peratus",
    up_to="hingga",
    point="titik",
    at="at",
    slash="garis miring",
    ampersand="dan",
    date=_date,
    clock=_clock,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "kilometer", "m": "meter", "cm": "sentimeter", "mm": "milimeter", "km/j": "kilometer sejam",
            "km/h": "kilometer sejam", "m/s": "meter sesaat", "km²": "kilometer persegi", "km2": "kilometer persegi",
            "m²": "meter persegi", "m2": "meter persegi", "m³": "meter padu", "m3": "meter padu", "ha": "hektar",
            "kg": "kilogram", "g": "gram", "mg": "miligram", "t": "tan", "l": "liter", "L": "liter",
            "ml": "mililiter", "mL": "mililiter", "°C": "darjah Celsius", "°F": "darjah Fahrenheit", "°": "darjah",
            "h": "jam", "min": "minit", "s": "saat", "ms": "milisaat", "W": "watt", "kW": "kilowatt",
            "MW": "megawatt", "kWh": "kilowatt jam", "V": "volt", "Hz": "hertz", "kHz": "kilohertz",
            "MHz": "megahertz", "GHz": "gigahertz", "KB": "kilobait", "MB": "megabait", "GB": "gigabait",
            "TB": "terabait",
        }.items()
    },
    money={
        "RM": _RINGGIT, "MYR": _RINGGIT, "ringgit": _RINGGIT, "$": _DOLLAR, "US$": _DOLLAR,
        "USD": Money(whole=_noun("dolar Amerika"), hundredth=_SEN), "€": _EURO, "EUR": _EURO, "£": _POUND,
        "GBP": _POUND, "¥": _YEN, "JPY": _YEN, "Rp": _RUPIAH, "IDR": _RUPIAH, "₫": _DONG, "VND": _DONG,
        "S$": Money(whole=_noun("dolar Singapura"), hundredth=_SEN), "CNY": Money(whole=_noun("yuan")),
    },
    money_before=("RM", "MYR", "USD", "Rp", "EUR"),
    hundredths="{whole} {hundredth}",
    magnitudes={"ribu": "ribu", "juta": "juta", "bilion": "bilion", "trilion": "trilion"},
    abbreviations={
        "No. IC": "nombor IC", "No. KP": "nombor KP", "No. K/P": "nombor KP", "No. Tel.": "nombor telefon",
        "No. Tel": "nombor telefon", "No. Telefon": "nombor telefon", "No. telefon": "nombor telefon",
        "No. Akaun": "nombor akaun", "No. akaun": "nombor akaun", "No. Pasport": "nombor pasport",
        "No. Pendaftaran": "nombor pendaftaran", "No. Rujukan": "nombor rujukan",
        "Jln. ": "Jalan ", "Jln ": "Jalan ", "Dr. ": "Doktor ", "Prof. ": "Profesor ",
        "dll.": "dan lain-lain", "dll": "dan lain-lain", "dsb.": "dan sebagainya", "En. ": "Encik ", "Pn. ": "Puan ",
    },
    before_figures={"No. ": "nombor "},
    month_cue="bulan",
    month_year=lambda month, year: f"{_MONTHS[month - 1]} {year}",
    date_cues=("tarikh",),
)  # fmt: skip
