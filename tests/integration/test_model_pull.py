"""Fetching models from a hub that breaks in every way that hubs do, and opening them from the store afterwards."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest

from dragoman.engines.translation.shortlist import MAP_FILE, STATEMENT_FILE, write_shortlist
from dragoman.ground.errors import (
    DownloadFailed,
    ModelCorrupt,
    ModelIncomplete,
    ModelNotFound,
    ModelWrongFamily,
)
from dragoman.ground.languages import Language
from dragoman.models.hub import HubClient
from dragoman.models.pull import Puller, PullProgress, PullReport
from dragoman.models.record import read_record
from dragoman.models.store import ModelState, ModelStore
from dragoman.models.table import ModelEntry, ModelFile, ModelTable
from dragoman.testing.model_hub import ModelHub

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
REVISION, NEXT_REVISION = "a" * 40, "b" * 40
EN, VI = Language("en"), Language("vi")

Pull = Callable[..., PullReport]


def published(folder: Path) -> tuple[ModelFile, ...]:
    """Say of every file in ``folder`` what a good publisher says."""
    return tuple(
        ModelFile(path=path.name, size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
    )


def bare(folder: Path) -> tuple[ModelFile, ...]:
    """Name the files in ``folder`` and nothing more."""
    return tuple(ModelFile(path=path.name) for path in sorted(folder.iterdir()))


def write_table(folder: Path, entry: ModelEntry) -> Path:
    """Write a model table with one recogniser in it."""
    files = ", ".join(f'{{path="{file.path}", size={file.size}, sha256="{file.sha256}"}}' for file in entry.files)
    path = folder / "models.toml"
    path.write_text(
        f'hub = ""\n[models.{entry.id}]\nengine = "{entry.engine}"\nlicence = "{entry.licence}"\ncommercial = true\n'
        f'ram_mb = 1\nlanguages = ["en", "vi"]\nfiles = [{files}]\n'
        f'source = {{ repo = "{entry.repo}", revision = "{entry.revision}" }}\n',
        encoding="utf-8",
    )
    return path


MT = ModelEntry(
    id="mt-pico", engine="ctranslate2", repo="us/mt-pico", revision=REVISION, files=published(FIXTURES / "mt-pico"),
    pairs=((EN, VI), (VI, EN)), licence="Apache-2.0", commercial=True, ram_mb=10, attribution="the fixtures",
)  # fmt: skip
WHISPER = ModelEntry(
    id="whisper-pico", engine="faster_whisper", repo="us/whisper-pico", revision=REVISION,
    files=published(FIXTURES / "whisper-pico"), languages=(EN, VI), licence="MIT", commercial=True, ram_mb=20,
)  # fmt: skip
UNPINNED = ModelEntry(
    id="mt-unpinned", engine="ctranslate2", repo="us/mt-pico", files=bare(FIXTURES / "mt-pico"),
    pairs=((EN, VI),), licence="Apache-2.0", commercial=True, ram_mb=10, about_bytes=2_000_000,
)  # fmt: skip
TABLE = ModelTable(hub="https://hub.invalid", entries=(MT, WHISPER, UNPINNED))


@pytest.fixture
def hub() -> Iterator[ModelHub]:
    with ModelHub() as running:
        running.add_repo("us/mt-pico", FIXTURES / "mt-pico", revision=REVISION)
        running.add_repo("us/whisper-pico", FIXTURES / "whisper-pico", revision=REVISION)
        yield running


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def store(models_dir: Path) -> ModelStore:
    return ModelStore(models_dir, TABLE)


@pytest.fixture
def pull(hub: ModelHub, models_dir: Path) -> Pull:
    """Pull a model from the hub without waiting between tries."""

    def pull_now(
        model_id: str,
        *,
        table: ModelTable = TABLE,
        stall_s: float = 10.0,
        lock_wait_s: float = 0.0,
        free_bytes: int = 1 << 40,
        on_progress: Callable[[PullProgress], None] = lambda progress: None,
        on_notice: Callable[[str], None] = lambda notice: None,
    ) -> PullReport:
        with HubClient(hub.endpoint, stall_s=stall_s) as client:
            puller = Puller(
                models_dir,
                table,
                client,
                tries=3,
                lock_wait_s=lock_wait_s,
                sleep=lambda seconds: None,
                free_bytes=lambda folder: free_bytes,
                on_progress=on_progress,
                on_notice=on_notice,
            )
            return puller.pull(model_id)

    return pull_now


def test_a_pulled_model_opens_from_the_store(pull: Pull, store: ModelStore, models_dir: Path) -> None:
    report = pull("mt-pico")

    folder = store.find("mt-pico")
    assert ctranslate2.Translator(str(folder), device="cpu").compute_type
    assert report.folder == folder
    assert report.fetched_bytes == MT.download_bytes
    assert {path.name for path in folder.iterdir()} == {file.path for file in MT.files} | {"dragoman.json"}
    assert {model.id: model.state for model in store.list()}["mt-pico"] is ModelState.INSTALLED
    assert not list(models_dir.rglob("*.part"))


def test_the_record_says_where_the_model_comes_from(pull: Pull, store: ModelStore) -> None:
    pull("mt-pico")

    record = json.loads((store.find("mt-pico") / "dragoman.json").read_text(encoding="utf-8"))
    assert record == {
        "id": "mt-pico",
        "engine": "ctranslate2",
        "pairs": [["en", "vi"], ["vi", "en"]],
        "licence": "Apache-2.0",
        "commercial": True,
        "attribution": "the fixtures",
        "source": "us/mt-pico",
        "revision": REVISION,
        "files": {file.path: {"size": file.size, "sha256": file.sha256} for file in MT.files},
    }


def test_a_model_that_is_there_is_not_fetched_again(pull: Pull, hub: ModelHub) -> None:
    pull("mt-pico")
    hub.requests.clear()

    report = pull("mt-pico")

    assert (report.fetched_bytes, report.changed, hub.requests) == (0, False, [])


def test_a_model_that_is_there_learns_what_the_table_says_of_it_now(
    pull: Pull, hub: ModelHub, models_dir: Path
) -> None:
    pull("mt-pico", table=replace(TABLE, entries=(replace(MT, pairs=((EN, VI),)),)))
    asked = len(hub.requests)

    report = pull("mt-pico")

    assert (read_record(models_dir / "mt-pico").pairs, report.fetched_bytes) == (MT.pairs, 0)
    assert report.changed
    assert len(hub.requests) == asked


def test_progress_grows_to_the_size_of_the_model(pull: Pull) -> None:
    seen: list[PullProgress] = []

    pull("whisper-pico", on_progress=seen.append)

    done = [progress.done_bytes for progress in seen]
    assert done == sorted(done)
    assert seen[-1].done_bytes == seen[-1].total_bytes == WHISPER.download_bytes
    assert {progress.file for progress in seen} == {file.path for file in WHISPER.files}


def test_a_cut_connection_goes_on_where_it_stopped(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    hub.faults.cuts, hub.faults.cut_after_bytes = 7, 2_000_000

    pull("whisper-pico")

    assert store.find("whisper-pico").is_dir()
    assert hub.ranges_of("model.bin")[:3] == ["", "bytes=2000000-", "bytes=4000000-"]


def test_a_connection_that_keeps_breaking_keeps_what_arrived_for_the_next_pull(
    pull: Pull, hub: ModelHub, store: ModelStore
) -> None:
    hub.faults.cuts, hub.faults.cut_after_bytes = 1000, 100
    with pytest.raises(DownloadFailed, match="the next pull goes on where this one stopped"):
        pull("whisper-pico")
    hub.faults.cuts = 0
    hub.requests.clear()

    report = pull("whisper-pico")

    assert report.kept_bytes == 300
    assert hub.ranges_of("config.json") == ["bytes=300-"]
    assert store.find("whisper-pico").is_dir()


def test_a_pull_that_was_cut_is_shown_as_incomplete(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    hub.faults.cuts, hub.faults.cut_after_bytes = 1000, 100
    with pytest.raises(DownloadFailed):
        pull("mt-pico")

    with pytest.raises(ModelIncomplete, match="dragoman models pull mt-pico"):
        store.find("mt-pico")

    assert {model.id: model.state for model in store.list()}["mt-pico"] is ModelState.INCOMPLETE


def test_a_server_that_ignores_ranges_is_put_up_with(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    hub.faults.ignore_range = True
    hub.faults.cuts, hub.faults.cut_after_bytes = 2, 5_000_000

    pull("whisper-pico")

    assert hub.ranges_of("model.bin") == ["", "bytes=5000000-"]
    assert store.find("whisper-pico").is_dir()


def test_wrong_bytes_are_named_and_deleted(pull: Pull, hub: ModelHub, store: ModelStore, models_dir: Path) -> None:
    hub.faults.wrong_bytes = True
    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        pull("mt-pico")
    hub.faults.wrong_bytes = False

    report = pull("mt-pico")

    assert report.kept_bytes == 0
    assert store.find("mt-pico").is_dir()


def test_a_damaged_part_is_never_taken_for_good(pull: Pull, hub: ModelHub, models_dir: Path) -> None:
    hub.faults.cuts, hub.faults.cut_after_bytes = 1000, 50
    with pytest.raises(DownloadFailed):
        pull("mt-pico")
    (part,) = models_dir.rglob("*.part")
    part.write_bytes(bytes(part.stat().st_size))
    hub.faults.cuts = 0

    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        pull("mt-pico")

    assert not part.exists()


def test_a_wrong_content_length_is_put_up_with(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    hub.faults.length_error = 1000

    pull("whisper-pico")

    assert store.find("whisper-pico").is_dir()


def test_an_announced_length_that_hides_the_end_of_a_file_is_no_complete_file(
    pull: Pull, hub: ModelHub, store: ModelStore
) -> None:
    hub.faults.length_error = -100

    with pytest.raises(DownloadFailed, match=r"config\.json of us/whisper-pico did not arrive"):
        pull("whisper-pico")

    with pytest.raises(ModelIncomplete):
        store.find("whisper-pico")


def test_a_server_that_goes_silent_is_given_up_and_asked_again(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    hub.faults.stall_after_bytes = 700_000

    pull("mt-pico", stall_s=0.3)

    assert hub.ranges_of("model.bin")[:2] == ["", "bytes=700000-"]
    assert store.find("mt-pico").is_dir()


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_hub_is_asked_again(pull: Pull, hub: ModelHub, store: ModelStore, status: int) -> None:
    hub.faults.status, hub.faults.status_times = status, 2

    pull("mt-pico")

    assert store.find("mt-pico").is_dir()


def test_a_hub_that_stays_busy_is_given_up(pull: Pull, hub: ModelHub) -> None:
    hub.faults.status, hub.faults.status_times = 503, 1000

    with pytest.raises(DownloadFailed, match="503"):
        pull("mt-pico")


def test_a_missing_file_is_not_asked_for_again(pull: Pull, hub: ModelHub) -> None:
    gone = ModelFile(path="gone.json", size=3, sha256="c" * 64)
    table = ModelTable(hub="", entries=(replace(MT, files=(gone,)),))

    with pytest.raises(DownloadFailed, match=r"has no gone\.json of us/mt-pico"):
        pull("mt-pico", table=table)

    assert len(hub.requests) == 1


def test_a_redirect_loop_ends(pull: Pull, hub: ModelHub) -> None:
    hub.faults.redirect_loop = True

    with pytest.raises(DownloadFailed, match="more than 5 times"):
        pull("mt-pico")

    assert len(hub.requests) == 6


def test_a_redirect_to_a_local_file_is_refused(pull: Pull, hub: ModelHub) -> None:
    hub.faults.redirect_to = "file:///etc/passwd"

    with pytest.raises(DownloadFailed, match="only http and https"):
        pull("mt-pico")


def test_an_unreachable_hub_is_named(models_dir: Path) -> None:
    with ModelHub() as closed:
        endpoint = closed.endpoint
    with HubClient(endpoint) as client:
        puller = Puller(models_dir, TABLE, client, tries=2, sleep=lambda seconds: None)

        with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1 cannot be reached"):
            puller.pull("mt-unpinned")


def test_an_unknown_model_is_not_asked_for(pull: Pull, hub: ModelHub) -> None:
    with pytest.raises(ModelNotFound, match="mt-pico"):
        pull("wisper")

    assert hub.requests == []


def test_a_pickle_in_the_clothes_of_a_model_is_refused(
    pull: Pull, hub: ModelHub, tmp_path: Path, store: ModelStore
) -> None:
    folder = shutil.copytree(FIXTURES / "mt-pico", tmp_path / "pickled")
    (folder / "model.bin").write_bytes(b"PK\x03\x04" + bytes(20_000))
    hub.add_repo("us/mt-pico", folder, revision=REVISION)

    with pytest.raises(ModelWrongFamily, match="not written by CTranslate2"):
        pull("mt-unpinned")

    with pytest.raises(ModelIncomplete):
        store.find("mt-unpinned")


def test_a_model_without_published_hashes_is_held_to_what_the_first_pull_found(
    pull: Pull, store: ModelStore, models_dir: Path
) -> None:
    notices: list[str] = []

    report = pull("mt-unpinned", on_notice=notices.append)

    pins = json.loads((models_dir / "models.lock.json").read_text(encoding="utf-8"))
    assert report.newly_pinned
    assert pins["mt-unpinned"]["revision"] == REVISION
    assert pins["mt-unpinned"]["files"] == {file.path: {"size": file.size, "sha256": file.sha256} for file in MT.files}
    assert REVISION in notices[0]
    assert store.find("mt-unpinned").is_dir()


def test_small_files_are_held_to_the_hash_that_git_gives_them(pull: Pull, hub: ModelHub) -> None:
    hub.faults.wrong_bytes = True

    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        pull("mt-unpinned")


def test_a_revision_other_than_the_recorded_one_is_refused_by_name(
    pull: Pull, hub: ModelHub, store: ModelStore, models_dir: Path
) -> None:
    pull("mt-unpinned")
    shutil.rmtree(models_dir / "mt-unpinned")
    hub.add_repo("us/mt-pico", FIXTURES / "mt-pico", revision=NEXT_REVISION)

    with pytest.raises(DownloadFailed, match=f"mt-unpinned is held to revision {REVISION}.*{NEXT_REVISION}"):
        pull("mt-unpinned")


def test_an_installed_model_stays_usable_when_the_hub_moves_on(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    pull("mt-unpinned")
    hub.add_repo("us/mt-pico", FIXTURES / "mt-pico", revision=NEXT_REVISION)

    report = pull("mt-unpinned")

    assert (report.fetched_bytes, report.revision) == (0, REVISION)
    assert store.find("mt-unpinned").is_dir()


def test_a_new_revision_is_taken_when_its_lock_is_removed(
    pull: Pull, hub: ModelHub, store: ModelStore, models_dir: Path
) -> None:
    pull("mt-unpinned")
    (models_dir / "models.lock.json").unlink()
    hub.add_repo("us/mt-pico", FIXTURES / "mt-pico", revision=NEXT_REVISION)

    report = pull("mt-unpinned")

    assert report.revision == NEXT_REVISION
    assert store.find("mt-unpinned").is_dir()


@pytest.mark.parametrize("revision", [REVISION, "0" * 40])
@pytest.mark.parametrize(("model_id", "lock_is_there"), [("mt-unpinned", True), ("mt-pico", True), ("mt-pico", False)])
def test_a_model_that_was_exchanged_with_its_record_is_refused(
    pull: Pull, store: ModelStore, models_dir: Path, model_id: str, revision: str, lock_is_there: bool
) -> None:
    pull(model_id)
    folder = store.find(model_id)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    record = json.loads((folder / "dragoman.json").read_text(encoding="utf-8"))
    record["revision"] = revision
    if not lock_is_there:
        (models_dir / "models.lock.json").unlink()
    record["files"]["config.json"] = {"size": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    (folder / "dragoman.json").write_text(json.dumps(record), encoding="utf-8")

    with pytest.raises(ModelCorrupt, match=f"{model_id} .* is not what"):
        store.find(model_id)


def test_a_model_stays_usable_and_held_to_its_pull_when_the_table_moves_on(pull: Pull, models_dir: Path) -> None:
    pull("mt-pico")
    later = ModelTable(hub=TABLE.hub, entries=(replace(MT, revision=NEXT_REVISION),))

    folder = ModelStore(models_dir, later).find("mt-pico")
    (models_dir / "models.lock.json").unlink()

    assert folder.is_dir()
    with pytest.raises(ModelCorrupt, match=r"mt-pico .* is not what the model table"):
        ModelStore(models_dir, later).find("mt-pico")


def test_mending_a_model_fetches_only_the_file_that_is_wrong(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    pull("mt-pico")
    (store.find("mt-pico") / "config.json").write_text("{}", encoding="utf-8")
    hub.requests.clear()

    pull("mt-pico")

    assert {request.path.rpartition("/")[2] for request in hub.requests} == {"config.json"}
    assert store.find("mt-pico").is_dir()


def test_a_shortlist_beside_a_model_outlives_its_mending(pull: Pull, store: ModelStore) -> None:
    pull("mt-pico")
    folder = store.find("mt-pico")
    write_shortlist(folder, {"▁a", "."}, languages={EN, VI})
    made = {name: (folder / name).read_bytes() for name in (MAP_FILE, STATEMENT_FILE)}
    (folder / "config.json").write_text("{}", encoding="utf-8")

    pull("mt-pico")

    assert {name: (store.find("mt-pico") / name).read_bytes() for name in made} == made


def test_a_shortlist_for_other_files_is_dropped_and_that_is_said(
    pull: Pull, hub: ModelHub, store: ModelStore, tmp_path: Path, models_dir: Path
) -> None:
    pull("mt-unpinned")
    write_shortlist(store.find("mt-unpinned"), {"▁a", "."}, languages={EN, VI})
    (models_dir / "models.lock.json").unlink()
    newer = Path(shutil.copytree(FIXTURES / "mt-pico", tmp_path / "newer"))
    (newer / "config.json").write_bytes((newer / "config.json").read_bytes() + b"\n")
    hub.add_repo("us/mt-pico", newer, revision=NEXT_REVISION)
    said: list[str] = []

    pull("mt-unpinned", on_notice=said.append)

    assert not (store.find("mt-unpinned") / MAP_FILE).exists()
    assert any("the shortlist of mt-unpinned" in notice for notice in said)


def test_too_small_a_disk_is_noticed_before_the_first_byte(pull: Pull, hub: ModelHub) -> None:
    with pytest.raises(DownloadFailed, match=r"needs 18 MB more in .*, and 1 MB are free"):
        pull("mt-pico", free_bytes=1_000_000)

    assert hub.requests == []


def test_a_disk_that_fills_up_keeps_what_arrived(hub: ModelHub, small_disk: Path) -> None:
    with HubClient(hub.endpoint) as client:
        puller = Puller(small_disk, TABLE, client, sleep=lambda seconds: None, free_bytes=lambda folder: 1 << 40)

        with pytest.raises(DownloadFailed, match="is full; make room and pull again: what arrived is kept"):
            puller.pull("mt-pico")

    assert sum(path.stat().st_size for path in small_disk.rglob("*.part")) > 500_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root; the check before the first byte is tested without")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_store_that_is_not_ours_to_write_says_so(hub: ModelHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with HubClient(hub.endpoint) as client:
        puller = Puller(tmp_path / "file" / "models", TABLE, client)

        with pytest.raises(DownloadFailed, match="cannot be written"):
            puller.pull("mt-pico")


_PULL_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from dragoman.models.hub import HubClient
from dragoman.models.pull import Puller
from dragoman.models.table import load_table

def tell(progress):
    if progress.done_bytes >= 3_000_000:
        print("here", flush=True)

with HubClient(sys.argv[2]) as client:
    Puller(Path(sys.argv[1]), load_table(Path(sys.argv[3])), client, on_progress=tell).pull("whisper-pico")
"""


