"""Which models can be fetched: from where, with which hashes and licence. From models.toml; to pull.py and store.py."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelError, ModelNotFound
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.models.accepted_files import why_refused
from dragoman.models.fields import Fields

WATERMARKS = frozenset({"audioseal"})
"""What marks any speech has no languages."""
BUNDLED_TABLE = Path(__file__).with_name("models.toml")

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_PAIR = re.compile(r"[a-z]{2,3}-[a-z]{2,3}")
_REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model, as it was published."""

    path: str
    """Inside the model's folder, with ``/``."""
    size: int = 0
    """Bytes; 0 if not published."""
    sha256: str = ""
    """Lower-case hexadecimal; empty if not published."""
    git_sha1: str = ""
    """Git's name of the content, which a hub gives for small files; empty if not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Where a file of a model is published, if not under its own name beside the others."""

    path: str
    """The file, as ``ModelFile`` has it."""
    repo: str = ""
    """Another repository, at ``revision``; empty for the model's own."""
    revision: str = ""
    name: str
    """Its path in the repository."""


class Origin(StrEnum):
    """Who serves a model."""

    HUB = "hub"
    FIREFOX = "firefox"
    """Mozilla's registry of translation models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model of the table."""

    id: str
    engine: str
    """Key in the registry of engines: ``faster_whisper``, ``ctranslate2``."""
    repo: str
    """Owner and name on the hub; ``firefox/vi-en`` for a pair of Mozilla's registry."""
    origin: Origin = Origin.HUB
    revision: str = ""
    """The commit, 40 hexadecimal digits; empty if the first pull finds and records it."""
    files: tuple[ModelFile, ...]
    places: tuple[FilePlace, ...] = ()
    """Of the files that lie elsewhere, or have another name here: a voice and its vocoder have two publishers."""
    languages: tuple[Language, ...] = ()
    """Languages recognised or spoken; empty for translators."""
    pairs: tuple[LanguagePair, ...] = ()
    """Pairs translated; empty for the others."""
    licence: str
    """SPDX identifier of the weights."""
    commercial: bool
    """May be used commercially."""
    recommended: bool = False
    """Good enough that ``offer.py`` proposes it."""
    about_bytes: int = 0
    """Size of the download, for people, where the files' sizes are not published."""
    ram_mb: int
    """Resident memory of a process while it works with the model, about."""
    attribution: str = ""

    @property
    def download_bytes(self) -> int:
        return self.about_bytes or sum(file.size for file in self.files)

    @property
    def pinned(self) -> bool:
        """Revision and hashes are published, so that nothing has to be taken on trust."""
        return bool(self.revision) and all(file.size and file.sha256 for file in self.files)

    def place_of(self, path: str) -> FilePlace:
        """Say where the file ``path`` is published; without a repository it is the model's own."""
        return next((place for place in self.places if place.path == path), FilePlace(path=path, name=path))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """Models that belong together, under one name."""

    name: str
    about: str
    """What it is for, in a sentence."""
    models: tuple[str, ...]
    """Ids; none for what comes with the operating system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """All models that can be fetched."""

    hub: str
    """Address of the hub that has them."""
    firefox_registry: str = ""
    """Address of the list of Mozilla's translation models."""
    entries: tuple[ModelEntry, ...]
    profiles: tuple[ModelProfile, ...] = ()

    def __iter__(self) -> Iterator[ModelEntry]:
        return iter(self.entries)

    def __contains__(self, model_id: str) -> bool:
        return any(entry.id == model_id for entry in self.entries)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(entry.id for entry in self.entries)

    def entry(self, model_id: str) -> ModelEntry:
        """Find a model. Raises ``ModelNotFound`` with the ids that there are."""
        for entry in self.entries:
            if entry.id == model_id:
                return entry
        raise ModelNotFound(f"no model {model_id!r} to fetch; there are: {', '.join(self.ids)}")

    def expand(self, names: Sequence[str]) -> tuple[ModelEntry, ...]:
        """Give the models that ``names`` mean, ids and profiles, each once. Raises ``ModelNotFound``."""
        held = {profile.name: profile.models for profile in self.profiles}
        unknown = [name for name in names if name not in held and name not in self]
        if unknown:
            profiles = f"; and the profiles: {', '.join(held)}" if held else ""
            raise ModelNotFound(
                f"no model {', '.join(map(repr, unknown))} to fetch; there are: {', '.join(self.ids)}{profiles}"
            )
        ids = dict.fromkeys(model_id for name in names for model_id in held.get(name, (name,)))
        return tuple(self.entry(model_id) for model_id in ids)


def is_model_id(text: str) -> bool:
    """Say whether ``text`` can be the id of a model, and with that the name of its folder."""
    return _ID.fullmatch(text) is not None and ".." not in text


def load_table(path: Path = BUNDLED_TABLE) -> ModelTable:
    """Read a model table. Raises ``ModelError`` that names the entry and the field that cannot be used."""
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"the model table {path.name} cannot be read: {error}") from error
    fields = Fields(parsed, where=path.name)
    fields.require_only("hub", "firefox_registry", "models", "profiles")
    table = ModelTable(
        hub=fields.text("hub"),
        firefox_registry=fields.text("firefox_registry", ""),
        entries=tuple(_read_entry(model_id, entry) for model_id, entry in fields.table("models").tables()),
        profiles=tuple(_read_profile(name, profile) for name, profile in fields.table("profiles").tables()),
    )
    for profile in table.profiles:
        unknown = [model_id for model_id in profile.models if model_id not in table]
        if unknown or profile.name in table:
            raise fields.wrong(f"the profile {profile.name} names {', '.join(unknown) or 'itself like a model'}")
    return table


