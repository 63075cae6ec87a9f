"""Portuguese as Brazil reads it: e between tens and ones, duas and uma."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups
from dragoman.voicing.spoken_text.pt_rules import portuguese_rules

_SMALL = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete "
    "dezoito dezenove"
).split()
_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_HUNDREDS = ("cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos").split()
_MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
_FEMININE = {"um": "uma", "dois": "duas"}
_SCALES = (("", ""), ("mil", "mil"), ("milhão", "milhões"), ("bilhão", "bilhões"), ("trilhão", "trilhões"))


def cardinal(number: int) -> str:
    """Read a whole number from 0: 121 is "cento e vinte e um"; "e" joins a last group up to a hundred."""
    groups = in_groups(number)
    said: list[str] = []
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        one, many = _SCALES[place]
        words = "mil" if place == 1 and group == 1 else f"{_three_digits(group)} {one if group == 1 else many}".rstrip()
        joined = said and place == 0 and (group <= 100 or group % 100 == 0)
        said.append(f"e {words}" if joined else words)
    return " ".join(said) or _SMALL[0]


def _three_digits(number: int) -> str:
    if number == 100:
        return "cem"
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens - 2])
        words += [_SMALL[ones]] if ones else []
    elif rest:
        words.append(_SMALL[rest])
    return " e ".join(words)


def count(number: int, feminine: bool) -> str:
    """Read the number before a noun."""
    words = cardinal(number)
    if words.endswith(("lhão", "lhões")):
        return f"{words} de"
    if not feminine:
        return words
    millions, rest = divmod(number, 10**6)
    agreeing = " ".join(_FEMININE.get(word, word) for word in cardinal(rest).replace("entos", "entas").split(" "))
    return f"{words.removesuffix(cardinal(rest))}{agreeing}" if millions else agreeing


def _date(day: int, month: int, year: str) -> str:
    said = f"{'primeiro' if day == 1 else cardinal(day)} de {_MONTHS[month - 1]}"
    return f"{said} de {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{count(hour, True)} {'hora' if hour in (0, 1) else 'horas'}"
    if minute or second is not None:
        said += f" e {cardinal(minute)}"
    return said if second is None else f"{said} e {cardinal(second)} segundos"


def _noun(word: str, many: str = "", *, feminine: bool = False) -> Noun:
    return Noun(one=word, many=many or f"{word}s", feminine=feminine)


_CENT = _noun("centavo")
_REAL = Money(whole=_noun("real", "reais"), hundredth=_CENT)
_DOLLAR = Money(whole=_noun("dólar", "dólares"), hundredth=_CENT)
_EURO = Money(whole=_noun("euro"), hundredth=_noun("cêntimo"))
_POUND = Money(whole=_noun("libra", feminine=True))
_DONG = Money(whole=_noun("dong"))

PORTUGUESE = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    year=cardinal,
    own=portuguese_rules(count, _MONTHS),
    thousands=r"\.",
    decimals="[,.]",
    decimal_word="vírgula",
    minus="menos",
    plus="mais",
    percent="por cento",
    up_to="a",
    point="ponto",
    at="arroba",
    slash="barra",
    ampersand="e",
    date=_date,
    clock=_clock,
    hour_mark="[:h]",
    units={
        "km": _noun("quilômetro"), "m": _noun("metro"), "cm": _noun("centímetro"), "mm": _noun("milímetro"),
        "km/h": _noun("quilômetro por hora", "quilômetros por hora"),
        "km²": _noun("quilômetro quadrado", "quilômetros quadrados"),
        "m²": _noun("metro quadrado", "metros quadrados"), "m2": _noun("metro quadrado", "metros quadrados"),
        "ha": _noun("hectare"), "kg": _noun("quilo"), "g": _noun("grama"), "mg": _noun("miligrama"),
        "l": _noun("litro"),
        "ml": _noun("mililitro"), "°C": _noun("grau Celsius", "graus Celsius"), "°": _noun("grau"),
        "h": _noun("hora", feminine=True), "min": _noun("minuto"), "s": _noun("segundo"), "W": _noun("watt"),
        "kW": _noun("quilowatt"), "GHz": _noun("gigahertz", "gigahertz"), "MB": _noun("megabyte"),
        "GB": _noun("gigabyte"), "TB": _noun("terabyte"),
    },
    money={
        "R$": _REAL, "BRL": _REAL, "€": _EURO, "EUR": _EURO, "$": _DOLLAR, "US$": _DOLLAR, "USD": _DOLLAR, "£": _POUND,
        "GBP": _POUND, "¥": Money(whole=_noun("iene")), "₫": _DONG, "VND": _DONG,
    },
    hundredths="{whole} e {hundredth}",
    magnitudes={
        "mil": "mil", "milhão": _noun("milhão de", "milhão de"), "milhões": _noun("milhão de", "milhões de"),
        "bilhão": _noun("bilhão de", "bilhão de"), "bilhões": _noun("bilhão de", "bilhões de"),
    },
    abbreviations={
        "Sr. ": "senhor ", "Sra. ": "senhora ", "Dr. ": "doutor ", "Dra. ": "doutora ", "Prof. ": "professor ",
        "etc.": "et cetera", "p. ex.": "por exemplo", "Av. ": "avenida ", "nº ": "número ", "EUA": "Estados Unidos",
    },
)  # fmt: skip
