"""Which terms of a glossary does a sentence hold? From automaton.py; to demands.py.

Of terms that overlap the leftmost counts, of those the longest. A term is found as a whole word, in any case and with
a simple inflection; where words are written without spaces it is found anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.glossary import Term, TermState
from dragoman.ground.languages import Language
from dragoman.translating.glossary.automaton import Automaton
from dragoman.translating.glossary.folding import Folded, fold, is_border
from dragoman.translating.glossary.forms import endings_of, may_inflect
from dragoman.translating.hygiene import clean_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What has to become of one phrase: all its terms together."""

    source: str
    targets: tuple[str, ...] = ()
    """Each of them will do; the first is best. Empty if only some are banned."""
    banned: tuple[str, ...] = ()
    strength: TermState
    """Of the targets; ``BANNED`` if there are none."""
    match_case: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A phrase in a sentence."""

    start: int
    end: int
    wanted: Wanted


class TermMatcher:
    """Of the terms of one direction. ``find`` may be called from several threads."""

    def __init__(self, terms: Sequence[Term], *, source: Language, target: Language) -> None:
        grouped: dict[tuple[str, bool], list[Term]] = {}
        for term in terms:
            if term.holds_for(source, target):
                phrase = clean_text(term.source, source)
                grouped.setdefault((phrase if term.match_case else fold(phrase).text, term.match_case), []).append(term)
        self.source, self.target = source, target
        # Of two spellings of one phrase, the one that minds its case is the narrower.
        wanted = [_together(group, source) for group in grouped.values()]
        self._wanted = sorted(wanted, key=lambda it: not it.match_case)
        self._phrases = [fold(wanted.source).text for wanted in self._wanted]
        self._automaton = Automaton(self._phrases)
        self._endings = endings_of(source)

    def __len__(self) -> int:
        return len(self._wanted)

    def find(self, sentence: str) -> tuple[Found, ...]:
        """Give the phrases of ``sentence``, which is clean (``clean_text``), in order; none overlaps another."""
        if not self._wanted:
            return ()
        folded = fold(sentence)

        def accepts(start: int, end: int, number: int) -> bool:
            return self._ends(folded.text, end) and self._fits(sentence, folded, start, end, number)

        candidates = self._automaton.find(
            folded.text, may_begin=lambda place: is_border(folded.text, place), accepts=accepts
        )
        found: list[Found] = []
        taken = 0
        for start, end, number in reversed(list(candidates)):
            if start >= taken:
                place = folded.span(start, end)
                found.append(Found(start=place[0], end=place[1], wanted=self._wanted[number]))
                taken = end
        return tuple(found)

    def _ends(self, text: str, place: int) -> bool:
        return is_border(text, place) or self._ending_after(text, place) > 0

    def _fits(self, sentence: str, folded: Folded, start: int, end: int, number: int) -> bool:
        wanted = self._wanted[number]
        if wanted.match_case:
            first, last = folded.span(start, end)
            return sentence[first:last] == wanted.source and is_border(folded.text, end)
        return is_border(folded.text, end) or may_inflect(self._phrases[number])

    def _ending_after(self, text: str, place: int) -> int:
        """Count the characters of an inflection behind ``place``."""
        match = None if self._endings is None else self._endings.match(text, place)
        return match.end() - place if match is not None and is_border(text, match.end()) else 0


def _together(terms: Sequence[Term], source: Language) -> Wanted:
    forced = [term for term in terms if term.state in (TermState.FORCED, TermState.DO_NOT_TRANSLATE)]
    preferred = [term for term in terms if term.state is TermState.PREFERRED]
    banned = tuple(term.target for term in terms if term.state is TermState.BANNED)
    targets = tuple(dict.fromkeys(term.target or term.source for term in (*forced, *preferred)))
    strength = (forced or preferred or terms)[0].state
    return Wanted(
        source=clean_text(terms[0].source, source),
        targets=targets,
        banned=tuple(it for it in banned if it not in targets),
        strength=strength,
        match_case=terms[0].match_case,
    )
