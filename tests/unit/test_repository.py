"""Promises of the checkout itself: what is locked, what the build server calls, what is bundled."""

import os
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "requirements"
SAMPLES = REPOSITORY / "src" / "dragoman" / "samples"
NOT_OURS = {".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"} | {
    ".hypothesis", "__pycache__", "build", "dist", "results", "node_modules",
}  # fmt: skip

WITH_PYTORCH = {"xtts", "f5", "chatterbox"}
"""Extras for background jobs alone; gigabytes that no lock of ours should move."""

# In parts, so that this file does not name them either.
REGISTRY_HOSTS = [
    ".".join(parts).encode()
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("golang", "org"),
        ("crates", "io"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One line of a lock. A package may have several, each for other versions of Python."""

    package: str
    version: str
    sha256: frozenset[str]


def locked(name: str) -> set[Pin]:
    """Return the pins of ``requirements/<name>``."""
    lines = (REQUIREMENTS / name).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.strip().startswith("#"))
    pins = set()
    for requirement in filter(str.strip, text.replace("\\\n", " ").splitlines()):
        exact = re.match(r"([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", requirement)
        assert exact is not None, f"{name}: not one exact version: {requirement}"
        digests = re.findall(r"--hash=sha256:([0-9a-f]{64})(?:\s|$)", requirement)
        pins.add(Pin(package=exact[1], version=exact[2], sha256=frozenset(digests)))
    return pins


def packages(pins: set[Pin]) -> set[str]:
    return {pin.package for pin in pins}


def project() -> dict[str, dict[str, object]]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def names(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    return {re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0] for requirement in requirements}


def our_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in files)


LOCKS = ["core.txt", "dev.txt", "tools.txt", "recordings.txt"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_an_exact_version_and_hashes(name: str) -> None:
    pins = locked(name)

    without_hash = {pin.package for pin in pins if not pin.sha256}

    assert pins
    assert without_hash == set()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()

    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_every_declared_dependency_is_locked() -> None:
    declared = project()
    core = names(declared["project"]["dependencies"])
    extras = declared["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    ours = [needed for name, needed in extras.items() if name not in WITH_PYTORCH]
    development = names(declared["dependency-groups"]["dev"]).union(*map(names, ours))

    assert core - packages(locked("core.txt")) == set()
    assert (core | development) - packages(locked("dev.txt")) == set()


def test_development_uses_the_very_versions_that_people_run() -> None:
    differing = locked("core.txt") - locked("dev.txt")

    assert differing == set()


def test_the_build_system_is_the_one_that_set_up_installs() -> None:
    installed = [f"{pin.package}=={pin.version}" for pin in locked("tools.txt") if pin.package == "hatchling"]

    assert project()["build-system"]["requires"] == installed


def test_human_recordings_come_from_the_source_of_a_locked_pocketsphinx() -> None:
    (archive,) = locked("recordings.txt")
    pins = {pin.version: pin for pin in locked("core.txt") if pin.package == "pocketsphinx"}

    assert len(archive.sha256) == 1
    assert archive.sha256 <= pins[archive.version].sha256


def test_debian_packages_are_named_for_running_or_for_testing() -> None:
    lines = [line.split("#")[0].split() for line in (REQUIREMENTS / "debian.txt").read_text().splitlines()]

    odd = [words for words in lines if words and (len(words) != 2 or words[0] not in {"run", "test"})]

    assert odd == []
    assert ["run", "espeak-ng"] in lines


def test_the_build_server_runs_make_test() -> None:
    script = REPOSITORY / ".ci" / "run"

    assert script.stat().st_mode & stat.S_IXUSR
    assert "make test" in script.read_text().splitlines()


def test_no_file_names_the_host_of_a_package_registry() -> None:
    found = []

    for path in our_files():
        content = path.read_bytes()
        found += [(str(path), host) for host in REGISTRY_HOSTS if host in content]

    assert found == []


def test_shell_scripts_pass_shellcheck() -> None:
    scripts = sorted([*(REPOSITORY / "scripts").glob("*.sh"), REPOSITORY / ".ci" / "run"])
    assert shutil.which("shellcheck"), "no shellcheck here; 'make test' installs it as root, or says how"

    result = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False, timeout=60)

    assert result.stdout + result.stderr == ""


def test_every_sample_is_16_khz_mono_with_its_text_beside_it() -> None:
    recordings = sorted(SAMPLES.glob("*.flac"))
    infos = [soundfile.info(recording) for recording in recordings]

    assert [recording.name for recording in recordings] == ["dialogue.a.flac", "dialogue.b.flac", "talk.flac"]
    assert {(info.samplerate, info.channels) for info in infos} == {(16_000, 1)}
    assert all(recording.with_suffix(".txt").read_text().strip() for recording in recordings)


def test_samples_stay_under_two_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 2_000_000
