"""The settings of recordings reach the engine, and what cannot be used is told before anything is opened."""

from pathlib import Path

import pytest
import soundfile

from dragoman.engines.speech_to_text.file_decoding import FileTuning
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineKind, RecognitionContext
from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.services.file_tuning import file_tuning
from dragoman.settings import Settings, read_settings

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_without_settings_the_numbers_are_whispers_own() -> None:
    assert file_tuning(Settings()) == FileTuning()


def test_every_number_can_be_set_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "BEAM_SIZE": "3",
        "TEMPERATURES": "0, 0.5",
        "COMPRESSION_LIMIT": "3",
        "LOGPROB_LIMIT": "-2",
        "NO_SPEECH_LIMIT": "0.4",
        "SPEECH_THRESHOLD": "0.7",
        "MIN_SPEECH_MS": "100",
        "MAX_SPEECH_S": "12",
        "MIN_SILENCE_MS": "900",
        "PADDING_MS": "150",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"DRAGOMAN_RECORDING_{name}", value)

    tuning = file_tuning(read_settings())

    limits, gate = tuning.limits, tuning.gate
    assert (tuning.beam_size, tuning.temperatures) == (3, (0.0, 0.5))
    assert (limits.compression_ratio, limits.mean_logprob, limits.no_speech_probability) == (3.0, -2.0, 0.4)
    assert limits.hopeless_logprob < limits.mean_logprob
    assert (gate.threshold, gate.min_speech_s, gate.max_speech_s) == (0.7, 0.1, 12.0)
    assert (gate.min_silence_s, gate.padding_s) == (0.9, 0.15)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TEMPERATURES", "0.2, 0.4", "needs 0 first, then rising numbers"),
        ("TEMPERATURES", "0, 0.4, 0.4", "needs 0 first, then rising numbers"),
        ("TEMPERATURES", "", "needs 0 first, then rising numbers"),
        ("TEMPERATURES", "0, 1.5", "less than or equal to 1"),
        ("TEMPERATURES", "0, hot", "valid number"),
        ("BEAM_SIZE", "0", "greater than or equal to 1"),
        ("MAX_SPEECH_S", "31", "less than or equal to 30"),
        ("LOGPROB_LIMIT", "1", "less than or equal to 0"),
        ("NO_SPEECH_LIMIT", "nan", "less than or equal to 1"),
        ("PADDING_MS", "0.4", "valid integer"),
    ],
)
def test_numbers_that_cannot_be_used_are_told_with_their_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"DRAGOMAN_RECORDING_{name}", value)

    with pytest.raises(SettingsInvalid, match=rf"\(DRAGOMAN_RECORDING_{name}\): .*{said}"):
        read_settings()


@pytest.mark.parametrize(("changed", "hears"), [({}, True), ({"recording_min_speech_ms": 5000}, False)])
def test_the_engine_that_is_opened_keeps_to_the_settings(tmp_path: Path, changed: dict[str, int], hears: bool) -> None:
    wanted = Settings(
        models_dir=tmp_path / "models",
        cache_dir=tmp_path / "cache",
        speech_to_text_engines=(f"faster_whisper:{FIXTURES / 'whisper-pico'}",),
    ).model_copy(update=changed)
    samples, rate = soundfile.read(FIXTURES / "speech" / "en-1.wav", dtype="float32")
    talk = Audio(samples=samples, sample_rate=rate)

    with open_engines(wanted, EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines:
        [engine] = engines.speech_to_text
        found = engine.transcribe(talk, language=Language("en"), context=RecognitionContext())

    assert bool(found.words) is hears
