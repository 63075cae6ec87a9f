"""Write docs/reference/ from the code: API, settings, commands, engines, models, errors, metrics, events, captions.

Run with ``.venv/bin/python scripts/make_reference.py`` after a change; with ``--check`` it writes nothing and exits
with 1 if a page is not what the code says (``tests/unit/test_docs.py`` does so). The pages are the same on every
machine: home folders are shown as ``~``, and what an engine can do there is left to ``dragoman doctor``.
"""

import ast
import dataclasses
import importlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from tests.tone_voice import make_tone_supertonic
from tests.toy_transducer import write_zipformer
from tests.toy_vieneu import make_vieneu_nano
from typer.core import TyperArgument, TyperCommand, TyperGroup

from dragoman.accounts import errors as account_errors
from dragoman.accounts.data_map import FILES, TABLES
from dragoman.cli import app
from dragoman.engines.registry import REGISTRY, EngineEntry, engines_of, open_engine
from dragoman.engines.text_to_speech.job_voice.engine import JobLibrary
from dragoman.ground import errors, events
from dragoman.ground.captions import Caption, Lags
from dragoman.ground.engines import EngineChoice, EngineInfo, EngineKind
from dragoman.ground.errors import DragomanError
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.meetings import errors as meeting_errors
from dragoman.models.table import load_table
from dragoman.observe.metrics import Metrics
from dragoman.rooms.caption_log import write_caption_log
from dragoman.services.api.app import openapi_document
from dragoman.services.api.problems import status_of
from dragoman.settings import Settings
from dragoman.testing.firefox_model import write_firefox_model

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCE = REPOSITORY / "src" / "dragoman"
REFERENCE = REPOSITORY / "docs" / "reference"
HEAD = "<!-- Written by scripts/make_reference.py from the code. Change the code, then run it again. -->\n"

HOME = Path("/home/you")
"""Stands for everybody's home folder while defaults are read."""

FIXTURE_FOR = {"faster_whisper": "whisper-pico", "ctranslate2": "mt-pico"}
"""With which an engine is opened, to ask what it says of itself."""

JSON_TYPES = {int: "number", float: "seconds", str: "text", bool: "true or false", dict: "object", type(None): "text"}

ERROR_MODULES = {module.__name__: module for module in (errors, account_errors, meeting_errors)}

API_CODES = {
    "bad_request": (400, "The body is no JSON."),
    "not_found": (404, "There is no such address, or it is one of accounts and this server has none."),
    "method_not_allowed": (405, "The address takes other methods; `Allow` lists them."),
    "origin_not_allowed": (403, "Sent to another name than this server's, or by another site's page."),
    "too_slow": (408, "The request took too long to arrive."),
    "too_large": (413, "The body is longer than the address takes."),
    "internal_error": (500, "A defect; the server's log has its trace."),
}
"""What no error of ours stands for."""

CODES_OF_ALL = (
    *("bad_request", "not_signed_in", "origin_not_allowed", "too_slow", "too_large", "request_invalid"),
    *("idempotency_key_reused", "request_under_way", "answer_not_kept"),
    *("too_many_requests", "store_unavailable", "store_full"),
)
"""Said once on the page of the API: what is checked for all routes that take a body, an account, or a key."""
WHO_OF_TAG = {"admin": "admins of the server", "models": "whoever sits at the machine"}
WHO_OF_SCHEME = {"bearer": "whoever has an account", "cookie": "the page, by its cookie", "room_secret": "who is in it"}
"""Who may ask, where a route does not say so itself."""

JOBS_ONLY, CLONES, HONOURS_SPEED = "background jobs alone", "can clone voices", "speed in the synthesiser"
"""Notes on voices."""

CAPTION_FIELDS = {
    "source_language": "Language that was spoken.",
    "text": "The words.",
    "voice": "`spoken`: dubbed. `skipped`: left out on the way to the voice. `null`: no voice was asked for.",
    "lag_ms": "Milliseconds by stage, `null` where a stage did not happen; see below.",
}
"""What the docstrings of ``ground/captions.py`` leave out because the name says it there."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; cells lose line breaks and their bars are escaped."""
    lines = [list(header), ["---"] * len(header), *map(list, rows)]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def first_sentence(docstring: str | None) -> str:
    """Give a docstring's first paragraph up to its first full stop."""
    paragraph = (docstring or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split()).split(". ")[0].removesuffix(".") + "."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FieldNote:
    """What the code says of one field."""

    type: str
    text: str
    """What stands under it; may be nothing."""


