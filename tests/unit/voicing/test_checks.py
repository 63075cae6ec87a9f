"""VoiceCheck: silence, clipping, and sound that is absurdly long or short for its text are no speech."""

from collections.abc import Iterator

import numpy as np
import pytest

from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.ground.audio import Audio, Samples
from dragoman.ground.engines import DEFAULT_VOICE
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.languages import Language
from dragoman.voicing.checks import VoiceCheck

RATE = 16_000
TEXT = "We meet on Monday in the small room."


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakTextToSpeech]:
    engine = EspeakTextToSpeech()
    yield engine
    engine.close()


def _sound(seconds: float, level: float = 0.3) -> Samples:
    return np.asarray(level * np.sin(np.arange(round(seconds * RATE)) * 0.2), np.float32)


def _check(*pieces: Samples, text: str = TEXT, speed: float = 1.0) -> None:
    check = VoiceCheck(text, engine="one", speed=speed)
    for samples in pieces:
        check.push(Audio(samples=samples, sample_rate=RATE))
    check.end()


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_speech_of_a_usual_length_passes(speed: float) -> None:
    _check(_sound(0.06 * len(TEXT) / speed), speed=speed)


def test_a_short_answer_may_be_short() -> None:
    _check(_sound(0.15), text="No!")


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ([], "spoke nothing"),
        ([np.zeros(0, np.float32)], "spoke nothing"),
        ([np.zeros(RATE, np.float32)], "spoke nothing"),
        ([_sound(0.1)], "too short"),
        ([_sound(3.0)] * 5, "longer than"),
        ([np.clip(_sound(1.0, 4.0), -1.0, 1.0)], "clipped"),
        ([np.full(RATE, np.nan, np.float32)], "numbers that are none"),
    ],
    ids=["no piece", "no sample", "silence", "broken off", "endless", "clipped", "not numbers"],
)
def test_what_is_no_speech_is_refused(pieces: list[Samples], says: str) -> None:
    with pytest.raises(EngineOutputInvalid, match=says):
        _check(*pieces)


@pytest.mark.parametrize(
    ("text", "language"),
    [("WWW", "en"), ("WWW", "es"), ("HTTPS", "eu"), ("WWW WWW", "is"), ("1.234.567", "ca"), ("1234", "hr")],
)
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_letters_and_digits_that_are_named_one_by_one_pass_at_every_speed(
    espeak: EspeakTextToSpeech, text: str, language: str, speed: float
) -> None:
    check = VoiceCheck(text, engine="espeak", speed=speed)

    for piece in espeak.speak(text, language=Language(language), voice=DEFAULT_VOICE, speed=speed):
        check.push(piece)

    check.end()


@pytest.mark.parametrize("text", ["No.", "WWW", "1.234.567", "8", TEXT])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_what_is_absurdly_long_is_refused_at_every_speed(text: str, speed: float) -> None:
    absurd_s = (4.0 + 2.0 * len(text)) / speed

    with pytest.raises(EngineOutputInvalid, match="longer than"):
        _check(_sound(absurd_s), text=text, speed=speed)


def test_one_loud_moment_is_no_clipping() -> None:
    loud = _sound(2.0)
    loud[1000:1100] = 1.0

    _check(loud)
