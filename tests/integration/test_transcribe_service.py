"""The speech-to-text service as a process, asked for recordings by OpenAI's own client over loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import jiwer
import numpy as np
import openai
import pytest
import soundfile

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SPEECH = FIXTURES / "speech"
TOKEN = "-".join(["only", "for", "these", "tests"])
READY_WITHIN_S = 90.0
ENGLISH, VIETNAMESE = SPEECH / "en-1.wav", SPEECH / "vi-1.wav"
VIETNAMESE_TEXT = "David và Lan sẽ đi Huế. Hạn chót cho máy quay là vào tháng Ba."


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running ``dragoman serve speech-to-text``."""

    process: subprocess.Popen[bytes]
    url: str
    temporary: Path

    def client(self, token: str = TOKEN) -> openai.OpenAI:
        return openai.OpenAI(api_key=token, base_url=f"{self.url}/v1", max_retries=0, timeout=60.0)

    def post(self, content: bytes, query: str = "") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "audio/wav"}
        return httpx2.post(
            f"{self.url}/transcribe{query}", content=content, headers=headers, timeout=60.0, trust_env=False
        )

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health/ready", timeout=5.0, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {
        "DRAGOMAN_SERVICE_TOKEN": TOKEN,
        "DRAGOMAN_MODELS_DIR": str(folder / "models"),
        "DRAGOMAN_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "DRAGOMAN_MAX_UPLOAD_MB": "4",
        "TMPDIR": str(folder),
    }
    engine = f"faster_whisper:{FIXTURES / 'whisper-pico'}"
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", "serve", "speech-to-text", "--port", str(port), "--engine", engine],
        env={**kept, **own},
        process_group=0,
    )
    running = Service(process=process, url=f"http://127.0.0.1:{port}", temporary=folder)
    try:
        until = time.monotonic() + READY_WITHIN_S
        while not running.is_ready():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(30)


def test_the_client_gets_text(service: Service) -> None:
    with VIETNAMESE.open("rb") as file:
        answer = service.client().audio.transcriptions.create(model="whisper-1", file=file, language="vi")

    assert answer.text == VIETNAMESE_TEXT


def test_the_client_gets_subtitles_and_plain_text(service: Service) -> None:
    with VIETNAMESE.open("rb") as file:
        srt = service.client().audio.transcriptions.create(model="whisper-1", file=file, response_format="srt")
    with VIETNAMESE.open("rb") as file:
        vtt = service.client().audio.transcriptions.create(model="whisper-1", file=file, response_format="vtt")
    with VIETNAMESE.open("rb") as file:
        text = service.client().audio.transcriptions.create(model="whisper-1", file=file, response_format="text")

    assert srt.startswith("1\n00:00:00,")
    assert vtt.startswith("WEBVTT\n")
    assert str(text) == f"{VIETNAMESE_TEXT}\n"


def test_the_client_gets_words_and_segments_with_times(service: Service) -> None:
    with VIETNAMESE.open("rb") as file:
        answer = service.client().audio.transcriptions.create(
            model="faster_whisper:whisper-pico",
            file=file,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )

    assert answer.language == "vietnamese"
    assert answer.duration == pytest.approx(5.77, abs=0.02)
    assert [segment.text for segment in answer.segments or ()] == [
        "David và Lan sẽ đi Huế.", "Hạn chót cho máy quay là vào tháng Ba."
    ]  # fmt: skip
    assert [word.word for word in answer.words or ()] == VIETNAMESE_TEXT.split()
    assert all(word.start <= word.end for word in answer.words or ())


def test_the_client_lists_models_and_its_users_are_told_which_there_are(service: Service) -> None:
    models = [model.id for model in service.client().models.list()]

    assert models == ["faster_whisper:whisper-pico"]
    with ENGLISH.open("rb") as file, pytest.raises(openai.UnprocessableEntityError, match="whisper-pico"):
        service.client().audio.transcriptions.create(model="gpt-9", file=file)


def test_the_client_without_the_token_is_refused(service: Service) -> None:
    with ENGLISH.open("rb") as file, pytest.raises(openai.AuthenticationError):
        service.client("another-token").audio.transcriptions.create(model="whisper-1", file=file)


def test_a_long_talk_is_transcribed_with_every_sentence(service: Service) -> None:
    answer = service.post((SPEECH / "en-long.wav").read_bytes()).json()

    assert (answer["language"], answer["model_used"]) == ("en", "faster_whisper:whisper-pico")
    assert len(answer["sentences"]) == 22
    assert jiwer.wer(answer["text"], " ".join(word["text"] for word in answer["words"])) == 0
    assert answer["processing_time"] > 0


def test_a_short_word_long_before_does_not_decide_the_language(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "late.flac"
    english, rate = soundfile.read(ENGLISH, dtype="float32")
    vietnamese, _ = soundfile.read(VIETNAMESE, dtype="float32")
    word = english[: round(0.9 * rate)]
    soundfile.write(file, np.concatenate([word, np.zeros(35 * rate, np.float32), vietnamese]), rate)
    soundfile.write(tmp_path / "word.flac", word, rate)

    first = service.post((tmp_path / "word.flac").read_bytes()).json()
    answer = service.post(file.read_bytes()).json()

    assert (first["language"], bool(first["words"])) == ("en", True)
    assert answer["language"] == "vi"
    assert answer["text"].endswith(VIETNAMESE_TEXT)


def test_hostile_uploads_are_refused_and_the_service_goes_on(service: Service) -> None:
    too_large = service.post(bytes(8 << 20))
    no_audio = service.post(b"hello")
    damaged = service.post(b"fLaC" + b"\xff" * 5000)

    assert (too_large.status_code, no_audio.status_code, damaged.status_code) == (413, 415, 422)
    assert service.post(ENGLISH.read_bytes(), "?language=en").status_code == 200


def test_nothing_that_was_sent_stays_on_the_disk(service: Service) -> None:
    service.post((SPEECH / "vi-long.wav").read_bytes())

    left = [path for path in service.temporary.rglob("*") if path.is_file()]
    assert left == []


def test_what_was_computed_shows_in_the_metrics(service: Service) -> None:
    service.post(ENGLISH.read_bytes())

    headers = {"Authorization": f"Bearer {TOKEN}"}
    metrics = httpx2.get(f"{service.url}/metrics", headers=headers, timeout=5.0, trust_env=False).text

    assert 'engine="faster_whisper:whisper-pico"' in metrics
