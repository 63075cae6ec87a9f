"""One speaker: words to segments, the speaker's own captions, and a booth for every language that is wanted.

From microphone.py; to booth.py. The desk opens and closes its booths as the demand changes; one booth's failure is that
booth's alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption, Lags, Unfinished
from dragoman.ground.engines import Recognizer
from dragoman.ground.errors import CapacityExhausted, DragomanError
from dragoman.ground.events import CaptionPublished, EchoDropped
from dragoman.ground.languages import Language, join_words
from dragoman.ground.rooms import NoticeKind, Participant
from dragoman.ground.speech import Word, WordState
from dragoman.interpreting.audio_ring import Lost
from dragoman.interpreting.booth import Booth, BoothTools
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.ladder import Ladder, LadderState, Part
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Audience
from dragoman.interpreting.microphone import HeardEvent, Microphone
from dragoman.interpreting.sentences import Segment, SentenceCutter
from dragoman.interpreting.spoken import Numbering, SpokenSegment
from dragoman.interpreting.utterance_lags import UtteranceLags

log = structlog.get_logger()


class SpeakerDesk:
    """From unmuting to muting. ``run`` is its task."""

    def __init__(
        self,
        *,
        speaker: Participant,
        language: Language,
        recognizer: Recognizer,
        dubs_for: Callable[[Language], LanguageDubs],
        echo: EchoGuard,
        segments: Numbering,
        tools: BoothTools,
        floor: LadderState,
        notices: LadderNotices,
        source_readers: frozenset[str],
        demand: dict[Language, Audience],
        inherited: Sequence[Unfinished] = (),
    ) -> None:
        """``inherited`` is what the interpreter before this one left unfinished of this speaker."""
        self._identity = speaker.identity
        self._language = language
        self._dubs_for = dubs_for
        self._echo = echo
        self._segments = segments
        self._tools = tools
        self.floor = floor
        """The best level that admission allows."""
        self._inherited = inherited
        self._microphone = Microphone(
            room=tools.room,
            identity=speaker.identity,
            language=language,
            recognizer=recognizer,
            hot_words=lambda spoken: tools.terms().hot_words(spoken),
        )
        self._ladder = Ladder(floor=floor.level, floor_reason=floor.reason)
        self._notices = notices
        self._cutter = SentenceCutter(language=language, tuning=tools.tuning)
        self._lags = UtteranceLags(speaker.identity)
        self._open_id = ""
        self._partial_shown = False
        self._kept = ("", "")
        """Segment and committed text of the open segment that was made safe last."""
        self._origin_s = tools.room.opened_at_s
        """Loop time from which the times of words count."""
        self._source_readers = source_readers
        self._demand = demand
        self._booths: dict[Language, Booth] = {}
        self._staffing = asyncio.Lock()
        self._tasks: asyncio.TaskGroup | None = None
        self._ending = False
        """Nothing more is heard: what was said before is finished, and no booth opens any more."""

    async def run(self) -> None:
        """Interpret until the microphone ends and everything said is captioned."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await self._staff()
                await self._take_over()
                await self._microphone.run(self)
                await self._close(self._cutter.flush())
            finally:
                self._finish_booths()

    async def finish_inherited(self) -> None:
        """Do only what the interpreter before this one left unfinished: its speaker is silent, or gone."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await self._staff()
                await self._take_over()
            finally:
                self._finish_booths()

    async def set_demand(self, source_readers: frozenset[str], demand: dict[Language, Audience]) -> None:
        """Say who wants this speaker in which language, from now on."""
        self._source_readers, self._demand = source_readers, demand
        if self._tasks is not None:
            await self._staff()

    async def raise_floor(self, floor: LadderState) -> None:
        """Admission has room for more than before: ``floor`` is the best level from now on."""
        self.floor = floor
        self._ladder.allow(floor)
        for booth in list(self._booths.values()):
            await booth.raise_floor(floor)
        await self._notices.tell(None, self._ladder.state, kind=NoticeKind.CAPACITY)

    def change_language(self, language: Language) -> None:
        self._microphone.change_language(language)

    async def _staff(self) -> None:
        """Open and close booths until they match the demand. One call after the other: the newest has the last word."""
        async with self._staffing:
            demand = self._demand
            for language in [language for language in self._booths if language not in demand]:
                self._booths.pop(language).finish()
                await self._dubs_for(language).set_listeners(self._identity, {})
            for language, audience in demand.items():
                await self._dubs_for(language).set_listeners(self._identity, audience.listeners)
                if language in self._booths:
                    await self._booths[language].set_audience(audience)
                elif not self._ending:  # who comes now missed all that was said, and nobody would finish their booth
                    self._open_booth(language, audience)

    def _finish_booths(self) -> None:
        self._ending = True
        for booth in self._booths.values():
            booth.finish()

    def _open_booth(self, language: Language, audience: Audience) -> None:
        booth = Booth(
            speaker=self._identity,
            language=language,
            audience=audience,
            ladder=Ladder(floor=self.floor.level, floor_reason=self.floor.reason),
            notices=self._notices,
            dubs=self._dubs_for(language),
            tools=self._tools,
        )
        self._booths[language] = booth
        if self._tasks is not None:
            self._tasks.create_task(self._run_booth(booth), name=f"booth {self._identity} {language}")

    async def _run_booth(self, booth: Booth) -> None:
        while True:
            try:
                await booth.run()
            except Exception:  # the top of a task: the other booths of this speaker must go on
                log.exception("booth_failed", room=self._tools.room.name, language=booth.language)
                booth.ladder.failed(Part.TRANSLATION, at_s=_now())
            else:
                return

    def sounds(self, frame: Audio) -> None:
        """See ``Listener``. The dubs are to sound like the speaker."""
        self._tools.voices.hear(self._identity, frame)

    async def heard(self, heard: HeardEvent) -> None:
        """See ``Listener``."""
        event = heard.event
        self._origin_s = heard.origin_s
        if event.language != self._language:
            await self._close(self._cutter.flush())
            self._language = event.language
            self._cutter = SentenceCutter(language=event.language, tuning=self._tools.tuning)
        match event.state:
            case WordState.PROVISIONAL:
                await self._show_partial(event.words, event.speech_end_s)
            case WordState.COMMITTED:
                self._observe_utterance(heard)
                await self._close(self._cutter.push(event.words), event.speech_end_s)
                if self._cutter.open_words:
                    await self._show_partial((), event.speech_end_s)
            case WordState.FINAL:
                self._ladder.worked(Part.RECOGNITION, at_s=_now())
                self._observe_utterance(heard)
                await self._close(self._cutter.push(event.words) + self._cutter.flush(), event.speech_end_s)
                await self._clear_partial(event.speech_end_s)
        await self._notices.tell(None, self._ladder.state)

    async def speaking(self, since_s: float, *, origin_s: float) -> None:
        """See ``Listener``. Whoever takes over marks it, should no word of it come any more."""
        if not self._open_id or self._kept[0] != self._open_id:
            self._origin_s = origin_s
            spoken = self._spoken((Word(text="", start_s=since_s, end_s=since_s),), None)
            self._kept = (spoken.id, "")
            await self._keep([self._unfinished(spoken, closed=False)])

    async def failed(self, error: DragomanError, *, away: bool) -> None:
        """See ``Listener``. What is open stays open: its rest is heard again."""
        log.warning("recognition_failed", room=self._tools.room.name, code=error.code, detail=str(error), away=away)
        if isinstance(error, CapacityExhausted):
            self._ladder.refused()
        else:
            for _ in range(2 if away else 1):  # an engine that cannot even be opened is gone at once
                self._ladder.failed(Part.RECOGNITION, at_s=_now())
        await self._notices.tell(None, self._ladder.state)

    async def admitted(self) -> None:
        """See ``Listener``."""
        self._ladder.admitted()
        await self._notices.tell(None, self._ladder.state)

    async def lost(self, lost: Lost, *, origin_s: float) -> None:
        """See ``Listener``. What was certain is shown, and the rest marked."""
        self._origin_s = origin_s
        await self._close(self._cutter.flush())
        place = Word(text="", start_s=lost.start_s, end_s=lost.end_s)
        await self._publish_gap(replace(self._spoken((place,), lost.end_s), text="", gap=True))

    def _observe_utterance(self, heard: HeardEvent) -> None:
        for event in self._lags.push(heard.event, origin_s=heard.origin_s, now_s=_now()):
            self._tools.observer.observe(event)

    async def _close(self, segments: list[Segment], speech_end_s: float | None = None) -> None:
        """Publish closed segments to the speaker's own readers, and hand them to the booths."""
        closed = []
        for segment in segments:
            closed.append(self._spoken(segment.words, speech_end_s))
            self._open_id, self._partial_shown = "", False
        # All at once: whoever takes over must not find half of what was shown as one.
        await self._keep([self._unfinished(spoken, closed=True) for spoken in closed])
        for spoken in closed:
            if self._is_echo(spoken):
                self._tools.observer.observe(EchoDropped(speaker=self._identity, words=len(spoken.text.split())))
                await self._forget(spoken)
                continue
            for booth in self._booths.values():
                booth.offer(spoken)
            await self._publish_own(spoken, final=True)

    async def _show_partial(self, words: tuple[Word, ...], speech_end_s: float) -> None:
        committed = join_words((word.text for word in self._cutter.open_words), self._language)
        spoken = replace(self._spoken((*self._cutter.open_words, *words), speech_end_s), committed_chars=len(committed))
        if self._is_echo(spoken):
            return
        if self._kept != (spoken.id, committed):
            self._kept = (spoken.id, committed)
            await self._keep([replace(self._unfinished(spoken, closed=False), text=committed)])
        self._partial_shown = True
        for booth in self._booths.values():
            booth.preview(spoken)
        await self._publish_own(spoken, final=False)

    async def _clear_partial(self, speech_end_s: float) -> None:
        """The utterance ended without words, or without those that were shown: take them off the screen."""
        if not self._open_id:
            return
        nothing = self._spoken((Word(text="", start_s=speech_end_s, end_s=speech_end_s),), speech_end_s)
        if self._partial_shown:
            await self._publish_own(nothing, final=False)
            self._partial_shown = False
        self._kept = ("", "")
        await self._forget(nothing)

    # For whoever takes over, and from whom we took over

    def _unfinished(self, spoken: SpokenSegment, *, closed: bool) -> Unfinished:
        return Unfinished(
            segment=spoken.id,
            speaker=spoken.speaker,
            source_language=spoken.language,
            text=spoken.text,
            start_s=spoken.start_s,
            end_s=spoken.end_s,
            closed=closed,
            languages=frozenset({spoken.language, *self._booths}),
        )

    async def _keep(self, unfinished: list[Unfinished]) -> None:
        if self._tools.safe is not None and unfinished:
            await self._tools.safe.keep(unfinished)

    async def _forget(self, spoken: SpokenSegment) -> None:
        await self._keep([replace(self._unfinished(spoken, closed=True), languages=frozenset())])

    async def _take_over(self) -> None:
        """Give the readers the finals that they still miss, and mark what was being said and is lost."""
        for left in self._inherited:
            opened_at_s = self._tools.room.opened_at_s
            spoken = SpokenSegment(
                id=left.segment,
                speaker=left.speaker,
                language=left.source_language,
                text=left.text,
                start_s=left.start_s,
                end_s=left.end_s,
                ended_at_s=opened_at_s + left.end_s,
                known_at_s=_now(),
            )
            if left.text:
                for language in left.languages & self._booths.keys():
                    self._booths[language].offer(spoken)
                if left.source_language in left.languages:
                    await self._publish_own(spoken, final=True)
            if not left.closed:
                own_id = f"{self._identity}.{self._segments.next()}" if left.text else left.segment
                await self._publish_gap(replace(spoken, id=own_id, text="", start_s=left.end_s, gap=True))

    async def _publish_gap(self, gap: SpokenSegment) -> None:
        self._open_id, self._partial_shown = "", False
        for booth in self._booths.values():
            booth.offer(gap)
        await self._publish_own(gap, final=True)

    # How segments become captions

    def _spoken(self, words: tuple[Word, ...], speech_end_s: float | None) -> SpokenSegment:
        """Place words in the room's time; nothing ends later than the speech itself, if it began before its end."""
        self._open_id = self._open_id or f"{self._identity}.{self._segments.next()}"
        room_offset_s = self._origin_s - self._tools.room.opened_at_s
        end_s = max(words[0].start_s, words[-1].end_s)
        if speech_end_s is not None and speech_end_s > words[0].start_s:
            end_s = min(end_s, speech_end_s)
        return SpokenSegment(
            id=self._open_id,
            speaker=self._identity,
            language=self._language,
            text=join_words((word.text for word in words), self._language),
            start_s=room_offset_s + words[0].start_s,
            end_s=room_offset_s + end_s,
            ended_at_s=self._origin_s + end_s,
            known_at_s=_now(),
        )

    def _is_echo(self, spoken: SpokenSegment) -> bool:
        opened_at_s = self._tools.room.opened_at_s
        return self._echo.is_echo(
            spoken.text,
            language=spoken.language,
            listener=self._identity,
            start_s=opened_at_s + spoken.start_s,
            end_s=spoken.ended_at_s,
        )

    async def _publish_own(self, spoken: SpokenSegment, *, final: bool) -> None:
        caption = Caption(
            segment=spoken.id,
            speaker=spoken.speaker,
            language=spoken.language,
            source_language=spoken.language,
            text=spoken.text,
            start_s=spoken.start_s,
            end_s=spoken.end_s,
            final=final,
            seq=self._tools.numbering.next() if final else 0,
            committed_chars=spoken.committed_chars,
            gap=spoken.gap,
            lags=Lags(
                recognition_ms=(spoken.known_at_s - spoken.ended_at_s) * 1000,
                caption_ms=(_now() - spoken.ended_at_s) * 1000,
            ),
        )
        await self._tools.room.publish(caption, readers=self._source_readers)
        if final:
            self._tools.observer.observe(CaptionPublished(caption=caption, readers=len(self._source_readers)))


def _now() -> float:
    return asyncio.get_running_loop().time()
