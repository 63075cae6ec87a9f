"""What Italian writes around figures: 1 anno, 1 ora, 1º, 2ª, 1° maggio. For ``it.py``."""

import re
from collections.abc import Callable, Sequence

from dragoman.voicing.spoken_text.gender import NO_MONEY, is_numbered
from dragoman.voicing.spoken_text.ordinal_marks import ordinal_mark_rules
from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule, one_of

_FIRST = ("", *"prim second terz quart quint sest settim ottav non decim".split())
_MASCULINE = (
    "anno mese giorno minuto euro chilometro metro chilo litro uomo bambino libro voto gol milione "
    "miliardo grado secolo paese bicchiere figlio"
).split()
_FEMININE = (
    "persona settimana volta casa cosa domanda donna notte pagina parola lettera lingua bambina ragazza sterlina "
    "tonnellata classe fase frase tazza città madre mano voce luce figlia squadra"
).split()


def italian_rules(cardinal: Callable[[int], str], months: Sequence[str]) -> list[Rule]:
    def ordinal(number: int, ending: str) -> str:
        """Read 21 with "a" as "ventunesima"."""
        if number < len(_FIRST):
            return f"{_FIRST[number]}{ending}"
        words = cardinal(number).replace("é", "e")
        return f"{words if words.endswith(('tre', 'sei')) else words[:-1]}esim{ending}"

    def one(match: re.Match[str]) -> str | None:
        if is_numbered(match):
            return None
        return "una" if match["noun"] in _FEMININE else "un"

    return [
        Rule(re.compile(rf"{OUTSIDE}(?<![-–/:])1(?= (?P<noun>{one_of([*_MASCULINE, *_FEMININE])}){NO_MONEY})"), one),
        Rule(re.compile(rf"{OUTSIDE}(?<![-–/:])1 ora(?!\w)"), lambda _: "un'ora"),
        *ordinal_mark_rules(
            ordinal,
            {"º": "o", ".º": "o", "ª": "a", ".ª": "a"},
            largest=999,
            before_months=months,
        ),
    ]
