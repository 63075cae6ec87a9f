"""German: ones before tens, one word below a million, Uhr."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups

_SMALL = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
).split()
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_LARGE = ((4, "Billion", "Billionen"), (3, "Milliarde", "Milliarden"), (2, "Million", "Millionen"))
_ORDINALS = {1: "erster", 3: "dritter", 7: "siebter", 8: "achter"}


def cardinal(number: int) -> str:
    """Read a whole number from 0: 321 is "dreihunderteinundzwanzig"."""
    groups = in_groups(number)
    words = []
    for place, one, many in _LARGE:
        if len(groups) > place and groups[place]:
            words.append(f"eine {one}" if groups[place] == 1 else f"{_three_digits(groups[place])} {many}")
    below = number % 10**6
    thousands, rest = divmod(below, 1000)
    if below or not words:
        head = f"{_before(_three_digits(thousands))}tausend" if thousands else ""
        words.append(head + (_three_digits(rest) if rest or not head else ""))
    return " ".join(words)


def _three_digits(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    head = f"{_before(_SMALL[hundreds])}hundert" if hundreds else ""
    if not rest and head:
        return head
    if rest < 20:
        return head + _SMALL[rest]
    tens, ones = divmod(rest, 10)
    return head + (f"{_before(_SMALL[ones])}und" if ones else "") + _TENS[tens - 2]


def _before(words: str) -> str:
    """Say ein, not eins, before what follows."""
    return words[:-1] if words.endswith("eins") else words


def count(number: int, feminine: bool) -> str:
    if number == 1:
        return "eine" if feminine else "ein"
    return cardinal(number)


def year(number: int) -> str:
    """Read 1984 as "neunzehnhundertvierundachtzig"."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return cardinal(number)
    return f"{_SMALL[century]}hundert{_three_digits(rest) if rest else ''}"


def _date(day: int, month: int, year: str) -> str:
    ordinal = _ORDINALS.get(day, f"{cardinal(day)}{'ter' if day < 20 else 'ster'}")
    said = f"{ordinal} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


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

GERMAN = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=year,
    reads_years_alone=True,
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
    date=_date,
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
        "Mio.": "Millionen", "Millionen": "Millionen", "Million": "Million", "Mrd.": "Milliarden",
        "Milliarden": "Milliarden", "Milliarde": "Milliarde",
    },
    abbreviations={
        "Dr. ": "Doktor ", "Prof. ": "Professor ", "Hr. ": "Herr ", "Fr. ": "Frau ", "z. B.": "zum Beispiel",
        "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt", "u. a.": "unter anderem",
        "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise", "ca.": "circa",
        "vgl.": "vergleiche",
        "Nr. ": "Nummer ", "Mio.": "Millionen", "Mrd.": "Milliarden", "inkl.": "inklusive", "evtl.": "eventuell",
    },
)  # fmt: skip
