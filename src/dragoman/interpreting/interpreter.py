"""A room interpreted: who comes, speaks, reads and listens decides which desks and voices there are.

Neighbours: ``speaker_desk.py`` (one microphone), ``language_dubs.py`` (one language's voices), ``listeners.py``
(demand), ``admission.py`` (capacity).
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from dragoman.ground.captions import Unfinished
from dragoman.ground.engines import Recognizer
from dragoman.ground.events import Observer
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.rooms import (
    MicrophoneOpened,
    NoticeKind,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    Room,
    Safekeeping,
)
from dragoman.ground.routes import TranslationRoute, VoiceRoute
from dragoman.ground.voices import VoiceWish
from dragoman.interpreting.admission import Admission
from dragoman.interpreting.booth import BoothTools
from dragoman.interpreting.dub_channel import DubChannel
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.ladder import CAPACITY, LadderState, Level
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Listeners
from dragoman.interpreting.speaker_desk import SpeakerDesk
from dragoman.interpreting.spoken import Numbering
from dragoman.interpreting.tuning import InterpretingTuning

log = structlog.get_logger()

TAKE_OVER_WITHIN_S = 2.0
"""Until then a speaker whose words were left unfinished is expected to be heard again; then it is done without."""
LOOK_AGAIN_S = 1.0
"""How soon somebody is admitted when there is room that other rooms, or planned meetings, have left."""


class Interpreter:
    """Of one room. ``run`` ends when the room does, after everything said was captioned and voiced."""

    def __init__(
        self,
        *,
        room: Room,
        recognizer: Recognizer,
        translation: TranslationRoute,
        voices: VoiceRoute,
        admission: Admission,
        observer: Observer,
        tuning: InterpretingTuning,
        safe: Safekeeping | None = None,
        terms: Callable[[], TermBase] = lambda: NO_TERMS,
    ) -> None:
        """``safe`` is what this interpreter goes on from, and another one would; None where there are no others.

        ``terms`` gives the glossary of the room as it is at the moment.
        """
        self._room = room
        self._recognizer = recognizer
        self._voices = voices.in_room()
        self._admission = admission
        self._observer = observer
        self._tuning = tuning
        self._echo = EchoGuard(window_s=tuning.echo_window_s)
        self._segments = Numbering()
        self._tools = BoothTools(
            room=room,
            translation=translation,
            voices=self._voices,
            numbering=Numbering(),
            observer=observer,
            tuning=tuning,
            safe=safe,
            terms=terms,
        )
        self._inherited: dict[str, list[Unfinished]] = {}
        """By speaker: what is still to be finished for the interpreter before this one."""
        for left in safe.inherited if safe is not None else ():
            self._inherited.setdefault(left.speaker, []).append(left)
        self._listeners = Listeners()
        self._notices: dict[str, LadderNotices] = {}
        self._desks: dict[str, SpeakerDesk] = {}
        self._desk_tasks: dict[str, asyncio.Task[None]] = {}
        self._finishing: dict[str, asyncio.Task[None]] = {}
        """By speaker: what is being finished for the interpreter before this one, without its speaker."""
        self._dubs: dict[Language, LanguageDubs] = {}
        self._channel_tasks: list[asyncio.Task[None]] = []
        self._unheard: set[str] = set()
        """Open microphones that are not interpreted: no consent, no language, or no capacity yet."""

    async def run(self) -> None:
        try:
            await self._run()
        finally:
            for identity in self._unheard:  # those who were refused, too, are no longer here
                self._admission.release(identity)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            async with asyncio.TaskGroup() as desks:
                looking = desks.create_task(self._keep_looking(desks), name="look for room")
                if self._inherited:
                    desks.create_task(self._finish_inherited(desks), name="finish what was left")
                async for event in self._room.events():
                    match event:
                        case ParticipantChanged(participant=participant):
                            await self._change(participant)
                        case ParticipantLeft(identity=identity):
                            await self._leave(identity)
                        case MicrophoneOpened(identity=identity):
                            self._unheard.add(identity)
                    await self._look(desks)
                looking.cancel()
            for dubs in self._dubs.values():
                await dubs.drain()
            for task in self._channel_tasks:
                task.cancel()

    async def _change(self, participant: Participant) -> None:
        self._listeners.put(participant)
        identity = participant.identity
        if not participant.consents:
            self._forget(identity)
        desk = self._desks.get(identity)
        if desk is not None:
            if participant.consents and participant.speaks is not None:
                desk.change_language(participant.speaks)
            else:
                self._desk_tasks[identity].cancel()
                self._unheard.add(identity)
        await self._spread_demand()

    def _forget(self, identity: str) -> None:
        """Let nobody finish what somebody said who withdrew: neither we nor whoever takes over."""
        self._inherited.pop(identity, None)
        if identity in self._finishing:
            self._finishing[identity].cancel()
        self._tools.backlogs.forget(identity)
        self._voices.forget(identity)
        if self._tools.safe is not None:
            self._tools.safe.forget(identity)

    async def _leave(self, identity: str) -> None:
        """The desk ends by itself: the room ends the microphone, and what was said before is still interpreted."""
        self._listeners.remove(identity)
        self._unheard.discard(identity)
        self._notices.pop(identity, None)
        if identity not in self._desks:
            self._voices.forget(identity)
            self._admission.release(identity)
        await self._spread_demand()

    async def _spread_demand(self) -> None:
        for identity, desk in list(self._desks.items()):
            speaker = self._listeners.get(identity)
            if speaker is not None:
                await desk.set_demand(self._listeners.source_readers(speaker), self._listeners.demand(speaker))

    async def _keep_looking(self, desks: asyncio.TaskGroup) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            await self._look(desks)

    async def _look(self, desks: asyncio.TaskGroup) -> None:
        """Interpret whoever agreed to it as well as the machine has room for: those not heard yet come first."""
        for identity, floor in self._open_desks(desks).items():
            await self._notices_of(identity).tell(None, floor, kind=NoticeKind.CAPACITY)
        await self._raise_desks()

    def _open_desks(self, desks: asyncio.TaskGroup) -> dict[str, LadderState]:
        """Give every open microphone a desk whose owner agreed and for which the machine has room.

        Returns how well those may be served who had none, by identity.
        """
        floors = {}
        for speaker in self._listeners.speakers():
            identity = speaker.identity
            if identity not in self._unheard or identity in self._desks or speaker.speaks is None:
                continue
            floor = floors[identity] = self._admit(speaker)
            if floor.level == Level.ORIGINAL_ONLY:
                continue
            self._unheard.discard(identity)
            desk = self._desks[identity] = self._make_desk(speaker, speaker.speaks, floor)
            working = self._desk_tasks[identity] = desks.create_task(self._work(desk), name=f"desk {identity}")
            desks.create_task(self._attend(identity, working, desks), name=f"attend the desk {identity}")
        return floors

    async def _raise_desks(self) -> None:
        """Give more to those for whom there was less room than they need."""
        for speaker in self._listeners.speakers():
            desk = self._desks.get(speaker.identity)
            if desk is None or desk.floor.level == Level.FULL:
                continue
            floor = self._admit(speaker)
            if floor.level < desk.floor.level:
                await desk.raise_floor(floor)

    def _admit(self, speaker: Participant) -> LadderState:
        voices = sum(len(audience.listeners) for audience in self._listeners.demand(speaker).values())
        level = self._admission.admit(speaker.identity, voices=voices)
        return LadderState(level=level, reason=CAPACITY if level != Level.FULL else "")

    def _make_desk(self, speaker: Participant, language: Language, floor: LadderState) -> SpeakerDesk:
        return SpeakerDesk(
            speaker=speaker,
            language=language,
            recognizer=self._recognizer,
            dubs_for=self._dubs_in,
            echo=self._echo,
            segments=self._segments,
            tools=self._tools,
            floor=floor,
            notices=self._notices_of(speaker.identity),
            source_readers=self._listeners.source_readers(speaker),
            demand=self._listeners.demand(speaker),
            inherited=self._inherited.pop(speaker.identity, ()),
        )

    async def _finish_inherited(self, desks: asyncio.TaskGroup) -> None:
        """Finish the words of those who are not heard again: muted meanwhile, or gone."""
        await asyncio.sleep(TAKE_OVER_WITHIN_S)
        for identity in list(self._inherited):
            language = self._inherited[identity][0].source_language
            speaker = self._listeners.get(identity) or Participant(
                identity=identity, name=identity, speaks=language, reads=None, listens=None
            )
            floor = LadderState(level=Level.FULL, reason="")
            desk = self._make_desk(replace(speaker, speaks=language), language, floor)
            self._finishing[identity] = desks.create_task(
                self._finish_words(identity, desk), name=f"finish the words of {identity}"
            )

    async def _finish_words(self, identity: str, desk: SpeakerDesk) -> None:
        try:
            await desk.finish_inherited()
        finally:
            self._finishing.pop(identity, None)
            if identity not in self._desks:
                self._let_go(identity)

    async def _work(self, desk: SpeakerDesk) -> None:
        try:
            await desk.run()
        except Exception:  # the top of a task: the other speakers must go on
            log.exception("desk_failed", room=self._room.name)

    async def _attend(self, identity: str, working: asyncio.Task[None], desks: asyncio.TaskGroup) -> None:
        """Clear the desk when its speaker is silent, or has withdrawn."""
        try:
            await asyncio.wait([working])
            if working.cancelled():
                # Up to its end it could still keep what it had heard.
                self._forget(identity)
        finally:
            self._desks.pop(identity, None)
            self._desk_tasks.pop(identity, None)
            self._admission.release(identity)
            self._let_go(identity)
            if self._listeners.get(identity) is None:
                self._voices.forget(identity)
        # Whoever was refused before may have room now.
        await self._look(desks)

    def _let_go(self, identity: str) -> None:
        for dubs in self._dubs.values():
            dubs.let_go(identity)

    def _notices_of(self, identity: str) -> LadderNotices:
        if identity not in self._notices:
            self._notices[identity] = LadderNotices(speaker=identity, room=self._room, observer=self._observer)
        return self._notices[identity]

    def _dubs_in(self, language: Language) -> LanguageDubs:
        if language not in self._dubs:
            self._dubs[language] = LanguageDubs(open_channel=partial(self._open_channel, language))
        return self._dubs[language]

    def _open_channel(self, language: Language, wish: VoiceWish) -> DubChannel:
        channel = DubChannel(
            language=language,
            wish=wish,
            room=self._room,
            voices=self._voices,
            echo=self._echo,
            observer=self._observer,
            tuning=self._tuning,
        )
        self._channel_tasks += [
            self._tasks.create_task(self._voices.prepare(language), name=f"prepare the voices of {language}"),
            self._tasks.create_task(self._run_channel(language, channel), name=f"dub channel {language} {wish}"),
        ]
        return channel

    async def _run_channel(self, language: Language, channel: DubChannel) -> None:
        while True:
            try:
                await channel.run()
            except Exception:  # the top of a task: captions and other languages must go on
                log.exception("dub_channel_failed", room=self._room.name, language=language)
