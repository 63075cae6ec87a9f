"""Arabic, as the news are read: nouns agree with their numbers, hours are ordinals, digits of both kinds."""

import re

from dragoman.voicing.spoken_text.ar_numbers import before_noun, cardinal, counted, oblique, oblique_counted, ordinal
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.parts import part_of_whole_rule
from dragoman.voicing.spoken_text.rules import BEFORE, OUTSIDE, Rule, one_of

_MONTHS = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()
_FEMININE_PLURALS = (
    "دقائق ثوان ثوانٍ ثواني ساعات سنوات سنين مرات ليال ليالٍ نساء بنات فتيات طالبات معلمات سيارات مدن دول غرف صفحات لغات "
    "شركات كلمات نقاط درجات خطوات جلسات صور لوحات شاشات رسائل مجموعات مدارس جامعات"
).split()

_PARTS = {(1, 2): "نصف", (1, 3): "ثلث", (2, 3): "ثلثان", (1, 4): "ربع", (3, 4): "ثلاثة أرباع", (1, 5): "خمس"}

_PREPOSITIONS = "من|إلى|في|على|عن|حتى|نحو|حوالي|قبل|بعد|خلال|بين|منذ|لمدة"


def _date(day: int, month: int, year: str) -> str:
    said = f"{ordinal(day, feminine=False)} من {_MONTHS[month - 1]}"
    return f"{said} عام {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = {0: "صفر", 1: "الواحدة"}.get(hour) or ordinal(hour, feminine=True)
    if minute:
        said += f" و{counted(minute, _MINUTE)}"
    return said if second is None else f"{said} و{counted(second, _SECOND)}"


def _year_behind(match: re.Match[str]) -> str:
    feminine = match["cue"].endswith("سنة")
    return f"{match['cue']} {oblique(cardinal(int(match['year']), feminine=feminine))}"


def _counts_feminine(number: int, noun: str) -> bool:
    rest = number % 100
    return (3 <= rest <= 10 and noun in _FEMININE_PLURALS) or (rest > 10 and noun.endswith("ة"))


def _before_feminine(match: re.Match[str]) -> str | None:
    number = int(match["number"])
    if not _counts_feminine(number, match["noun"]):
        return None
    return f"{'سالب ' if match['sign'] in ('-', '−') else ''}{cardinal(number, feminine=True)} {match['noun']}"


def _behind_preposition(match: re.Match[str]) -> str:
    number = int(match["number"].replace(",", ""))
    if match["unit"]:
        return f"{match['cue']} {oblique_counted(number, _UNITS[match['unit']])}"
    words = cardinal(number, feminine=_counts_feminine(number, match["noun"] or ""))
    if match["noun"] and number % 100 == 0:
        words = before_noun(words)
    return f"{match['cue']} {oblique(words)}{' بالمئة' if match['percent'] else ''}"


def _masculine(word: str, qualified: tuple[str, str, str, str] = ("", "", "", "")) -> Noun:
    """A noun with the plural ات; what follows it in its four forms begins with a space."""
    one, two, few, many = qualified
    return Noun(one=word + one, two=f"{word}ان{two}", few=f"{word}ات{few}", many=f"{word}ًا{many}")


def _broken(word: str, plural: str) -> Noun:
    return Noun(one=word, two=f"{word}ان", few=plural, many=f"{word}ًا")


def _feminine(word: str, plural: str) -> Noun:
    return Noun(one=word, two=f"{word[:-1]}تان", few=plural, many=word, feminine=True)


def _with(noun: Noun, words: str) -> Noun:
    """Put the same words behind every form."""
    forms = (f"{each} {words}" for each in (noun.one, noun.many, noun.two, noun.few))
    one, many, two, few = forms
    return Noun(one=one, many=many, two=two, few=few, feminine=noun.feminine)


def _fixed(word: str) -> Noun:
    return Noun(one=word, two=f"{word} اثنان", few=word, many=word)


