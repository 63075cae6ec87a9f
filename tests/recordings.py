"""Five human readings with their texts, for tests of recognition. Fetched by ``make test``, never committed.

LibriVox recordings (public domain) of "Sense and Sensibility", 3 to 7 s each, mono, 16 kHz, as PocketSphinx carries
them in its source archive. The archive comes through pip, named with its hash in ``requirements/recordings.txt``.
``python tests/recordings.py`` fetches them into ``.cache/recordings``; it needs pip in ``.cache/tools``
(``scripts/set_up.sh``).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
RECORDINGS = REPOSITORY / ".cache" / "recordings"
COMPLETE = RECORDINGS / "COMPLETE"
PIP_PYTHON = REPOSITORY / ".cache" / "tools" / "bin" / "python"

# SHA-256 over the bytes of name.wav and then of name.txt.
SHA256 = {
    "sense_and_sensibility_01_austen_64kb-0870": "6ed71890b0676c1d3d4bef52e7905bb3b0a4ceec07babfdbfbf1e0d61488ae53",
    "sense_and_sensibility_01_austen_64kb-0880": "ad9f60ec594b807c52c82286909a7f723e157d50de1d7d5f29b3650e35df5c38",
    "sense_and_sensibility_01_austen_64kb-0890": "dcffca892af5a033053e457cd0a8f95e9ae733a826cdcd89e0065b4309f977fd",
    "sense_and_sensibility_01_austen_64kb-0920": "5b2c169fd03ef270e54bf86fa6e347b18641288f59a0b08fc90cdbb93e7eba85",
    "sense_and_sensibility_01_austen_64kb-0930": "e183efdb8aa118c68a678b3d6aafe8d091b9b22596290c5f80cbe6832718d27f",
}

# pip asks an archive's build system for the package's metadata before it hands the archive over, and this one's
# wants CMake. Only the archive is needed, so this stand-in answers in its place and nothing is built.
BUILD_SYSTEM = """
from pathlib import Path

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    fields = dict(line.split(": ", 1) for line in Path("PKG-INFO").read_text().splitlines()[:3])
    folder = Path(metadata_directory, "{Name}-{Version}.dist-info".format_map(fields))
    folder.mkdir()
    metadata = "Metadata-Version: 2.1\\nName: {Name}\\nVersion: {Version}\\n".format_map(fields)
    folder.joinpath("METADATA").write_text(metadata)
    return folder.name
"""


class RecordingsMissing(Exception):
    """The human recordings are not in ``.cache/recordings``, or are not those they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One recorded sentence."""

    name: str
    audio: Path
    """WAV, mono, 16 kHz, 16 bit."""
    text: str
    """What is read, in lower case without punctuation."""


def librivox_readings() -> list[Reading]:
    """Return the five readings. Raises ``RecordingsMissing`` if they are absent or damaged; never fetches."""
    if not COMPLETE.exists():
        raise RecordingsMissing(
            f"no human recordings in {RECORDINGS}; 'make test' fetches them once and needs the package index for it"
        )
    return [_reading(RECORDINGS, name) for name in SHA256]


def _reading(folder: Path, name: str) -> Reading:
    audio, text = folder / f"{name}.wav", folder / f"{name}.txt"
    try:
        found = hashlib.sha256(audio.read_bytes() + text.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise RecordingsMissing(f"{error.filename} is gone; remove {RECORDINGS} and run 'make test' again") from error
    if found != SHA256[name]:
        raise RecordingsMissing(f"{audio} or its text has changed; remove {RECORDINGS} and run 'make test' again")
    return Reading(name=name, audio=audio, text=text.read_text(encoding="utf-8").strip())


def fetch() -> None:
    """Fill ``.cache/recordings``, all or nothing. Raises ``CalledProcessError`` if pip cannot get the archive."""
    fresh = RECORDINGS.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        _extract(_source_archive(Path(temporary)), fresh)
    for name in SHA256:
        _reading(fresh, name)
    (fresh / COMPLETE.name).touch()
    shutil.rmtree(RECORDINGS, ignore_errors=True)
    fresh.rename(RECORDINGS)


def _source_archive(folder: Path) -> Path:
    build_system = folder / "scikit_build_core" / "build.py"
    build_system.parent.mkdir()
    build_system.write_text(BUILD_SYSTEM, encoding="utf-8")
    requirements = str(REPOSITORY / "requirements" / "recordings.txt")
    pip = [str(PIP_PYTHON), "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--require-hashes", "--requirement", requirements, "--dest", str(folder)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        timeout=300,
    )
    return next(folder.glob("*.tar.gz"))


def _extract(archive: Path, folder: Path) -> None:
    wanted = {f"{name}{suffix}" for name in SHA256 for suffix in (".wav", ".txt")}
    with tarfile.open(archive) as tar:
        for member in tar:
            path = Path(member.name)
            if path.name in wanted and path.parent.name == "librivox" and (content := tar.extractfile(member)):
                (folder / path.name).write_bytes(content.read())


if __name__ == "__main__":
    fetch()
    sys.stdout.write(f"{len(librivox_readings())} readings in {RECORDINGS}\n")
