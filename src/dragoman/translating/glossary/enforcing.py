"""Bring a translator to say the terms: check first, then repair, from what costs nothing to what is rude. To router.py.

1. The plain translation has the terms: nothing is done. So it is with most sentences.
2. Of several translations by an engine that can give them, the best that has the terms; unless that never helped.
3. The sentence again, with the target terms written into it.
4. A term hidden behind a placeholder that the engine copies.
5. What steps 3 and 4 changed in the translation is how the term was rendered: that is replaced.

Terms that are only preferred get steps 2 and 3. Whatever comes out is verified (``verifying.py``); if nothing is
better, the plain translation stands. What helped with a term is remembered, so that it is tried first the next time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from dragoman.ground.glossary import TermState
from dragoman.ground.languages import Language
from dragoman.translating.glossary.demands import unmet
from dragoman.translating.glossary.matcher import Found, Wanted
from dragoman.translating.glossary.repairs import (
    PLACEHOLDERS,
    find_rendering,
    replace_rendering,
    reveal,
    with_placeholder,
    with_terms,
)
from dragoman.translating.glossary.verifying import is_better

MAX_REPAIRED: Final = 4
"""Terms of one sentence that are hidden or replaced; a sentence that lacks more is not understood anyway."""
ENOUGH_FAILURES: Final = 3
"""Sentences in which translating anew did not help with a term; then its known rendering is replaced at once."""
MAX_REMEMBERED: Final = 4096
KEPT_RENDERINGS: Final = 4

Ask = Callable[[Sequence[str]], Awaitable[Sequence[str | None]]]
"""Translates sentences, each for itself; empty where the engine makes nothing of one, None without an answer."""
AskSeveral = Callable[[str], Awaitable[Sequence[str] | None]]
"""Gives more translations of a sentence, the best first; empty where the engine has none, None without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A sentence whose translation is to have its terms."""

    sentence: str
    """As the engine got it."""
    plain: str
    """What the engine answered."""
    found: Sequence[Found]
    """The terms of ``sentence``."""
    source: Language
    target: Language
    engine: str
    """Label; what helps differs by model."""

    @property
    def languages(self) -> tuple[Language, Language]:
        return self.source, self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforced:
    """What became of a translation."""

    text: str
    is_settled: bool
    """False where terms are missing that an engine with less to do, or more time, might have given."""


class _Asking:
    """Asks the engine for one sentence's sake, and notes whether it ever gave no answer: then nothing was learnt."""

    def __init__(self, ask: Ask, ask_several: AskSeveral | None) -> None:
        self._ask = ask
        self._ask_several = ask_several
        self.can_choose = ask_several is not None
        self.was_answered = True

    async def each(self, texts: Sequence[str]) -> Sequence[str | None]:
        answers = await self._ask(texts)
        self.was_answered &= None not in answers
        return answers

    async def choices(self, text: str) -> Sequence[str] | None:
        several = () if self._ask_several is None else await self._ask_several(text)
        self.was_answered &= several is not None
        return several


@dataclass(slots=True)
class _Experience:
    """With one term, engine and direction. Only answers count: an engine that was too busy may help the next time."""

    failures: int = 0
    """Of translating anew, since it last helped."""
    in_vain: int = 0
    """Times that it was hidden, and no rendering came to light."""
    not_chosen: int = 0
    """Times that it was in none of several translations, since it last was."""
    renderings: list[str] = field(default_factory=list)


