"""Translate sentences by the best engine that answers: the local ``TranslationRoute``. To interpreting/booth.py.

Engines stand in order of preference; ``rests.py`` passes over those that fail, so that the next sentence does not wait
for them again, and live speech passes over those that have too much to do. ``hygiene.py`` brings sentences into the
form that engines know, ``checks.py`` looks at the answers, ``remembering.py`` remembers them, ``batching.py`` asks for
many at once. Whole texts come by ``texts.py``.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Capability, Glossary, LanguagePair, Translation, Translator
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
)
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.translating.batching import Batching, Sentences
from dragoman.translating.cache import CacheKey
from dragoman.translating.checks import check_translation, find_doubt
from dragoman.translating.glossary.desk import (
    REPAIR_S,
    TermDesk,
    Terms,
    background_for,
    fingerprint,
    told,
    with_choices,
)
from dragoman.translating.hygiene import Prepared, has_words, prepare
from dragoman.translating.remembering import Remembered
from dragoman.translating.rests import Rests

log = structlog.get_logger()

SHARE_BEFORE_OTHERS: Final = 0.6
"""Of the time that is left, for an engine that others stand behind: if it hangs, the next one still has time."""
SHARE_BEFORE_QUICK: Final = 0.75
"""The same where a quick one stands behind it, which needs little: a language model gets 3 of 4 s."""
UNTOUCHED: Final = "none"
"""``model_used`` of what is the same in every language: numbers, emoji, nothing."""

Outcome = Translation | EngineError
"""What became of one sentence."""


@dataclass(slots=True, kw_only=True)
class _Sentences:
    """The sentences of one call on their way through the engines."""

    pair: LanguagePair
    prepared: Sequence[Prepared]
    terms: Sequence[Terms]
    """Of each: what the glossary has to say of it."""
    until_s: float
    """Loop time of the deadline."""
    urgency: Urgency
    preferred: Translator
    """The engine that answers for the pair on a good day."""
    context: str = ""
    """What they are about; for engines that honour it."""
    done: dict[int, Translation] = field(default_factory=dict)
    doubted: dict[int, Translation] = field(default_factory=dict)
    """The first answer of each that another engine may do better."""
    failures: dict[int, EngineError] = field(default_factory=dict)
    looked_for: set[int] = field(default_factory=set)
    """Those that were looked for in what is remembered, and counted."""

    def answer(self, engine: Translator, text: str, model_used: str) -> Translation:
        return Translation(text=text, model_used=model_used, second_best=engine is not self.preferred)

    def outcome(self, number: int, failure: EngineError) -> Outcome:
        return self.done.get(number) or self.doubted.get(number) or self.failures.get(number) or failure


class TranslationRouter:
    """Over the engines of one process."""

    def __init__(
        self,
        *,
        engines: Sequence[Translator],
        pool: EnginePool,
        observer: Observer,
        remembered: Remembered | None = None,
        batching: Batching | None = None,
    ) -> None:
        """``batching`` is shared by all that ask the same engines; None for one of its own."""
        self._engines = engines
        self._observer = observer
        self._remembered = Remembered(observer=observer) if remembered is None else remembered
        self._batching = Batching(pool) if batching is None else batching
        self._terms = TermDesk()
        self._rests = Rests(observer)

    def can_translate(self, source: Language, target: Language) -> bool:
        return bool(self._knowing(source, target))

    def targets(self, source: Language) -> list[Language]:
        """List what can be had from ``source``."""
        return sorted({to for engine in self._engines for frm, to in engine.info.pairs if frm == source})

    async def translate(
        self, text: str, *, source: Language, target: Language, deadline_s: float, terms: TermBase = NO_TERMS
    ) -> Translation:
        (outcome,) = await self.translate_all(
            [text], source=source, target=target, deadline_s=deadline_s, urgency=Urgency.FINAL, terms=terms
        )
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    async def translate_all(
        self,
        texts: Sequence[str],
        *,
        source: Language,
        target: Language,
        deadline_s: float,
        urgency: Urgency = Urgency.RECORDING,
        terms: TermBase = NO_TERMS,
        context: str = "",
    ) -> list[Outcome]:
        """Translate sentences in one go, each for itself: what became of each, in order.

        What nobody waits for at the moment, of a text or a recording, lets live speech go first.
        A doubtful answer is asked for once more, of the next engine, and stands if that does no better. ``context``,
        what the sentences are about, is told only to engines that honour it. Raises ``LanguageNotSupported`` if no
        engine knows the pair.
        """
        able = self._able(source, target)
        clock = asyncio.get_running_loop()
        prepared_texts = [prepare(text, source) for text in texts]
        sentences = _Sentences(
            pair=(source, target),
            prepared=prepared_texts,
            terms=self._terms.find([it.text for it in prepared_texts], terms, (source, target)),
            until_s=clock.time() + deadline_s,
            urgency=urgency,
            preferred=self._knowing(source, target)[0],
            context=context,
        )
        for number, prepared in enumerate(sentences.prepared):
            if not has_words(prepared.text):
                sentences.done[number] = Translation(text=prepared.text, model_used=UNTOUCHED)
        if urgency is Urgency.FINAL:
            able = self._in_time_first(able, sentences, deadline_s)
        failure: EngineError = EngineTimeout("no time was left for a translation")
        for engine in able:
            doubted = set(sentences.doubted)
            share = 1.0 if engine is able[-1] else _share_of(engine, able)
            try:
                await self._ask_for_open(engine, sentences, share=share)
            except EngineError as error:
                self._rests.failed(engine, error, at_s=clock.time())
                failure = error
            for number in doubted - set(sentences.done):
                sentences.done[number] = sentences.doubted[number]
        return [sentences.outcome(number, failure) for number in range(len(texts))]

    async def preview(
        self,
        text: str,
        *,
        source: Language,
        target: Language,
        deadline_s: float,
        committed: str = "",
        terms: TermBase = NO_TERMS,
    ) -> str | None:
        if not self.can_translate(source, target):
            return None
        able = self._able(source, target, probing=False)
        engine = next((it for it in able if Capability.QUICK in it.info.capabilities), able[0])
        prepared = prepare(text, source, ended=False)
        if not has_words(prepared.text):
            return prepared.text
        holds = Capability.PREFIX in engine.info.capabilities
        (found,) = self._terms.find([prepared.text], terms, (source, target))
        asked = Sentences(
            engine=engine,
            texts=(prepared.text,),
            source=source,
            target=target,
            deadline_s=deadline_s,
            urgency=Urgency.PARTIAL,
            glossary=told([found], engine.info),
            committed_prefix=committed if holds else "",
        )
        try:
            (answer,) = await self._batching.translate(asked)
        except EngineError as error:
            log.debug("preview_failed", engine=engine.info.label, code=error.code, detail=str(error))
            return None
        known = self._terms.replace_known(
            prepared.text, answer.text, found, pair=(source, target), engine=engine.info.label
        )
        return prepared.restore(known)

    def _able(self, source: Language, target: Language, *, probing: bool = True) -> list[Translator]:
        able = self._knowing(source, target)
        if not able:
            choices = describe_languages(self.targets(source)) or "nothing"
            raise LanguageNotSupported(
                f"nothing here translates {language_name(source)} to {language_name(target)}; "
                f"from {language_name(source)} there is: {choices}"
            )
        return self._rests.order(able, at_s=asyncio.get_running_loop().time(), probing=probing)

    def _knowing(self, source: Language, target: Language) -> list[Translator]:
        return [engine for engine in self._engines if (source, target) in engine.info.pairs]

    def _in_time_first(self, able: Sequence[Translator], sentences: _Sentences, deadline_s: float) -> list[Translator]:
        """Put those behind the others who have so much to do that their answer would come too late."""
        source, target = sentences.pair
        texts = tuple(it.text for it in sentences.prepared)

        def is_late(engine: Translator) -> bool:
            within_s = _share_of(engine, able) * deadline_s
            asked = Sentences(engine=engine, texts=texts, source=source, target=target, deadline_s=within_s)
            return self._batching.answered_in_s(asked) > within_s

        return sorted(able, key=is_late)

    async def _ask_for_open(self, engine: Translator, sentences: _Sentences, *, share: float) -> None:
        """Ask one engine for what is not done yet, and believe it only what can be true.

        It may take that ``share`` of the time that is left; with none left it only gives what is remembered of it.
        """
        background = background_for(engine.info, sentences.context)
        keys = {
            number: CacheKey(
                engine=engine.info.label,
                version=engine.info.version,
                source=sentences.pair[0],
                target=sentences.pair[1],
                text=it.text,
                glossary=fingerprint(sentences.terms[number], background),
            )
            for number, it in enumerate(sentences.prepared)
            if number not in sentences.done
        }
        known = await self._remembered.find(
            dict.fromkeys(keys.values()),
            urgency=sentences.urgency,
            uncounted={key for number, key in keys.items() if number in sentences.looked_for},
        )
        sentences.looked_for.update(keys)
        for number, key in keys.items():
            if key in known:
                text = sentences.prepared[number].restore(known[key].text)
                sentences.done[number] = sentences.answer(engine, text, known[key].model_used)
        asked = [number for number in keys if number not in sentences.done]
        left_s = sentences.until_s - asyncio.get_running_loop().time()
        # Who is not asked because the one before took all the time has not failed.
        if not asked or left_s <= 0:
            return
        is_idle = self._is_idle(engine, asked, sentences)
        began_s = asyncio.get_running_loop().time()
        outcomes = await self._answers(engine, asked, sentences, share * left_s)
        each_took_s = (asyncio.get_running_loop().time() - began_s) / len(asked)
        # An engine that takes so long by itself repairs nothing in time, another day no more than today.
        is_too_slow = is_idle and each_took_s >= REPAIR_S
        for number, answer in zip(asked, outcomes, strict=True):
            outcome, is_settled = await self._with_terms(engine, sentences, number, answer)
            self._judge(engine, sentences, number, outcome)
            if number in sentences.done and isinstance(outcome, Translation) and (is_settled or is_too_slow):
                self._remembered.keep(keys[number], outcome)

    def _is_idle(self, engine: Translator, numbers: Sequence[int], sentences: _Sentences) -> bool:
        """Say whether nothing runs or waits here that the engine would do before these sentences."""
        texts, (source, target) = tuple(sentences.prepared[number].text for number in numbers), sentences.pair
        asked = Sentences(
            engine=engine, texts=texts, source=source, target=target, deadline_s=0.0, urgency=sentences.urgency
        )
        return self._batching.answered_in_s(asked) == 0.0

    async def _with_terms(
        self, engine: Translator, sentences: _Sentences, number: int, outcome: Outcome
    ) -> tuple[Outcome, bool]:
        """See to it that an answer has what the glossary wants, as far as the engine can be brought to it.

        Says too whether that is settled: the same sentence would not come out better another time.
        """
        terms, sentence = sentences.terms[number], sentences.prepared[number].text
        if isinstance(outcome, EngineError) or not terms:
            return outcome, True

        async def again(text: str, glossary: Glossary | None) -> Translation:
            left_s = sentences.until_s - asyncio.get_running_loop().time()
            return (await self._ask(engine, [text], sentences, left_s, glossary, is_repair=True))[0]

        async def ask(text: str) -> str:
            return (await again(text, told((), engine.info, sentences.context))).text

        async def ask_several(text: str) -> Sequence[str]:
            return (await again(text, choices)).others

        choices = with_choices(engine.info, sentences.context)
        enforced = await self._terms.see_through(
            sentence,
            outcome.text,
            terms,
            pair=sentences.pair,
            engine=engine.info.label,
            ask=ask,
            ask_several=None if choices is None else ask_several,
            until_s=sentences.until_s,
        )
        return replace(outcome, text=enforced.text), enforced.is_settled

    def _judge(self, engine: Translator, sentences: _Sentences, number: int, outcome: Outcome) -> None:
        """File one answer under done, doubted or failed."""
        label, prepared = engine.info.label, sentences.prepared[number]
        source, target = sentences.pair
        if isinstance(outcome, EngineError):
            self._failed(engine, sentences, number, outcome)
            return
        try:
            check_translation(prepared.text, outcome.text, engine=label, languages=sentences.pair)
        except EngineOutputInvalid as error:
            self._report(error, label)
            self._failed(engine, sentences, number, error)
            return
        self._rests.worked(engine)
        answer = sentences.answer(engine, prepared.restore(outcome.text), outcome.model_used)
        if not find_doubt(prepared.text, outcome.text, source_language=source, target_language=target):
            sentences.done[number] = answer
            return
        sentences.doubted.setdefault(number, answer)

    def _failed(self, engine: Translator, sentences: _Sentences, number: int, error: EngineError) -> None:
        self._rests.failed(engine, error, at_s=asyncio.get_running_loop().time())
        sentences.failures[number] = error

    async def _answers(
        self, engine: Translator, asked: Sequence[int], sentences: _Sentences, left_s: float
    ) -> Sequence[Outcome]:
        """Ask for all at once; if that breaks the engine, for each by itself, so that one does not cost the others."""
        label = engine.info.label
        texts = [sentences.prepared[number].text for number in asked]
        glossary = told([sentences.terms[number] for number in asked], engine.info, sentences.context)
        try:
            async with asyncio.timeout(left_s):
                try:
                    return await self._ask(engine, texts, sentences, left_s, glossary)
                except (EngineCrashed, EngineOutputInvalid) as error:
                    if len(texts) == 1:
                        return [error]
                return [await self._outcome(engine, text, sentences, left_s, glossary) for text in texts]
        except TimeoutError as error:
            late = EngineTimeout(f"{label} took longer than {left_s:.1f} s")
            self._report(late, label)
            raise late from error

    async def _outcome(
        self, engine: Translator, text: str, sentences: _Sentences, left_s: float, glossary: Glossary | None
    ) -> Outcome:
        try:
            return (await self._ask(engine, [text], sentences, left_s, glossary))[0]
        except EngineError as error:
            return error

    async def _ask(
        self,
        engine: Translator,
        texts: list[str],
        sentences: _Sentences,
        deadline_s: float,
        glossary: Glossary | None = None,
        *,
        is_repair: bool = False,
    ) -> list[Translation]:
        source, target = sentences.pair
        return await self._batching.translate(
            Sentences(
                engine=engine,
                texts=tuple(texts),
                source=source,
                target=target,
                deadline_s=deadline_s,
                urgency=_urgency_of_repairs(sentences.urgency) if is_repair else sentences.urgency,
                glossary=glossary,
                is_repair=is_repair,
            )
        )

    def _report(self, error: EngineError, label: str) -> None:
        """Report what the pool cannot know: an answer that came too late, or that is none."""
        self._observer.observe(EngineFailed(stage=Stage.TRANSLATION, engine=label, code=error.code, detail=str(error)))


def _share_of(engine: Translator, able: Sequence[Translator]) -> float:
    """Say how much of the time is left to an engine that others stand behind."""
    behind = able[list(able).index(engine) + 1 :]
    return SHARE_BEFORE_QUICK if any(Capability.QUICK in it.info.capabilities for it in behind) else SHARE_BEFORE_OTHERS


def _urgency_of_repairs(urgency: Urgency) -> Urgency:
    """Of what is said live a repair is a part, which load refuses no more than the rest.

    In texts it goes with previews, which load does refuse: behind other texts its second would be over.
    """
    return Urgency.FINAL if urgency is Urgency.FINAL else Urgency.PARTIAL
