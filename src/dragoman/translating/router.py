"""Translate sentences by the best engine that answers: the local ``TranslationRoute``. To interpreting/booth.py.

Engines stand in order of preference. One that fails is passed over for a while, so that the next sentence does not wait
for it again. ``hygiene.py`` brings sentences into the form that engines know, ``checks.py`` looks at the answers,
``cache.py`` remembers them. Whole texts come by ``texts.py``.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import LanguagePair, Translation, Translator
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
)
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.translating.cache import CacheKey, TranslationCache
from dragoman.translating.checks import check_translation, find_doubt
from dragoman.translating.hygiene import Prepared, has_words, prepare

log = structlog.get_logger()

PASS_OVER_S = 5.0
"""How long an engine that failed is asked last."""
UNTOUCHED: Final = "none"
"""``model_used`` of what is the same in every language: numbers, emoji, nothing."""

Outcome = Translation | EngineError
"""What became of one sentence."""


@dataclass(slots=True, kw_only=True)
class _Sentences:
    """The sentences of one call on their way through the engines."""

    pair: LanguagePair
    prepared: Sequence[Prepared]
    until_s: float
    """Loop time of the deadline."""
    done: dict[int, Translation] = field(default_factory=dict)
    doubted: dict[int, Translation] = field(default_factory=dict)
    """The first answer of each that another engine may do better."""
    failures: dict[int, EngineError] = field(default_factory=dict)

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
        cache: TranslationCache | None = None,
    ) -> None:
        self._engines = engines
        self._pool = pool
        self._observer = observer
        self._cache = TranslationCache() if cache is None else cache
        self._failed_at_s: dict[int, float] = {}

    def can_translate(self, source: Language, target: Language) -> bool:
        return any((source, target) in engine.info.pairs for engine in self._engines)

    def targets(self, source: Language) -> list[Language]:
        """List what can be had from ``source``."""
        return sorted({to for engine in self._engines for frm, to in engine.info.pairs if frm == source})

    async def translate(self, text: str, *, source: Language, target: Language, deadline_s: float) -> Translation:
        (outcome,) = await self.translate_all([text], source=source, target=target, deadline_s=deadline_s)
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    async def translate_all(
        self, texts: Sequence[str], *, source: Language, target: Language, deadline_s: float
    ) -> list[Outcome]:
        """Translate sentences in one go, each for itself: what became of each, in order.

        A doubtful answer is asked for once more, of the next engine, and stands if that does no better. Raises
        ``LanguageNotSupported`` if no engine knows the pair.
        """
        able = self._able(source, target)
        clock = asyncio.get_running_loop()
        sentences = _Sentences(
            pair=(source, target),
            prepared=[prepare(text, source) for text in texts],
            until_s=clock.time() + deadline_s,
        )
        for number, prepared in enumerate(sentences.prepared):
            if not has_words(prepared.text):
                sentences.done[number] = Translation(text=prepared.text, model_used=UNTOUCHED)
        failure: EngineError = EngineTimeout("no time was left for a translation")
        for engine in able:
            doubted = set(sentences.doubted)
            try:
                await self._ask_for_open(engine, sentences)
            except EngineError as error:
                self._failed_at_s[id(engine)] = clock.time()
                failure = error
            for number in doubted - set(sentences.done):
                sentences.done[number] = sentences.doubted[number]
        return [sentences.outcome(number, failure) for number in range(len(texts))]

    async def preview(self, text: str, *, source: Language, target: Language, deadline_s: float) -> str | None:
        if not self.can_translate(source, target):
            return None
        engine = self._able(source, target)[0]
        prepared = prepare(text, source, ended=False)
        if not has_words(prepared.text):
            return prepared.text

        def attempt() -> str | None:
            # Caught before the pool sees it: the words may still change, and half a sentence often is none.
            try:
                answers = engine.translate([prepared.text], source=source, target=target, deadline_s=deadline_s)
            except EngineError as error:
                log.debug("preview_failed", engine=engine.info.label, code=error.code, detail=str(error))
                return None
            return prepared.restore(answers[0].text) if len(answers) == 1 else None

        try:
            async with asyncio.timeout(deadline_s):
                return await self._pool.run(Stage.TRANSLATION, engine, attempt)
        except (TimeoutError, EngineError):
            return None

    def _able(self, source: Language, target: Language) -> list[Translator]:
        able = [engine for engine in self._engines if (source, target) in engine.info.pairs]
        if not able:
            choices = describe_languages(self.targets(source)) or "nothing"
            raise LanguageNotSupported(
                f"nothing here translates {language_name(source)} to {language_name(target)}; "
                f"from {language_name(source)} there is: {choices}"
            )
        now = asyncio.get_running_loop().time()
        return sorted(able, key=lambda engine: now - self._failed_at_s.get(id(engine), -PASS_OVER_S) < PASS_OVER_S)

    async def _ask_for_open(self, engine: Translator, sentences: _Sentences) -> None:
        """Ask one engine for what is not done yet, and believe it only what can be true."""
        keys = {
            number: CacheKey(engine=engine.info.label, source=sentences.pair[0], target=sentences.pair[1], text=it.text)
            for number, it in enumerate(sentences.prepared)
            if number not in sentences.done
        }
        for number, key in keys.items():
            known = self._cache.find(key)
            if known is not None:
                text = sentences.prepared[number].restore(known.text)
                sentences.done[number] = Translation(text=text, model_used=known.model_used)
        asked = [number for number in keys if number not in sentences.done]
        if not asked:
            return
        left_s = sentences.until_s - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise EngineTimeout("no time was left for a translation")
        texts = [sentences.prepared[number].text for number in asked]
        outcomes = await self._answers(engine, texts, sentences.pair, left_s)
        for number, outcome in zip(asked, outcomes, strict=True):
            self._judge(engine, sentences, number, outcome)
            if number in sentences.done and isinstance(outcome, Translation):
                self._cache.keep(keys[number], outcome)

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
        answer = Translation(text=prepared.restore(outcome.text), model_used=outcome.model_used)
        if not find_doubt(prepared.text, outcome.text, source_language=source, target_language=target):
            sentences.done[number] = answer
            return
        sentences.doubted.setdefault(number, answer)

    def _failed(self, engine: Translator, sentences: _Sentences, number: int, error: EngineError) -> None:
        self._failed_at_s[id(engine)] = asyncio.get_running_loop().time()
        sentences.failures[number] = error

    async def _answers(
        self, engine: Translator, texts: list[str], pair: LanguagePair, left_s: float
    ) -> Sequence[Outcome]:
        """Ask for all at once; if that breaks the engine, for each by itself, so that one does not cost the others."""
        label = engine.info.label
        try:
            async with asyncio.timeout(left_s):
                try:
                    return await self._ask(engine, texts, pair, left_s)
                except (EngineCrashed, EngineOutputInvalid) as error:
                    if len(texts) == 1:
                        return [error]
                return [await self._outcome(engine, text, pair, left_s) for text in texts]
        except TimeoutError as error:
            late = EngineTimeout(f"{label} took longer than {left_s:.1f} s")
            self._report(late, label)
            raise late from error

    async def _outcome(self, engine: Translator, text: str, pair: LanguagePair, left_s: float) -> Outcome:
        try:
            return (await self._ask(engine, [text], pair, left_s))[0]
        except EngineError as error:
            return error

    async def _ask(
        self, engine: Translator, texts: list[str], pair: LanguagePair, deadline_s: float
    ) -> list[Translation]:
        answers = await self._pool.run(
            Stage.TRANSLATION,
            engine,
            lambda: engine.translate(texts, source=pair[0], target=pair[1], deadline_s=deadline_s),
        )
        if len(answers) != len(texts):
            error = EngineOutputInvalid(f"{engine.info.label} gave {len(answers)} answers for {len(texts)} sentences")
            self._report(error, engine.info.label)
            raise error
        return answers

    def _report(self, error: EngineError, label: str) -> None:
        """Report what the pool cannot know: an answer that came too late, or that is none."""
        self._observer.observe(EngineFailed(stage=Stage.TRANSLATION, engine=label, code=error.code, detail=str(error)))
