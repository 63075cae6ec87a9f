"""Write docs/reference/ from the code: API, settings, commands, engines, models, errors, metrics, events, captions.

Run with ``.venv/bin/python scripts/make_reference.py`` after a change; with ``--check`` it writes nothing and exits
with 1 if a page is not what the code says (``tests/unit/test_docs.py`` does so). The pages are the same on every
machine: home folders are shown as ``~``, and what an engine can do there is left to ``dragoman doctor``. Each page
has a file of its own in ``reference/``.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.reference.api import api_page
from scripts.reference.captions import captions_page
from scripts.reference.commands import commands_page
from scripts.reference.data import data_page
from scripts.reference.engines import engines_page
from scripts.reference.errors import errors_page
from scripts.reference.events import events_page
from scripts.reference.metrics import metrics_page
from scripts.reference.models import models_page
from scripts.reference.places import HOME, REPOSITORY
from scripts.reference.settings import settings_page

REFERENCE = REPOSITORY / "docs" / "reference"
HEAD = "<!-- Written by scripts/make_reference.py from the code. Change the code, then run it again. -->\n"

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
