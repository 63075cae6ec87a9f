"""Models in one file: what goes out comes in again, and a stranger's file does no harm."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.errors import (
    DiskFull,
    LicenceNotAccepted,
    ModelCorrupt,
    ModelError,
    ModelNotFound,
    ModelWrongFamily,
    OutputNotWritable,
)
from dragoman.ground.languages import Language
from dragoman.models.exporting import export_models
from dragoman.models.importing import Imported, Importer
from dragoman.models.licences import Licences
from dragoman.models.record import Pin, read_pins, write_pins
from dragoman.models.store import ModelStore
from dragoman.models.table import ModelEntry, ModelFile, ModelTable
from dragoman.models.tar import TarReader

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EN, VI = Language("en"), Language("vi")
REVISION = "a" * 40
NC = "CC-BY-NC-4.0"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def published(folder: Path) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(path=path.name, size=path.stat().st_size, sha256=sha256(path.read_bytes()))
        for path in sorted(folder.iterdir())
    )


FILES = published(FIXTURES / "mt-pico")
PINNED = ModelEntry(
    id="mt-pico", engine="ctranslate2", repo="us/mt-pico", revision=REVISION, files=FILES,
    pairs=((EN, VI),), licence="MIT", commercial=True, ram_mb=10,
)  # fmt: skip
ON_TRUST = ModelEntry(
    id="mt-trust", engine="ctranslate2", repo="us/mt-pico", files=tuple(ModelFile(path=it.path) for it in FILES),
    pairs=((EN, VI),), licence=NC, commercial=False, ram_mb=10, about_bytes=2_000_000,
)  # fmt: skip
IN_PART = replace(
    PINNED, id="mt-part", repo="us/mt-part",
    files=tuple(it if it.path == "config.json" else ModelFile(path=it.path) for it in FILES),
)  # fmt: skip
TABLE = ModelTable(hub="https://hub.invalid", entries=(PINNED, ON_TRUST, IN_PART))

Take = Callable[..., list[Imported]]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Give a store with one's own model in it."""
    folder = tmp_path / "models"
    ModelStore(folder, TABLE).add(FIXTURES / "mt-pico", model_id="mine", pairs=[(EN, VI)])
    return folder


@pytest.fixture
def bundle(models: Path, tmp_path: Path) -> Path:
    target = tmp_path / "models.tar"
    export_models(ModelStore(models, TABLE), models, ["mine"], target)
    return target


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return tmp_path / "other"


@pytest.fixture
def take(other: Path) -> Take:
    def take_now(
        bundle: Path,
        *,
        accepted: str = "",
        free_bytes: int = 1 << 40,
        on_notice: Callable[[str], None] = lambda notice: None,
    ) -> list[Imported]:
        importer = Importer(
            other,
            TABLE,
            Licences(models_dir=other),
            accepted=frozenset({accepted}),
            on_notice=on_notice,
            free_bytes=lambda folder: free_bytes,
        )
        return list(importer.take(bundle))

    return take_now


def record(model_id: str = "mine", **fields: object) -> dict[str, object]:
    files = {file.path: {"size": file.size, "sha256": file.sha256} for file in FILES}
    plain: dict[str, object] = {
        "id": model_id, "engine": "ctranslate2", "pairs": [["en", "vi"]], "licence": "MIT", "commercial": True,
        "attribution": "", "source": "", "revision": "", "files": files,
    }  # fmt: skip
    return plain | fields


def published_as(contents: dict[str, bytes]) -> tuple[ModelFile, ...]:
    return tuple(ModelFile(path=name, size=len(content), sha256=sha256(content)) for name, content in contents.items())


