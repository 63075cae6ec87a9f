"""For all tests."""

import os

# The test oracle faster-whisper imports onnxruntime by itself, which would report its use (voice_activity/silero.py).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