_SQUARE = (" مربع", " مربعان", " مربعة", " مربعًا")
_CUBIC = (" مكعب", " مكعبان", " مكعبة", " مكعبًا")
_KILOMETRE, _KILOGRAM = _masculine("كيلومتر"), _masculine("كيلوغرام")
_METRE = _broken("متر", "أمتار")
_SQUARE_METRE = Noun(one="متر مربع", two="متران مربعان", few="أمتار مربعة", many="مترًا مربعًا")
_CUBIC_METRE = Noun(one="متر مكعب", two="متران مكعبان", few="أمتار مكعبة", many="مترًا مكعبًا")
_MINUTE, _SECOND = _feminine("دقيقة", "دقائق"), _feminine("ثانية", "ثوان")
_HOUR, _DEGREE = _feminine("ساعة", "ساعات"), _feminine("درجة", "درجات")
_CELSIUS = Noun(one="درجة مئوية", two="درجتان مئويتان", few="درجات مئوية", many="درجة مئوية", feminine=True)
_SPEED = _with(_KILOMETRE, "في الساعة")
_CENT = _masculine("سنت")
_DOLLAR, _EURO = Money(whole=_masculine("دولار"), hundredth=_CENT), Money(whole=_fixed("يورو"), hundredth=_CENT)
_US_DOLLAR = Money(whole=_masculine("دولار", (" أمريكي", " أمريكيان", " أمريكية", " أمريكيًا")), hundredth=_CENT)
_RIYAL = Money(whole=_masculine("ريال", (" سعودي", " سعوديان", " سعودية", " سعوديًا")))
_DIRHAM = Money(whole=Noun(one="درهم إماراتي", two="درهمان إماراتيان", few="دراهم إماراتية", many="درهمًا إماراتيًا"))
_POUND = Money(whole=_masculine("جنيه", (" إسترليني", " إسترلينيان", " إسترلينية", " إسترلينيًا")))
_EGYPTIAN_POUND = Money(whole=_masculine("جنيه", (" مصري", " مصريان", " مصرية", " مصريًا")))
_YEN = Money(whole=_fixed("ين"))

_UNITS = {
    "km": _KILOMETRE, "كم": _KILOMETRE, "m": _METRE, "م": _METRE, "cm": _masculine("سنتيمتر"),
    "سم": _masculine("سنتيمتر"), "mm": _masculine("مليمتر"), "مم": _masculine("مليمتر"),
    "ملم": _masculine("مليمتر"), "km/h": _SPEED, "كم/س": _SPEED, "كم/ساعة": _SPEED,
    "km²": _masculine("كيلومتر", _SQUARE), "كم²": _masculine("كيلومتر", _SQUARE),
    "km2": _masculine("كيلومتر", _SQUARE), "m²": _SQUARE_METRE, "م²": _SQUARE_METRE, "m2": _SQUARE_METRE,
    "m³": _CUBIC_METRE, "م³": _CUBIC_METRE, "m3": _CUBIC_METRE, "ha": _masculine("هكتار"), "kg": _KILOGRAM,
    "كغ": _KILOGRAM, "كجم": _KILOGRAM, "g": _masculine("غرام"), "غ": _masculine("غرام"),
    "mg": _masculine("مليغرام"), "t": _broken("طن", "أطنان"), "l": _masculine("لتر"), "L": _masculine("لتر"),
    "ml": _masculine("مليلتر"), "mL": _masculine("مليلتر"), "مل": _masculine("مليلتر"), "°C": _CELSIUS,
    "°م": _CELSIUS, "°F": _with(_DEGREE, "فهرنهايت"), "°": _DEGREE, "h": _HOUR, "min": _MINUTE, "s": _SECOND,
    "W": _fixed("واط"), "kW": _fixed("كيلوواط"), "kWh": _with(_fixed("كيلوواط"), "ساعة"), "V": _fixed("فولت"),
    "Hz": _fixed("هرتز"), "kHz": _fixed("كيلوهرتز"), "MHz": _fixed("ميغاهرتز"), "GHz": _fixed("غيغاهرتز"),
    "KB": _fixed("كيلوبايت"), "MB": _fixed("ميغابايت"), "GB": _fixed("غيغابايت"), "TB": _fixed("تيرابايت"),
}  # fmt: skip

