"""The page of captions.jsonl. For make_reference.py."""

import dataclasses
import json
import tempfile
from pathlib import Path

from scripts.reference.fields import field_notes
from scripts.reference.markdown import table
from scripts.reference.places import SOURCE

from dragoman.ground.captions import Caption, Lags
from dragoman.ground.languages import Language
from dragoman.rooms.caption_log import write_caption_log

JSON_TYPES = {int: "number", float: "seconds", str: "text", bool: "true or false", dict: "object", type(None): "text"}

CAPTION_FIELDS = {
    "source_language": "Language that was spoken.",
    "text": "The words.",
    "voice": "`spoken`: dubbed. `skipped`: left out on the way to the voice. `null`: no voice was asked for.",
    "lag_ms": "Milliseconds by stage, `null` where a stage did not happen; see below.",
}
"""What the docstrings of ``ground/captions.py`` leave out because the name says it there."""


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
