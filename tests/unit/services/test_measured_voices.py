"""How fast the voices were measured to be here: said of their stock voices, which is what was heard."""

from pathlib import Path

import pytest

from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceTier
from dragoman.services.assembly import Engines, assemble
from dragoman.settings import Settings
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.voicing.planner import ASSUMED, Offer

EN = Language("en")


def test_what_was_measured_of_the_stock_voices_is_not_said_of_a_cloned_one(tmp_path: Path) -> None:
    engine = FakeTextToSpeech(name="one")
    settings = Settings(models_dir=tmp_path / "models", cache_dir=tmp_path, watermark_model="")
    measured = MeasuredSpeed(tmp_path, threads=settings.threads_per_model).measure(engine)

    with assemble(settings, Engines(text_to_speech=[engine]), RecordingObserver()) as parts:
        stock, cloned = (
            parts.voices.planner.factor(Offer(engine="one", tier=tier), language=EN, at_s=0.0)
            for tier in (VoiceTier.QUICK, VoiceTier.CLONED)
        )

    assert stock == pytest.approx(measured)
    assert cloned == ASSUMED[VoiceTier.CLONED]
