"""Booth: a failure that nobody foresaw does not hold up what waits behind it."""

import asyncio

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.captions import Caption
from dragoman.ground.engines import Translation
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.routes import TranslationRoute
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.backlog import Backlogs
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


class Held:
    """``TranslationRoute`` whose translations wait for ``let``, which lets the oldest of a text go."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def can_translate(self, source: Language, target: Language) -> bool:
        return True

    async def preview(
        self,
        text: str,
        *,
        source: Language,
        target: Language,
        deadline_s: float,
        committed: str = "",
        terms: TermBase = NO_TERMS,
    ) -> str | None:
        return None

    async def translate(
        self, text: str, *, source: Language, target: Language, deadline_s: float, terms: TermBase = NO_TERMS
    ) -> Translation:
        waits = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(text, []).append(waits)
        await waits
        return Translation(text=f"{target}:{text}", model_used="held")

    async def let(self, text: str) -> None:
        self._waiting[text].pop(0).set_result(None)
        await asyncio.sleep(0.01)


def booth_in(
    room: FakeRoom, pool: EnginePool, *, translation: TranslationRoute | None = None, backlogs: Backlogs | None = None
) -> Booth:
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
            translation=translation or TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=observer),
            voices=voices,
            numbering=Numbering(),
            observer=observer,
            tuning=InterpretingTuning(),
            backlogs=backlogs or Backlogs(),
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


def test_two_booths_of_one_speaker_show_what_is_owed_once_and_leave_nothing_out() -> None:
    async def scene() -> tuple[list[str], int]:
        room, held, backlogs = FakeRoom(), Held(), Backlogs()
        owed = backlogs.of("an", EN, most=10)
        owed.add(said("mot"))
        owed.add(said("hai"))
        with EnginePool(workers=1, observer=RecordingObserver()) as pool:
            ending, fresh = (booth_in(room, pool, translation=held, backlogs=backlogs) for _ in range(2))
            ending.finish()
            running = [asyncio.create_task(booth.run()) for booth in (ending, fresh)]
            await asyncio.sleep(0.01)
            for text in ("mot", "mot", "hai", "hai"):
                await held.let(text)
            fresh.finish()
            async with asyncio.timeout(60):
                await asyncio.gather(*running)
        return [caption.text for caption in room.finals], len(owed)

    assert run_in_virtual_time(scene) == (["en:mot", "en:hai"], 0)
