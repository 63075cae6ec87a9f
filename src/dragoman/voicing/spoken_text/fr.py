"""French: soixante-dix, quatre-vingts, vingt et un."""

from dragoman.voicing.spoken_text.fr_rules import french_rules
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage, in_groups

_SMALL = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
).split()
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_LARGE = ((4, "billion"), (3, "milliard"), (2, "million"))


def cardinal(number: int) -> str:
    """Read a whole number from 0: 80 is "quatre-vingts", 81 "quatre-vingt-un"."""
    groups = in_groups(number)
    words = []
    for place, name in _LARGE:
        if len(groups) > place and groups[place]:
            words.append(f"{_three_digits(groups[place])} {name}{'s' if groups[place] > 1 else ''}")
    if len(groups) > 1 and groups[1]:
        words.append("mille" if groups[1] == 1 else f"{_unplural(_three_digits(groups[1]))} mille")
    if groups[0] or not words:
        words.append(_three_digits(groups[0]))
    return " ".join(words)


def _three_digits(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds:
        words.append("cent" if hundreds == 1 else f"{_SMALL[hundreds]} {'cent' if rest else 'cents'}")
    if rest or not words:
        words.append(_two_digits(rest))
    return " ".join(words)


def _two_digits(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number >= 80:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{_SMALL[number - 80]}"
    base = number // 10 * 10 if number < 70 else 60
    rest = number - base
    if not rest:
        return _TENS[base]
    return f"{_TENS[base]} et {_SMALL[rest]}" if rest in (1, 11) else f"{_TENS[base]}-{_SMALL[rest]}"


def _unplural(words: str) -> str:
    return words[:-1] if words.endswith(("cents", "vingts")) else words


def count(number: int, feminine: bool) -> str:
    words = cardinal(number)
    if feminine and (words == "un" or words.endswith((" un", "-un"))):
        return f"{words}e"
    return words


def _counted(number: int, noun: Noun) -> str:
    words = count(number, noun.feminine)
    said = noun.one if number < 2 else noun.many
    return f"{words} {_of(said) if words.endswith(('million', 'millions', 'milliard', 'milliards')) else said}"


def _of(noun: str) -> str:
    return f"d'{noun}" if noun.startswith(("a", "e", "h", "i", "o", "u")) else f"de {noun}"


def _date(day: int, month: int, year: str) -> str:
    said = f"{'premier' if day == 1 else cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = f"{count(hour, True)} {'heure' if hour in (0, 1) else 'heures'}"
    if minute or second is not None:
        said += f" {count(minute, True)}"
    return said if second is None else f"{said} {'minute' if minute < 2 else 'minutes'} {count(second, True)}"


def _noun(word: str, many: str = "", *, feminine: bool = False) -> Noun:
    return Noun(one=word, many=many or f"{word}s", feminine=feminine)


_CENT = _noun("centime")
_EURO = Money(whole=_noun("euro"), hundredth=_CENT)
_DOLLAR = Money(whole=_noun("dollar"), hundredth=_noun("cent"))
_POUND = Money(whole=_noun("livre", feminine=True))
_DONG = Money(whole=_noun("dong"))

FRENCH = SpokenLanguage(
    cardinal=cardinal,
    count=count,
    counted=_counted,
    year=cardinal,
    own=french_rules(count, cardinal),
    thousands="[ .]",
    decimals="[,.]",
    decimal_word="virgule",
    minus="moins",
    plus="plus",
    percent="pour cent",
    up_to="à",
    point="point",
    at="arobase",
    slash="sur",
    ampersand="et",
    date=_date,
    clock=_clock,
    hour_mark="(?: ?[h:] ?)",
    units={
        "km": _noun("kilomètre"), "m": _noun("mètre"), "cm": _noun("centimètre"), "mm": _noun("millimètre"),
        "km/h": _noun("kilomètre heure", "kilomètres heure"), "km²": _noun("kilomètre carré", "kilomètres carrés"),
        "m²": _noun("mètre carré", "mètres carrés"), "m2": _noun("mètre carré", "mètres carrés"),
        "ha": _noun("hectare"),
        "kg": _noun("kilo"), "g": _noun("gramme"), "mg": _noun("milligramme"), "l": _noun("litre"),
        "ml": _noun("millilitre"), "°C": _noun("degré Celsius", "degrés Celsius"), "°": _noun("degré"),
        "h": _noun("heure", feminine=True), "min": _noun("minute", feminine=True), "s": _noun("seconde", feminine=True),
        "W": _noun("watt"), "kW": _noun("kilowatt"), "GHz": _noun("gigahertz", "gigahertz"),
        "Mo": _noun("mégaoctet"), "Go": _noun("gigaoctet"), "To": _noun("téraoctet"),
    },
    money={
        "€": _EURO, "EUR": _EURO, "$": _DOLLAR, "USD": _DOLLAR, "£": _POUND, "GBP": _POUND,
        "¥": Money(whole=_noun("yen")),
        "₫": _DONG, "VND": _DONG,
    },
    hundredths="{whole} {hundredth}",
    magnitudes={
        "million": _noun("million", "million"), "millions": _noun("million"),
        "milliard": _noun("milliard", "milliard"), "milliards": _noun("milliard"),
    },
    after_magnitude=lambda noun: _of(noun.many),
    abbreviations={
        "M. ": "monsieur ", "Mme ": "madame ", "Mlle ": "mademoiselle ", "MM. ": "messieurs ", "Dr ": "docteur ",
        "Dr. ": "docteur ", "Pr ": "professeur ", "etc.": "et cetera", "p. ex.": "par exemple", "av. ": "avenue ",
        "n° ": "numéro ",
    },
)  # fmt: skip
