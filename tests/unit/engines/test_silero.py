"""Silero takes the published weights and no others."""

from pathlib import Path

import pytest

from dragoman.engines.voice_activity.silero import SileroVoiceActivity, find_model_file
from dragoman.ground.errors import EngineUnavailable, ModelCorrupt


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    weights = bytearray(find_model_file().read_bytes())
    weights[len(weights) // 2] ^= 1
    (tmp_path / "silero_vad.onnx").write_bytes(weights)

    with pytest.raises(ModelCorrupt, match="reinstall"):
        SileroVoiceActivity(tmp_path / "silero_vad.onnx")


def test_missing_weights_make_it_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="reinstall"):
        SileroVoiceActivity(tmp_path / "silero_vad.onnx")
