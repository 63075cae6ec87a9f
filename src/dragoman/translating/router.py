"""Translate a sentence by the best engine that answers: the local ``TranslationRoute``. To interpreting/booth.py.

Engines stand in order of preference. One that fails is passed over for a while, so that the next sentence does not wait
for it again.
"""

import asyncio
from collections.abc import Sequence

import structlog

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation, Translator
from dragoman.ground.errors import EngineError, EngineOutputInvalid, EngineTimeout, LanguageNotSupported
from dragoman.ground.events import EngineFailed, Observer, Stage
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.translating.checks import check_translation

log = structlog.get_logger()

PASS_OVER_S = 5.0
"""How long an engine that failed is asked last."""


class TranslationRouter:
    """Over the engines of one process."""

    def __init__(self, *, engines: Sequence[Translator], pool: EnginePool, observer: Observer) -> None:
        self._engines = engines
        self._pool = pool
        self._observer = observer
        self._failed_at_s: dict[int, float] = {}

    def can_translate(self, source: Language, target: Language) -> bool:
        return any((source, target) in engine.info.pairs for engine in self._engines)

    def targets(self, source: Language) -> list[Language]:
        """List what can be had from ``source``."""
        return sorted({to for engine in self._engines for frm, to in engine.info.pairs if frm == source})

    async def translate(self, text: str, *, source: Language, target: Language, deadline_s: float) -> Translation:
        able = self._able(source, target)
        clock = asyncio.get_running_loop()
        until_s = clock.time() + deadline_s
        failure: EngineError = EngineTimeout("no time was left for a translation")
        for engine in able:
            left_s = until_s - clock.time()
            if left_s <= 0:
                break
            try:
                return await self._checked(engine, text, source, target, left_s)
            except EngineError as error:
                self._failed_at_s[id(engine)] = clock.time()
                failure = error
        raise failure

    async def preview(self, text: str, *, source: Language, target: Language, deadline_s: float) -> str | None:
        engine = self._able(source, target)[0]

        def attempt() -> str | None:
            # Caught before the pool sees it: the words may still change, and half a sentence often is none.
            try:
                answers = engine.translate([text], source=source, target=target, deadline_s=deadline_s)
                return _only(answers, engine.info.label).text
            except EngineError as error:
                log.debug("preview_failed", engine=engine.info.label, code=error.code, detail=str(error))
                return None

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

    async def _checked(
        self, engine: Translator, text: str, source: Language, target: Language, deadline_s: float
    ) -> Translation:
        """Ask one engine, and believe it only what can be true."""
        label = engine.info.label
        try:
            async with asyncio.timeout(deadline_s):
                answers = await self._ask(engine, text, source, target, deadline_s)
        except TimeoutError as error:
            raise self._reported(EngineTimeout(f"{label} took longer than {deadline_s:.1f} s"), label) from error
        try:
            answer = _only(answers, label)
            check_translation(text, answer.text, engine=label)
        except EngineOutputInvalid as error:
            raise self._reported(error, label) from error
        return answer

    async def _ask(
        self, engine: Translator, text: str, source: Language, target: Language, deadline_s: float
    ) -> list[Translation]:
        return await self._pool.run(
            Stage.TRANSLATION,
            engine,
            lambda: engine.translate([text], source=source, target=target, deadline_s=deadline_s),
        )

    def _reported(self, error: EngineError, label: str) -> EngineError:
        """Report what the pool cannot know: an answer that came too late, or that is none."""
        self._observer.observe(EngineFailed(stage=Stage.TRANSLATION, engine=label, code=error.code, detail=str(error)))
        return error


def _only(answers: list[Translation], label: str) -> Translation:
    if len(answers) != 1:
        raise EngineOutputInvalid(f"{label} gave {len(answers)} answers for one sentence")
    return answers[0]