def write_bundle(
    path: Path, statement: object, *, contents: dict[str, bytes] | None = None, model_id: str = "mine"
) -> Path:
    """Write a bundle by hand, such as a stranger may."""
    if contents is None:
        contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in {"dragoman.json": json.dumps(statement).encode(), **contents}.items():
            info = tarfile.TarInfo(f"{model_id}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def expect_nothing_left(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".locks")] == []


def test_an_exported_model_opens_on_another_machine(bundle: Path, take: Take, other: Path) -> None:
    (imported,) = take(bundle)

    assert ModelStore(other, TABLE).find("mine") == imported.folder
    assert imported.size_bytes == sum(file.size for file in FILES)


def test_a_bundle_is_a_plain_tar(bundle: Path) -> None:
    with tarfile.open(bundle) as tar:
        names = tar.getnames()

    assert names == ["mine/dragoman.json", *(f"mine/{file.path}" for file in FILES)]


def test_a_damaged_model_is_not_exported_and_no_file_is_left(models: Path, tmp_path: Path) -> None:
    path = models / "mine" / "config.json"
    content = path.read_bytes()
    path.unlink()  # it may be a second name of the fixture
    path.write_bytes(bytes(len(content)))

    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        export_models(ModelStore(models, TABLE), models, ["mine"], tmp_path / "b.tar")

    assert not list(tmp_path.glob("*.tar*"))


def test_too_small_a_disk_is_told_before_a_model_is_exported(models: Path, tmp_path: Path) -> None:
    def free_bytes(folder: Path) -> int:
        return {tmp_path: 1_000_000}[folder]

    with pytest.raises(DiskFull, match=r"the bundle needs 18 MB more in .*, and 1 MB .*name a file elsewhere"):
        export_models(ModelStore(models, TABLE), models, ["mine"], tmp_path / "b.tar", free_bytes=free_bytes)

    assert not list(tmp_path.glob("*.tar*"))


def test_an_export_overwrites_nothing(models: Path, bundle: Path) -> None:
    with pytest.raises(OutputNotWritable, match="is there already"):
        export_models(ModelStore(models, TABLE), models, ["mine"], bundle)


def test_an_export_into_no_folder_is_told(models: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match="cannot be written"):
        export_models(ModelStore(models, TABLE), models, ["mine"], tmp_path / "nowhere" / "b.tar")


def test_a_missing_bundle_is_told(take: Take, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no file"):
        take(tmp_path / "none.tar")


@pytest.mark.parametrize("cut", [0, 100, 512, 700, 5_000, 1_000_000])
def test_a_bundle_that_was_cut_short_is_no_bundle(bundle: Path, take: Take, other: Path, cut: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:cut])

    with pytest.raises(ModelCorrupt, match="cut short"):
        take(bundle)

    expect_nothing_left(other)


def test_a_bundle_without_its_end_is_told_after_what_is_whole(bundle: Path, take: Take, other: Path) -> None:
    bundle.write_bytes(bundle.read_bytes().rstrip(b"\0"))

    with pytest.raises(ModelCorrupt, match="cut short"):
        take(bundle)


def test_other_bytes_than_the_record_says_are_refused_by_name(take: Take, other: Path, tmp_path: Path) -> None:
    contents = {file.path: bytes(file.size) for file in FILES}

    with pytest.raises(ModelCorrupt, match=r"the bytes of mine/config\.json in the bundle"):
        take(write_bundle(tmp_path / "b.tar", record(), contents=contents))

    expect_nothing_left(other)


@pytest.mark.parametrize(
    "name", ["../out.json", "/etc/out.json", "a/../../out.json", "a\\..\\out.json", "x.pt", "run.py"]
)
def test_a_record_with_names_that_lead_elsewhere_is_refused(take: Take, other: Path, tmp_path: Path, name: str) -> None:
    content = b"{}"
    statement = record(files={name: {"size": 2, "sha256": sha256(content)}})

    with pytest.raises(ModelCorrupt):
        take(write_bundle(tmp_path / "b.tar", statement, contents={name: content}))

    expect_nothing_left(other)
    assert not list(tmp_path.rglob("out.json"))


@pytest.mark.parametrize("model_id", ["..", ".incoming", "a/b", "", "UP"])
def test_a_bundle_whose_folder_is_no_id_is_refused(take: Take, other: Path, tmp_path: Path, model_id: str) -> None:
    with pytest.raises(ModelCorrupt, match=r"where a model's dragoman\.json belongs"):
        take(write_bundle(tmp_path / "b.tar", record(model_id), model_id=model_id))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(take: Take, other: Path, tmp_path: Path, kind: bytes) -> None:
    path = write_bundle(tmp_path / "b.tar", record(), contents={})
    with tarfile.open(path, "a", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("mine/config.json")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)

    with pytest.raises(ModelCorrupt, match="is no plain file"):
        take(path)

    expect_nothing_left(other)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_headers_of_unbounded_length_are_refused_unread(take: Take, tmp_path: Path, form: int) -> None:
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w", format=form) as tar:
        tar.addfile(tarfile.TarInfo("mine/" + "x" * 5000))

    with pytest.raises(ModelCorrupt, match="is no plain file"):
        take(path)


def test_a_record_of_gigabytes_is_refused_unread(take: Take, tmp_path: Path) -> None:
    info = tarfile.TarInfo("mine/dragoman.json")
    info.size = 1 << 32
    (tmp_path / "b.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT))

    with pytest.raises(ModelCorrupt, match="at most 1048576 belong"):
        take(tmp_path / "b.tar")


@pytest.mark.parametrize("statement", [[], {}, "x", {"id": "mine"}, record("other")])
def test_a_damaged_record_is_refused(take: Take, tmp_path: Path, statement: object) -> None:
    with pytest.raises(ModelCorrupt, match=r"mine/dragoman\.json in the bundle"):
        take(write_bundle(tmp_path / "b.tar", statement))


def test_files_that_the_record_does_not_name_are_refused(take: Take, tmp_path: Path) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}

    with pytest.raises(ModelCorrupt, match=r"'mine/more\.json' where a model's dragoman\.json belongs"):
        take(write_bundle(tmp_path / "b.tar", record(), contents={**contents, "more.json": b"{}"}))


def test_a_pickle_in_a_bundle_is_refused(take: Take, other: Path, tmp_path: Path) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}
    contents["model.bin"] = b"PK\x03\x04" + bytes(1000)
    files = {name: {"size": len(content), "sha256": sha256(content)} for name, content in contents.items()}

    with pytest.raises(ModelWrongFamily):
        take(write_bundle(tmp_path / "b.tar", record(files=files), contents=contents))

    expect_nothing_left(other)


