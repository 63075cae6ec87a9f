"""SpeakerDesk: what is wanted last is what is done, however long what was wanted before takes."""

import asyncio

from dragoman.engines.pool import EnginePool
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoiceWish
from dragoman.interpreting.booth import BoothTools
from dragoman.interpreting.dub_channel import DubChannel
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.ladder import LadderState, Level
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Audience
from dragoman.interpreting.microphone import HeardEvent
from dragoman.interpreting.speaker_desk import SpeakerDesk
from dragoman.interpreting.spoken import Numbering
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.rooms import FakeRoom
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

EN, VI = Language("en"), Language("vi")
AN = Participant(identity="an", name="An", speaks=VI, reads=VI, listens=None)
HEARD_BY_BEN = Audience(readers=frozenset({"ben"}), listeners={VoiceWish.NATURAL: frozenset({"ben"})})


class SlowRoom(FakeRoom):
    """Takes a second to say who hears a dub, the first time."""

    slow = True

    async def set_listeners(
        self, *, speaker: str, language: Language, listeners: frozenset[str], wish: VoiceWish = VoiceWish.NATURAL
    ) -> None:
        if self.slow:
            self.slow = False
            await asyncio.sleep(1.0)
        await super().set_listeners(speaker=speaker, language=language, listeners=listeners, wish=wish)


def desk_in(room: FakeRoom, pool: EnginePool) -> SpeakerDesk:
    observer, tuning = RecordingObserver(), InterpretingTuning()
    voices = VoiceRouter(engines=[FakeTextToSpeech()], pool=pool, observer=observer).in_room()
    echo = EchoGuard(window_s=10.0)

    def open_channel(wish: VoiceWish) -> DubChannel:
        return DubChannel(language=EN, wish=wish, room=room, voices=voices, echo=echo, observer=observer, tuning=tuning)

    dubs = LanguageDubs(open_channel=open_channel)
    return SpeakerDesk(
        speaker=AN,
        language=VI,
        recognizer=FakeRecognizer(),
        dubs_for=lambda language: dubs,
        echo=echo,
        segments=Numbering(),
        tools=BoothTools(
            room=room,
            translation=TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=observer),
            voices=voices,
            numbering=Numbering(),
            observer=observer,
            tuning=tuning,
        ),
        floor=LadderState(level=Level.FULL, reason=""),
        notices=LadderNotices(speaker="an", room=room, observer=observer),
        source_readers=frozenset({"an"}),
        demand={},
    )


def said(text: str) -> HeardEvent:
    event = RecognitionEvent(
        utterance=1,
        state=WordState.FINAL,
        words=(Word(text=text, start_s=0.0, end_s=0.5),),
        language=VI,
        audio_time_s=1.0,
        speech_end_s=0.5,
        endpoint_s=1.0,
    )
    return HeardEvent(event=event, origin_s=asyncio.get_running_loop().time())


def test_who_goes_away_while_their_booth_is_being_opened_is_interpreted_for_no_more() -> None:
    async def scene() -> set[Language]:
        room = SlowRoom()
        room.open_microphone("an")
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            desk = desk_in(room, pool)
            working = asyncio.create_task(desk.run())
            await asyncio.sleep(0.1)
            coming = asyncio.create_task(desk.set_demand(frozenset({"an"}), {EN: HEARD_BY_BEN}))
            await asyncio.sleep(0.1)
            await desk.set_demand(frozenset({"an"}), {})
            await coming
            await desk.heard(said("chao"))
            await room.mute("an")
            async with asyncio.timeout(60):
                await working
        return {caption.language for caption in room.finals}

    assert run_in_virtual_time(scene) == {VI}
