"""Translate for ``dragoman translate``: a text, or the lines of standard input, each as soon as it is there.

``lines.py`` reads, ``translating/texts.py`` translates. What was asked for is checked before anything is translated.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from dragoman.engines.pool import EnginePool
from dragoman.engines.registry import REGISTRY
from dragoman.ground.engines import EngineChoice, EngineKind, Translator
from dragoman.ground.errors import (
    EngineError,
    EngineUnavailable,
    LanguageNotSupported,
    ModelWrongFamily,
    SettingsInvalid,
)
from dragoman.ground.events import Observers
from dragoman.ground.glossary import NO_TERMS, GlossaryInvalid, TermBase
from dragoman.ground.languages import Language, describe_languages, language_name, parse_language
from dragoman.models.families import recognise_engine
from dragoman.observe.log import LogObserver
from dragoman.services.assembly import Engines, EngineWishes, open_engines, open_store
from dragoman.services.translating_texts.lines import LineSource
from dragoman.settings import Settings
from dragoman.translating.glossary.fields import Direction
from dragoman.translating.glossary.files import MAX_FILE_BYTES, read_glossary_file
from dragoman.translating.router import TranslationRouter
from dragoman.translating.texts import MAX_CONTEXT_CHARACTERS, TextOutcome, TextTranslator
from dragoman.wire.fields import sendable
from dragoman.wire.frames import Header

LINES_AT_ONCE: Final = 8
DEADLINE_S: Final = 600.0
"""For one text, or for the lines that are translated at once."""
FAILURES_IN_A_ROW: Final = 5
"""Lines; after as many an engine is taken to be broken, and not the lines."""


class OutputFormat(StrEnum):
    """What ``dragoman translate`` writes."""

    TXT = "txt"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateWish:
    """What a person asks for; ``make_translate_wish`` makes one of what they typed."""

    text: str | None
    """None for the lines of standard input."""
    source: Language
    target: Language
    engine: str = ""
    model: str = ""
    """Id or folder; with neither engine nor model the best of what is here."""
    output: OutputFormat = OutputFormat.TXT
    terms: TermBase = NO_TERMS
    context: str = ""
    """What the text is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateTelling:
    """Who is told while it runs."""

    on_text: Callable[[str], None]
    """What belongs on standard output, line ends included."""
    on_note: Callable[[str], None] = lambda note: None
    is_over: Callable[[], bool] = lambda: False
    """Whether nobody reads standard output any more; nothing further is translated then."""


def make_translate_wish(
    *,
    text: str | None,
    source: str,
    target: str,
    engine: str,
    model: str,
    output: OutputFormat,
    glossary: Path | None = None,
    context: str = "",
) -> TranslateWish:
    """Read what was typed, and the file of the glossary.

    Raises ``UnknownLanguage``, ``GlossaryInvalid``, and ``SettingsInvalid`` for what does not fit together.
    """
    wish = TranslateWish(
        text=text,
        source=parse_language(source),
        target=parse_language(target),
        engine=engine.strip(),
        model=model.strip(),
        output=output,
        context=sendable(context).strip(),
    )
    if len(wish.context) > MAX_CONTEXT_CHARACTERS:
        raise SettingsInvalid(
            f"--context has {len(wish.context)} characters; say in {MAX_CONTEXT_CHARACTERS} what the text is about"
        )
    if wish.source == wish.target:
        raise SettingsInvalid(f"--from and --to are both {language_name(wish.source)}; name two languages")
    return wish if glossary is None else replace(wish, terms=_read_terms(glossary, wish))


