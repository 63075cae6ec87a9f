"""Models whose files have several publishers, or other names than ours: pulled, held to the table, refused if wrong."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.ground.errors import ModelCorrupt, ModelError
from dragoman.ground.languages import Language
from dragoman.models.hub import HubClient
from dragoman.models.pull import Puller, PullReport
from dragoman.models.store import ModelStore
from dragoman.models.table import FilePlace, ModelEntry, ModelFile, ModelTable, load_table
from dragoman.testing.model_hub import ModelHub

VOICE_REVISION, CODEC_REVISION = "a" * 40, "c" * 40
FILES = {"tts.json": b"{}", "fm/decoder.onnx": b"the decoder", "wave.onnx": b"the codec"}


def published(path: str, name: str) -> ModelFile:
    content = FILES[name]
    return ModelFile(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())


ENTRY = ModelEntry(
    id="voice", engine="sherpa_voice", repo="us/voice", revision=VOICE_REVISION,
    files=(
        published("tts.json", "tts.json"),
        published("decoder.onnx", "fm/decoder.onnx"),
        published("codec/wave.onnx", "wave.onnx"),
    ),
    places=(
        FilePlace(path="decoder.onnx", name="fm/decoder.onnx"),
        FilePlace(path="codec/wave.onnx", repo="them/codec", revision=CODEC_REVISION, name="wave.onnx"),
    ),
    languages=(Language("en"),), licence="MIT", commercial=True, ram_mb=1,
)  # fmt: skip
ON_TRUST = replace(
    ENTRY,
    revision="",
    about_bytes=1,
    files=(ModelFile(path="tts.json"), ModelFile(path="decoder.onnx"), ENTRY.files[2]),
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[ModelHub]:
    with ModelHub() as running:
        for repo, revision, names in (
            ("us/voice", VOICE_REVISION, ("tts.json", "fm/decoder.onnx")),
            ("them/codec", CODEC_REVISION, ("wave.onnx",)),
        ):
            folder = tmp_path / "hub" / repo
            folder.mkdir(parents=True)
            for name in names:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(FILES[name])
            running.add_repo(repo, folder, revision=revision)
        yield running


def pull(hub: ModelHub, models_dir: Path, entry: ModelEntry) -> PullReport:
    with HubClient(hub.endpoint) as client:
        table = ModelTable(hub="", entries=(entry,))
        return Puller(models_dir, table, client, tries=1, sleep=lambda pause_s: None).pull(entry.id)


@pytest.mark.parametrize("entry", [ENTRY, ON_TRUST], ids=["with all hashes", "with those of the other repository"])
def test_each_file_comes_from_its_own_repository_under_its_name_here(
    hub: ModelHub, tmp_path: Path, entry: ModelEntry
) -> None:
    models_dir = tmp_path / "models"

    report = pull(hub, models_dir, entry)

    assert (report.folder / "decoder.onnx").read_bytes() == b"the decoder"
    assert (report.folder / "codec" / "wave.onnx").read_bytes() == b"the codec"
    assert report.revision == VOICE_REVISION
    store = ModelStore(models_dir, ModelTable(hub="", entries=(entry,)))
    assert store.find("voice") == report.folder
    assert {str(check.state) for check in store.check("voice")} == {"good"}
    assert pull(hub, models_dir, entry).fetched_bytes == 0
    asked = {request.path for request in hub.requests if "/resolve/" in request.path}
    assert f"/them/codec/resolve/{CODEC_REVISION}/wave.onnx" in asked


def test_other_bytes_of_the_other_repository_are_refused_by_name(hub: ModelHub, tmp_path: Path) -> None:
    (tmp_path / "hub" / "them" / "codec" / "wave.onnx").write_bytes(b"THE CODEC")

    with pytest.raises(ModelCorrupt, match=r"them/codec.*codec/wave\.onnx"):
        pull(hub, tmp_path / "models", ENTRY)

    assert not (tmp_path / "models" / "voice").exists()


GOOD_PLACE = {"repo": "them/codec", "revision": CODEC_REVISION, "name": "wave.onnx"}


def write_table(folder: Path, file: dict[str, object]) -> Path:
    """Write a table with one model of one file, in JSON's numbers and texts, which are TOML's too."""
    place = file.pop("at", {})
    assert isinstance(place, dict)
    at = ", ".join(f"{key} = {json.dumps(value)}" for key, value in place.items())
    row = ", ".join([*(f"{key} = {json.dumps(value)}" for key, value in file.items()), f"at = {{ {at} }}"])
    path = folder / "models.toml"
    path.write_text(
        f'hub = ""\n[models.voice]\nengine = "sherpa_voice"\nsource = {{ repo = "us/voice" }}\nfiles = [{{ {row} }}]\n'
        'languages = ["en"]\nlicence = "MIT"\ncommercial = true\nram_mb = 1\nabout_bytes = 1\n',
        encoding="utf-8",
    )
    return path


def test_a_table_says_where_a_file_lies(tmp_path: Path) -> None:
    file = {"path": "codec/wave.onnx", "size": 9, "sha256": "a" * 64, "at": GOOD_PLACE}

    (entry,) = load_table(write_table(tmp_path, file))

    assert entry.place_of("codec/wave.onnx") == FilePlace(path="codec/wave.onnx", **GOOD_PLACE)
    assert entry.place_of("tts.json") == FilePlace(path="tts.json", name="tts.json")


@pytest.mark.parametrize(
    ("changes", "place", "told"),
    [
        ({}, {"revision": "main"}, "a commit"),
        ({}, {"repo": "nowhere"}, "OWNER/NAME"),
        ({"sha256": ""}, {}, "sha256"),
        ({"size": 0}, {}, "size"),
        ({}, {"name": "../../wave.onnx"}, "out of the model's folder"),
        ({}, {"name": "wave.pt"}, "pickle"),
        ({}, {"branch": "main"}, "unknown field branch"),
    ],
)
def test_a_place_that_could_be_anything_is_refused(
    tmp_path: Path, changes: dict[str, object], place: dict[str, str], told: str
) -> None:
    file = {"path": "wave.onnx", "size": 9, "sha256": "a" * 64, **changes, "at": {**GOOD_PLACE, **place}}

    with pytest.raises(ModelError, match=told):
        load_table(write_table(tmp_path, file))
