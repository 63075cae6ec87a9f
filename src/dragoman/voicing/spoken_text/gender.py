"""Numbers that agree with the noun behind them: duas horas, veintiuna libras. For ``pt_rules.py``, ``es_rules.py``."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dragoman.voicing.spoken_text.rules import OUTSIDE, Rule

NO_MONEY = r"(?!\w)(?! ?(?:[$€£¥₫]|[A-Z]{3}(?!\w)))"
"""Behind a noun: "2 millones €" is read as money."""
NUMBERED = frozenset(
    "número numero capítulo capitulo capitolo chapitre numéro article artículo artigo articolo página pagina page fase "
    "phase tomo tome étape etapa tappa línea linha linea ligne canal canale vuelo vol voo nivel nível niveau livello "
    "lección lição leçon lezione ejercicio exercício exercice episodio episódio épisode volume".split()
)
"""What has a number of its own, which does not count the noun behind it: número 21 calle Mayor."""
_YEAR = re.compile("1[1-9][0-9]{2}|20[0-9]{2}")
"""What may be one: "em 2022 muitas pessoas"."""
_PLURAL_ENDINGS = ("s", "x")
_WORD_BEFORE = re.compile(r"([^\W\d_]+) \Z")
_LONGEST_BEFORE = 16


def is_numbered(match: re.Match[str]) -> bool:
    """Say whether what stands before the number has it for its name."""
    before = _WORD_BEFORE.search(match.string[max(match.start() - _LONGEST_BEFORE, 0) : match.start()])
    return before is not None and before[1].lower() in NUMBERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouns:
    """How the nouns of a language show their gender, small letters all."""

    feminine: frozenset[str]
    feminine_endings: tuple[str, ...]
    masculine: frozenset[str]
    """These go before the endings of the feminine ones: días."""
    masculine_endings: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    """Words that are no nouns, or of either gender, whatever they end with."""

    def are_feminine(self, word: str) -> bool | None:
        """Say the gender of ``word``; None where it is not known."""
        if word in self.others:
            return None
        if word in self.masculine:
            return False
        if word in self.feminine or word.endswith(self.feminine_endings):
            return True
        return False if self.masculine_endings and word.endswith(self.masculine_endings) else None


def agreement_rule(
    count: Callable[[int, bool], str], nouns: Nouns, *, up_to: str, joints: str, thousand: str = ""
) -> Rule:
    """Read the numbers before a noun in its gender; where that is not known, they stay as they are.

    ``joints`` are the words between two of them, as a regular expression; ``thousand`` the word that agrees too.
    """

    def read(match: re.Match[str]) -> str | None:
        noun = match["noun"].lower()
        feminine = nouns.are_feminine(noun)
        if feminine is None or _YEAR.fullmatch(match["number"]) or is_numbered(match):
            return None
        if match["number"] != "1" and not noun.endswith(_PLURAL_ENDINGS):
            return None
        words = said(match["number"], feminine) + (match["thousand"] or "")
        if not match["first"]:
            return words
        joint = f" {up_to} " if match["joint"] in "-–" else match["joint"]
        return f"{said(match['first'], feminine)}{joint}{words}"

    def said(written: str, feminine: bool) -> str:
        return count(int(written.replace(".", "")), feminine)

    number = r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,3}|[1-9][0-9]{0,5})"
    scale = f"(?P<thousand> {thousand})?" if thousand else "(?P<thousand>)"
    return Rule(
        re.compile(
            rf"{OUTSIDE}(?<![-–/:])(?:(?P<first>{number})(?P<joint>[-–]| (?:{joints}) ))?(?P<number>{number})"
            rf"{scale}(?= (?P<noun>[^\W\d_]{{3,24}}){NO_MONEY})"
        ),
        read,
    )
