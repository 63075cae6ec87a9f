"""What the processes of a call import stays in memory for as long as the call lasts: none has what only others need."""

import json
import subprocess
import sys

import pytest

EVERYBODY_WITHOUT = {"alembic", "argon2", "av", "faster_whisper", "onnxruntime", "pygments", "redis", "sentencepiece"}
EVERYBODY_WITHOUT |= {"sherpa_onnx", "sqlalchemy", "torch"}
"""The database, and the libraries of engines, which are imported when one is opened."""
CALLS = {"aiohttp", "cryptography", "fastapi"}
"""Of the API: LiveKit's client, certificates and signatures, routes."""
SERVER = {"prometheus_client", "soundfile", "soxr", "starlette", "uvicorn", "websockets"}
SERVE = "import dragoman.services.child, dragoman.services.serve"

PROCESSES = {
    "up": (
        "import typer; from dragoman.cli import app; typer.main.get_command(app).commands['up']",
        {*EVERYBODY_WITHOUT, *CALLS, *SERVER, "ctranslate2", "google", "livekit"},
    ),
    "engines": (SERVE, {*EVERYBODY_WITHOUT, *CALLS, "ctranslate2", "google", "livekit", "rich"}),
    "interpreter": (f"{SERVE}_interpreter", {*EVERYBODY_WITHOUT, *CALLS, "ctranslate2", "rich"}),
    "api": (f"{SERVE}_api", {*EVERYBODY_WITHOUT, "rich"}),
    "pocketsphinx": (
        "import dragoman.engines.speech_to_text.pocketsphinx_worker",
        {*EVERYBODY_WITHOUT, *CALLS, *SERVER, "pydantic"},
    ),
}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_of_a_call_imports_no_library_that_only_others_need(process: str) -> None:
    start, without = PROCESSES[process]
    says = f"{start}; import json, sys; print(json.dumps([name for name in sys.modules if '.' not in name]))"

    ended = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, timeout=60, check=True)

    assert without & set(json.loads(ended.stdout)) == set()
