"""Booth: a failure that nobody foresaw does not hold up what waits behind it."""

import asyncio

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.booth import Booth, BoothTools
from dragoman.interpreting.ladder import Ladder
from dragoman.interpreting.ladder_notices import LadderNotices
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.listeners import Audience
from dragoman.interpreting.spoken import Numbering, SpokenSegment
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.rooms import FakeRoom
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

EN, VI = Language("en"), Language("vi")


class BreaksOnce(FakeRoom):
    """Its first caption fails as nothing should."""

    broken = False

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        if not self.broken:
            self.broken = True
            raise RuntimeError("a defect")
        await super().publish(caption, readers=readers)


def booth_in(room: FakeRoom, pool: EnginePool) -> Booth:
    observer = RecordingObserver()
    voices = VoiceRouter(engines=[FakeTextToSpeech()], pool=pool, observer=observer).in_room()
    return Booth(
        speaker="an",
        language=EN,
        audience=Audience(readers=frozenset({"ben"}), listeners={}),
        ladder=Ladder(),
        notices=LadderNotices(speaker="an", room=room, observer=observer),
        dubs=LanguageDubs(open_channel=lambda wish: pytest.fail(f"nobody listens, with {wish} or without")),
        tools=BoothTools(
            room=room,
            translation=TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=observer),
            voices=voices,
            numbering=Numbering(),
            observer=observer,
            tuning=InterpretingTuning(),
        ),
    )


def said(text: str) -> SpokenSegment:
    now_s = asyncio.get_running_loop().time()
    return SpokenSegment(
        id=f"an.{text}",
        speaker="an",
        language=VI,
        text=text,
        start_s=0.0,
        end_s=1.0,
        ended_at_s=now_s,
        known_at_s=now_s,
    )


def test_a_booth_that_failed_after_the_last_words_goes_on_with_what_waits_and_ends() -> None:
    async def scene() -> list[str]:
        room = BreaksOnce()
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            booth = booth_in(room, pool)
            booth.offer(said("mot"))
            booth.offer(said("hai"))
            booth.finish()
            with pytest.raises(RuntimeError, match="a defect"):
                await booth.run()
            async with asyncio.timeout(60):
                await booth.run()
        return [caption.text for caption in room.finals]

    assert run_in_virtual_time(scene) == ["en:hai"]
