"""VoiceRouter: a voice that fails is asked again, then the next one speaks."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, Engine, EngineInfo
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    LanguageNotSupported,
    NothingToSpeak,
)
from dragoman.ground.events import EngineFailed, Stage
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail
from dragoman.testing.tones import hear_tones
from dragoman.voicing.levelling import TARGET_LUFS
from dragoman.voicing.loudness import measure_loudness
from dragoman.voicing.router import VoiceRouter

ES = Language("es")


def _speak(
    *engines: FakeTextToSpeech, language: Language = ES, speed: float = 1.0
) -> tuple[list[Audio], RecordingObserver]:
    observer = RecordingObserver()

    async def run() -> list[Audio]:
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=observer)
            spoken = router.speak_pieces(
                "hola a todos", language=language, voice=DEFAULT_VOICE, speed=speed, deadline_s=5.0
            )
            return [piece.audio async for piece in spoken]

    return run_in_virtual_time(run), observer


def _text(pieces: list[Audio]) -> str:
    return " ".join(word.text for piece in pieces for word in hear_tones(piece))


def test_the_text_is_spoken_piece_by_piece() -> None:
    pieces, _ = _speak(FakeTextToSpeech())

    assert _text(pieces) == "hola a todos"
    assert len(pieces) >= 3


@pytest.mark.parametrize("outcome", [Fail(error=EngineCrashed("gone")), Answer.SILENCE], ids=["crashed", "was silent"])
def test_a_voice_that_fails_once_is_asked_again(outcome: Fail | Answer) -> None:
    engine = FakeTextToSpeech(outcomes=[outcome])

    pieces, observer = _speak(engine)

    assert _text(pieces) == "hola a todos"
    assert len(engine.spoken) == 2
    assert len(observer.of(EngineFailed)) == 1


def test_a_voice_that_fails_twice_is_followed_by_the_next() -> None:
    failure = Fail(error=EngineCrashed("gone"))
    good = FakeTextToSpeech(name="good")

    pieces, _ = _speak(FakeTextToSpeech(name="bad", outcomes=[failure, failure]), good)

    assert _text(pieces) == "hola a todos"
    assert len(good.spoken) == 1


def test_what_has_sounded_is_never_said_twice() -> None:
    cut = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=1)])

    with pytest.raises(EngineCrashed):
        _speak(cut, FakeTextToSpeech())

    assert len(cut.spoken) == 1


def test_silence_from_every_engine_is_an_error() -> None:
    with pytest.raises(EngineOutputInvalid):
        _speak(FakeTextToSpeech(outcomes=[Answer.SILENCE, Answer.SILENCE]))


def test_a_voice_too_quiet_to_be_heard_is_followed_by_the_next() -> None:
    class Whispering(FakeTextToSpeech):
        def _pieces(self, text: str, speed: float) -> list[Audio]:
            pieces = super()._pieces(text, speed)
            peak = max(float(np.abs(piece.samples).max()) for piece in pieces)
            return [replace(piece, samples=np.float32(1.5e-3 / peak) * piece.samples) for piece in pieces]

    good = FakeTextToSpeech(name="good")

    pieces, observer = _speak(Whispering(name="whispering"), good)

    assert _text(pieces) == "hola a todos"
    assert len(good.spoken) == 1
    assert {(failed.engine, failed.code) for failed in observer.of(EngineFailed)} == {
        ("whispering", EngineOutputInvalid.code)
    }


def test_a_language_nobody_speaks_is_refused_with_what_there_is() -> None:
    with pytest.raises(LanguageNotSupported, match=r"Thai.*es \(Spanish\)"):
        _speak(FakeTextToSpeech(languages=(ES,)), language=Language("th"))


def test_figures_are_spoken_in_words() -> None:
    engine = FakeTextToSpeech()

    async def run() -> list[Audio]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=observer)
            said = router.speak_pieces("son 21 km", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=5.0)
            return [piece.audio async for piece in said]

    pieces = run_in_virtual_time(run)

    assert _text(pieces) == "son veintiún kilómetros"


def test_a_voice_that_breaks_off_at_once_is_asked_again() -> None:
    engine = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=0)])

    pieces, _ = _speak(engine)

    assert _text(pieces) == "hola a todos"


def test_a_text_of_pictures_alone_is_given_to_no_engine() -> None:
    engine = FakeTextToSpeech()

    async def run() -> list[Audio]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=observer)
            said = router.speak_pieces("😀🎉", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=5.0)
            return [piece.audio async for piece in said]

    with pytest.raises(NothingToSpeak):
        run_in_virtual_time(run)
    assert engine.spoken == []


def test_every_clause_comes_at_the_same_loudness() -> None:
    pieces, _ = _speak(FakeTextToSpeech())

    lufs = measure_loudness(join_audio(pieces, pieces[0].sample_rate).samples, pieces[0].sample_rate)

    assert lufs == pytest.approx(TARGET_LUFS, abs=1.5)


def test_the_first_sound_comes_before_the_clause_is_made_to_its_end() -> None:
    heard_first = threading.Event()

    class Streaming(FakeTextToSpeech):
        def _pieces(self, text: str, speed: float) -> Iterator[Audio]:  # type: ignore[override]
            first, *rest = super()._pieces(text, speed)
            yield first
            assert heard_first.wait(30), "the first piece is held back until the last one is made"
            yield from rest

    async def run() -> list[str]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[Streaming()], pool=pool, observer=observer)
            said = router.speak_pieces(
                "buenasnoches a todos", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=60
            )
            texts = []
            async for piece in said:
                heard_first.set()
                texts.append(_text([piece.audio]))
            return texts

    assert asyncio.run(run())[0] == "buenasnoches"


def test_an_engine_with_one_speed_is_made_faster_afterwards() -> None:
    class OneSpeed(FakeTextToSpeech):
        @property
        def info(self) -> EngineInfo:
            return replace(super().info, honours_speed=False)

    engine = OneSpeed()

    pieces, _ = _speak(engine, speed=1.25)
    usual, _ = _speak(FakeTextToSpeech())

    assert [speed for _, _, speed in engine.spoken] == [1.0]
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(
        sum(piece.duration_s for piece in usual) / 1.25, rel=0.1
    )


def test_small_pieces_are_gathered_to_a_tenth_of_a_second() -> None:
    class Crumbs(FakeTextToSpeech):
        def _pieces(self, text: str, speed: float) -> list[Audio]:
            whole = join_audio(super()._pieces(text, speed), self.info.sample_rate)
            step = whole.sample_rate // 50
            return [
                Audio(samples=whole.samples[first : first + step], sample_rate=whole.sample_rate)
                for first in range(0, len(whole.samples), step)
            ]

    pieces, _ = _speak(Crumbs())

    assert _text([join_audio(pieces, 24_000)]) == "hola a todos"
    assert all(piece.duration_s >= 0.1 for piece in pieces[:-1])


T = TypeVar("T")
DEADLINE_S = 4.0


class SlowPool(EnginePool):
    """A pool in which some engines begin late, in virtual time."""

    def __init__(self, observer: RecordingObserver, *, begins_after_s: dict[str, float]) -> None:
        super().__init__(workers=2, observer=observer)
        self._begins_after_s = begins_after_s

    async def iterate(
        self, stage: Stage, engine: Engine, start: Callable[[], Iterator[T]], *, urgency: Urgency = Urgency.FINAL
    ) -> AsyncIterator[T]:
        await asyncio.sleep(self._begins_after_s.get(engine.info.name, 0.0))
        async for piece in super().iterate(stage, engine, start, urgency=urgency):
            yield piece


def _speak_late(*engines: FakeTextToSpeech, **begins_after_s: float) -> tuple[list[str], float, RecordingObserver]:
    """Give who spoke each piece, after how many seconds the first came, and what was observed."""
    observer = RecordingObserver()

    async def run() -> tuple[list[str], float]:
        clock = asyncio.get_running_loop()
        with SlowPool(observer, begins_after_s=begins_after_s) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=observer)
            asked_at_s, first_s = clock.time(), 0.0
            labels = []
            async for piece in router.speak_pieces(
                "hola a todos", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=DEADLINE_S
            ):
                first_s = first_s or clock.time() - asked_at_s
                labels.append(piece.engine)
            return labels, first_s

    labels, first_s = run_in_virtual_time(run)
    return labels, first_s, observer


@pytest.mark.parametrize("begins_after_s", [3600.0, 2.5], ids=["hangs", "is late"])
def test_a_voice_that_does_not_begin_leaves_the_next_one_time_to_speak(begins_after_s: float) -> None:
    labels, first_s, observer = _speak_late(
        FakeTextToSpeech(name="slow"), FakeTextToSpeech(name="plain"), slow=begins_after_s
    )

    assert set(labels) == {"plain"}
    assert DEADLINE_S / 2 <= first_s < DEADLINE_S
    assert [failed.engine for failed in observer.of(EngineFailed)] == ["slow"]


def test_every_voice_behind_a_late_one_gets_its_chance() -> None:
    labels, first_s, observer = _speak_late(
        FakeTextToSpeech(name="slow"),
        FakeTextToSpeech(name="lazy"),
        FakeTextToSpeech(name="plain", outcomes=[Fail(error=EngineCrashed("gone"))]),
        slow=3600.0,
        lazy=3600.0,
    )

    assert set(labels) == {"plain"}
    assert first_s < DEADLINE_S
    assert [failed.engine for failed in observer.of(EngineFailed)] == ["slow", "lazy", "plain"]


def test_the_only_voice_has_the_whole_time() -> None:
    labels, _, _ = _speak_late(FakeTextToSpeech(name="slow"), slow=0.9 * DEADLINE_S)

    assert set(labels) == {"slow"}
    with pytest.raises(EngineTimeout, match=r"slow took longer than 4\.0 s"):
        _speak_late(FakeTextToSpeech(name="slow"), slow=3600.0)