ARABIC = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, feminine: cardinal(number, feminine=feminine),
    counted=counted,
    part=lambda noun: noun.one,
    year=lambda number: oblique(cardinal(number)),
    figures=str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٪٫٬", "01234567890123456789%.,"),
    own=[
        part_of_whole_rule(lambda upper, lower: _PARTS.get((upper, lower))),
        Rule(
            re.compile(rf"{BEFORE}(?P<cue>[لبو]?(?:عام|سنة)) (?P<year>[12][0-9]{{3}})(?![\w]|[.,][0-9])"), _year_behind
        ),
        Rule(
            re.compile(
                rf"{BEFORE}(?P<cue>و?(?:{_PREPOSITIONS})) "
                r"(?P<number>[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}|[1-9][0-9]{0,8})"
                rf"(?: ?(?:(?P<percent>%)|(?P<unit>{one_of(list(_UNITS))})(?![\w/²³]))"
                r"|(?= (?P<noun>[^\W\d_]{3,20})(?!\w))|(?=[،؛.!؟]?(?:$| [^\W\d_]{3}))|(?= (?:و|إلى|أو) ))"
            ),
            _behind_preposition,
        ),
        Rule(
            re.compile(
                rf"{OUTSIDE}(?P<sign>(?:(?<![^\s(])[-−])?)(?P<number>[1-9][0-9]{{0,5}}) "
                rf"(?P<noun>{one_of(_FEMININE_PLURALS)}|[^\W\d_]{{1,20}}ة)(?![\w])"
            ),
            _before_feminine,
        ),
    ],
    thousands=",",
    decimals=r"\.",
    decimal_word="فاصلة",
    minus="سالب",
    plus="زائد",
    percent="بالمئة",
    up_to="إلى",
    point="نقطة",
    at="آت",
    slash="على",
    ampersand="و",
    date=_date,
    clock=_clock,
    halves_of_day={
        **dict.fromkeys(("ص", "AM", "am"), "صباحًا"), **dict.fromkeys(("م", "PM", "pm"), "مساءً"),
    },
    units=_UNITS,
    money={
        "$": _DOLLAR, "US$": _DOLLAR, "دولار": _DOLLAR, "دولارات": _DOLLAR, "دولارًا": _DOLLAR, "USD": _US_DOLLAR,
        "€": _EURO, "EUR": _EURO, "£": _POUND, "GBP": _POUND, "¥": _YEN, "JPY": _YEN, "ر.س": _RIYAL, "ر.س.": _RIYAL,
        "SAR": _RIYAL, "د.إ": _DIRHAM, "د.إ.": _DIRHAM, "AED": _DIRHAM, "ج.م": _EGYPTIAN_POUND,
        "ج.م.": _EGYPTIAN_POUND, "EGP": _EGYPTIAN_POUND, "₫": Money(whole=_fixed("دونغ")),
        "VND": Money(whole=_fixed("دونغ")), "CNY": Money(whole=_fixed("يوان")),
    },
    money_before=("USD", "EUR", "SAR", "AED", "EGP"),
    hundredths="{whole} و{hundredth}",
    magnitudes={
        **dict.fromkeys(("ألف", "آلاف"), Noun(one="ألف", two="ألفا", few="آلاف", many="ألف")),
        **dict.fromkeys(("مليون", "ملايين"), Noun(one="مليون", two="مليونا", few="ملايين", many="مليون")),
        **dict.fromkeys(("مليار", "مليارات"), Noun(one="مليار", two="مليارا", few="مليارات", many="مليار")),
        **dict.fromkeys(("تريليون", "تريليونات"), Noun(one="تريليون", two="تريليونا", few="تريليونات", many="تريليون")),
    },
    after_magnitude=lambda noun: noun.one,
    abbreviations={"د. ": "الدكتور ", "إلخ": "إلى آخره", "إلخ.": "إلى آخره"},
    date_cues=("بتاريخ", "يوم", "تاريخ"),
)  # fmt: skip