class Enforcer:
    """Of one process; remembers."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, Language, Language, Wanted], _Experience] = OrderedDict()

    async def enforce(
        self, it: Translated, *, ask: Ask, ask_several: AskSeveral | None = None, until_s: float
    ) -> Enforced:
        """Give a translation with as many of the terms as can be had until ``until_s`` of the loop's clock.

        ``ask`` is given up on then, and what was better until then is kept.
        """
        best = it.plain
        asking = _Asking(ask, ask_several)
        clock = asyncio.get_running_loop()
        began_s = clock.time()
        for repair in (self._by_known, self._by_choice, self._by_terms, self._by_placeholder):
            missing = unmet(it.found, best, it.target)
            # A step may take as long as all before it: one that would end late is not begun.
            took_s = clock.time() - began_s
            if not missing:
                break
            if clock.time() + took_s > until_s:
                return Enforced(text=best, is_settled=False)
            try:
                async with asyncio.timeout_at(until_s):
                    best = await repair(it, best, missing, asking)
            except TimeoutError:
                return Enforced(text=best, is_settled=False)
        return Enforced(text=best, is_settled=asking.was_answered or not unmet(it.found, best, it.target))

    def replace_known(self, it: Translated) -> str:
        """Give the plain translation with terms in the place of renderings that came to light before."""
        best = it.plain
        for wanted in unmet(it.found, best, it.target):
            best = self._replaced(it, best, wanted)
        return best

    async def _by_known(self, it: Translated, best: str, missing: Sequence[Wanted], asking: _Asking) -> str:
        """Replace renderings that are known, of terms with which nothing gentler ever helped."""
        for wanted in missing:
            if self._is_hopeless(it, wanted):
                best = self._replaced(it, best, wanted)
        return best

    async def _by_choice(self, it: Translated, best: str, missing: Sequence[Wanted], asking: _Asking) -> str:
        experiences = [self._experience(it, wanted) for wanted in missing]
        if not asking.can_choose or all(known.not_chosen >= ENOUGH_FAILURES for known in experiences):
            return best
        several = await asking.choices(it.sentence)
        if several is None:
            return best
        better = next((text for text in several if _is_better(it, text, best)), best)
        still = unmet(it.found, better, it.target)
        for wanted, known in zip(missing, experiences, strict=True):
            known.not_chosen = known.not_chosen + 1 if wanted in still else 0
        return better

    async def _by_terms(self, it: Translated, best: str, missing: Sequence[Wanted], asking: _Asking) -> str:
        tried = [wanted for wanted in missing if _can_be_written(wanted) and not self._is_hopeless(it, wanted)]
        if not tried:
            return best
        (answer,) = await asking.each([with_terms(it.sentence, it.found, tried)])
        if answer is None:
            return best
        if _is_better(it, answer, best):
            best = answer
        still = unmet(it.found, best, it.target)
        for wanted in tried:
            experience = self._experience(it, wanted)
            experience.failures = experience.failures + 1 if wanted in still else 0
        return best

    async def _by_placeholder(self, it: Translated, best: str, missing: Sequence[Wanted], asking: _Asking) -> str:
        """Hide each term; from answers that lost the placeholder its rendering can be told still."""
        for wanted in missing[:MAX_REPAIRED]:
            experience = self._experience(it, wanted)
            if not _is_forced(wanted) or experience.in_vain >= ENOUGH_FAILURES:
                continue
            times = _times(it, wanted)
            marked = [with_placeholder(it.sentence, it.found, wanted, placeholder) for placeholder in PLACEHOLDERS]
            written = [with_terms(it.sentence, it.found, [wanted])] if _can_be_written(wanted) else []
            answers = await asking.each([*marked, *written])
            revealed = (
                reveal(answer, placeholder, wanted.targets[0], times=times)
                for placeholder, answer in zip(PLACEHOLDERS, answers[: len(marked)], strict=True)
                if answer is not None
            )
            better = next((text for text in revealed if text is not None and _is_better(it, text, best)), None)
            if better is not None:
                best = better
                continue
            rendering = find_rendering(it.plain, [answer for answer in answers if answer is not None], it.target)
            if rendering is not None:
                _remember(experience, rendering)
            repaired = self._replaced(it, best, wanted)
            if repaired != best:
                experience.in_vain = 0
            elif None not in answers:
                experience.in_vain += 1
            best = repaired
        return best

    def _replaced(self, it: Translated, best: str, wanted: Wanted) -> str:
        """Replace whichever rendering of ``wanted`` is in ``best``: one that is known, or that people have banned."""
        if not _is_forced(wanted):
            return best
        keep_case = wanted.match_case or wanted.strength is TermState.DO_NOT_TRANSLATE
        for rendering in (*self._experience(it, wanted).renderings, *wanted.banned):
            text = replace_rendering(best, rendering, wanted.targets[0], times=_times(it, wanted), keep_case=keep_case)
            if text is not None and _is_better(it, text, best):
                return text
        return best

    def _is_hopeless(self, it: Translated, wanted: Wanted) -> bool:
        known = self._known.get((it.engine, it.source, it.target, wanted))
        return known is not None and known.failures >= ENOUGH_FAILURES

    def _experience(self, it: Translated, wanted: Wanted) -> _Experience:
        key = (it.engine, it.source, it.target, wanted)
        known = self._known.setdefault(key, _Experience())
        while len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return known


def _remember(experience: _Experience, rendering: str) -> None:
    if rendering.casefold() not in (each.casefold() for each in experience.renderings):
        experience.renderings.insert(0, rendering)
        del experience.renderings[KEPT_RENDERINGS:]


def _is_forced(wanted: Wanted) -> bool:
    return wanted.strength in (TermState.FORCED, TermState.DO_NOT_TRANSLATE)


def _can_be_written(wanted: Wanted) -> bool:
    """What is not translated is in the source already."""
    return bool(wanted.targets) and wanted.targets[0] != wanted.source


def _times(it: Translated, wanted: Wanted) -> int:
    return sum(found.wanted == wanted for found in it.found)


def _is_better(it: Translated, candidate: str, best: str) -> bool:
    return is_better(
        candidate,
        best,
        sentence=it.sentence,
        found=it.found,
        missing=unmet(it.found, best, it.target),
        languages=it.languages,
    )
