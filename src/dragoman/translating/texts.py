"""Translate whole texts, sentence by sentence, and put them together again. To ``router.py``.

For the service's HTTP face and ``dragoman translate``; in a call sentences come one by one.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.engines import Translation
from dragoman.ground.errors import EngineError, EngineTimeout
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.translating.hygiene import has_spaces
from dragoman.translating.router import UNTOUCHED, TranslationRouter
from dragoman.translating.splitting import Piece, cut_pieces

BATCH_SENTENCES: Final = 8
"""Sentences that an engine gets at once: more are hardly quicker, and live speech waits behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedText:
    """A text in the target language."""

    text: str
    model_used: str
    """The engines and models that answered, between commas; ``none`` if nothing was to be translated."""


MAX_CONTEXT_CHARACTERS: Final = 2_000
"""Of what texts are about: a paragraph that says so, not the document."""

TextOutcome = TranslatedText | EngineError
"""What became of one text."""


class TextTranslator:
    """Over the engines of a router."""

    def __init__(self, router: TranslationRouter) -> None:
        self._router = router

    async def translate(
        self,
        texts: Sequence[str],
        *,
        source: Language,
        target: Language,
        deadline_s: float,
        terms: TermBase = NO_TERMS,
        context: str = "",
    ) -> list[TextOutcome]:
        """Translate each text: what became of each, in order. Line ends and the spaces around sentences stay.

        A text fails as a whole if one of its sentences does. Raises ``LanguageNotSupported`` if no engine knows the
        pair. The same language as source and target gives the texts as they are. What ``terms`` wants is brought about
        as far as it can be. ``context`` says what the texts are about, and is told only to engines that honour it.
        """
        if source == target:
            return [TranslatedText(text=text, model_used=UNTOUCHED) for text in texts]
        cut = [cut_pieces(text, source) for text in texts]
        # What stands twice is asked for once.
        wanted = list(dict.fromkeys(piece.text for pieces in cut for piece in pieces if piece.text))
        known: dict[str, Translation | EngineError] = {}
        async for sentences, outcomes in self._batches(wanted, source, target, deadline_s, terms, context):
            known.update(zip(sentences, outcomes, strict=True))
        return [_joined(pieces, known, source, target) for pieces in cut]

    async def _batches(
        self,
        wanted: list[str],
        source: Language,
        target: Language,
        deadline_s: float,
        terms: TermBase,
        context: str,
    ) -> AsyncIterator[tuple[list[str], Sequence[Translation | EngineError]]]:
        clock = asyncio.get_running_loop()
        until_s = clock.time() + deadline_s
        for first in range(0, len(wanted), BATCH_SENTENCES):
            batch = wanted[first : first + BATCH_SENTENCES]
            left_s = until_s - clock.time()
            if left_s <= 0:
                late = EngineTimeout(f"{len(wanted) - first} sentences were left after {deadline_s:.1f} s; send less")
                yield wanted[first:], [late] * (len(wanted) - first)
                return
            yield (
                batch,
                await self._router.translate_all(
                    batch, source=source, target=target, deadline_s=left_s, terms=terms, context=context
                ),
            )


def _joined(
    pieces: Sequence[Piece], known: dict[str, Translation | EngineError], source: Language, target: Language
) -> TextOutcome:
    written: list[str] = []
    models: dict[str, None] = {}
    for number, piece in enumerate(pieces):
        gap = piece.gap
        if number and piece.text and not gap.strip(" "):
            gap = _gap(gap, source, target)
        written.append(gap)
        if not piece.text:
            continue
        outcome = known[piece.text]
        if isinstance(outcome, EngineError):
            return outcome
        written.append(outcome.text)
        if outcome.model_used != UNTOUCHED:
            models[outcome.model_used] = None
    return TranslatedText(text="".join(written), model_used=", ".join(models) or UNTOUCHED)


def _gap(gap: str, source: Language, target: Language) -> str:
    """Give what stands between two sentences of one line, as the target language has it."""
    if has_spaces(source) == has_spaces(target):
        return gap
    return gap or " " if has_spaces(target) else ""
