"""``dragoman say``: a model is loaded before it speaks, and a slow voice has the time that it needs."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.engines.text_to_speech.job_voice.engine import PIECE_S
from dragoman.ground.audio import Audio
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import EngineCrashed, EngineTimeout
from dragoman.ground.events import EngineFailed
from dragoman.ground.languages import Language
from dragoman.services.saying.command import speak_whole
from dragoman.services.saying.wishes import Wish
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.voicing.router import SpokenPiece, VoiceRouter

EN = Language("en")


class Loading(FakeTextToSpeech):
    """Cannot speak before its model is loaded, as who gives loading and speaking the same minute finds out."""

    def __init__(self, *, name: str = "xtts", jobs_only: bool = True, broken: bool = False) -> None:
        super().__init__(name=name, jobs_only=jobs_only)
        self.loaded = False
        self.broken = broken

    def warm_up(self) -> None:
        if self.broken:
            raise EngineCrashed(f"{self.info.label} lacks a file")
        self.loaded = True

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        if not self.loaded:
            raise EngineTimeout(f"{self.info.label} took longer than 60.0 s")
        return super().speak(text, language=language, voice=voice, speed=speed)


class DeadlineHeard(VoiceRouter):
    """Remembers how long each piece may take."""

    deadline_s = 0.0

    def speak_pieces(
        self,
        text: str,
        *,
        language: Language,
        voice: Voice,
        speed: float,
        deadline_s: float,
        engine: str = "",
        target_lufs: float | None = None,
    ) -> AsyncGenerator[SpokenPiece, None]:
        self.deadline_s = deadline_s
        return super().speak_pieces(
            text,
            language=language,
            voice=voice,
            speed=speed,
            deadline_s=deadline_s,
            engine=engine,
            target_lufs=target_lufs,
        )


def say(*engines: TextToSpeech, engine: str = "") -> tuple[list[SpokenPiece], DeadlineHeard, RecordingObserver]:
    observer = RecordingObserver()
    with EnginePool(workers=1, observer=observer) as pool:
        router = DeadlineHeard(engines=engines, pool=pool, observer=observer)
        pieces = asyncio.run(speak_whole(router, Wish(text="we start", language=EN, engine=engine)))
    return pieces, router, observer


@pytest.mark.parametrize("engine", ["", "xtts"], ids=["the only one", "named"])
def test_a_voice_for_background_jobs_is_loaded_before_it_speaks_and_has_its_own_time(engine: str) -> None:
    pieces, router, observer = say(Loading(), engine=engine)

    assert {piece.engine for piece in pieces} == {"xtts"}
    assert router.deadline_s > PIECE_S
    assert observer.of(EngineFailed) == []


def test_only_the_voice_that_speaks_is_loaded() -> None:
    first, second, slow = Loading(name="one", jobs_only=False), Loading(name="two", jobs_only=False), Loading()

    pieces, router, _ = say(slow, first, second)

    assert {piece.engine for piece in pieces} == {"one"}
    assert (first.loaded, second.loaded, slow.loaded) == (True, False, False)
    assert router.deadline_s < PIECE_S


def test_a_voice_that_cannot_be_loaded_is_told_when_it_was_named_and_replaced_when_not() -> None:
    broken, other = Loading(name="one", jobs_only=False, broken=True), FakeTextToSpeech(name="two")

    pieces, _, _ = say(broken, other)

    assert {piece.engine for piece in pieces} == {"two"}
    with pytest.raises(EngineCrashed, match="lacks a file"):
        say(broken, other, engine="one")
