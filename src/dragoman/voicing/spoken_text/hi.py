"""Hindi: commas after lakhs and crores, its own digits, बजकर for minutes, years in hundreds."""

import re

from dragoman.voicing.spoken_text.hi_numbers import ORDINAL_ENDINGS, cardinal, ordinal, year
from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, OUTSIDE, Rule, one_of

_MONTHS = "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split()


def _one_by_one(digits: str) -> str:
    return " ".join(cardinal(int(digit)) for digit in digits)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = cardinal(hour)
    if not minute and second is None:
        return f"{said} बजे"
    said += f" बजकर {cardinal(minute)} मिनट"
    return said if second is None else f"{said} {cardinal(second)} सेकंड"


def _noun(one: str, many: str = "") -> Noun:
    return Noun(one=one, many=many or one)


_RUPEE = Money(whole=_noun("रुपया", "रुपये"), hundredth=_noun("पैसा", "पैसे"))
_DOLLAR, _EURO = Money(whole=_noun("डॉलर"), hundredth=_noun("सेंट")), Money(whole=_noun("यूरो"), hundredth=_noun("सेंट"))
_POUND, _YEN, _DONG, _YUAN = (Money(whole=_noun(word)) for word in ("पाउंड", "येन", "डोंग", "युआन"))

HINDI = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=year,
    reads_years_alone=True,
    figures=str.maketrans("०१२३४५६७८९", "0123456789"),
    own=[
        Rule(
            re.compile(rf"{OUTSIDE}(?P<number>[1-9][0-9]{{0,5}}) ?-?(?P<ending>{one_of(ORDINAL_ENDINGS)}){AFTER}"),
            lambda match: ordinal(int(match["number"]), match["ending"]),
        ),
        # Mobile numbers.
        Rule(
            re.compile(rf"{OUTSIDE}(?<![-+])(?P<head>[6-9][0-9]{{4}}) ?(?P<tail>[0-9]{{5}})(?![\w]|[.,][0-9])"),
            lambda match: f"{_one_by_one(match['head'])}, {_one_by_one(match['tail'])}",
        ),
    ],
    thousands=",",
    grouped="[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}",
    decimals=r"\.",
    decimal_word="दशमलव",
    minus="माइनस",
    plus="प्लस",
    percent="प्रतिशत",
    up_to="से",
    point="डॉट",
    at="ऐट",
    slash="बटा",
    ampersand="और",
    date=_date,
    clock=_clock,
    clock_word="बजे",
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "किलोमीटर", "किमी": "किलोमीटर", "कि.मी.": "किलोमीटर", "m": "मीटर", "cm": "सेंटीमीटर", "सेमी": "सेंटीमीटर",
            "से.मी.": "सेंटीमीटर", "mm": "मिलीमीटर", "मिमी": "मिलीमीटर", "km/h": "किलोमीटर प्रति घंटा",
            "किमी/घंटा": "किलोमीटर प्रति घंटा", "m/s": "मीटर प्रति सेकंड", "km²": "वर्ग किलोमीटर", "km2": "वर्ग किलोमीटर",
            "m²": "वर्ग मीटर", "m2": "वर्ग मीटर", "m³": "घन मीटर", "m3": "घन मीटर", "ha": "हेक्टेयर", "kg": "किलोग्राम",
            "किग्रा": "किलोग्राम", "कि.ग्रा.": "किलोग्राम", "g": "ग्राम", "mg": "मिलीग्राम", "मिग्रा": "मिलीग्राम", "t": "टन",
            "l": "लीटर", "L": "लीटर", "ml": "मिलीलीटर", "mL": "मिलीलीटर", "मिली": "मिलीलीटर", "°C": "डिग्री सेल्सियस",
            "°F": "डिग्री फ़ारेनहाइट", "°": "डिग्री", "min": "मिनट", "s": "सेकंड", "ms": "मिलीसेकंड", "W": "वाट",
            "kW": "किलोवाट", "MW": "मेगावाट", "kWh": "किलोवाट घंटा", "V": "वोल्ट", "Hz": "हर्ट्ज़", "kHz": "किलोहर्ट्ज़",
            "MHz": "मेगाहर्ट्ज़", "GHz": "गीगाहर्ट्ज़", "KB": "किलोबाइट", "MB": "मेगाबाइट", "GB": "गीगाबाइट", "TB": "टेराबाइट",
        }.items()
    } | {"h": _noun("घंटा", "घंटे")},
    money={
        "₹": _RUPEE, "रु.": _RUPEE, "रु": _RUPEE, "Rs.": _RUPEE, "Rs": _RUPEE, "INR": _RUPEE, "$": _DOLLAR,
        "US$": _DOLLAR, "USD": Money(whole=_noun("अमेरिकी डॉलर"), hundredth=_noun("सेंट")), "€": _EURO, "EUR": _EURO,
        "£": _POUND, "GBP": _POUND, "¥": _YEN, "JPY": _YEN, "₫": _DONG, "VND": _DONG, "CNY": _YUAN,
    },
    money_before=("रु.", "रु", "Rs.", "Rs", "INR", "USD"),
    hundredths="{whole} {hundredth}",
    magnitudes={
        word: word for word in ("सौ", "हज़ार", "हजार", "लाख", "करोड़", "अरब", "खरब", "मिलियन", "बिलियन", "ट्रिलियन")
    },
    abbreviations={
        "डॉ. ": "डॉक्टर ", "डा. ": "डॉक्टर ", "प्रो. ": "प्रोफ़ेसर ", "सं. ": "संख्या ", "ई.पू.": "ईसा पूर्व", "कि.मी.": "किलोमीटर",
    },
    date_cues=("दिनांक", "तारीख"),
)  # fmt: skip
