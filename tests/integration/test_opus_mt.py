"""An OPUS-MT as it was published, from its checkpoint to the answer of the service: every command as people give it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from tests.marian_model import write_marian

from dragoman.models.converting.convert import convert_model
from dragoman.testing.free_ports import free_ports
from dragoman.testing.model_hub import ModelHub

TOKEN = "-".join(["only", "for", "these", "tests"])
WITHIN_S = 90.0
ANSWER = ("chào", "buổi", "sáng", ".")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return kept | {
        "DRAGOMAN_SERVICE_TOKEN": TOKEN,
        "DRAGOMAN_MODELS_DIR": str(tmp_path / "models"),
        "DRAGOMAN_CACHE_DIR": str(tmp_path / "cache"),
    }


def dragoman(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dragoman", *arguments],
        check=False, capture_output=True, text=True, env=dict(environment), timeout=WITHIN_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """Run ``dragoman serve translation`` with whatever models are here; give its address once it is ready."""
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", "serve", "translation", "--port", str(port)],
        env=dict(environment), process_group=0,
    )  # fmt: skip
    try:
        until = time.monotonic() + WITHIN_S
        while not is_ready(address):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def is_ready(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/health/ready", timeout=5.0, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def ask(address: str) -> dict[str, object]:
    answer = httpx2.post(
        f"{address}/translate",
        json={"text": "Good morning.", "source_lang": "en", "target_lang": "vi"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60.0,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_checkpoint_is_converted_added_and_translates_in_the_service(
    environment: dict[str, str], tmp_path: Path
) -> None:
    published = write_marian(tmp_path / "opus-mt-en-vi", answer=ANSWER, old_form=True)

    said = dragoman(environment, "models", "convert", str(published.folder), "--to", str(tmp_path / "made"))
    assert f"dragoman models add {tmp_path / 'made'} --languages en:vi" in said.replace("\n", " ")
    dragoman(environment, "models", "add", str(tmp_path / "made"), "--id", "my-opus", "--languages", "en:vi")
    with serving(environment) as address:
        answer = ask(address)

    assert (answer["translated_text"], answer["model_used"]) == ("chào buổi sáng.", "ctranslate2:my-opus")


def test_the_opus_mt_of_the_table_is_pulled_and_translates_in_the_service(
    environment: dict[str, str], tmp_path: Path
) -> None:
    published = write_marian(tmp_path / "published", answer=ANSWER)
    convert_model(published.folder, tmp_path / "made")

    with ModelHub() as hub:
        hub.add_repo("gaudi/opus-mt-en-vi-ctranslate2", tmp_path / "made", revision="a" * 40)
        there = environment | {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        dragoman(there, "models", "pull", "opus-mt-en-vi")
    with serving(environment) as address:
        answer = ask(address)

    assert (answer["translated_text"], answer["model_used"]) == ("chào buổi sáng.", "ctranslate2:opus-mt-en-vi")
