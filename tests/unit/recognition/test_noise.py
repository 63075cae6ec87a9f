"""Nobody is written down who did not speak. The long run of the same is benchmarks/noise.py."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from benchmarks.noises import NOISES, make_noise
from tests.unit.recognition.test_live_session import hear

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper
from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import VoiceActivity
from dragoman.ground.languages import Language

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SECONDS = 10.0


@pytest.fixture(scope="module")
def whisper() -> Iterator[FasterWhisper]:
    engine = faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def activity() -> Iterator[VoiceActivity]:
    engine = silero.open_engine(None, threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize("kind", NOISES)
def test_no_word_is_written_where_nobody_speaks(whisper: FasterWhisper, activity: VoiceActivity, kind: str) -> None:
    noise = make_noise(kind, seconds=SECONDS, seed=7)
    assert np.abs(noise).max() > 0.02

    events = hear(
        Audio(samples=noise, sample_rate=RECOGNITION_RATE),
        engines=[whisper],
        activity=activity,
        language=Language("vi"),
    )

    assert [word.text for event in events for word in event.words] == []
