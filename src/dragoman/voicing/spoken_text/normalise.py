"""Write a text as it is spoken: the one way into this package. From ``voicing/router.py``.

Seven languages are read in full; in the others only what no voice can read is left out, and engines read the figures.
"""

from functools import cache

from dragoman.ground.languages import Language
from dragoman.voicing.scripts import leave_out_foreign
from dragoman.voicing.spoken_text.abbreviations import abbreviation_rules
from dragoman.voicing.spoken_text.addresses import address_rules
from dragoman.voicing.spoken_text.clock import clock_rules
from dragoman.voicing.spoken_text.dates import date_rules, fraction_rule
from dragoman.voicing.spoken_text.de import GERMAN
from dragoman.voicing.spoken_text.en import ENGLISH
from dragoman.voicing.spoken_text.en_ordinals import ordinal_rules
from dragoman.voicing.spoken_text.es import SPANISH
from dragoman.voicing.spoken_text.figures import figure_rules
from dragoman.voicing.spoken_text.fr import FRENCH
from dragoman.voicing.spoken_text.it import ITALIAN
from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.pictures import leave_out_pictures
from dragoman.voicing.spoken_text.plain_letters import write_plainly
from dragoman.voicing.spoken_text.pt import PORTUGUESE
from dragoman.voicing.spoken_text.quantities import quantity_rules
from dragoman.voicing.spoken_text.rules import Reading
from dragoman.voicing.spoken_text.vi import VIETNAMESE

SPOKEN_LANGUAGES: dict[Language, SpokenLanguage] = {
    Language("vi"): VIETNAMESE,
    Language("en"): ENGLISH,
    Language("es"): SPANISH,
    Language("fr"): FRENCH,
    Language("de"): GERMAN,
    Language("it"): ITALIAN,
    Language("pt"): PORTUGUESE,
}


def as_spoken(text: str, language: Language) -> str:
    """Give ``text`` in words, on one line; doing it twice changes nothing more. Time is linear in the text.

    Nothing is added that is not written, and nothing left out but pictures, letters that the language's voices cannot
    read, the paths of links, and the currency's hundredths where there are none.
    """
    plain = leave_out_foreign(leave_out_pictures(write_plainly(text, language)), language)
    return _reading(language).read(plain) if language in SPOKEN_LANGUAGES else plain


@cache
def _reading(language: Language) -> Reading:
    spoken = SPOKEN_LANGUAGES[language]
    rules = [
        *address_rules(spoken),
        *date_rules(spoken),
        *clock_rules(spoken),
        *(ordinal_rules() if spoken is ENGLISH else ()),
        *quantity_rules(spoken),
        *figure_rules(spoken),
        fraction_rule(spoken),
        *abbreviation_rules(spoken),
    ]
    return Reading(rules)
