"""``POST /translate``, ``/batch_translate`` and ``/detect`` for texts. For ``translation.py``.

``bodies.py`` receives, ``fields.py`` reads, ``translating/texts.py`` translates in batches of sentences, so that live
speech gets its turn between them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dragoman.ground.engines import Translator
from dragoman.ground.errors import CapacityExhausted, DragomanError, EngineError
from dragoman.ground.languages import Language
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.translating_texts.bodies import receive_fields
from dragoman.services.translating_texts.fields import AskedTexts, TextLimits, read_batch, read_detect, read_translate
from dragoman.services.translating_texts.problems import LanguageUndetected
from dragoman.services.web import deadline_of
from dragoman.translating.detection import Guess, detect_language
from dragoman.translating.router import TranslationRouter
from dragoman.translating.texts import TextTranslator, TranslatedText
from dragoman.wire.frames import Header, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One text and what became of it."""

    source: Language | None
    """None where it could not be found out."""
    outcome: TranslatedText | DragomanError
    guess: Guess | None = None
    """How the source was found out."""


class TextsDesk:
    """What the routes work with. The engines stay the caller's."""

    def __init__(
        self,
        *,
        engines: Sequence[Translator],
        route: Callable[[Sequence[Translator]], TranslationRouter],
        limits: TextLimits,
    ) -> None:
        """``route`` makes a router over some of the ``engines``."""
        self._engines = engines
        self._route = route
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.at_once)
        self._inside = 0
        self._router = self._route(engines)

    async def translate(self, request: Request) -> Response:
        """Answer ``POST /translate`` in the words in which it was asked."""
        asked = read_translate(await self._fields(request), self._limits)
        async with self._turn():
            began = time.perf_counter()
            answers = await self._translate(asked, deadline_of(request).left_s())
        failure = next((answer.outcome for answer in answers if isinstance(answer.outcome, DragomanError)), None)
        if failure is not None:
            raise failure
        if asked.is_libre:
            return JSONResponse(_write_libre(asked, answers))
        return JSONResponse({**_write(answers[0], asked.target), "processing_time": _since(began)})

    async def batch(self, request: Request) -> Response:
        """Answer ``POST /batch_translate``: each text with its translation, or with why it has none."""
        asked = read_batch(await self._fields(request), self._limits)
        async with self._turn():
            began = time.perf_counter()
            answers = await self._translate(asked, deadline_of(request).left_s())
        failures = [answer.outcome for answer in answers if isinstance(answer.outcome, DragomanError)]
        if failures and len(failures) == len(answers):
            raise failures[0]
        return JSONResponse(
            {
                "translations": [_write(answer, asked.target) for answer in answers],
                "failed": len(failures),
                "target_language": asked.target,
                "processing_time": _since(began),
            }
        )

    async def detect(self, request: Request) -> Response:
        """Answer ``POST /detect``: the likeliest language, and the others; in percent where LibreTranslate asks."""
        text, is_libre = read_detect(await self._fields(request))
        guesses = detect_language(text)
        if is_libre:
            return JSONResponse([_write_guess(guess, percent=True) for guess in guesses])
        return JSONResponse(
            {
                "language": guesses[0].language if guesses else None,
                "confidence": guesses[0].confidence if guesses else 0.0,
                "candidates": [_write_guess(guess, percent=False) for guess in guesses],
            }
        )

    async def _fields(self, request: Request) -> Mapping[str, JsonValue]:
        return await receive_fields(request, max_characters=self._limits.max_characters)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Let in as many requests as may run, and a few that wait. Raises ``CapacityExhausted``.

        To be taken once the fields are there: who sends slowly keeps nobody waiting.
        """
        if self._inside >= self._limits.at_once + self._limits.waiting:
            raise CapacityExhausted(f"{self._inside} texts are being translated here; try again in a moment")
        self._inside += 1
        try:
            async with self._turns:
                yield
        finally:
            self._inside -= 1

    async def _translate(self, asked: AskedTexts, left_s: float) -> list[Answered]:
        translator = TextTranslator(self._router if not asked.model else self._route(self._chosen(asked.model)))
        guesses = [None if asked.source else _guess(text) for text in asked.texts]
        sources = [asked.source or (guess.language if guess else None) for guess in guesses]
        until_s = asyncio.get_running_loop().time() + left_s
        found: dict[int, TranslatedText | DragomanError] = {}
        for source in dict.fromkeys(sources):
            places = [place for place, each in enumerate(sources) if each == source]
            texts = [asked.texts[place] for place in places]
            left_s = max(0.0, until_s - asyncio.get_running_loop().time())
            found.update(zip(places, await self._of_one_source(translator, texts, source, asked, left_s), strict=True))
        return [
            Answered(source=sources[place], outcome=found[place], guess=guesses[place])
            for place in range(len(asked.texts))
        ]

    async def _of_one_source(
        self, translator: TextTranslator, texts: list[str], source: Language | None, asked: AskedTexts, left_s: float
    ) -> Sequence[TranslatedText | DragomanError]:
        if source is None:
            unknown = LanguageUndetected("nothing in the text tells its language; name it instead of 'auto'")
            return [unknown if text.strip() else TranslatedText(text=text, model_used="none") for text in texts]
        try:
            return await translator.translate(
                texts,
                source=source,
                target=asked.target,
                deadline_s=left_s,
                terms=asked.terms(source),
                context=asked.context,
            )
        except EngineError as error:
            return [error] * len(texts)

    def _chosen(self, model: str) -> list[Translator]:
        chosen = [it for it in self._engines if model in (it.info.label, it.info.model, it.info.name)]
        if not chosen:
            known = ", ".join(engine.info.label for engine in self._engines)
            raise FieldInvalid(
                f"no model {model[:80]!r} here; there are: {known}; without one the best of them is used"
            )
        return chosen


def _guess(text: str) -> Guess | None:
    return next(iter(detect_language(text)), None)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 4)


def _write(answer: Answered, target: Language) -> Header:
    if isinstance(answer.outcome, DragomanError):
        failure: Header = {"code": answer.outcome.code, "detail": str(answer.outcome)}
        return {"translated_text": None, "source_language": answer.source, "error": failure}
    return {
        "translated_text": answer.outcome.text,
        "source_language": answer.source,
        "target_language": target,
        "model_used": answer.outcome.model_used,
    }


def _write_libre(asked: AskedTexts, answers: Sequence[Answered]) -> Header:
    """Write what LibreTranslate answers: texts, and what was detected, as lists where a list was sent."""
    texts: list[JsonValue] = [it.outcome.text for it in answers if isinstance(it.outcome, TranslatedText)]
    written: Header = {"translatedText": texts if asked.is_list else texts[0]}
    if asked.source is None:
        detected: list[JsonValue] = [
            None if it.guess is None else _write_guess(it.guess, percent=True) for it in answers
        ]
        written["detectedLanguage"] = detected if asked.is_list else detected[0]
    if asked.alternatives:
        written["alternatives"] = [[] for _ in texts] if asked.is_list else []
    return written


def _write_guess(guess: Guess, *, percent: bool) -> Header:
    confidence = round(100 * guess.confidence, 1) if percent else guess.confidence
    return {"language": guess.language, "confidence": confidence}
