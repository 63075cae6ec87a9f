"""Write a text as it is spoken: the one way into this package. From ``voicing/router.py``.

The languages of ``SPOKEN_LANGUAGES`` are read in full; in the others only what no voice can read is left out, and
engines read the figures.
"""

from functools import cache

from dragoman.ground.languages import Language
from dragoman.voicing.scripts import leave_out_foreign
from dragoman.voicing.spoken_text.abbreviations import abbreviation_rules
from dragoman.voicing.spoken_text.addresses import address_rules
from dragoman.voicing.spoken_text.ar import ARABIC
from dragoman.voicing.spoken_text.clock import clock_rules
from dragoman.voicing.spoken_text.dates import date_rules, fraction_rule
from dragoman.voicing.spoken_text.de import GERMAN
from dragoman.voicing.spoken_text.en import ENGLISH
from dragoman.voicing.spoken_text.es import SPANISH
from dragoman.voicing.spoken_text.figures import figure_rules
from dragoman.voicing.spoken_text.fr import FRENCH
from dragoman.voicing.spoken_text.hi import HINDI
from dragoman.voicing.spoken_text.id import INDONESIAN
from dragoman.voicing.spoken_text.it import ITALIAN
from dragoman.voicing.spoken_text.ja import JAPANESE
from dragoman.voicing.spoken_text.ko import KOREAN
from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.lo import LAO
from dragoman.voicing.spoken_text.ms import MALAY
from dragoman.voicing.spoken_text.pictures import leave_out_pictures
from dragoman.voicing.spoken_text.plain_letters import write_plainly
from dragoman.voicing.spoken_text.pt import PORTUGUESE
from dragoman.voicing.spoken_text.quantities import quantity_rules
from dragoman.voicing.spoken_text.ru import RUSSIAN
from dragoman.voicing.spoken_text.rules import Reading
from dragoman.voicing.spoken_text.th import THAI
from dragoman.voicing.spoken_text.vi import VIETNAMESE
from dragoman.voicing.spoken_text.zh import CHINESE
from dragoman.voicing.spoken_text.zh_tw import TAIWANESE

SPOKEN_LANGUAGES: dict[Language, SpokenLanguage] = {
    Language("vi"): VIETNAMESE,
    Language("en"): ENGLISH,
    Language("es"): SPANISH,
    Language("fr"): FRENCH,
    Language("de"): GERMAN,
    Language("it"): ITALIAN,
    Language("pt"): PORTUGUESE,
    Language("zh"): CHINESE,
    Language("zh-TW"): TAIWANESE,
    Language("ja"): JAPANESE,
    Language("ko"): KOREAN,
    Language("ru"): RUSSIAN,
    Language("ar"): ARABIC,
    Language("hi"): HINDI,
    Language("th"): THAI,
    Language("id"): INDONESIAN,
    Language("ms"): MALAY,
    Language("lo"): LAO,
}

_READINGS = 4
"""What is glued together may come apart once its neighbour is read: "3kg.5" beside Chinese words."""


def as_spoken(text: str, language: Language) -> str:
    """Give ``text`` in words, on one line; doing it twice changes nothing more. Time is linear in the text.

    Nothing is added that is not written, and nothing left out but pictures, letters that the language's voices cannot
    read, the paths of links, and the currency's hundredths where there are none.
    """
    plain = leave_out_foreign(leave_out_pictures(write_plainly(text, language)), language)
    if language not in SPOKEN_LANGUAGES:
        return plain
    spoken = SPOKEN_LANGUAGES[language]
    said = plain.translate(spoken.figures)
    for _ in range(_READINGS if spoken.own else 1):
        before, said = said, _reading(language).read(said)
        if said == before:
            break
    return said


@cache
def _reading(language: Language) -> Reading:
    spoken = SPOKEN_LANGUAGES[language]
    rules = [
        *address_rules(spoken),
        *date_rules(spoken),
        *clock_rules(spoken),
        *spoken.own,
        *quantity_rules(spoken),
        *figure_rules(spoken),
        fraction_rule(spoken),
        *abbreviation_rules(spoken),
    ]
    if spoken.glued:
        rules = [rule.among_glued_words() for rule in rules]
    return Reading(rules, glued=spoken.glued, spaceless=spoken.spaceless)
