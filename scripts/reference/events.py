"""The page of events. For make_reference.py."""

from typing import get_args

from scripts.reference.fields import field_notes
from scripts.reference.markdown import table
from scripts.reference.places import SOURCE

from dragoman.ground import events


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
