"""A whole interpreter over fake engines and a fake room, for tests in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import SpeechToText, TextToSpeech, Translator
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoiceWish
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.testing.engines import FakeSpeechToText, FakeTextToSpeech, FakeTranslator, FakeVoiceActivity
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.rooms import FakeRoom
from dragoman.testing.tones import say_as_tones
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter
from dragoman.voicing.watermark import Watermark


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A room with everything behind it."""

    room: FakeRoom
    interpreter: Interpreter
    observer: RecordingObserver

    def join(
        self,
        identity: str,
        *,
        speaks: str | None = None,
        reads: str | None = None,
        listens: str | None = None,
        consents: bool = True,
        voice: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        self.room.join(
            Participant(
                identity=identity,
                name=identity.title(),
                speaks=Language(speaks) if speaks else None,
                reads=Language(reads) if reads else None,
                listens=Language(listens) if listens else None,
                consents=consents,
                voice=voice,
            )
        )

    async def say(self, identity: str, text: str, *, pause_s: float = 0.8) -> None:
        """Speak ``text``, then be silent for ``pause_s``, in the room's time."""
        await self.room.say(identity, say_as_tones(text, sample_rate=RECOGNITION_RATE))
        if pause_s:
            await self.room.be_silent(identity, pause_s)

    def texts(self, language: str) -> list[str]:
        """Give the final captions of one language, in order."""
        return [caption.text for caption in self.room.finals if caption.language == language]


Scene = Callable[[House], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a test may replace of the house."""

    speech_to_text: Sequence[SpeechToText] = ()
    translators: Sequence[Translator] = ()
    voices: Sequence[TextToSpeech] = ()
    cores: int = 64
    costs: Costs = field(default_factory=lambda: Costs(recognition=0.2, voice=0.1))
    tuning: InterpretingTuning = field(default_factory=InterpretingTuning)
    terms: Callable[[], TermBase] = lambda: NO_TERMS
    """The glossary at any moment."""
    watermark: Watermark | None = None
    admission: Admission | None = None
    """Instead of one by ``cores`` and ``costs``."""

    def play(self, scene: Scene) -> House:
        """Run ``scene`` beside the interpreter in virtual time until both have ended; give the house as it is then."""
        observer = RecordingObserver()

        async def whole() -> House:
            with _house(self, observer) as house:
                async with asyncio.timeout(600):
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(house.interpreter.run())
                        await scene(house)
                        await house.room.end()
                others = asyncio.all_tasks() - {asyncio.current_task()}
                assert not others, f"tasks left over: {others}"
                return house

        return run_in_virtual_time(whole)


@contextmanager
def _house(stage: Stage, observer: RecordingObserver) -> Iterator[House]:
    room = FakeRoom()
    with EnginePool(workers=4, observer=observer) as pool:
        interpreter = Interpreter(
            room=room,
            recognizer=UtteranceRecognizer(
                engines=stage.speech_to_text or [FakeSpeechToText()],
                voice_activity=FakeVoiceActivity(),
                pool=pool,
                tuning=RecognitionTuning(),
            ),
            translation=TranslationRouter(
                engines=stage.translators or [FakeTranslator()], pool=pool, observer=observer
            ),
            voices=VoiceRouter(
                engines=stage.voices or [FakeTextToSpeech()],
                pool=pool,
                observer=observer,
                watermark=stage.watermark,
            ),
            admission=stage.admission or Admission(cores=stage.cores, costs=stage.costs),
            observer=observer,
            tuning=stage.tuning,
            terms=stage.terms,
        )
        yield House(room=room, interpreter=interpreter, observer=observer)


@pytest.fixture
def stage() -> type[Stage]:
    """Give the class: ``stage().play(scene)`` runs a scene."""
    return Stage
