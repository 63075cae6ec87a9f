"""One speaker in one target language: segments in, captions out, and the voice asked for. From speaker_desk.py.

Finals go first and are never lost; a provisional translation is made only while no final waits, of the newest words.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from dragoman.ground.captions import Caption, Lags
from dragoman.ground.errors import EngineCrashed, EngineError, EngineTimeout, EngineUnavailable
from dragoman.ground.events import CaptionPublished, Observer
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Room, Safekeeping
from dragoman.ground.routes import RoomVoices, TranslationRoute
from dragoman.ground.voices import VoicePiece, VoiceWish
from dragoman.interpreting.dub_channel import DubItem
from dragoman.interpreting.ladder import Ladder, Level, Part
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Audience
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


class Booth:
    """``run`` is its task; it ends after ``finish`` once all that waits is interpreted."""

    def __init__(
        self,
        *,
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
        self._next_preview_s = 0.0
        self._overflow: deque[SpokenSegment] = deque()
        self._finishing = False
        self._changed = asyncio.Event()

    def offer(self, spoken: SpokenSegment) -> None:
        """Take a closed segment. Beyond the limit the oldest one is shown untranslated: late, but not lost."""
        self._preview = None
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
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._waiting or self._overflow:
                if self._overflow:
                    await self._publish_final(self._overflow.popleft(), None)
                else:
                    await self._interpret(self._waiting.popleft())
            if self._finishing:
                return
            preview, self._preview = self._preview, None
            if preview is not None:
                await self._show_preview(preview)

    async def _interpret(self, spoken: SpokenSegment) -> None:
        if spoken.gap:
            await self._publish_final(spoken, "")
            return
        text = await self._translate(spoken)
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
                    spoken.text, source=spoken.language, target=self.language, deadline_s=deadline_s
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
                self.ladder.worked(Part.TRANSLATION, at_s=self._now())
                return translation.text

    async def _publish_final(self, spoken: SpokenSegment, text: str | None) -> Caption:
        now = self._now()
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
            lags=Lags(
                recognition_ms=(spoken.known_at_s - spoken.ended_at_s) * 1000,
                translation_ms=None if text is None or spoken.gap else (now - spoken.known_at_s) * 1000,
                caption_ms=(now - spoken.ended_at_s) * 1000,
            ),
        )
        await self._publish(caption)
        return caption

    async def _show_preview(self, spoken: SpokenSegment) -> None:
        asked_at_s = self._now()
        if asked_at_s < self._next_preview_s or not self.audience.readers:
            return
        if self.ladder.state.level >= Level.UNTRANSLATED:
            return
        tuning = self._tools.tuning
        text = await self._tools.translation.preview(
            spoken.text, source=spoken.language, target=self.language, deadline_s=tuning.preview_deadline_s
        )
        # A slow engine previews seldom: most of its time belongs to the finals.
        took_s = self._now() - asked_at_s
        self._next_preview_s = asked_at_s + max(tuning.preview_interval_s, tuning.preview_load * took_s)
        shown = self._hold_back(text or "")
        if not shown or self._waiting:
            return
        await self._publish(
            Caption(
                segment=spoken.id,
                speaker=spoken.speaker,
                language=self.language,
                source_language=spoken.language,
                text=shown,
                start_s=spoken.start_s,
                end_s=spoken.end_s,
                final=False,
            )
        )

    def _hold_back(self, text: str) -> str:
        words = text.split(" ")
        return " ".join(words[: len(words) - self._tools.tuning.preview_hold_back_words])

    async def _publish(self, caption: Caption) -> None:
        await self._tools.room.publish(caption, readers=self.audience.readers)
        if caption.final:
            self._tools.observer.observe(CaptionPublished(caption=caption, readers=len(self.audience.readers)))

    async def _voice_outcome(self, wish: VoiceWish, piece: VoicePiece | None) -> None:
        if piece is not None:
            self.ladder.worked(Part.VOICE, at_s=self._now())
            self.ladder.voiced(wish, piece)
        else:
            self.ladder.failed(Part.VOICE, at_s=self._now())
        await self._notices.tell(self.language, self.ladder.state)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
