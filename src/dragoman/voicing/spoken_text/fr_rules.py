"""What French writes around figures: 21 heures, 1er mars, 2e, 1re. For ``fr.py``."""

from collections.abc import Callable

from dragoman.voicing.spoken_text.gender import Nouns, agreement_rule
from dragoman.voicing.spoken_text.ordinal_marks import ordinal_mark_rules
from dragoman.voicing.spoken_text.rules import Rule

_SINGULAR = (
    "heure minute seconde femme fille personne semaine année journée nuit voiture maison ville page tonne question "
    "chose main voix vie école entreprise équipe langue lettre phrase partie classe tasse cuillère image étape "
    "chanson vidéo salle règle famille idée"
).split()
_NOUNS = Nouns(
    feminine=frozenset([*_SINGULAR, *(f"{word}s" for word in _SINGULAR if not word.endswith("x")), "fois"]),
    feminine_endings=("tion", "tions", "sion", "sions"),
    masculine=frozenset(("bastion", "bastions")),
)
_ENDINGS = {
    **dict.fromkeys(("er", "ᵉʳ", "ers"), "premier"),
    **dict.fromkeys(("re", "ère", "ere", "ʳᵉ"), "première"),
    "nd": "second",
    **dict.fromkeys(("nde", "de"), "seconde"),
    **dict.fromkeys(("e", "ᵉ", "ème", "eme", "es", "èmes"), "ième"),
}
_WHOLE = {"premier": 1, "première": 1, "second": 2, "seconde": 2}


def french_rules(count: Callable[[int, bool], str], cardinal: Callable[[int], str]) -> list[Rule]:
    def ordinal(number: int, ending: str) -> str | None:
        """Read 21 with "ième" as "vingt et unième"; None for "5er"."""
        if ending in _WHOLE:
            return ending if _WHOLE[ending] == number else None
        if number == 1:
            return "premier"
        words = cardinal(number)
        if words.endswith(("cents", "vingts", "e")):
            return f"{words[:-1]}ième"
        if words.endswith("neuf"):
            return f"{words[:-1]}vième"
        return f"{words}{'u' if words.endswith('cinq') else ''}ième"

    return [
        agreement_rule(count, _NOUNS, up_to="à", joints="à|ou|et"),
        *ordinal_mark_rules(ordinal, _ENDINGS, largest=9999),
    ]