def field_notes(file: Path, class_name: str) -> dict[str, FieldNote]:
    """Read the fields of a class, by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name)
    notes: dict[str, FieldNote] = {}
    for node, after in zip(found.body, [*found.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            note = after.value if isinstance(after, ast.Expr) else None
            is_text = isinstance(note, ast.Constant) and isinstance(note.value, str)
            text = note.value if is_text else ""  # type: ignore[union-attr]
            notes[node.target.id] = FieldNote(type=ast.unparse(node.annotation), text=text)
    return notes


def settings_page() -> str:
    notes = field_notes(SOURCE / "settings.py", "Settings")
    rows = [
        (f"`{name}`", f"`DRAGOMAN_{name.upper()}`", _default(name), _values(name), notes[name].text)
        for name in Settings.model_fields
    ]
    return (
        "# Settings\n\n"
        "Read at the start of every command: from `dragoman.toml` in `~/.config/dragoman` (`DRAGOMAN_CONFIG` names\n"
        "another file), then from environment variables, which win. A value out of range, or a name in the file that\n"
        "is not below, ends the command with every error at once. The default folders follow `XDG_CONFIG_HOME`,\n"
        "`XDG_DATA_HOME` and `XDG_CACHE_HOME`.\n\n"
        + table(("setting", "variable", "default", "values", "what it is"), rows)
    )


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default_factory is None:
        return "none" if field.default is None else f"`{json.dumps(field.default)}`"
    made = Settings().__getattribute__(name)
    if isinstance(made, Path):
        return f"`~/{made.relative_to(HOME)}`"
    return "this machine's"


def _values(name: str) -> str:
    field = Settings.model_fields[name]
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    limits = {key: getattr(limit, key) for limit in field.metadata for key in ("ge", "gt", "le") if hasattr(limit, key)}
    words = {"ge": "at least", "gt": "above", "le": "at most"}
    return ", ".join([_kind(field.annotation), *(f"{words[key]} {limit}" for key, limit in limits.items())])


def _kind(annotation: object) -> str:
    """Name the kind of value in words, whatever it is wrapped in."""
    kinds = {int: "whole number", float: "number", bool: "`true` or `false`", Path: "path", str: "text"}
    if isinstance(annotation, type) and annotation in kinds:
        return kinds[annotation]
    if get_origin(annotation) is tuple:
        return "numbers, in order" if _kind(get_args(annotation)[0]) == "number" else "names, in order"
    inner = [choice for choice in get_args(annotation) if choice is not type(None)]
    return _kind(inner[0]) if inner else "secret text"


def commands_page() -> str:
    command = typer.main.get_command(app)
    return "# Commands\n\n" + "\n".join(_describe_command(command, "dragoman"))


def _describe_command(command: TyperCommand | TyperGroup, name: str) -> Iterator[str]:
    below = command.commands if isinstance(command, TyperGroup) else {}
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    options = [param for param in command.params if not isinstance(param, TyperArgument)]
    usage = " ".join([name, "COMMAND" if below else "[OPTIONS]", *(_metavar(argument) for argument in arguments)])
    yield f"## {name}\n\n{first_paragraphs(command.help)}\n\n```\n{usage}\n```\n"
    rows = [(f"`{_metavar(argument)}`", _needed(argument), argument.help or "") for argument in arguments]
    rows += [(f"`{_spelling(option)}`", _needed(option), option.help or "") for option in options]
    if rows:
        yield table(("argument or option", "", "what it is"), rows)
    if below:
        yield table(("command", "what it does"), [(f"`{name} {key}`", it.help or "") for key, it in below.items()])
    for key, it in below.items():
        yield from _describe_command(it, f"{name} {key}")


def first_paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def _metavar(param: TyperArgument) -> str:
    name = (param.metavar or (param.name or "").upper()).removesuffix("...")
    return f"{name}..." if param.nargs == -1 else name


def _spelling(option: object) -> str:
    names = ", ".join(option.opts)  # type: ignore[attr-defined]
    if option.is_flag:  # type: ignore[attr-defined]
        return names
    return f"{names} {option.metavar or 'TEXT'}"  # type: ignore[attr-defined]


def _needed(param: object) -> str:
    multiple = param.multiple or param.nargs == -1  # type: ignore[attr-defined]
    words = ["needed"] if param.required else []  # type: ignore[attr-defined]
    return ", ".join(words + (["may be repeated"] if multiple else []))


def engines_page() -> str:
    parts = [
        "# Engines\n",
        "An engine is asked for by name, with its model behind a colon if it needs one: `pocketsphinx`,\n"
        "`faster_whisper:whisper-small`. Which languages work on your machine, `dragoman doctor` says.\n",
    ]
    for kind in REGISTRY:
        entries = engines_of(kind)
        with tempfile.TemporaryDirectory() as models:
            rows = [_engine_row(kind, name, entry, Path(models)) for name, entry in entries.items()]
        parts.append(f"## {str(kind).capitalize()}\n")
        parts.append(table(("engine", "what it is", "model", "licence", "Hz", "notes"), rows))
    return "\n".join(parts)


def _engine_row(kind: EngineKind, name: str, entry: EngineEntry, models: Path) -> tuple[str, ...]:
    what = first_sentence(importlib.import_module(entry.module).__doc__)
    if entry.must_be_set_up:
        return (f"`{name}`", what, "none", "the service's", "", "an address must be set")
    library = getattr(importlib.import_module(entry.module), "LIBRARY", None)
    if isinstance(library, JobLibrary):
        # It opens only where its library is installed, which brings PyTorch.
        notes = [JOBS_ONLY, CLONES, *([HONOURS_SPEED] if library.honours_speed else [])]
        return (f"`{name}`", what, "needed", library.licence, str(library.sample_rate), ", ".join(notes))
    model = str(_model_for(name, models)) if entry.needs_model else ""
    engine = open_engine(kind, EngineChoice(name=name, model=model), find_model=Path, online=True)
    info = engine.info
    engine.close()
    return (
        f"`{name}`",
        what,
        "needed" if entry.needs_model else "none",
        "the model's" if entry.needs_model else info.licence,
        str(info.sample_rate) if info.sample_rate else "",
        _abilities(info),
    )


def _model_for(name: str, models: Path) -> Path:
    """Give a folder with which an engine opens, so that it says of itself what it can."""
    if name == "firefox":
        return write_firefox_model(models / "en-es", "enes", {})
    if name == "llama_cpp":
        (models / "hy-mt").mkdir()
        (models / "hy-mt" / "model.gguf").write_bytes(b"GGUF")  # it is loaded at the first sentence only
        return models / "hy-mt"
    if name == "sherpa":
        return write_zipformer(models / "zipformer-en")
    if name == "sherpa_voice":
        return make_tone_supertonic(models / "supertonic")
    if name == "vieneu":
        return make_vieneu_nano(models / "vieneu")
    return REPOSITORY / "tests" / "fixtures" / FIXTURE_FOR[name]


def _abilities(info: EngineInfo) -> str:
    notes = {
        "times of words": info.word_timestamps,
        "recognises along": info.streaming and info.kind is EngineKind.SPEECH_TO_TEXT,
        "first sound before the last is made": info.streaming and info.kind is EngineKind.TEXT_TO_SPEECH,
        "online, opened only where it is named": info.online,
        CLONES: info.clones,
        HONOURS_SPEED: info.honours_speed,
    }
    honoured = [f"honours {capability}" for capability in sorted(info.capabilities)]
    return ", ".join([note for note, true in notes.items() if true] + honoured)


def models_page() -> str:
    models = load_table()
    rows = [
        (
            f"`{entry.id}`",
            f"`{entry.engine}`",
            ", ".join(entry.languages) or ", ".join(f"{source} to {target}" for source, target in entry.pairs),
            f"{entry.download_bytes / 1e6:.0f}",
            str(entry.ram_mb),
            entry.licence + ("" if entry.commercial else " (no commercial use)"),
            "in the table" if entry.pinned else "recorded at the first pull",
            entry.attribution,
        )
        for entry in models
    ]
    header = ("id", "engine", "languages", "download, MB", "memory, MB", "licence", "revision and hashes", "by")
    names = ", ".join(f"{code} {entry.name}" for code, entry in LANGUAGES.items())
    return (
        "# Models\n\n"
        f"What `dragoman models pull` knows; it fetches from <{models.hub}> or from the mirror that the setting\n"
        "`model_hub` names. See [Models: fetch, add, check](../howto/models.md).\n\n"
        + table(header, rows)
        + f"\n## Languages\n\n{names}.\n"
    )


def data_page() -> str:
    """Write the data map: what is stored of whom, why, for how long."""
    header = ("table", "what", "why", "whose", "kept", "when somebody is erased", "exported")
    tables = [
        (
            f"[`{it.name}`](#{it.name})",
            it.what,
            it.why,
            it.whose,
            it.how_long,
            it.erased.value,
            "no" if it.of_person is None else "yes",
        )
        for it in TABLES
    ]
    files = [(f"`{it.path}`", it.what, it.why, it.whose, it.how_long, it.erased) for it in FILES]
    columns = "".join(
        f"\n### {it.name}\n\n"
        + table(("column", "what"), [(f"`{name}`", text) for name, text in it.columns.items()])
        + (f"\nIn no export: {', '.join(sorted(it.secrets))}.\n" if it.secrets and it.of_person else "")
        for it in TABLES
    )
    return (
        "# What is stored\n\n"
        "Nothing of a call, unless it says so here: no sound, no captions, no translations. Without accounts there is\n"
        "no database. How to export and erase a person: [Privacy](../howto/privacy.md).\n\n## Tables\n\n"
        + table(header, tables)
        + "\n## Files below `data_dir`\n\n"
        + table(("path", "what", "why", "whose", "kept", "when somebody is erased"), files)
        + "\n## Columns\n"
        + columns
    )


def errors_page() -> str:
    rows = [
        (
            f"{'&nbsp;' * 4 * depth}`{error.code}`",
            f"`{error.__name__}`",
            str(status_of(error)),
            (error.__doc__ or "").split("\n\n")[0],
        )
        for error, depth in _tree(DragomanError, 0)
    ]
    own = [(f"`{code}`", str(status), text) for code, (status, text) in API_CODES.items()]
    return (
        "# Errors\n\n"
        f"{', '.join(f'`{module}`' for module in ERROR_MODULES)}.\n\n"
        "A command that meets one says its sentence on standard error and exits with 1; a wrong option exits with 2,\n"
        "an interruption with 130. Logs and `report.json` carry the code, which stays the same. The\n"
        "[API](../howto/api.md) answers with the status and the code, as `application/problem+json`.\n\n"
        + table(("code", "class", "status", "what happened"), rows)
        + "\n## Of the API alone\n\n"
        + table(("code", "status", "what happened"), own)
    )


def _tree(error: type[DragomanError], depth: int) -> Iterator[tuple[type[DragomanError], int]]:
    yield error, depth
    for below in error.__subclasses__():
        if below.__module__ in ERROR_MODULES:
            yield from _tree(below, depth + 1)


def api_page() -> str:
    """Write every route of the API, by tag."""
    by_tag: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((f"{method.upper()} {path}", operation))
    parts = [
        "# API\n",
        "Every route of a server with accounts; one without has none of those that take an account. The bodies stand\n"
        "in the OpenAPI, at `/api/openapi.json` and by `dragoman openapi`. How it is used: [API](../howto/api.md);\n"
        "what the codes mean: [Errors](errors.md). What answers `forbidden` under *Me* takes no API key.\n",
        f"Many routes answer with these, so that they are not repeated: {', '.join(map(_code, CODES_OF_ALL))}.\n",
    ]
    for tag in sorted(by_tag):
        rows = [_route_row(name, operation) for name, operation in sorted(by_tag[tag], key=_place_of_route)]
        parts.append(f"## {tag.replace('_', ' ').capitalize()}\n")
        parts.append(table(("route", "what it does", "who may", "errors"), rows))
    return "\n".join(parts)


def _place_of_route(route: tuple[str, dict[str, Any]]) -> tuple[str, int]:
    method, path = route[0].split(" ")
    return path, ("GET", "POST", "PUT", "PATCH", "DELETE").index(method)


def _route_row(name: str, operation: dict[str, Any]) -> tuple[str, ...]:
    codes = [
        code
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code in re.findall(r"^`(\w+)`", answer["description"], re.MULTILINE)
        if code not in CODES_OF_ALL
    ]
    return _code(name), operation["summary"], _who(operation), ", ".join(map(_code, dict.fromkeys(codes)))


def _code(text: str) -> str:
    return f"`{text}`"


def _who(operation: dict[str, Any]) -> str:
    """Take it from the description, "By the host."; otherwise from what a request carries."""
    said = re.search(r"(?:^|\. )(?:By|To) ([^.;:]+)[.;:]", " ".join(operation.get("description", "").split()))
    if said:
        return said[1]
    schemes = [scheme for asked in operation.get("security", ({},)) for scheme in asked or ("",)]
    words = [WHO_OF_SCHEME.get(scheme, "everybody") for scheme in schemes]
    return WHO_OF_TAG.get(operation["tags"][0]) or words[0]


def metrics_page() -> str:
    rows = []
    for metric in vars(Metrics()).values():
        if not hasattr(metric, "describe"):
            continue
        family = next(iter(metric.describe()))
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        rows.append((f"`{name}`", family.type, labels, family.documentation))
    return (
        "# Metrics\n\n"
        "In Prometheus' names and units. Each process of `dragoman up` counts its own and serves them at `/metrics`\n"
        "to who has the service token.\n\n" + table(("metric", "type", "labels", "what it counts"), rows)
    )


def events_page() -> str:
    parts = [
        "# Events\n",
        "What observers are told (`ground/events.py`). `observe/figures.py` makes `report.json` of them,\n"
        "`observe/log.py` log lines, `observe/metrics.py` [metrics](metrics.md).\n",
    ]
    for event in get_args(events.Event):
        notes = field_notes(SOURCE / "ground" / "events.py", event.__name__)
        rows = [(f"`{name}`", f"`{note.type}`", note.text) for name, note in notes.items()]
        # Without a docstring of its own a dataclass gets its signature for one.
        own = "" if (event.__doc__ or "").startswith(f"{event.__name__}(") else f"{event.__doc__}\n\n"
        parts.append(f"## {event.__name__}\n\n{own}" + table(("field", "type", "what it is"), rows))
    return "\n".join(parts)


def captions_page() -> str:
    notes = field_notes(SOURCE / "ground" / "captions.py", "Caption")
    rows = []
    for key, value in _example_line().items():
        note = notes.get(key) or notes.get(f"{key}_s")
        text = CAPTION_FIELDS.get(key) or (note.text if note else "")
        if not text:
            raise SystemExit(f"captions.jsonl has a field {key!r} that nothing describes; add it to CAPTION_FIELDS")
        rows.append((f"`{key}`", JSON_TYPES[type(value)], text))
    lags = "\n\n".join((Lags.__doc__ or "").split("\n\n")[1:])
    return (
        "# captions.jsonl\n\n"
        "One JSON object per final caption and line, UTF-8, in the order of `seq`.\n\n"
        + table(("field", "type", "what it is"), rows)
        + "\n## lag_ms\n\n"
        + " ".join(lags.replace("``", "`").split())
        + "\n"
    )


def _example_line() -> dict[str, object]:
    caption = Caption(
        segment="talk.1", speaker="talk", language=Language("es"), source_language=Language("en"), text="Hola",
        start_s=0.0, end_s=1.0, final=True, seq=1, lags=Lags(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "captions.jsonl"
        write_caption_log(file, [caption], spoken={}, skipped=frozenset())
        line: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    if set(line["lag_ms"]) != {field.name.removesuffix("_ms") for field in dataclasses.fields(Lags)}:  # type: ignore[call-overload]
        raise SystemExit("captions.jsonl and ground/captions.py name different lags")
    return line


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "engines.md": engines_page,
    "models.md": models_page,
    "captions.md": captions_page,
    "data.md": data_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "metrics.md": metrics_page,
}


def index_page(pages: dict[str, str]) -> str:
    """List the pages by their headings."""
    lines = [f"- [{text.splitlines()[0].removeprefix('# ')}]({name})" for name, text in pages.items()]
    return "# Reference\n\n" + "\n".join(lines) + "\n"


def make_pages() -> dict[str, str]:
    """Write every page, by its file name."""
    for variable in [key for key in os.environ if key.startswith(("DRAGOMAN_", "XDG_"))]:
        del os.environ[variable]
    os.environ["HOME"] = str(HOME)
    pages = {name: make() for name, make in PAGES.items()}
    pages["README.md"] = index_page(pages)
    return {name: HEAD + "\n" + text for name, text in pages.items()}


def main() -> int:
    pages = make_pages()
    there = {file.name: file.read_text(encoding="utf-8") for file in REFERENCE.glob("*.md")}
    stale = sorted(name for name in pages.keys() | there.keys() if pages.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"not what the code says: {', '.join(stale)}; run .venv/bin/python scripts/make_reference.py")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in pages:
            (REFERENCE / name).write_text(pages[name], encoding="utf-8")
        else:
            (REFERENCE / name).unlink()
    print(f"docs/reference: {len(stale)} of {len(pages)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
