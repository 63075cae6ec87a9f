"""The script that installs livekit-server, from the path, by Go, or from an archive; all of them stand-ins of ours."""

import hashlib
import io
import os
import platform
import subprocess
import tarfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PROGRAM = b"#!/bin/sh\necho livekit-server version 1.13.5\n"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
ARCHIVE = f"livekit_1.13.5_linux_{MACHINE}.tar.gz"


def make_release(folder: Path, *, program: bytes = PROGRAM, sum_of: bytes | None = None) -> None:
    """Write what the release page has: the archive, and the sums (of other bytes, if they are given)."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("livekit-server")
        member.size, member.mode = len(program), 0o755
        tar.addfile(member, io.BytesIO(program))
    (folder / ARCHIVE).write_bytes(packed.getvalue())
    digest = hashlib.sha256(sum_of or packed.getvalue()).hexdigest()
    (folder / "checksums.txt").write_text(f"{'0' * 64}  other.tar.gz\n{digest}  {ARCHIVE}\n")


@pytest.fixture
def path_without_go(tmp_path: Path) -> str:
    """Give a path with the system's small programs alone."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    names = "bash dirname mkdir mktemp rm uname awk sha256sum cut tar gzip chmod mv curl sort head realpath sh"
    for name in names.split():
        found = next((Path(folder) / name for folder in ("/usr/bin", "/bin") if (Path(folder) / name).exists()), None)
        assert found is not None, f"this test needs {name}"
        (bin_folder / name).symlink_to(found)
    return str(bin_folder)


def put_program(path: str, name: str, script: str) -> None:
    """Put a program on the path."""
    program = Path(path) / name
    program.write_text(f"#!/bin/sh\n{script}")
    program.chmod(0o755)


def put_go(path: str, version: str, *, install: str) -> None:
    """Put a Go on the path that says its version, and does ``install`` when it is to install something."""
    put_program(path, "go", f"case $1 in env) echo go{version} ;; install) {install} ;; esac\n")


BUILD = f"printf '%s' '{PROGRAM.decode().strip()}' > \"$GOBIN/server\"; chmod +x \"$GOBIN/server\""
"""What a build leaves."""


def install(folder: Path, path: str, releases: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": path,
        "HOME": os.environ["HOME"],
        "LIVEKIT_FOLDER": str(folder),
        "LIVEKIT_RELEASES": f"file://{releases}",
    }
    script = REPOSITORY / "scripts" / "install_livekit.sh"
    return subprocess.run(
        [script], env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=folder.parent
    )


def test_an_archive_with_its_published_sum_is_installed_once(tmp_path: Path, path_without_go: str) -> None:
    make_release(tmp_path / "releases" / "v1.13.5")
    folder = tmp_path / "livekit"

    first = install(folder, path_without_go, tmp_path / "releases")
    second = install(folder, path_without_go, tmp_path / "nowhere")

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert (folder / "livekit-server").read_bytes() == PROGRAM
    assert "up to date" in second.stdout
    assert sorted(item.name for item in folder.iterdir()) == ["install.log", "livekit-server"]


def test_an_archive_with_another_sum_is_refused(tmp_path: Path, path_without_go: str) -> None:
    make_release(tmp_path / "releases" / "v1.13.5", sum_of=b"what was published")
    folder = tmp_path / "livekit"

    result = install(folder, path_without_go, tmp_path / "releases")

    assert result.returncode == 1
    assert "is not the published one" in result.stdout
    assert not (folder / "livekit-server").exists()


def test_an_archive_that_stands_in_no_sums_is_refused(tmp_path: Path, path_without_go: str) -> None:
    make_release(tmp_path / "releases" / "v1.13.5")
    (tmp_path / "releases" / "v1.13.5" / "checksums.txt").write_text("")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "releases")

    assert result.returncode == 1
    assert not (tmp_path / "livekit" / "livekit-server").exists()


