"""What every voice activity engine promises. A new engine is one more case at the top."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.engines import EngineKind, VoiceActivity
from dragoman.ground.errors import EngineUnavailable
from dragoman.testing.engines import FakeVoiceActivity

SPEECH = Path(__file__).parent.parent / "fixtures" / "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An engine under contract."""

    name: str
    open: Callable[[], VoiceActivity]


CASES = [
    Case(name="silero", open=lambda: silero.open_engine(None, threads=1)),
    Case(name="fake", open=FakeVoiceActivity),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return cast(Case, request.param)


@pytest.fixture(scope="module")
def engine(case: Case) -> Iterator[VoiceActivity]:
    engine = case.open()
    yield engine
    engine.close()


@cache
def talk() -> tuple[Samples, list[tuple[float, float]]]:
    """Give a recording of two sentences, and from when to when they sound."""
    samples, _ = soundfile.read(SPEECH / "en-1.wav", dtype="float32")
    truth = json.loads((SPEECH / "en-1.json").read_text(encoding="utf-8"))
    return samples, [(sentence["start"], sentence["end"]) for sentence in truth["sentences"]]


def probabilities(engine: VoiceActivity, samples: Samples) -> list[float]:
    stream, window = engine.open(), engine.window_samples
    starts = range(0, len(samples) - window + 1, window)
    return [stream.speech_probability(samples[start : start + window]) for start in starts]


def test_it_says_what_it_is(engine: VoiceActivity) -> None:
    info = engine.info

    assert info.kind is EngineKind.VOICE_ACTIVITY
    assert info.name
    assert info.licence
    assert info.sample_rate == RECOGNITION_RATE
    assert engine.window_samples == 512


def test_speech_is_likely_where_somebody_speaks(engine: VoiceActivity) -> None:
    samples, sentences = talk()

    found = probabilities(engine, samples)

    middles_s = [(index + 0.5) * engine.window_samples / RECOGNITION_RATE for index in range(len(found))]
    within = [p for p, s in zip(found, middles_s, strict=True) if any(a <= s <= b for a, b in sentences)]
    assert sum(p > 0.5 for p in within) > 0.9 * len(within)


def test_speech_is_unlikely_in_the_pauses(engine: VoiceActivity) -> None:
    samples, sentences = talk()

    found = probabilities(engine, samples)

    middles_s = [(index + 0.5) * engine.window_samples / RECOGNITION_RATE for index in range(len(found))]
    # A voice dies away: the first 0.3 s after a sentence may still count as speech.
    outside = [p for p, s in zip(found, middles_s, strict=True) if all(s < a or s > b + 0.3 for a, b in sentences)]
    assert sum(p < 0.35 for p in outside) > 0.9 * len(outside)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02])
def test_silence_and_steady_noise_are_not_speech(engine: VoiceActivity, level: float) -> None:
    noise = np.random.default_rng(1).normal(0.0, 1.0, 3 * RECOGNITION_RATE).astype(np.float32) * np.float32(level)

    found = probabilities(engine, noise)

    assert max(found) < 0.5


def test_a_new_stream_knows_nothing_of_the_others(engine: VoiceActivity) -> None:
    samples, _ = talk()

    first, second = probabilities(engine, samples), probabilities(engine, samples)

    assert first == second
    assert all(0 <= probability <= 1 for probability in first)


def test_several_threads_get_what_one_gets(engine: VoiceActivity) -> None:
    samples, _ = talk()
    alone = probabilities(engine, samples)

    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda _: probabilities(engine, samples), range(3)))

    assert together == [alone] * 3


def test_another_window_length_is_refused(engine: VoiceActivity) -> None:
    stream = engine.open()

    with pytest.raises(ValueError, match=str(engine.window_samples)):
        stream.speech_probability(np.zeros(engine.window_samples - 1, np.float32))


def test_its_cpu_time_never_shrinks(engine: VoiceActivity) -> None:
    before_s = engine.cpu_s()

    engine.warm_up()

    assert engine.cpu_s() >= before_s


def test_a_closed_engine_says_that_it_is_unavailable(case: Case) -> None:
    engine = case.open()
    stream = engine.open()
    engine.close()

    engine.close()

    with pytest.raises(EngineUnavailable):
        engine.open()
    with pytest.raises(EngineUnavailable):
        stream.speech_probability(np.zeros(engine.window_samples, np.float32))