def test_too_small_a_disk_is_told_before_a_model_is_unpacked(bundle: Path, take: Take, other: Path) -> None:
    with pytest.raises(DiskFull, match="mine needs 18 MB more"):
        take(bundle, free_bytes=1_000_000)

    expect_nothing_left(other)


def test_a_model_of_the_table_is_held_to_the_table(take: Take, tmp_path: Path) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}
    contents["config.json"] = b"{}"
    files = {name: {"size": len(content), "sha256": sha256(content)} for name, content in contents.items()}
    forged = record("mt-pico", source="us/mt-pico", revision=REVISION, files=files)

    with pytest.raises(ModelCorrupt, match=r"mt-pico in the bundle .* is not what the model table holds it to"):
        take(write_bundle(tmp_path / "b.tar", forged, contents=contents, model_id="mt-pico"))


@pytest.mark.parametrize("altered", [True, False])
def test_a_bundle_of_another_revision_than_the_tables_is_refused_unless_it_is_recorded_here(
    take: Take, other: Path, tmp_path: Path, altered: bool
) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}
    contents["config.json"] += b" " if altered else b""
    files = {name: {"size": len(content), "sha256": sha256(content)} for name, content in contents.items()}
    stated = record("mt-pico", source="us/mt-pico", revision="b" * 40, files=files)
    path = write_bundle(tmp_path / "b.tar", stated, contents=contents, model_id="mt-pico")

    with pytest.raises(ModelCorrupt, match=r"\(revision b{40}\) is not what the model table holds it to"):
        take(path)

    expect_nothing_left(other)
    assert read_pins(other) == {}
    pin = Pin(repo="us/mt-pico", revision="b" * 40, files=published_as(contents))
    write_pins(other, {"mt-pico": pin})
    take(path)
    assert ModelStore(other, TABLE).find("mt-pico").is_dir()


def test_a_pin_does_not_outrank_the_table_for_its_own_revision(take: Take, other: Path, tmp_path: Path) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES} | {"config.json": b"{}"}
    files = {name: {"size": len(content), "sha256": sha256(content)} for name, content in contents.items()}
    forged = record("mt-pico", source="us/mt-pico", revision=REVISION, files=files)
    other.mkdir()
    write_pins(other, {"mt-pico": Pin(repo="us/mt-pico", revision=REVISION, files=published_as(contents))})

    with pytest.raises(ModelCorrupt, match="is not what the model table holds it to"):
        take(write_bundle(tmp_path / "b.tar", forged, contents=contents, model_id="mt-pico"))