def test_an_archive_of_another_version_is_refused(tmp_path: Path, path_without_go: str) -> None:
    make_release(tmp_path / "releases" / "v1.13.5", program=PROGRAM.replace(b"1.13.5", b"1.14.0"))

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "releases")

    assert result.returncode == 1
    assert "is not livekit-server 1.13.5" in result.stdout


def test_an_archive_that_a_person_has_brought_is_used_without_a_network(tmp_path: Path, path_without_go: str) -> None:
    make_release(tmp_path / "livekit")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "nowhere")

    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "livekit" / "livekit-server").read_bytes() == PROGRAM


def test_without_any_way_it_says_what_to_bring_and_where_to(tmp_path: Path, path_without_go: str) -> None:
    folder = tmp_path / "livekit"

    result = install(folder, path_without_go, tmp_path / "nowhere")

    assert result.returncode == 1
    assert ARCHIVE in result.stdout
    assert str(folder) in result.stdout


def test_the_pinned_version_on_the_path_is_used_and_nothing_is_installed(tmp_path: Path, path_without_go: str) -> None:
    put_program(path_without_go, "livekit-server", "echo livekit-server version 1.13.5\n")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "nowhere")

    assert (result.returncode, result.stderr) == (0, "")
    assert "1.13.5 is on the path" in result.stdout
    assert not (tmp_path / "livekit").exists()


@pytest.mark.parametrize("says", ["echo livekit-server version 1.13.50", "echo livekit-server version 1.9.0", "exit 3"])
def test_another_version_on_the_path_counts_as_none(tmp_path: Path, path_without_go: str, says: str) -> None:
    put_program(path_without_go, "livekit-server", f"{says}\n")
    make_release(tmp_path / "releases" / "v1.13.5")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "releases")

    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "livekit" / "livekit-server").read_bytes() == PROGRAM


def test_go_builds_it_before_anything_is_downloaded(tmp_path: Path, path_without_go: str) -> None:
    put_go(path_without_go, "1.26.1", install=BUILD)

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "nowhere")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "built by Go" in result.stdout
    assert "done, " in result.stdout
    assert (tmp_path / "livekit" / "livekit-server").read_bytes() == PROGRAM.strip()


@pytest.mark.parametrize("version", ["1.9", "1.25.7"])
def test_a_go_that_is_too_old_is_not_asked_to_build(tmp_path: Path, path_without_go: str, version: str) -> None:
    put_go(path_without_go, version, install="exit 9")
    make_release(tmp_path / "releases" / "v1.13.5")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "releases")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "built by Go" not in result.stdout
    assert "no Go 1.26 or newer on the path" in (tmp_path / "livekit" / "install.log").read_text()
    assert (tmp_path / "livekit" / "livekit-server").read_bytes() == PROGRAM


@pytest.mark.parametrize(
    "fails", ["echo no such module >&2; exit 1", BUILD.replace("1.13.5", "1.14.0")], ids=["no build", "another version"]
)
def test_where_go_fails_the_archive_is_taken_and_nothing_of_the_build_stays(
    tmp_path: Path, path_without_go: str, fails: str
) -> None:
    put_go(path_without_go, "1.26.1", install=fails)
    make_release(tmp_path / "releases" / "v1.13.5")
    folder = tmp_path / "livekit"

    result = install(folder, path_without_go, tmp_path / "releases")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "FAILED; trying the release archive" in result.stdout
    assert (folder / "livekit-server").read_bytes() == PROGRAM
    assert sorted(item.name for item in folder.iterdir()) == ["install.log", "livekit-server"]


def test_where_go_fails_and_nothing_can_be_downloaded_the_log_says_why(tmp_path: Path, path_without_go: str) -> None:
    put_go(path_without_go, "1.26.1", install="echo no such module >&2; exit 1")

    result = install(tmp_path / "livekit", path_without_go, tmp_path / "nowhere")

    assert result.returncode == 1
    assert f"What was tried is in {tmp_path / 'livekit' / 'install.log'}" in result.stdout
    assert "no such module" in (tmp_path / "livekit" / "install.log").read_text()