def _read_terms(file: Path, wish: TranslateWish) -> TermBase:
    """Read a glossary; what names no languages is for the direction of the wish."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise GlossaryInvalid(f"--glossary {file}: {error.strerror or error}; give a CSV, TSV or TBX file") from error
    try:
        return read_glossary_file(data, direction=Direction(source=wish.source, target=wish.target))
    except GlossaryInvalid as error:
        raise GlossaryInvalid(f"--glossary {file}: {error}") from error


def translate_texts(wish: TranslateWish, settings: Settings, stream: BinaryIO | None, telling: TranslateTelling) -> int:
    """Translate, write line by line, and give the number of lines that could not be translated.

    ``stream`` gives the lines of a wish without a text.

    Such a line is written as it is, so that line stands beside line. Raises an ``EngineError`` or ``ModelError`` for
    engines that cannot be had, the error itself for a text of the command line, ``LineUnreadable``, and the last error
    after ``FAILURES_IN_A_ROW``.
    """
    wishes = EngineWishes(translation=_choose(wish, settings))
    pair = frozenset({wish.source, wish.target})
    with ExitStack() as stack:
        engines = stack.enter_context(open_engines(settings, wishes, languages=pair, kinds={EngineKind.TRANSLATION}))
        if not wishes.translation:
            for sentence in engines.left_out:
                telling.on_note(f"left out: {sentence}")
        able = _able(wish, engines, settings)
        observers = Observers(observers=(LogObserver("translate"),))
        pool = stack.enter_context(EnginePool(workers=settings.engine_threads, observer=observers))
        runner = stack.enter_context(asyncio.Runner())
        work = _Work(
            wish=wish,
            translator=TextTranslator(TranslationRouter(engines=able, pool=pool, observer=observers)),
            runner=runner,
            telling=telling,
        )
        if wish.text is not None:
            return work.text(wish.text)
        return 0 if stream is None else work.lines(LineSource(stream))


class _Work:
    """The text or the lines on their way."""

    def __init__(
        self, *, wish: TranslateWish, translator: TextTranslator, runner: asyncio.Runner, telling: TranslateTelling
    ) -> None:
        self._wish = wish
        self._translator = translator
        self._runner = runner
        self._telling = telling
        self._in_a_row = 0

    def text(self, text: str) -> int:
        took_s, (outcome,) = self._translate([sendable(text)])
        if isinstance(outcome, EngineError):
            raise outcome
        self._telling.on_text(self._written(text, outcome, took_s))
        return 0

    def lines(self, source: LineSource) -> int:
        number = failed = 0
        while not self._telling.is_over() and (lines := source.take(LINES_AT_ONCE)):
            took_s, outcomes = self._translate(lines)
            for line, outcome in zip(lines, outcomes, strict=True):
                number += 1
                failed += self._told(number, outcome)
                self._telling.on_text(self._written(line, outcome, took_s / len(lines)))
        return failed

    def _translate(self, texts: Sequence[str]) -> tuple[float, list[TextOutcome]]:
        began = time.perf_counter()
        outcomes = self._runner.run(
            self._translator.translate(
                texts,
                source=self._wish.source,
                target=self._wish.target,
                deadline_s=DEADLINE_S,
                terms=self._wish.terms,
                context=self._wish.context,
            )
        )
        return time.perf_counter() - began, outcomes

    def _told(self, number: int, outcome: TextOutcome) -> bool:
        """Say of a line that it failed. Raises its error if one line after the other does."""
        if not isinstance(outcome, EngineError):
            self._in_a_row = 0
            return False
        self._in_a_row += 1
        if self._in_a_row >= FAILURES_IN_A_ROW:
            raise outcome
        self._telling.on_note(f"line {number} is left untranslated: {outcome}")
        return True

    def _written(self, source: str, outcome: TextOutcome, took_s: float) -> str:
        if self._wish.output is OutputFormat.JSON:
            return json.dumps(self._as_json(source, outcome, took_s), ensure_ascii=False) + "\n"
        return f"{sendable(source) if isinstance(outcome, EngineError) else outcome.text}\n"

    def _as_json(self, source: str, outcome: TextOutcome, took_s: float) -> Header:
        written: Header = {
            "text": sendable(source),
            "translated_text": None if isinstance(outcome, EngineError) else outcome.text,
            "source_language": self._wish.source,
            "target_language": self._wish.target,
            "model_used": None if isinstance(outcome, EngineError) else outcome.model_used,
            "processing_time": round(took_s, 4),
        }
        if isinstance(outcome, EngineError):
            written["error"] = {"code": outcome.code, "detail": str(outcome)}
        return written


def _choose(wish: TranslateWish, settings: Settings) -> tuple[EngineChoice, ...]:
    """Give the engine that was asked for; a model alone says by its files which engine takes it."""
    engine, known = wish.engine, REGISTRY[EngineKind.TRANSLATION]
    if engine and engine not in known:
        raise EngineUnavailable(f"no translation engine {engine!r}; there are: {', '.join(sorted(known))}")
    if not wish.model:
        return _installed(engine, wish, settings) if engine else ()
    if not engine:
        folder = open_store(settings).find(wish.model)
        engine = recognise_engine(folder)
        if engine not in known:
            raise ModelWrongFamily(
                f"{folder} holds a model for {engine}, which translates nothing; give an NLLB or OPUS-MT model: "
                "dragoman models list shows some"
            )
    return (EngineChoice(name=engine, model=wish.model),)


def _installed(engine: str, wish: TranslateWish, settings: Settings) -> tuple[EngineChoice, ...]:
    """Give an engine with the models of it that are here, the larger ones first."""
    if not REGISTRY[EngineKind.TRANSLATION][engine].needs_model:
        return (EngineChoice(name=engine),)
    models = [
        model
        for model in open_store(settings).list()
        if model.usable and model.engine == engine and (wish.source, wish.target) in model.pairs
    ]
    if not models:
        raise EngineUnavailable(
            f"{engine} needs a model from {language_name(wish.source)} to {language_name(wish.target)}, and none of it "
            f"is here: --model FOLDER. {_hint(wish, settings)}"
        )
    return tuple(EngineChoice(name=engine, model=it.id) for it in sorted(models, key=lambda it: -it.size_bytes))


def _able(wish: TranslateWish, engines: Engines, settings: Settings) -> list[Translator]:
    """Give the engines that know the pair. Raises ``LanguageNotSupported`` with what would help."""
    if not engines.translation:
        raise EngineUnavailable("; ".join(["nothing here translates", *engines.left_out]))
    able = [engine for engine in engines.translation if (wish.source, wish.target) in engine.info.pairs]
    if not able:
        targets = {target for engine in engines.translation for one, target in engine.info.pairs if one == wish.source}
        raise LanguageNotSupported(
            f"nothing here translates {language_name(wish.source)} to {language_name(wish.target)}; from "
            f"{language_name(wish.source)} there is: {describe_languages(sorted(targets)) or 'nothing'}. "
            f"{_hint(wish, settings)}"
        )
    return able


def _hint(wish: TranslateWish, settings: Settings) -> str:
    """Say which model would translate the pair, or that none of the table does."""
    offers = [it for it in open_store(settings).list() if not it.usable and (wish.source, wish.target) in it.pairs]
    if not offers:
        return "No model of the table adds it; one of your own can: --model FOLDER"
    smallest = min(offers, key=lambda it: it.size_bytes)
    return f"{smallest.size_bytes / 1e6:.0f} MB more would do it: dragoman models pull {smallest.id}"
