"""One speaker in one target language: segments in, captions out, and the voice asked for. From speaker_desk.py.

Finals go first and are never lost; a provisional translation is made only while no final waits, of the newest words
(``previewer.py``). What had to be shown untranslated is translated afterwards, in order, once that is possible again
(``backlog.py``), and takes its place; it is not voiced any more.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf

from dragoman.ground.captions import Caption, Lags
from dragoman.ground.engines import Translation
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
)
from dragoman.ground.events import CaptionPublished, Observer
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Room, Safekeeping
from dragoman.ground.routes import RoomVoices, TranslationRoute
from dragoman.ground.voices import VoicePiece, VoiceWish
from dragoman.interpreting.backlog import Backlogs
from dragoman.interpreting.dub_channel import DubItem
from dragoman.interpreting.interruption import Interruptible
from dragoman.interpreting.ladder import PROBE_INTERVAL_S, Ladder, LadderState, Level, Part
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Audience
from dragoman.interpreting.previewer import Previewer
from dragoman.interpreting.retries import wait_before
from dragoman.interpreting.spoken import Numbering, SpokenSegment
from dragoman.interpreting.tuning import InterpretingTuning


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothTools:
    """What all booths of a room work with."""

    room: Room
    translation: TranslationRoute
    voices: RoomVoices
    numbering: Numbering
    observer: Observer
    tuning: InterpretingTuning
    safe: Safekeeping | None = None
    """None where nobody could take over."""
    terms: Callable[[], TermBase] = lambda: NO_TERMS
    """The glossary as it is now."""
    backlogs: Backlogs = field(default_factory=Backlogs)


class Booth:
    """``run`` is its task; it ends after ``finish`` once all that waits is interpreted."""

    def __init__(
        self,
        *,
        speaker: str,
        language: Language,
        audience: Audience,
        ladder: Ladder,
        notices: LadderNotices,
        dubs: LanguageDubs,
        tools: BoothTools,
    ) -> None:
        self.language = language
        self.audience = audience
        self.ladder = ladder
        self._notices = notices
        self._dubs = dubs
        self._tools = tools
        self._waiting: deque[SpokenSegment] = deque()
        self._preview: SpokenSegment | None = None
        self._previewer = Previewer(language=language, translation=tools.translation, tuning=tools.tuning)
        self._backlog = tools.backlogs.of(speaker, language, most=tools.tuning.max_backlog_segments)
        self._catching_up = Interruptible[Translation]()
        self._catch_up_at_s = 0.0
        self._ends_at_s = inf
        """Until then what is owed is translated; the rest is left to the speaker's next booth."""
        self._overflow: deque[SpokenSegment] = deque()
        self._finishing = False
        self._changed = asyncio.Event()

    async def set_audience(self, audience: Audience) -> None:
        """Say who reads and listens from now on."""
        self.audience = audience
        self.ladder.listened(audience.listeners)
        await self._notices.tell(self.language, self.ladder.state)

    async def raise_floor(self, floor: LadderState) -> None:
        """Admission has room for more: ``floor`` is the best level from now on."""
        self.ladder.allow(floor)
        await self._notices.tell(self.language, self.ladder.state)

    def offer(self, spoken: SpokenSegment) -> None:
        """Take a closed segment. Beyond the limit the oldest one is shown untranslated: late, but not lost."""
        self._preview = None
        self._previewer.stop()
        self._catching_up.interrupt()
        self._waiting.append(spoken)
        if len(self._waiting) > self._tools.tuning.max_waiting_segments:
            self._overflow.append(self._waiting.popleft())
        self._changed.set()

    def preview(self, spoken: SpokenSegment) -> None:
        """Take the words of a segment that is still open; the newest replaces the one before."""
        self._preview = spoken
        self._changed.set()

    def finish(self) -> None:
        """No more will come."""
        self._finishing = True
        self._catch_up_at_s = 0.0
        self._ends_at_s = self._now() + self._tools.tuning.translation_deadline_s
        self._changed.set()

    async def run(self) -> None:
        self._changed.set()  # after a failure there may be something left to do
        while True:
            await self._wait_for_work()
            self._changed.clear()
            while self._waiting or self._overflow:
                if self._overflow:
                    spoken = self._overflow.popleft()
                    self._backlog.add(spoken)
                    await self._publish_final(spoken, None)
                else:
                    await self._interpret(self._waiting.popleft())
            await self._catch_up()
            if self._waiting or self._overflow:
                self._changed.set()
            elif self._finishing:
                return
            else:
                preview, self._preview = self._preview, None
                if preview is not None:
                    await self._show_preview(preview)

    async def _wait_for_work(self) -> None:
        """Wait for something new, or until what is owed may be tried again."""
        left_s = max(0.0, self._catch_up_at_s - self._now()) if self._backlog else None
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._changed.wait()

    async def _catch_up(self) -> None:
        """Translate what is owed, for as long as that works and nothing newer waits.

        Its failures say nothing new, so the ladder does not hear of them: a fresh sentence is tried all the same.
        """
        while self._backlog and not self._waiting and self._catch_up_at_s <= self._now() < self._ends_at_s:
            spoken = self._backlog.first
            try:
                translation = await self._catching_up.wait_for(
                    self._tools.translation.translate(
                        spoken.text,
                        source=spoken.language,
                        target=self.language,
                        deadline_s=self._tools.tuning.translation_deadline_s,
                        terms=self._tools.terms(),
                    )
                )
            except EngineError:
                if not self._backlog.failed(spoken):
                    continue
                self._catch_up_at_s = self._now() + PROBE_INTERVAL_S
                return
            if translation is None:  # interrupted
                return
            self.ladder.translated(second_best=translation.second_best, at_s=self._now())
            is_ours = self._backlog.translated(spoken)
            await self._notices.tell(self.language, self.ladder.state)
            if is_ours:
                await self._publish_final(spoken, translation.text, replaces=True)

    async def _interpret(self, spoken: SpokenSegment) -> None:
        if spoken.gap:
            await self._publish_final(spoken, "")
            return
        text = await self._translate(spoken)
        if text is None:
            self._backlog.add(spoken)
            self._catch_up_at_s = self._now() + PROBE_INTERVAL_S
        else:
            self._catch_up_at_s = self._now()
        await self._notices.tell(self.language, self.ladder.state)
        caption = await self._publish_final(spoken, text)
        if text is None or not self.audience.listeners or self.ladder.state.level >= Level.UNTRANSLATED:
            return
        if self.ladder.may_try(Part.VOICE, at_s=self._now()):
            self._dubs.offer(
                DubItem(
                    segment=spoken.id,
                    speaker=spoken.speaker,
                    text=caption.text,
                    ended_at_s=spoken.ended_at_s,
                    offered_at_s=self._now(),
                    outcome=self._voice_outcome,
                )
            )
        else:
            await self._tools.room.mark_unvoiced(segment=spoken.id, language=self.language)

    async def _translate(self, spoken: SpokenSegment) -> str | None:
        """Translate; None if no engine could, or translation is known to be gone.

        A service that died is asked again while the sentence is fresh: it may be back. Later ones wait behind it.
        """
        deadline_s = self._tools.tuning.translation_deadline_s
        fresh_until_s = spoken.known_at_s + deadline_s
        if not self.ladder.may_try(Part.TRANSLATION, at_s=self._now()):
            return None
        known_gone = self.ladder.state.level >= Level.UNTRANSLATED
        retry = 0
        while True:
            try:
                translation = await self._tools.translation.translate(
                    spoken.text,
                    source=spoken.language,
                    target=self.language,
                    deadline_s=deadline_s,
                    terms=self._tools.terms(),
                )
            except EngineError as error:
                away = isinstance(error, EngineCrashed | EngineUnavailable | EngineTimeout)
                wait_s = wait_before(retry)
                left_s = fresh_until_s - self._now() - wait_s
                if known_gone or not away or left_s <= 0:
                    self.ladder.failed(Part.TRANSLATION, at_s=self._now())
                    return None
                await asyncio.sleep(wait_s)
                retry, deadline_s = retry + 1, left_s
            else:
                self.ladder.translated(second_best=translation.second_best, at_s=self._now())
                return translation.text

    async def _publish_final(self, spoken: SpokenSegment, text: str | None, *, replaces: bool = False) -> Caption:
        now = self._now()
        lags = Lags(
            recognition_ms=(spoken.known_at_s - spoken.ended_at_s) * 1000,
            translation_ms=None if text is None or spoken.gap else (now - spoken.known_at_s) * 1000,
            caption_ms=(now - spoken.ended_at_s) * 1000,
        )
        caption = Caption(
            segment=spoken.id,
            speaker=spoken.speaker,
            language=self.language,
            source_language=spoken.language,
            text=spoken.text if text is None else text,
            start_s=spoken.start_s,
            end_s=spoken.end_s,
            final=True,
            seq=self._tools.numbering.next(),
            untranslated=text is None,
            gap=spoken.gap,
            original="" if text is None else spoken.text,
            replaces=replaces,
            # Whoever reads had it in time, in the speaker's words.
            lags=Lags() if replaces else lags,
        )
        await self._publish(caption)
        return caption

    async def _show_preview(self, spoken: SpokenSegment) -> None:
        if not self.audience.readers or self.ladder.state.level >= Level.UNTRANSLATED:
            return
        caption = await self._previewer.make(spoken, terms=self._tools.terms())
        if caption is not None and not self._waiting:
            await self._publish(caption)

    async def _publish(self, caption: Caption) -> None:
        await self._tools.room.publish(caption, readers=self.audience.readers)
        if caption.final:
            self._tools.observer.observe(CaptionPublished(caption=caption, readers=len(self.audience.readers)))

    async def _voice_outcome(self, wish: VoiceWish, piece: VoicePiece | None) -> None:
        if piece is not None:
            self.ladder.worked(Part.VOICE, at_s=self._now())
            if wish in self.audience.listeners:  # they may have left while it was made
                self.ladder.voiced(wish, piece)
        else:
            self.ladder.failed(Part.VOICE, at_s=self._now())
        await self._notices.tell(self.language, self.ladder.state)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
