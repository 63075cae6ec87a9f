"""Italian: one word below a million, vowels that fall away, tré at the end."""

from dragoman.voicing.spoken_text.it_rules import italian_rules
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups

_SMALL = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove"
).split()
_TENS = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()
_MONTHS = ("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre").split()
_LARGE = ((4, "bilione", "bilioni"), (3, "miliardo", "miliardi"), (2, "milione", "milioni"))


def cardinal(number: int) -> str:
    """Read a whole number from 0: 28 is "ventotto", 2,001 "duemilauno"."""
    groups = in_groups(number)
    words = []
    for place, one, many in _LARGE:
        if len(groups) > place and groups[place]:
            words.append(f"un {one}" if groups[place] == 1 else f"{_before(_three_digits(groups[place]))} {many}")
    below = number % 10**6
    thousands, rest = divmod(below, 1000)
    if below or not words:
        head = "" if not thousands else "mille" if thousands == 1 else f"{_three_digits(thousands)}mila"
        tail = _three_digits(rest) if rest or not head else ""
        words.append(head + (f"{tail[:-1]}é" if head and tail == "tre" else tail))
    return " ".join(words).replace("trémila", "tremila")


def _three_digits(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    head = "" if not hundreds else "cento" if hundreds == 1 else f"{_SMALL[hundreds]}cento"
    if not rest and head:
        return head
    if rest < 20:
        return head + ("tré" if head and rest == 3 else _SMALL[rest])
    tens, ones = divmod(rest, 10)
    ten = _TENS[tens - 2]
    if tens == 8 and head:
        head = head[:-1]
    if not ones:
        return head + ten
    if ones in (1, 8):
        return head + ten[:-1] + _SMALL[ones]
    return head + ten + ("tré" if ones == 3 else _SMALL[ones])


def _before(words: str) -> str:
    return words[:-1] if words.endswith("uno") else words


def count(number: int, feminine: bool) -> str:
    if number == 1:
        return "una" if feminine else "un"
    words = cardinal(number)
    return f"{words} di" if words.endswith(("ilione", "ilioni", "iliardo", "iliardi")) else words


def _date(day: int, month: int, year: str) -> str:
    said = f"{'primo' if day == 1 else cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{cardinal(hour)} e {cardinal(minute)}" if minute or second is not None else f"{cardinal(hour)} in punto"
    return said if second is None else f"{said} e {cardinal(second)} secondi"


def _noun(one: str, many: str, *, feminine: bool = False) -> Noun:
    return Noun(one=one, many=many, feminine=feminine)


_EURO = Money(whole=_noun("euro", "euro"), hundredth=_noun("centesimo", "centesimi"))
_DOLLAR = Money(whole=_noun("dollaro", "dollari"), hundredth=_noun("centesimo", "centesimi"))
_POUND = Money(whole=_noun("sterlina", "sterline", feminine=True))
_DONG = Money(whole=_noun("dong", "dong"))

ITALIAN = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=cardinal,
    own=italian_rules(cardinal, _MONTHS),
    thousands=r"\.",
    decimals="[,.]",
    decimal_word="virgola",
    minus="meno",
    plus="più",
    percent="per cento",
    up_to="a",
    point="punto",
    at="chiocciola",
    slash="barra",
    ampersand="e",
    date=_date,
    clock=_clock,
    units={
        "km": _noun("chilometro", "chilometri"), "m": _noun("metro", "metri"), "cm": _noun("centimetro", "centimetri"),
        "mm": _noun("millimetro", "millimetri"), "km/h": _noun("chilometro all'ora", "chilometri all'ora"),
        "km²": _noun("chilometro quadrato", "chilometri quadrati"), "m²": _noun("metro quadrato", "metri quadrati"),
        "m2": _noun("metro quadrato", "metri quadrati"), "ha": _noun("ettaro", "ettari"), "kg": _noun("chilo", "chili"),
        "g": _noun("grammo", "grammi"), "mg": _noun("milligrammo", "milligrammi"), "l": _noun("litro", "litri"),
        "ml": _noun("millilitro", "millilitri"), "°C": _noun("grado Celsius", "gradi Celsius"),
        "°": _noun("grado", "gradi"),
        "h": _noun("ora", "ore", feminine=True), "min": _noun("minuto", "minuti"), "s": _noun("secondo", "secondi"),
        "W": _noun("watt", "watt"), "kW": _noun("chilowatt", "chilowatt"), "GHz": _noun("gigahertz", "gigahertz"),
        "MB": _noun("megabyte", "megabyte"), "GB": _noun("gigabyte", "gigabyte"), "TB": _noun("terabyte", "terabyte"),
    },
    money={
        "€": _EURO, "EUR": _EURO, "$": _DOLLAR, "USD": _DOLLAR, "£": _POUND, "GBP": _POUND,
        "¥": Money(whole=_noun("yen", "yen")), "₫": _DONG, "VND": _DONG,
    },
    hundredths="{whole} e {hundredth}",
    magnitudes={
        "milione": _noun("milione di", "milione di"), "milioni": _noun("milione di", "milioni di"),
        "miliardo": _noun("miliardo di", "miliardo di"), "miliardi": _noun("miliardo di", "miliardi di"),
    },
    abbreviations={
        "Sig. ": "signor ", "Sig.ra ": "signora ", "Dott. ": "dottor ", "Dott.ssa ": "dottoressa ",
        "Prof. ": "professor ",
        "Ing. ": "ingegner ", "Avv. ": "avvocato ", "ecc.": "eccetera", "p. es.": "per esempio", "n. ": "numero ",
    },
)  # fmt: skip
