"""A voice, a streaming recogniser and a watermark from their pull to their work, by their ids in the table.

The bytes are those of small models made here, published by a hub on this machine under the names and in the
repositories of the real ones; the table has no hashes of them, so they are recorded at the pull.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import soundfile
from tests.acceptance.commands import LIMIT_S, Home
from tests.tone_voice import SUPERTONIC_SYMBOLS, hear_symbols, make_tone_supertonic
from tests.toy_audioseal import write_audioseal
from tests.toy_transducer import say_in_letters, write_zipformer

from dragoman.ground.audio import Audio
from dragoman.models.pull import Puller
from dragoman.models.removing import remove_model
from dragoman.models.sources import Sources
from dragoman.models.table import ModelFile, ModelTable, load_table
from dragoman.testing.model_hub import ModelHub

TEXT = "An hỏi Lan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked(Home):
    """The home of somebody who has pulled models and names none."""

    def environment(self) -> dict[str, str]:
        return {**Home(folder=self.folder).environment(), "DRAGOMAN_MODELS_DIR": str(self.folder / "models")}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dragoman", *words],
            env=self.environment(), capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip


def pull_toys(home: Stocked, made: dict[str, Path]) -> None:
    """Publish ``made`` under the repositories of the table's entries, and pull them."""
    entries = tuple(
        replace(
            load_table().entry(model_id),
            revision="",
            about_bytes=1,
            files=tuple(ModelFile(path=path.name) for path in sorted(folder.iterdir())),
        )
        for model_id, folder in made.items()
    )
    table = ModelTable(hub="", entries=entries)
    with ModelHub() as hub, Sources(table, hub=hub.endpoint) as sources:
        for entry in entries:
            hub.add_repo(entry.repo, made[entry.id])
            (source,) = sources.of(entry)
            Puller(home.folder / "models", table, source).pull(entry.id)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    folder = tmp_path_factory.mktemp("home")
    stocked = Stocked(folder=folder)
    made = folder / "made"
    pull_toys(
        stocked,
        {
            "supertonic-3": make_tone_supertonic(made / "voice"),
            "zipformer-8": write_zipformer(made / "stream"),
        },
    )
    yield stocked


def test_a_pulled_voice_speaks_without_being_named(home: Stocked, tmp_path: Path) -> None:
    out = tmp_path / "said.wav"

    ended = home.run("say", TEXT, "--language", "vi", "--out", str(out))

    assert ended.returncode == 0, ended.stderr
    assert "sherpa_voice:supertonic-3" in ended.stdout + ended.stderr
    samples, rate = soundfile.read(out, dtype="float32")
    symbols = [SUPERTONIC_SYMBOLS[number] for number in hear_symbols(Audio(samples=samples, sample_rate=rate))]
    assert "".join(symbols).startswith("<vi>An ho")


def test_a_pulled_streaming_recogniser_hears_without_being_named(home: Stocked, tmp_path: Path) -> None:
    spoken = say_in_letters("hello from ben")
    soundfile.write(tmp_path / "talk.wav", spoken.samples, spoken.sample_rate)

    ended = home.run("transcribe", str(tmp_path / "talk.wav"), "--language", "vi", "--format", "json")

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["text"].lower().rstrip("."), told["model_used"]) == ("hello from ben", "sherpa:zipformer-8")


def test_pulled_models_of_every_kind_are_as_published_and_open(home: Stocked) -> None:
    pull_toys(home, {"audioseal": write_audioseal(home.folder / "made" / "marks")})

    doctor = home.run("models", "doctor")

    assert doctor.returncode == 0, doctor.stdout
    assert doctor.stdout.count("all as published") == 3
    assert doctor.stdout.count("MB at most") == 3


def test_the_voice_of_a_removed_model_is_answered_with_what_brings_it_back(home: Stocked, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    other = Stocked(folder=folder)
    pull_toys(other, {"supertonic-3": make_tone_supertonic(folder / "made")})
    remove_model(folder / "models", "supertonic-3")
    said = tmp_path / "said.wav"

    ended = other.run("say", TEXT, "--language", "vi", "--engine", "sherpa_voice:supertonic-3", "--out", str(said))

    assert ended.returncode != 0
    assert "dragoman models pull supertonic-3" in ended.stderr
    assert not said.exists()
