"""Translate a sentence of which not all was said yet, now and then, for one booth. From booth.py; with previews.py."""

import asyncio

from dragoman.ground.captions import Caption
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.routes import TranslationRoute
from dragoman.interpreting.interruption import Interruptible
from dragoman.interpreting.previews import StablePreview
from dragoman.interpreting.spoken import SpokenSegment
from dragoman.interpreting.tuning import InterpretingTuning


class Previewer:
    """Of one booth. Nothing depends on it: what fails or takes too long is left out."""

    def __init__(self, *, language: Language, translation: TranslationRoute, tuning: InterpretingTuning) -> None:
        self._language = language
        self._translation = translation
        self._tuning = tuning
        self._segment = ""
        self._asked = ""
        """The words that were translated last."""
        self._stable = self._nothing_shown()
        self._next_s = 0.0
        self._translating = Interruptible[str | None]()

    async def make(self, spoken: SpokenSegment, *, terms: TermBase = NO_TERMS) -> Caption | None:
        """Give what is to be shown of an open segment; None if that is what is shown already, or if it is too early."""
        now = asyncio.get_running_loop().time()
        if spoken.id != self._segment:
            self._segment, self._asked, self._stable = spoken.id, "", self._nothing_shown()
        if now < self._next_s or spoken.text == self._asked:
            return None
        self._asked = spoken.text
        text = await self._translate(spoken, terms)
        # A slow engine previews seldom: most of its time belongs to the finals.
        took_s = asyncio.get_running_loop().time() - now
        self._next_s = now + max(self._tuning.preview_interval_s, self._tuning.preview_load * took_s)
        if text is None or not self._stable.push(text):
            return None
        return Caption(
            segment=spoken.id,
            speaker=spoken.speaker,
            language=self._language,
            source_language=spoken.language,
            text=self._stable.shown,
            start_s=spoken.start_s,
            end_s=spoken.end_s,
            final=False,
        )

    def stop(self) -> None:
        """Wait no longer for what is being translated: a final is to be."""
        self._translating.interrupt()

    async def _translate(self, spoken: SpokenSegment, terms: TermBase) -> str | None:
        return await self._translating.wait_for(
            self._translation.preview(
                spoken.text,
                source=spoken.language,
                target=self._language,
                deadline_s=self._tuning.preview_deadline_s,
                committed=self._stable.shown,
                terms=terms,
            )
        )

    def _nothing_shown(self) -> StablePreview:
        return StablePreview(language=self._language, hold_back_words=self._tuning.preview_hold_back_words)