@pytest.mark.parametrize("stated", ["b" * 40, REVISION])
def test_what_the_table_says_of_a_model_in_part_holds_its_bundle(take: Take, tmp_path: Path, stated: str) -> None:
    contents = {file.path: (FIXTURES / "mt-pico" / file.path).read_bytes() for file in FILES}
    contents["config.json"] += b" " if stated == REVISION else b""
    files = {name: {"size": len(content), "sha256": sha256(content)} for name, content in contents.items()}
    forged = record("mt-part", source="us/mt-part", revision=stated, files=files)

    with pytest.raises(ModelCorrupt, match="is not what the model table holds it to"):
        take(write_bundle(tmp_path / "b.tar", forged, contents=contents, model_id="mt-part"))


def test_a_stranger_cannot_take_the_name_of_a_model_of_the_table(take: Take, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="is not the mt-pico of the model table"):
        take(write_bundle(tmp_path / "b.tar", record("mt-pico"), model_id="mt-pico"))


def test_a_noncommercial_model_comes_in_only_when_its_licence_is_accepted(
    take: Take, other: Path, tmp_path: Path
) -> None:
    statement = record("mt-trust", source="us/mt-pico", revision=REVISION, licence="MIT", commercial=True)
    path = write_bundle(tmp_path / "b.tar", statement, model_id="mt-trust")
    with pytest.raises(LicenceNotAccepted, match=f"import BUNDLE --accept-licence {NC}"):
        take(path)

    take(path, accepted=NC)

    assert ModelStore(other, TABLE).find("mt-trust").is_dir()
    assert read_pins(other)["mt-trust"].files == FILES


def test_an_import_says_once_that_the_word_of_the_bundle_was_recorded(take: Take, bundle: Path, tmp_path: Path) -> None:
    statement = record("mt-trust", source="us/mt-pico", revision=REVISION)
    on_trust = write_bundle(tmp_path / "trust.tar", statement, model_id="mt-trust")
    published_one = record("mt-pico", source="us/mt-pico", revision=REVISION)
    said: list[str] = []

    take(on_trust, accepted=NC, on_notice=said.append)

    (notice,) = said
    assert f"taken on the word of the bundle: revision {REVISION} and the SHA-256 of {len(FILES)} files" in notice
    assert "models.lock.json" in notice
    take(on_trust, accepted=NC, on_notice=said.append)
    take(write_bundle(tmp_path / "b.tar", published_one, model_id="mt-pico"), on_notice=said.append)
    take(bundle, on_notice=said.append)
    assert said == [notice]


def test_what_was_recorded_here_outranks_a_bundle(take: Take, tmp_path: Path) -> None:
    first = record("mt-trust", source="us/mt-pico", revision=REVISION)
    take(write_bundle(tmp_path / "a.tar", first, model_id="mt-trust"), accepted=NC)
    second = record("mt-trust", source="us/mt-pico", revision="b" * 40)

    with pytest.raises(ModelCorrupt, match=r"is not what models\.lock\.json holds it to"):
        take(write_bundle(tmp_path / "b.tar", second, model_id="mt-trust"), accepted=NC)


def test_a_second_import_replaces_the_model(bundle: Path, take: Take, other: Path) -> None:
    take(bundle)
    (other / "mine" / "config.json").write_bytes(b"{}")

    (imported,) = take(bundle)

    assert imported.was_here
    assert ModelStore(other, TABLE).find("mine").is_dir()


def test_an_import_that_was_killed_between_two_steps_costs_no_model(bundle: Path, take: Take, other: Path) -> None:
    take(bundle)
    (other / "mine").rename(other / ".importing-mine-abcdefgh-old")
    (other / ".importing-mine-abcdefgh").mkdir()

    with pytest.raises(DiskFull):
        take(bundle, free_bytes=0)

    assert ModelStore(other, TABLE).find("mine").is_dir()
    assert list(other.glob(".importing-*")) == []


def test_a_second_import_leaves_ones_own_shortlist(bundle: Path, take: Take, other: Path) -> None:
    take(bundle)
    (other / "mine" / "vmap.txt").write_text("\ta\n", encoding="utf-8")

    take(bundle)

    assert (other / "mine" / "vmap.txt").read_text(encoding="utf-8") == "\ta\n"


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_as_members_or_refused(content: bytes) -> None:
    reader = TarReader(io.BytesIO(content))

    try:
        while reader.next_member():
            pass
    except ModelError as error:
        assert error.code == "model_corrupt"
