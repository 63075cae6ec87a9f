"""RoomVoices: dubs near the speaker's own voice, by the best engine that keeps up."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from tests.humming import hum

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio, join_audio, silence
from dragoman.ground.engines import Voice
from dragoman.ground.errors import EngineCrashed, EngineUnavailable, LanguageNotSupported, TextNotReadable
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.voicing.loudness import measure_loudness
from dragoman.voicing.planner import VoicePlanner
from dragoman.voicing.room_voices import RoomVoices
from dragoman.voicing.router import VoiceRouter
from dragoman.voicing.stock_pitches import StockPitches

ES = Language("es")
RATE = 16_000
T = TypeVar("T")


def _with_voices(
    engines: Sequence[FakeTextToSpeech],
    scene: Callable[[RoomVoices], Coroutine[None, None, T]],
    *,
    planner: VoicePlanner | None = None,
    pitches: StockPitches | None = None,
) -> T:
    async def run() -> T:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=observer, planner=planner, pitches=pitches)
            return await scene(router.in_room())

    return run_in_virtual_time(run)


async def _say(
    voices: RoomVoices,
    text: str = "hola a todos los de la casa",
    *,
    speaker: str = "an",
    language: Language = ES,
    wish: VoiceWish = VoiceWish.NATURAL,
) -> list[VoicePiece]:
    said = voices.speak(text, speaker=speaker, language=language, wish=wish, speed=1.0, deadline_s=5.0)
    return [piece async for piece in said]


def _loud(pieces: list[VoicePiece]) -> float:
    whole = join_audio([piece.audio for piece in pieces], pieces[0].audio.sample_rate)
    lufs = measure_loudness(whole.samples, whole.sample_rate)
    assert lufs is not None
    return lufs


def _hear(voices: RoomVoices, lufs: float, *, pitch_hz: float = 120, seconds: float = 3.0) -> None:
    """Let the speaker talk so loud."""
    voice = hum(pitch_hz, RATE, seconds=seconds)
    now = measure_loudness(voice, RATE)
    assert now is not None
    voice = np.asarray(voice * 10 ** ((lufs - now) / 20), np.float32)
    for first in range(0, len(voice), 800):
        voices.hear("an", Audio(samples=voice[first : first + 800], sample_rate=RATE))


@pytest.mark.parametrize(("own", "dubbed"), [(-21.0, -21.0), (-35.0, -24.0), (-8.0, -16.0)])
def test_a_dub_is_as_loud_as_its_speaker_within_limits(own: float, dubbed: float) -> None:
    async def scene(voices: RoomVoices) -> float:
        _hear(voices, own)
        return _loud(await _say(voices))

    assert _with_voices([FakeTextToSpeech()], scene) == pytest.approx(dubbed, abs=1.0)


def test_a_speaker_who_moves_to_the_microphone_makes_no_jump_in_the_dub() -> None:
    async def scene(voices: RoomVoices) -> list[float]:
        _hear(voices, -24.0)
        await _say(voices)
        before = _loud(await _say(voices))
        _hear(voices, -16.0, seconds=25.0)
        return [before, *[_loud(await _say(voices)) for _ in range(7)]]

    levels = _with_voices([FakeTextToSpeech()], scene)

    assert max(abs(after - before) for before, after in pairwise(levels)) < 2.0
    assert levels[-1] == pytest.approx(-16.0, abs=1.0)


def test_a_speaker_keeps_the_voice_and_others_get_others() -> None:
    engine = FakeTextToSpeech()

    async def scene(voices: RoomVoices) -> None:
        for speaker in ("an", "ben", "an"):
            await _say(voices, speaker=speaker)

    _with_voices([engine], scene)

    names = [voice.name for _, voice, _ in engine.spoken]
    assert names == ["es-first", "es-second", "es-first"]


def test_rooms_share_engines_but_no_voices() -> None:
    engine = FakeTextToSpeech()

    async def run() -> None:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=observer)
            await _say(router.in_room(), speaker="an")
            await _say(router.in_room(), speaker="ben")

    run_in_virtual_time(run)

    assert [voice.name for _, voice, _ in engine.spoken] == ["es-first", "es-first"]


def test_a_high_voice_is_dubbed_by_a_high_one(tmp_path: Path) -> None:
    pitches = StockPitches(tmp_path)
    engine = FakeTextToSpeech()
    first, second = engine.voices(ES)
    known = {first: 105.0, second: 205.0}

    class Known(StockPitches):
        def known(self, engine: str, language: Language) -> dict[Voice, float]:
            return known

    async def scene(voices: RoomVoices) -> None:
        _hear(voices, -20.0, pitch_hz=220)
        await _say(voices)

    _with_voices([engine], scene, pitches=Known(tmp_path))

    assert [voice for _, voice, _ in engine.spoken] == [second]
    assert pitches.known("fake", ES) == {}


def test_what_is_known_of_somebody_who_left_is_forgotten() -> None:
    async def scene(voices: RoomVoices) -> float:
        _hear(voices, -24.0)
        voices.forget("an")
        return _loud(await _say(voices))

    assert _with_voices([FakeTextToSpeech()], scene) == pytest.approx(-18.0, abs=1.0)


def test_who_left_leaves_the_voice_to_the_next_speaker() -> None:
    engine = FakeTextToSpeech()

    async def scene(voices: RoomVoices) -> list[str]:
        for speaker in ("an", "ben"):
            voices.hear(speaker, silence(0.1, 16_000))
            await _say(voices, speaker=speaker)
        voices.forget("an")
        voices.hear("eva", silence(0.1, 16_000))
        await _say(voices, speaker="eva")
        return [voice.name for _, voice, _ in engine.spoken]

    first, second, third = _with_voices([engine], scene)

    assert third == first != second


def test_a_better_voice_that_fails_is_followed_by_the_plain_one_and_people_are_told() -> None:
    failing = FakeTextToSpeech(name="good", outcomes=[Fail(error=EngineCrashed("gone"))] * 4)

    async def scene(voices: RoomVoices) -> list[list[VoicePiece]]:
        return [await _say(voices) for _ in range(3)]

    spoken = _with_voices([failing, FakeTextToSpeech(name="espeak")], scene)

    assert [(pieces[0].tier, pieces[0].second_best) for pieces in spoken] == [(VoiceTier.FALLBACK, True)] * 3
    assert len(failing.spoken) == 4, "an engine that failed at two clauses is left alone for a while"


def test_one_clause_that_a_voice_fails_at_does_not_take_it_away_from_the_next() -> None:
    failing = FakeTextToSpeech(name="good", outcomes=[Fail(error=EngineCrashed("gone"))] * 2)

    async def scene(voices: RoomVoices) -> list[VoiceTier]:
        return [(await _say(voices))[0].tier for _ in range(2)]

    tiers = _with_voices([failing, FakeTextToSpeech(name="espeak")], scene)

    assert tiers == [VoiceTier.FALLBACK, VoiceTier.QUICK]


def test_a_clause_that_a_voice_cannot_read_goes_to_the_next_at_once_and_what_follows_comes_back() -> None:
    class NoEth(FakeTextToSpeech):
        def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
            if "ð" in text:
                self.spoken.append((text, voice, speed))
                raise TextNotReadable("the voice does not know 'ð'")
            yield from super().speak(text, language=language, voice=voice, speed=speed)

    refusing = NoEth(name="good")

    async def scene(voices: RoomVoices) -> list[VoiceTier]:
        texts = ["hola Guðrún", "hola Guðmundur", "y hola a Sigríður", "hola a todos"]
        return [(await _say(voices, text))[0].tier for text in texts]

    tiers = _with_voices([refusing, FakeTextToSpeech(name="espeak")], scene)

    assert tiers == [VoiceTier.FALLBACK] * 3 + [VoiceTier.QUICK]
    assert len(refusing.spoken) == 4, "a voice is not asked again for what it cannot read"


def test_the_plain_voice_is_no_second_best_where_there_is_no_other_or_it_is_wished_for() -> None:
    plain = FakeTextToSpeech(name="espeak")
    slow = VoicePlanner(measured=lambda offer, language: 0.01 if offer.engine == "espeak" else 0.2)

    alone = _with_voices([plain], _say)
    wished = _with_voices(
        [FakeTextToSpeech(name="good"), plain], lambda voices: _say(voices, wish=VoiceWish.FAST), planner=slow
    )

    assert [(pieces[0].tier, pieces[0].second_best) for pieces in (alone, wished)] == [(VoiceTier.FALLBACK, False)] * 2


def test_ones_own_voice_speaks_for_its_owner_alone() -> None:
    class Cloning(FakeTextToSpeech):
        def voices(self, language: Language) -> tuple[Voice, ...]:
            return (*super().voices(language), Voice(name="clone", owner="an"))

    engine = Cloning(name="good")

    async def scene(voices: RoomVoices) -> list[VoiceTier]:
        tiers = []
        for speaker, wish in (("an", VoiceWish.OWN), ("ben", VoiceWish.OWN), ("an", VoiceWish.NATURAL)):
            tiers.append((await _say(voices, speaker=speaker, wish=wish))[0].tier)
        return tiers

    tiers = _with_voices([engine], scene)

    assert tiers == [VoiceTier.CLONED, VoiceTier.QUICK, VoiceTier.QUICK]
    assert [voice.owner for _, voice, _ in engine.spoken] == ["an", None, None]


def test_without_a_voice_that_keeps_up_captions_go_on() -> None:
    too_slow = VoicePlanner(measured=lambda offer, language: 3.0)

    with pytest.raises(EngineUnavailable, match="Spanish keeps up"):
        _with_voices([FakeTextToSpeech()], _say, planner=too_slow)


def test_a_language_nobody_speaks_is_refused_with_what_there_is() -> None:
    with pytest.raises(LanguageNotSupported, match=r"Thai.*es \(Spanish\)"):
        _with_voices([FakeTextToSpeech(languages=(ES,))], lambda voices: _say(voices, language=Language("th")))


def test_voices_are_heard_before_they_are_needed_and_a_failing_engine_harms_nobody(tmp_path: Path) -> None:
    pitches = StockPitches(tmp_path)
    gone = FakeTextToSpeech(name="gone", outcomes=[Fail(error=EngineCrashed("gone"))] * 9)
    well = FakeTextToSpeech(name="well")

    async def scene(voices: RoomVoices) -> None:
        await voices.prepare(ES)
        await asyncio.sleep(0)

    _with_voices([gone, well], scene, pitches=pitches)

    assert [voice.name for _, voice, _ in well.spoken] == ["es-first", "es-second"]
