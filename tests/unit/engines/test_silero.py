"""Silero takes the published weights and no others."""

import os
import subprocess
import sys
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


def test_opening_it_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    # onnxruntime would leave a device id and a database of events to report.
    command = "from dragoman.engines.voice_activity.silero import open_engine; open_engine(None, threads=1).warm_up()"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}

    subprocess.run(
        [sys.executable, "-c", command],
        env={**environment, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        check=True,
        timeout=60,
    )

    assert list(tmp_path.rglob("*")) == []
