"""Spanish: uno, un and una, doscientas, and "millones de"."""

from dragoman.voicing.spoken_text.es_rules import spanish_rules
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups

_SMALL = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()


def cardinal(number: int) -> str:
    """Read a whole number from 0: 21 is "veintiuno"; a million million is "un billón"."""
    millions, rest = divmod(number, 10**6)
    words = []
    if millions >= 10**6:
        billions, millions = divmod(millions, 10**6)
        words.append("un billón" if billions == 1 else f"{_apocopate(cardinal(billions))} billones")
    if millions:
        words.append("un millón" if millions == 1 else f"{_apocopate(cardinal(millions))} millones")
    groups = in_groups(rest)
    if len(groups) > 1:
        words.append("mil" if groups[1] == 1 else f"{_apocopate(_three_digits(groups[1]))} mil")
    if groups[0] or not words:
        words.append(_three_digits(groups[0]))
    return " ".join(words)


def _three_digits(number: int) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if rest >= 30:
        tens, ones = divmod(rest, 10)
        words.append(f"{_TENS[tens - 3]} y {_SMALL[ones]}" if ones else _TENS[tens - 3])
    elif rest or not words:
        words.append(_SMALL[rest])
    return " ".join(words)


def _apocopate(words: str) -> str:
    """Say un before a noun."""
    if words.endswith("veintiuno"):
        return f"{words[:-3]}ún"
    return words[:-1] if words.endswith("uno") else words


def count(number: int, feminine: bool) -> str:
    """Read the number before a noun."""
    words = cardinal(number)
    if words.endswith(("llón", "llones")):
        return f"{words} de"
    if not feminine:
        return _apocopate(words)
    millions, rest = divmod(number, 10**6)
    agreeing = cardinal(rest).replace("cientos", "cientas").replace("quinientos", "quinientas")
    agreeing = f"{agreeing[:-1]}a" if agreeing.endswith("uno") else agreeing
    return f"{words.removesuffix(cardinal(rest))}{agreeing}" if millions else agreeing


def _date(day: int, month: int, year: str) -> str:
    said = f"{'uno' if day == 1 else cardinal(day)} de {_MONTHS[month - 1]}"
    return f"{said} de {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{count(hour, True)} y {cardinal(minute)}" if minute else f"{count(hour, True)} en punto"
    if second is None:
        return said
    return f"{count(hour, True)} horas, {count(minute, False)} minutos y {count(second, False)} segundos"


def _noun(word: str, many: str = "", *, feminine: bool = False) -> Noun:
    return Noun(one=word, many=many or f"{word}s", feminine=feminine)


_EURO = Money(whole=_noun("euro"), hundredth=_noun("céntimo"))
_DOLLAR = Money(whole=_noun("dólar", "dólares"), hundredth=_noun("centavo"))
_POUND = Money(whole=_noun("libra", feminine=True), hundredth=_noun("penique"))
_DONG = Money(whole=Noun(one="dong", many="dongs"))

SPANISH = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=cardinal,
    own=spanish_rules(count, _MONTHS),
    thousands="[. ]",
    decimals="[,.]",
    decimal_word="coma",
    minus="menos",
    plus="más",
    percent="por ciento",
    up_to="a",
    point="punto",
    at="arroba",
    slash="barra",
    ampersand="y",
    date=_date,
    clock=_clock,
    clock_word="h",
    units={
        "km": _noun("kilómetro"), "m": _noun("metro"), "cm": _noun("centímetro"), "mm": _noun("milímetro"),
        "km/h": _noun("kilómetro por hora", "kilómetros por hora"),
        "km²": _noun("kilómetro cuadrado", "kilómetros cuadrados"),
        "m²": _noun("metro cuadrado", "metros cuadrados"), "m2": _noun("metro cuadrado", "metros cuadrados"),
        "ha": _noun("hectárea", feminine=True), "kg": _noun("kilo"), "g": _noun("gramo"), "mg": _noun("miligramo"),
        "l": _noun("litro"), "ml": _noun("mililitro"), "°C": _noun("grado Celsius", "grados Celsius"),
        "°": _noun("grado"), "h": _noun("hora", feminine=True), "min": _noun("minuto"), "s": _noun("segundo"),
        "W": _noun("vatio"), "kW": _noun("kilovatio"), "GHz": _noun("gigahercio"), "MB": _noun("megabyte"),
        "GB": _noun("gigabyte"), "TB": _noun("terabyte"),
    },
    money={
        "€": _EURO, "EUR": _EURO, "$": _DOLLAR, "USD": _DOLLAR, "£": _POUND, "GBP": _POUND,
        "¥": Money(whole=Noun(one="yen", many="yenes")),
        "₫": _DONG, "VND": _DONG,
    },
    hundredths="{whole} con {hundredth}",
    magnitudes={"mil": "mil", "millón": _noun("millón de", "millón de"), "millones": _noun("millón de", "millones de")},
    abbreviations={
        "Sr. ": "señor ", "Sra. ": "señora ", "Srta. ": "señorita ", "Dr. ": "doctor ", "Dra. ": "doctora ",
        "Prof. ": "profesor ", "Ud.": "usted", "Uds.": "ustedes", "etc.": "etcétera", "p. ej.": "por ejemplo",
        "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "núm. ": "número ", "Av. ": "avenida ",
    },
)  # fmt: skip
