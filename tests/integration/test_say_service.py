"""The text-to-speech service as a process, asked for speech by OpenAI's own client over loopback."""

import base64
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import httpx2
import numpy as np
import openai
import pytest
import soundfile

TOKEN = "-".join(["only", "for", "these", "tests"])
READY_WITHIN_S = 90.0
TEXT = "Chúng tôi sẽ gặp nhau lúc 8h30 sáng mai, ở nhà số 21."


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running ``dragoman serve text-to-speech``."""

    url: str

    def client(self, token: str = TOKEN) -> openai.OpenAI:
        return openai.OpenAI(api_key=token, base_url=f"{self.url}/v1", max_retries=0, timeout=60.0)

    def ask(self, method: str, path: str, body: object = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx2.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=60.0, trust_env=False)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {
        "DRAGOMAN_SERVICE_TOKEN": TOKEN,
        "DRAGOMAN_MODELS_DIR": str(folder / "models"),
        "DRAGOMAN_CACHE_DIR": str(folder / "cache"),
        "DRAGOMAN_MAX_SAY_CHARACTERS": "500",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", "serve", "text-to-speech", "--port", str(port), "--engine", "espeak"],
        env={**kept, **own},
        process_group=0,
    )
    running = Service(url=f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + READY_WITHIN_S
        while not _is_ready(running):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(service: Service) -> bool:
    try:
        return httpx2.get(f"{service.url}/health/ready", timeout=5.0, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.mark.parametrize("name", ["wav", "mp3", "opus", "flac"])
def test_the_client_gets_speech_in_every_format(service: Service, name: Literal["wav", "mp3", "opus", "flac"]) -> None:
    answer = service.client().audio.speech.create(model="tts-1", voice="vi", input=TEXT, response_format=name)

    with soundfile.SoundFile(io.BytesIO(answer.content)) as file:
        sound = file.read(2_000_000)
        assert 3.0 < len(sound) / file.samplerate < 8.0
        assert 0.1 < float(np.abs(sound).max()) < 0.75
        assert "AI-generated speech" in file.comment


def test_the_client_gets_a_stream_of_bare_pcm(service: Service) -> None:
    asked = service.client().audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=TEXT, response_format="pcm", speed=1.5
    )
    with asked as answer:
        chunks = list(answer.iter_bytes(4096))

    assert len(chunks) > 10
    assert 2.0 < len(b"".join(chunks)) / 2 / 24_000 < 6.0


def test_the_client_is_told_what_would_work(service: Service) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="speed is from") as refusal:
        service.client().audio.speech.create(model="tts-1", voice="vi", input=TEXT, speed=4.0)
    with pytest.raises(openai.UnprocessableEntityError, match="at most 500"):
        service.client().audio.speech.create(model="tts-1", voice="vi", input="a " * 400)
    with pytest.raises(openai.AuthenticationError):
        service.client("somebody-else-entirely").audio.speech.create(model="tts-1", voice="vi", input=TEXT)

    assert refusal.value.code == "speed_out_of_range"


def test_the_second_time_comes_from_the_cache(service: Service) -> None:
    wish = {"text": "Tạm biệt.", "language": "vi", "answer": "json"}

    first, second = service.ask("POST", "/synthesize", wish).json(), service.ask("POST", "/synthesize", wish).json()
    cleared = service.ask("DELETE", "/clear_cache").json()

    assert (first["cached"], second["cached"]) == (False, True)
    sounds = [soundfile.read(io.BytesIO(base64.b64decode(it["audio"])))[0] for it in (first, second)]
    # Kept with 16 bits: a sample is a step or two off at most.
    assert np.abs(sounds[0] - sounds[1]).max() <= 2.5 / 32768
    assert (second["tts_method"], cleared["cleared"] >= 1) == ("espeak", True)


def test_voices_are_listed_as_they_can_be_asked_for(service: Service) -> None:
    voices = service.ask("GET", "/voices?language=vi").json()["voices"]

    answer = service.ask("POST", "/synthesize", {"text": "chào", "language": "vi", "voice": voices[-1]["name"]})

    assert voices[0] | {"default": True, "engine": "espeak", "language": "vi"} == voices[0]
    assert answer.status_code == 200
