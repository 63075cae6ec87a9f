"""Fetching from mirrors, folders and Mozilla's registry, whatever goes wrong with one of them."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.ground.errors import DiskFull, DownloadFailed, LicenceNotAccepted, ModelCorrupt, ModelNotFound
from dragoman.ground.languages import Language
from dragoman.models.folder_mirror import FolderMirror
from dragoman.models.licences import Licences
from dragoman.models.pull import Puller, PullReport
from dragoman.models.record import read_pins
from dragoman.models.sources import Sources
from dragoman.models.store import ModelStore
from dragoman.models.table import ModelEntry, ModelFile, ModelProfile, ModelTable, Origin, revision_of
from dragoman.services.model_commands.pulling import PullTelling, PullWish, plan_pull, pull_models
from dragoman.settings import Settings
from dragoman.testing.model_hub import ModelHub

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
MT = FIXTURES / "mt-pico"
REVISION = "a" * 40
EN, VI = Language("en"), Language("vi")
NC = "CC-BY-NC-4.0"
MARIAN = (1).to_bytes(8, "little")


def published(folder: Path) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(path=path.name, size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
    )


def entry(model_id: str, **fields: object) -> ModelEntry:
    plain: dict[str, object] = {
        "id": model_id, "engine": "ctranslate2", "repo": "us/mt-pico", "revision": REVISION, "files": published(MT),
        "pairs": ((EN, VI),), "licence": "MIT", "commercial": True, "ram_mb": 10,
    }  # fmt: skip
    return ModelEntry(**(plain | fields))  # type: ignore[arg-type]


FIREFOX_FILES = {
    "model.envi.intgemm.alphas.bin": MARIAN + bytes(200_000),
    "lex.50.50.envi.s2t.bin": (0xF11A48D5013417F5).to_bytes(8, "little") + bytes(5000),
    "vocab.envi.spm": b"spm" * 1000,
}
NONCOMMERCIAL = {"licence": NC, "commercial": False}
TABLE = ModelTable(
    hub="http://127.0.0.1:9",
    entries=(
        entry("mt-pico"),
        entry("mt-trust", revision="", files=tuple(ModelFile(path=it.path) for it in published(MT)), about_bytes=2),
        entry("mt-nc", **NONCOMMERCIAL),
        entry("mt-nc-too", **NONCOMMERCIAL),
        entry(
            "fx-en-vi", engine="firefox", repo="firefox/en-vi", origin=Origin.FIREFOX, revision="", about_bytes=2,
            files=tuple(ModelFile(path=name) for name in FIREFOX_FILES),
        ),
    ),
    profiles=(
        ModelProfile(name="both", about="Two.", models=("mt-pico", "mt-trust")),
        ModelProfile(name="none", about="None.", models=()),
    ),
)  # fmt: skip


@pytest.fixture
def hub() -> Iterator[ModelHub]:
    with ModelHub() as running:
        running.add_repo("us/mt-pico", MT, revision=REVISION)
        yield running


@pytest.fixture
def settings(tmp_path: Path, hub: ModelHub) -> Settings:
    return Settings(models_dir=tmp_path / "models", model_hub=hub.endpoint, firefox_registry=hub.firefox_registry)


@pytest.fixture
def firefox(tmp_path: Path) -> Path:
    folder = tmp_path / "envi"
    folder.mkdir()
    for name, content in FIREFOX_FILES.items():
        (folder / name).write_bytes(content)
    return folder


def pull(settings: Settings, *names: str, mirrors: tuple[str, ...] = (), accepted: str = "") -> list[PullReport]:
    wish = PullWish(names=names, mirrors=mirrors, accepted=frozenset({accepted} - {""}), by="An")
    return list(pull_models(wish, settings, PullTelling(), table=TABLE))


def store_of(settings: Settings) -> ModelStore:
    return ModelStore(settings.models_dir, TABLE)


def test_a_profile_is_all_its_models(settings: Settings) -> None:
    reports = pull(settings, "both", "mt-pico")

    assert [report.model for report in reports] == ["mt-pico", "mt-trust"]
    assert store_of(settings).find("mt-trust").is_dir()


def test_an_empty_profile_fetches_nothing(settings: Settings, hub: ModelHub) -> None:
    assert pull(settings, "none") == []
    assert hub.requests == []


def test_a_misspelt_name_is_told_with_the_profiles_before_anything_is_fetched(
    settings: Settings, hub: ModelHub
) -> None:
    with pytest.raises(ModelNotFound, match=r"no model .bohts. .*profiles: both, none"):
        pull(settings, "mt-pico", "bohts")

    assert hub.requests == []


def test_a_mirror_is_asked_before_the_hub(settings: Settings, hub: ModelHub) -> None:
    with ModelHub() as mirror:
        mirror.add_repo("us/mt-pico", MT, revision=REVISION)
        pull(settings, "mt-pico", mirrors=(mirror.endpoint,))

    assert hub.requests == []


def test_a_mirror_that_has_it_not_is_passed_over(settings: Settings) -> None:
    with ModelHub() as empty:
        (report,) = pull(settings, "mt-pico", mirrors=(empty.endpoint,))

    assert report.fetched_bytes == entry("mt-pico").download_bytes


def test_a_mirror_with_wrong_bytes_is_passed_over(settings: Settings) -> None:
    with ModelHub() as forged:
        forged.add_repo("us/mt-pico", MT, revision=REVISION)
        forged.faults.wrong_bytes = True
        pull(settings, "mt-pico", mirrors=(forged.endpoint,))

    assert store_of(settings).find("mt-pico").is_dir()


def test_all_sources_that_failed_are_named(settings: Settings, hub: ModelHub) -> None:
    hub.add_repo("us/mt-pico", MT, revision="b" * 40)
    with ModelHub() as empty, pytest.raises(DownloadFailed) as failed:
        pull(settings, "mt-pico", mirrors=(empty.endpoint,))

    assert empty.endpoint in str(failed.value)
    assert hub.endpoint in str(failed.value)


def test_a_full_disk_is_not_tried_again_elsewhere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dragoman.models.disk_space.shutil.disk_usage", lambda folder: shutil._ntuple_diskusage(1, 1, 0)
    )
    with ModelHub() as mirror, pytest.raises(DiskFull):
        pull(settings, "mt-pico", mirrors=(mirror.endpoint,))


def test_another_machines_models_folder_is_a_mirror(settings: Settings, hub: ModelHub, tmp_path: Path) -> None:
    pull(settings, "both")
    stick = shutil.copytree(settings.models_dir, tmp_path / "stick")
    fresh = settings.model_copy(update={"models_dir": tmp_path / "fresh"})
    hub.requests.clear()

    pull(fresh, "both", mirrors=(str(stick),))

    assert hub.requests == []
    assert store_of(fresh).find("mt-trust").is_dir()
    assert read_pins(fresh.models_dir)["mt-trust"].revision == REVISION


def test_files_as_a_hub_has_them_are_a_mirror_for_what_is_pinned(
    settings: Settings, hub: ModelHub, tmp_path: Path
) -> None:
    shutil.copytree(MT, tmp_path / "mirror" / "us" / "mt-pico")

    pull(settings, "mt-pico", mirrors=(str(tmp_path / "mirror"),))

    assert hub.requests == []


def test_a_damaged_folder_mirror_is_passed_over(settings: Settings, tmp_path: Path) -> None:
    copied = shutil.copytree(MT, tmp_path / "mirror" / "us" / "mt-pico")
    (copied / "model.bin").write_bytes(b"short")

    pull(settings, "mt-pico", mirrors=(str(tmp_path / "mirror"),))

    assert store_of(settings).find("mt-pico").is_dir()


def test_a_mirror_is_a_folder_or_an_address(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"is no folder; give a folder, or an address with http"):
        FolderMirror(tmp_path / "none")


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../x"])
def test_a_folder_mirror_gives_nothing_from_outside(tmp_path: Path, path: str) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    mirror = FolderMirror(tmp_path / "mirror")

    with pytest.raises(DownloadFailed, match="has no"), mirror.open_file("us/x", REVISION, path, offset=0):
        pass


def test_a_firefox_model_is_unpacked_checked_and_recorded(settings: Settings, hub: ModelHub, firefox: Path) -> None:
    hub.add_firefox("en-vi", firefox)

    (report,) = pull(settings, "fx-en-vi")

    assert report.newly_pinned
    assert {path.name: path.read_bytes() for path in report.folder.iterdir() if path.name in FIREFOX_FILES} == (
        FIREFOX_FILES
    )
    assert store_of(settings).find("fx-en-vi") == report.folder


def test_of_several_firefox_models_the_largest_that_was_released_is_taken(
    settings: Settings, hub: ModelHub, firefox: Path, tmp_path: Path
) -> None:
    for number, (architecture, status) in enumerate(
        [("base", "Nightly"), ("tiny", "Release"), ("base-memory", "Release Android"), ("tiny", "Release")]
    ):
        folder = shutil.copytree(firefox, tmp_path / f"{number}")
        (folder / "vocab.envi.spm").write_text(architecture, encoding="utf-8")
        hub.add_firefox("en-vi", folder, architecture=architecture, status=status)

    (report,) = pull(settings, "fx-en-vi")

    assert (report.folder / "vocab.envi.spm").read_text(encoding="utf-8") == "base-memory"


def test_a_firefox_download_that_is_cut_is_fetched_again(settings: Settings, hub: ModelHub, firefox: Path) -> None:
    hub.add_firefox("en-vi", firefox)
    hub.faults.cuts, hub.faults.cut_after_bytes = 1, 60

    pull(settings, "fx-en-vi")

    assert store_of(settings).find("fx-en-vi").is_dir()


def test_wrong_bytes_of_a_firefox_model_are_named(settings: Settings, hub: ModelHub, firefox: Path) -> None:
    hub.add_firefox("en-vi", firefox)
    hub.faults.wrong_bytes = True

    with pytest.raises(ModelCorrupt, match=r"model\.envi\.intgemm\.alphas\.bin"):
        pull(settings, "fx-en-vi")


def test_a_firefox_model_that_was_replaced_is_not_taken_unasked(
    settings: Settings, hub: ModelHub, firefox: Path
) -> None:
    hub.add_firefox("en-vi", firefox)
    pull(settings, "fx-en-vi")
    shutil.rmtree(settings.models_dir / "fx-en-vi")
    (firefox / "vocab.envi.spm").write_bytes(b"newer")

    with pytest.raises(DownloadFailed, match="fx-en-vi is held to revision"):
        pull(settings, "fx-en-vi")


def test_a_firefox_model_that_is_pinned_is_fetched_though_a_newer_one_was_released(
    settings: Settings, hub: ModelHub, firefox: Path, tmp_path: Path
) -> None:
    files = tuple(
        ModelFile(path=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for name, content in FIREFOX_FILES.items()
    )
    pinned = replace(TABLE.entry("fx-en-vi"), files=files, revision=revision_of(files), about_bytes=0)
    newer = shutil.copytree(firefox, tmp_path / "newer")
    (newer / "vocab.envi.spm").write_bytes(b"newer")
    hub.add_firefox("en-vi", newer, architecture="base")
    hub.add_firefox("en-vi", firefox, status="Retired")
    settings.models_dir.mkdir()

    with Sources(replace(TABLE, entries=(pinned,)), firefox_registry=hub.firefox_registry) as sources:
        (source,) = sources.of(pinned)
        report = Puller(settings.models_dir, replace(TABLE, entries=(pinned,)), source).pull("fx-en-vi")

    assert not report.newly_pinned
    assert report.revision == pinned.revision
    assert (report.folder / "vocab.envi.spm").read_bytes() == FIREFOX_FILES["vocab.envi.spm"]


def test_a_firefox_model_of_other_bytes_than_pinned_is_refused_by_name(
    settings: Settings, hub: ModelHub, firefox: Path
) -> None:
    files = tuple(ModelFile(path=name, size=len(it), sha256="0" * 64) for name, it in FIREFOX_FILES.items())
    pinned = replace(TABLE.entry("fx-en-vi"), files=files, revision=revision_of(files), about_bytes=0)
    hub.add_firefox("en-vi", firefox)

    with Sources(replace(TABLE, entries=(pinned,)), firefox_registry=hub.firefox_registry) as sources:
        (source,) = sources.of(pinned)
        with pytest.raises(ModelCorrupt, match=r"model\.envi\.intgemm\.alphas\.bin"):
            Puller(settings.models_dir, replace(TABLE, entries=(pinned,)), source).pull("fx-en-vi")

    assert not (settings.models_dir / "fx-en-vi").exists()


def test_a_pair_that_the_registry_has_not_is_told(settings: Settings) -> None:
    with pytest.raises(DownloadFailed, match="has no firefox/en-vi"):
        pull(settings, "fx-en-vi")


def test_a_noncommercial_model_is_refused_before_anything_is_fetched(settings: Settings, hub: ModelHub) -> None:
    with pytest.raises(LicenceNotAccepted, match=f"--accept-licence {NC}"):
        pull(settings, "mt-pico", "mt-nc")

    assert hub.requests == []
    assert plan_pull(["mt-nc", "mt-pico"], settings, table=TABLE).to_accept == {"mt-nc": NC}


def test_an_accepted_licence_is_recorded_for_the_models_that_were_asked_for(settings: Settings) -> None:
    pull(settings, "mt-nc", accepted=NC)

    accepted = Licences(models_dir=settings.models_dir).accepted()
    assert {model: (it.licence, it.by) for model, it in accepted.items()} == {"mt-nc": (NC, "An")}
    assert store_of(settings).find("mt-nc").is_dir()


def test_a_noncommercial_model_is_refused_at_load_once_its_acceptance_is_gone(settings: Settings) -> None:
    pull(settings, "mt-nc", accepted=NC)
    (settings.models_dir / "accepted-licences.json").unlink()

    with pytest.raises(LicenceNotAccepted, match="dragoman models pull mt-nc --accept-licence"):
        store_of(settings).find("mt-nc")


def test_a_forged_record_makes_no_model_commercial(settings: Settings) -> None:
    pull(settings, "mt-nc", accepted=NC)
    (settings.models_dir / "accepted-licences.json").unlink()
    record = settings.models_dir / "mt-nc" / "dragoman.json"
    record.write_text(record.read_text(encoding="utf-8").replace("false", "true"), encoding="utf-8")

    with pytest.raises(LicenceNotAccepted):
        store_of(settings).find("mt-nc")


def test_where_noncommercial_models_are_refused_nothing_is_accepted(settings: Settings) -> None:
    refusing = settings.model_copy(update={"noncommercial_models": "refused"})

    with pytest.raises(LicenceNotAccepted, match="noncommercial_models"):
        pull(refusing, "mt-nc", accepted=NC)

    assert Licences(models_dir=settings.models_dir).accepted() == {}