@pytest.mark.timeout(60)
def test_a_killed_pull_leaves_a_part_that_the_next_one_completes(
    pull: Pull, hub: ModelHub, store: ModelStore, models_dir: Path, tmp_path: Path
) -> None:
    hub.faults.stall_after_bytes = 3_000_000
    arguments = [str(models_dir), hub.endpoint, str(write_table(tmp_path, WHISPER))]
    with subprocess.Popen(
        [sys.executable, "-c", _PULL_IN_ANOTHER_PROCESS, *arguments], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
    assert not (models_dir / "whisper-pico").exists()
    hub.faults.stall_after_bytes = None
    hub.requests.clear()

    report = pull("whisper-pico")

    (asked,) = hub.ranges_of("model.bin")
    assert int(asked.removeprefix("bytes=").rstrip("-")) >= 2_900_000
    assert report.fetched_bytes < WHISPER.download_bytes - 2_900_000
    assert store.find("whisper-pico").is_dir()


def test_two_pulls_at_once_fetch_the_model_once(pull: Pull, hub: ModelHub, store: ModelStore) -> None:
    first_is_busy, first_may_go_on = threading.Event(), threading.Event()
    reports: list[PullReport] = []
    notices: list[str] = []

    def hold(progress: PullProgress) -> None:
        first_is_busy.set()
        first_may_go_on.wait(10)

    def tell(notice: str) -> None:
        notices.append(notice)
        first_may_go_on.set()

    first = threading.Thread(target=lambda: reports.append(pull("mt-pico", on_progress=hold)))
    first.start()
    first_is_busy.wait(10)

    second = pull("mt-pico", lock_wait_s=30.0, on_notice=tell)

    first.join(10)
    assert notices == ["another pull is at work on mt-pico; waiting for it"]
    assert (reports[0].fetched_bytes, second.fetched_bytes) == (MT.download_bytes, 0)
    assert len(hub.ranges_of("model.bin")) == 1


def test_a_pull_that_need_not_wait_says_that_another_is_at_work(pull: Pull) -> None:
    refused: list[str] = []

    def pull_again(progress: PullProgress) -> None:
        if not refused:
            with pytest.raises(DownloadFailed) as raised:
                pull("mt-pico", lock_wait_s=0.0)
            refused.append(str(raised.value))

    pull("mt-pico", on_progress=pull_again)

    assert "another pull still holds mt-pico" in refused[0]