def revision_of(files: Iterable[ModelFile]) -> str:
    """Make 40 hexadecimal digits that change with any of the files: for models that are published without a commit."""
    text = "".join(f"{file.path} {file.size} {file.sha256}\n" for file in sorted(files, key=lambda file: file.path))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def read_languages(fields: Fields) -> tuple[tuple[Language, ...], tuple[LanguagePair, ...]]:
    """Read ``languages`` and ``pairs``: one of the two, with codes of our own table; none for watermarks.

    ``between`` names languages that are translated each into each other, instead of all their pairs.
    """
    languages = tuple(Language(code) for code in fields.texts("languages"))
    pairs = tuple((Language(source), Language(target)) for source, target in fields.text_pairs("pairs"))
    pairs += tuple(permutations(map(Language, fields.texts("between")), 2))
    unknown = sorted(
        {code for code in (*languages, *(code for pair in pairs for code in pair)) if code not in LANGUAGES}
    )
    if unknown:
        raise fields.wrong(f"no language {', '.join(unknown)}; there are: {', '.join(LANGUAGES)}")
    if fields.text("engine", "") in WATERMARKS and not languages and not pairs:
        return (), ()
    if bool(languages) == bool(pairs):
        raise fields.wrong("give languages (recognised or spoken) or pairs (translated), one of the two")
    return languages, pairs


def read_file(fields: Fields) -> ModelFile:
    """Read one file's ``path``, ``size`` and ``sha256``; the last two may be absent."""
    fields.require_only("path", "size", "sha256")
    return _read_file(fields)


def _read_file(fields: Fields) -> ModelFile:
    file = ModelFile(path=fields.text("path"), size=fields.whole("size", 0), sha256=fields.text("sha256", ""))
    refused = why_refused(file.path)
    if refused:
        raise fields.wrong(refused)
    if file.sha256 and not _SHA256.fullmatch(file.sha256):
        raise fields.wrong(f"sha256 of {file.path} must be 64 lower-case hexadecimal digits")
    return file


def _read_entry(model_id: str, fields: Fields) -> ModelEntry:
    fields.require_only(
        "engine", "source", "files", "languages", "pairs", "between", "licence", "commercial", "recommended",
        "about_bytes", "ram_mb", "attribution",
    )  # fmt: skip
    if not is_model_id(model_id):
        raise fields.wrong("an id has lower-case letters, digits, '.', '_' and '-', at most 64")
    origin, repo, revision = _read_source(fields.table("source"))
    read = [_read_placed(row) for row in fields.rows("files")]
    files = tuple(file for file, _ in read)
    if not files or len({file.path for file in files}) != len(files):
        raise fields.wrong("files must name at least one file, and each once")
    languages, pairs = read_languages(fields)
    if origin is Origin.FIREFOX and all(file.size and file.sha256 for file in files):
        revision = revision_of(files)
    entry = ModelEntry(
        id=model_id,
        engine=fields.text("engine"),
        repo=repo,
        origin=origin,
        revision=revision,
        files=files,
        places=tuple(place for _, place in read if place is not None),
        languages=languages,
        pairs=pairs,
        licence=fields.text("licence"),
        commercial=fields.flag("commercial"),
        recommended=fields.flag("recommended", False),
        about_bytes=fields.whole("about_bytes", 0),
        ram_mb=fields.whole("ram_mb"),
        attribution=fields.text("attribution", ""),
    )
    if not entry.download_bytes:
        raise fields.wrong("give about_bytes where the files have no size")
    return entry


def _read_placed(fields: Fields) -> tuple[ModelFile, FilePlace | None]:
    """Read a file, and where it lies if ``at`` says so: ``name`` in its repository, ``repo`` and ``revision``.

    What comes from another repository has all of its hashes in the table: the hub is asked about one alone.
    """
    fields.require_only("path", "size", "sha256", "at")
    file = _read_file(fields)
    if not fields.has_value("at"):
        return file, None
    at = fields.table("at")
    at.require_only("repo", "revision", "name")
    place = FilePlace(
        path=file.path, repo=at.text("repo", ""), revision=at.text("revision", ""), name=at.text("name", file.path)
    )
    if why_refused(place.name):
        raise at.wrong(why_refused(place.name))
    if place.repo and not (
        _REPO.fullmatch(place.repo) and _REVISION.fullmatch(place.revision) and file.size and file.sha256
    ):
        raise at.wrong("a file of another repository has repo = OWNER/NAME, a commit as its revision, size and sha256")
    return file, place


def _read_source(source: Fields) -> tuple[Origin, str, str]:
    """Give who serves a model, under which name, and its revision, if that is published."""
    source.require_only("repo", "revision", "firefox")
    if source.has_value("firefox"):
        pair = source.text("firefox")
        if source.has_value("repo") or source.has_value("revision") or not _PAIR.fullmatch(pair):
            raise source.wrong("firefox names a pair, such as vi-en, and stands alone")
        return Origin.FIREFOX, f"{Origin.FIREFOX}/{pair}", ""
    repo, revision = source.text("repo"), source.text("revision", "")
    if not _REPO.fullmatch(repo):
        raise source.wrong(f"repo must be OWNER/NAME, not {repo!r}")
    if revision and not _REVISION.fullmatch(revision):
        raise source.wrong(f"revision must be a commit of 40 hexadecimal digits, never a branch, not {revision!r}")
    return Origin.HUB, repo, revision


def _read_profile(name: str, fields: Fields) -> ModelProfile:
    fields.require_only("about", "models")
    if not is_model_id(name):
        raise fields.wrong("a profile's name is like an id: lower-case letters, digits, '.', '_' and '-'")
    return ModelProfile(name=name, about=fields.text("about"), models=fields.texts("models"))
