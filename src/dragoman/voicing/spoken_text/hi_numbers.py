"""Hindi numbers: each below a hundred has a word of its own; above are सौ, हज़ार, लाख, करोड़. For ``hi.py``."""

_BELOW_HUNDRED = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ "
    "दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस "
    "बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस "
    "तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस "
    "चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास "
    "पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ "
    "साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर "
    "सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी "
    "अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी "
    "नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
).split()
_SCALES = (
    (10**13, "नील"), (10**11, "खरब"), (10**9, "अरब"), (10**7, "करोड़"), (10**5, "लाख"), (1000, "हज़ार"), (100, "सौ"),
)  # fmt: skip
_ORDINALS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}
"""Those that do not end with वाँ, before their ending."""
_ENDINGS = {"ला": "ा", "ली": "ी", "ले": "े", "रा": "ा", "री": "ी", "रे": "े", "था": "ा", "थी": "ी", "थे": "े", "ठा": "ा",
            "ठी": "ी", "ठे": "े", "वाँ": "ा", "वां": "ा", "वीं": "ी", "वें": "े"}  # fmt: skip
ORDINAL_ENDINGS = tuple(_ENDINGS)


def cardinal(number: int) -> str:
    """Read a whole number from 0: 1,25,021 is "एक लाख पच्चीस हज़ार इक्कीस"."""
    said: list[str] = []
    rest = number
    for scale, name in _SCALES:
        many, rest = divmod(rest, scale)
        if many:
            said += [_BELOW_HUNDRED[many], name]
    if rest or not said:
        said.append(_BELOW_HUNDRED[rest])
    return " ".join(said)


def year(number: int) -> str:
    """Read 1984 as "उन्नीस सौ चौरासी"."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return cardinal(number)
    said = f"{_BELOW_HUNDRED[century]} सौ"
    return f"{said} {_BELOW_HUNDRED[rest]}" if rest else said


def ordinal(number: int, ending: str) -> str:
    """Read 5वीं as "पाँचवीं", 1ला as "पहला"."""
    stem = _ORDINALS.get(number)
    if stem is not None:
        return stem + _ENDINGS[ending]
    return cardinal(number) + {"ा": "वाँ", "ी": "वीं", "े": "वें"}[_ENDINGS[ending]]
