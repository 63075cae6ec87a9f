"""What a router does with glossaries: find the terms of sentences, tell engines of them, see them through.

From router.py; to matcher.py and enforcing.py. One of these serves a process; the matchers of the glossaries and
directions in use are kept.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from dragoman.ground.engines import Capability, EngineInfo, Glossary, GlossaryTerm, LanguagePair
from dragoman.ground.errors import EngineError, EngineOutputInvalid
from dragoman.ground.glossary import TermBase
from dragoman.translating.checks import check_translation
from dragoman.translating.glossary.enforcing import Enforced, Enforcer, Translated
from dragoman.translating.glossary.matcher import Found, TermMatcher

MAX_MATCHERS: Final = 64
REPAIR_S: Final = 1.0
"""Repairs of one sentence take no longer, and no more than half of what its reader waits."""

Terms = tuple[Found, ...]
"""The terms of one sentence."""
AskOne = Callable[[str], Awaitable[str]]
"""Translates one sentence more; raises an ``EngineError``."""
AskSeveral = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the translations of a sentence that come next after the first; raises an ``EngineError``."""
CHOICES: Final = 4
"""Translations of one sentence to choose from."""


class TermDesk:
    """Of one process."""

    def __init__(self) -> None:
        self._enforcer = Enforcer()
        self._matchers: OrderedDict[tuple[str, LanguagePair], TermMatcher] = OrderedDict()

    def find(self, sentences: Iterable[str], base: TermBase, pair: LanguagePair) -> list[Terms]:
        """Give the terms of each sentence, which is clean (``hygiene.py``)."""
        if not base.terms:
            return [() for _ in sentences]
        matcher = self._matcher(base, pair)
        return [matcher.find(sentence) for sentence in sentences]

    async def see_through(
        self,
        sentence: str,
        answer: str,
        terms: Terms,
        *,
        pair: LanguagePair,
        engine: str,
        ask: AskOne,
        ask_several: AskSeveral | None,
        until_s: float,
    ) -> Enforced:
        """Give ``answer`` with its terms, as far as they can be had of this engine; at worst as it is.

        ``ask_several`` is None of an engine that has one answer only.
        """
        try:
            check_translation(sentence, answer, engine=engine, languages=pair)
        except EngineOutputInvalid:
            return Enforced(text=answer, is_settled=True)
        now = asyncio.get_running_loop().time()
        translated = Translated(
            sentence=sentence, plain=answer, found=terms, source=pair[0], target=pair[1], engine=engine
        )
        return await self._enforcer.enforce(
            translated,
            ask=lambda texts: _ask_each(texts, ask),
            ask_several=None if ask_several is None else lambda text: _ask_for_several(text, ask_several),
            until_s=now + min(REPAIR_S, max(0.0, until_s - now) / 2),
        )

    def replace_known(self, sentence: str, answer: str, terms: Terms, *, pair: LanguagePair, engine: str) -> str:
        """Give ``answer`` with the terms whose renderings are known; the engine is not asked."""
        if not terms:
            return answer
        return self._enforcer.replace_known(
            Translated(sentence=sentence, plain=answer, found=terms, source=pair[0], target=pair[1], engine=engine)
        )

    def _matcher(self, base: TermBase, pair: LanguagePair) -> TermMatcher:
        key = (base.version, pair)
        if key not in self._matchers:
            self._matchers[key] = TermMatcher(base.terms, source=pair[0], target=pair[1])
            while len(self._matchers) > MAX_MATCHERS:
                self._matchers.popitem(last=False)
        self._matchers.move_to_end(key)
        return self._matchers[key]


def fingerprint(terms: Terms, background: str = "") -> str:
    """Stand for what the glossary wants of a sentence: a changed glossary leaves other sentences remembered.

    ``background`` is what the engine is told beside it (``background_for``).
    """
    wanted = sorted({repr(it.wanted) for it in terms})
    if background:
        wanted.append(f"background {background!r}")
    return hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:16] if wanted else ""


def background_for(info: EngineInfo, context: str) -> str:
    """Give what an engine is told of ``context``: nothing, unless it says that it honours it."""
    return context if Capability.CONTEXT in info.capabilities else ""


def told(terms: Iterable[Terms], info: EngineInfo, context: str = "") -> Glossary | None:
    """Give what an engine is told of the terms of some sentences and of their context, as far as it honours them."""
    pairs: tuple[GlossaryTerm, ...] = ()
    if Capability.TERMS in info.capabilities:
        wanted = dict.fromkeys(it.wanted for of_one in terms for it in of_one if it.wanted.targets)
        pairs = tuple(GlossaryTerm(source=it.source, target=it.targets[0]) for it in wanted)
    background = background_for(info, context)
    return Glossary(terms=pairs, background=background) if pairs or background else None


def with_choices(info: EngineInfo, context: str) -> Glossary | None:
    """Give what makes an engine answer in several ways; None for one that cannot."""
    if Capability.CHOICES not in info.capabilities:
        return None
    return Glossary(background=background_for(info, context), choices=CHOICES)


async def _ask_for_several(text: str, ask_several: AskSeveral) -> Sequence[str] | None:
    """Give nothing for garbage, which is an answer; None where the engine was not asked, or could not answer."""
    try:
        return await ask_several(text)
    except EngineOutputInvalid:
        return ()
    except EngineError:
        return None


async def _ask_each(texts: Sequence[str], ask: AskOne) -> Sequence[str | None]:
    """Ask for all at the same time, each for itself: what is no sentence any more must not cost the others."""

    async def attempt(text: str) -> str | None:
        try:
            return await ask(text)
        except EngineOutputInvalid:
            return ""
        except EngineError:
            return None

    return await asyncio.gather(*(attempt(text) for text in texts))
