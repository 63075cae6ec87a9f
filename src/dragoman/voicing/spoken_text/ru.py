"""Russian: один рубль, два рубля, пять рублей; dates in the genitive; fractions in tenths and hundredths."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.ru_numbers import cardinal, counted, fraction, ordinal
from dragoman.voicing.spoken_text.ru_rules import MONTHS, PERCENT, russian_rules, year_genitive


def _date(day: int, month: int, year: str) -> str:
    said = f"{ordinal(day, 'ого')} {MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    if second is not None:
        return f"{counted(hour, _HOUR)} {counted(minute, _MINUTE)} {counted(second, _SECOND)}"
    minutes = cardinal(minute) if minute >= 10 else f"ноль {cardinal(minute)}"
    return f"{cardinal(hour)} {minutes}"


def _masculine(one: str, few: str, many: str) -> Noun:
    return Noun(one=one, few=few, many=many)


def _feminine(one: str, few: str, many: str) -> Noun:
    return Noun(one=one, few=few, many=many, feminine=True)


def _hard(stem: str, many: str = "ов") -> Noun:
    """A masculine noun: метр, метра, метров."""
    return _masculine(stem, f"{stem}а", f"{stem}{many}")


def _fixed(word: str) -> Noun:
    return _masculine(word, word, word)


def _with(noun: Noun, words: str) -> Noun:
    """Put the same words behind every form."""
    return Noun(
        one=f"{noun.one} {words}", few=f"{noun.few} {words}", many=f"{noun.many} {words}", feminine=noun.feminine
    )


def _of(adjective: str, noun: Noun) -> Noun:
    """Put an adjective before it: квадратный метр, квадратных метра, квадратных метров."""
    return _masculine(f"{adjective}ый {noun.one}", f"{adjective}ых {noun.few}", f"{adjective}ых {noun.many}")


_METRE, _KILOMETRE, _CENTIMETRE, _MILLIMETRE = (_hard(f"{each}метр") for each in ("", "кило", "санти", "милли"))
_GRAM, _KILOGRAM, _MILLIGRAM = (_hard(f"{each}грамм") for each in ("", "кило", "милли"))
_LITRE, _MILLILITRE, _HECTARE = _hard("литр"), _hard("миллилитр"), _hard("гектар")
_TONNE = _feminine("тонна", "тонны", "тонн")
_HOUR, _MINUTE = _masculine("час", "часа", "часов"), _feminine("минута", "минуты", "минут")
_SECOND, _MILLISECOND = (_feminine(f"{each}секунда", f"{each}секунды", f"{each}секунд") for each in ("", "милли"))
_DEGREE = _hard("градус")
_UNITS = {
    "км": _KILOMETRE, "km": _KILOMETRE, "м": _METRE, "m": _METRE, "см": _CENTIMETRE, "cm": _CENTIMETRE,
    "мм": _MILLIMETRE, "mm": _MILLIMETRE, "км/ч": _with(_KILOMETRE, "в час"), "km/h": _with(_KILOMETRE, "в час"),
    "м/с": _with(_METRE, "в секунду"), "m/s": _with(_METRE, "в секунду"), "км²": _of("квадратн", _KILOMETRE),
    "км2": _of("квадратн", _KILOMETRE), "km²": _of("квадратн", _KILOMETRE), "кв. км": _of("квадратн", _KILOMETRE),
    "м²": _of("квадратн", _METRE), "м2": _of("квадратн", _METRE), "m²": _of("квадратн", _METRE),
    "кв. м": _of("квадратн", _METRE), "м³": _of("кубическ", _METRE), "м3": _of("кубическ", _METRE),
    "m³": _of("кубическ", _METRE), "га": _HECTARE, "ha": _HECTARE, "кг": _KILOGRAM, "kg": _KILOGRAM, "г": _GRAM,
    "g": _GRAM, "мг": _MILLIGRAM, "mg": _MILLIGRAM, "т": _TONNE, "t": _TONNE, "л": _LITRE, "l": _LITRE, "L": _LITRE,
    "мл": _MILLILITRE, "ml": _MILLILITRE, "°C": _with(_DEGREE, "Цельсия"), "°С": _with(_DEGREE, "Цельсия"),
    "°F": _with(_DEGREE, "Фаренгейта"), "°": _DEGREE, "ч": _HOUR, "ч.": _HOUR, "h": _HOUR, "мин": _MINUTE,
    "мин.": _MINUTE, "min": _MINUTE, "с": _SECOND, "сек": _SECOND, "сек.": _SECOND, "s": _SECOND,
    "мс": _MILLISECOND, "ms": _MILLISECOND, "Вт": _hard("ватт", ""), "W": _hard("ватт", ""),
    "кВт": _hard("киловатт", ""), "kW": _hard("киловатт", ""), "МВт": _hard("мегаватт", ""),
    "кВт·ч": _with(_hard("киловатт", ""), "час"), "kWh": _with(_hard("киловатт", ""), "час"),
    "В": _hard("вольт", ""), "Гц": _hard("герц", ""), "Hz": _hard("герц", ""), "кГц": _hard("килогерц", ""),
    "kHz": _hard("килогерц", ""), "МГц": _hard("мегагерц", ""), "MHz": _hard("мегагерц", ""),
    "ГГц": _hard("гигагерц", ""), "GHz": _hard("гигагерц", ""), "КБ": _hard("килобайт", ""),
    "МБ": _hard("мегабайт", ""), "MB": _hard("мегабайт", ""), "ГБ": _hard("гигабайт", ""),
    "GB": _hard("гигабайт", ""), "ТБ": _hard("терабайт", ""), "TB": _hard("терабайт", ""),
    "тыс.": _feminine("тысяча", "тысячи", "тысяч"), "млн": _hard("миллион"), "млн.": _hard("миллион"),
    "млрд": _hard("миллиард"), "млрд.": _hard("миллиард"), "трлн": _hard("триллион"),
    "чел.": _masculine("человек", "человека", "человек"), "шт.": _feminine("штука", "штуки", "штук"),
}  # fmt: skip
_MAGNITUDES = {
    mark: _UNITS[mark] for mark in ("тыс.", "млн", "млн.", "млрд", "млрд.", "трлн")
} | {
    noun.one if each == 0 else noun.few if each == 1 else noun.many: noun
    for noun in (_UNITS["тыс."], _UNITS["млн"], _UNITS["млрд"], _UNITS["трлн"])
    for each in range(3)
}  # fmt: skip
_CENT, _KOPECK = _hard("цент"), _feminine("копейка", "копейки", "копеек")
_ROUBLE = Money(whole=_masculine("рубль", "рубля", "рублей"), hundredth=_KOPECK)
_DOLLAR, _EURO = Money(whole=_hard("доллар"), hundredth=_CENT), Money(whole=_fixed("евро"), hundredth=_CENT)
_POUND, _YEN = Money(whole=_hard("фунт")), Money(whole=_feminine("иена", "иены", "иен"))
_YUAN, _DONG = Money(whole=_masculine("юань", "юаня", "юаней")), Money(whole=_hard("донг"))

RUSSIAN = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, feminine: cardinal(number, feminine=feminine),
    counted=counted,
    fraction=fraction,
    part=lambda noun: noun.few,
    year=year_genitive,
    own=russian_rules(_UNITS),
    thousands=r"[\u00a0\u202f ]",
    decimals="[,.]",
    decimal_word="запятая",
    minus="минус",
    plus="плюс",
    percent=PERCENT,
    up_to="–",
    point="точка",
    at="собака",
    slash="дробь",
    ampersand="и",
    date=_date,
    clock=_clock,
    units=_UNITS,
    money={
        "₽": _ROUBLE, "руб.": _ROUBLE, "руб": _ROUBLE, "р.": _ROUBLE, "RUB": _ROUBLE, "рубль": _ROUBLE,
        "рубля": _ROUBLE, "рублей": _ROUBLE, "$": _DOLLAR, "US$": _DOLLAR, "долл.": _DOLLAR, "доллар": _DOLLAR,
        "доллара": _DOLLAR, "долларов": _DOLLAR, "USD": Money(whole=_with(_hard("доллар"), "США"), hundredth=_CENT),
        "€": _EURO, "EUR": _EURO, "евро": _EURO, "£": _POUND, "GBP": _POUND, "¥": _YEN, "JPY": _YEN, "CNY": _YUAN,
        "₫": _DONG, "VND": _DONG, "₩": Money(whole=_feminine("вона", "воны", "вон")),
        "₴": Money(whole=_feminine("гривна", "гривны", "гривен")),
        "₹": Money(whole=_feminine("рупия", "рупии", "рупий")),
        "коп.": Money(whole=_KOPECK),
    },
    money_before=("USD", "EUR"),
    hundredths="{whole} {hundredth}",
    magnitudes=_MAGNITUDES,
    abbreviations={
        "т. е.": "то есть", "т.е.": "то есть", "т. д.": "так далее", "т.д.": "так далее", "т. п.": "тому подобное",
        "т.п.": "тому подобное", "т. к.": "так как", "т.к.": "так как", "чел.": "человек",
        "др.": "другие", "гг.": "годы",
        "г. ": "город ", "в г. ": "в городе ", "В г. ": "В городе ", "из г. ": "из города ",
        "ул. ": "улица ", "д. ": "дом ", "им. ": "имени ", "проф. ": "профессор ", "руб.": "рублей",
        "напр.": "например", "тел.": "телефон", "стр. ": "страница ", "см. ": "смотри ", "№ ": "номер ",
        "№": "номер ", "млн": "миллионов", "млрд": "миллиардов", "тыс.": "тысяч",
    },
)  # fmt: skip
