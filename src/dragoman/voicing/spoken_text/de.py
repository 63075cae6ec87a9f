"""German: ones before tens, ordinals for dates, Uhr."""

from dragoman.voicing.spoken_text.de_numbers import cardinal, count, year
from dragoman.voicing.spoken_text.de_rules import date, german_rules
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{count(hour, False)} Uhr"
    if minute or second is not None:
        said += f" {cardinal(minute)}"
    return said if second is None else f"{said} und {count(second, True)} {'Sekunde' if second == 1 else 'Sekunden'}"


def _same(word: str, *, feminine: bool = False) -> Noun:
    return Noun(one=word, many=word, feminine=feminine)


_EURO = Money(whole=_same("Euro"), hundredth=_same(""))
_DOLLAR = Money(whole=_same("Dollar"), hundredth=_same(""))
_POUND = Money(whole=_same("Pfund"))
_MILLION = Noun(one="Million", many="Millionen", feminine=True)
_MILLIARD = Noun(one="Milliarde", many="Milliarden", feminine=True)

GERMAN = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=year,
    reads_years_alone=True,
    own=german_rules(),
    thousands=r"\.",
    decimals="[,.]",
    decimal_word="Komma",
    minus="minus",
    plus="plus",
    percent="Prozent",
    up_to="bis",
    point="Punkt",
    at="at",
    slash="Schrägstrich",
    ampersand="und",
    date=date,
    clock=_clock,
    clock_word="Uhr",
    units={
        "km": _same("Kilometer"), "m": _same("Meter"), "cm": _same("Zentimeter"), "mm": _same("Millimeter"),
        "km/h": _same("Kilometer pro Stunde"), "km²": _same("Quadratkilometer"), "m²": _same("Quadratmeter"),
        "m2": _same("Quadratmeter"), "m³": _same("Kubikmeter"), "ha": _same("Hektar"), "kg": _same("Kilogramm"),
        "g": _same("Gramm"), "mg": _same("Milligramm"), "t": Noun(one="Tonne", many="Tonnen", feminine=True),
        "l": _same("Liter"), "ml": _same("Milliliter"), "°C": _same("Grad Celsius"), "°": _same("Grad"),
        "h": Noun(one="Stunde", many="Stunden", feminine=True),
        "min": Noun(one="Minute", many="Minuten", feminine=True),
        "Min.": Noun(one="Minute", many="Minuten", feminine=True),
        "s": Noun(one="Sekunde", many="Sekunden", feminine=True),
        "W": _same("Watt"), "kW": _same("Kilowatt"),
        "kWh": Noun(one="Kilowattstunde", many="Kilowattstunden", feminine=True),
        "V": _same("Volt"), "Hz": _same("Hertz"), "GHz": _same("Gigahertz"), "MB": _same("Megabyte"),
        "GB": _same("Gigabyte"), "TB": _same("Terabyte"),
    },
    money={
        "€": _EURO, "EUR": _EURO, "Euro": _EURO, "$": _DOLLAR, "USD": _DOLLAR, "£": _POUND, "GBP": _POUND,
        "¥": Money(whole=_same("Yen")), "₫": Money(whole=_same("Dong")), "VND": Money(whole=_same("Dong")),
        "CHF": Money(whole=_same("Franken"), hundredth=_same("")),
    },
    hundredths="{whole} {hundredth}",
    magnitudes={
        "Mio.": _MILLION, "Millionen": _MILLION, "Million": _same("Million", feminine=True), "Mrd.": _MILLIARD,
        "Milliarden": _MILLIARD, "Milliarde": _same("Milliarde", feminine=True),
    },
    abbreviations={
        "Dr. ": "Doktor ", "Prof. ": "Professor ", "Hr. ": "Herr ", "Fr. ": "Frau ", "z. B.": "zum Beispiel",
        "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt", "u. a.": "unter anderem",
        "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise", "ca.": "circa",
        "vgl.": "vergleiche",
        "Nr. ": "Nummer ", "Mio.": "Millionen", "Mrd.": "Milliarden", "inkl.": "inklusive", "evtl.": "eventuell",
    },
)  # fmt: skip
