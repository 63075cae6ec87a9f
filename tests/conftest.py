"""For all tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

# The test oracle faster-whisper imports onnxruntime by itself, which would report its use (voice_activity/silero.py).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# No test is timed: a machine may be busy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sites of a test keep what they store in each kind of database: ``usefixtures("each_database")``."""
    monkeypatch.setattr("tests.accounts_site.KIND", request.param)
