"""What axe finds against a page as it stands. Beside person.py.

The script comes from the package ``axe-playwright-python``; Playwright runs it past the page's own rules for scripts.
"""

from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

IMPACTS = ("serious", "critical")


def find_faults(page: Page, *rules: str) -> list[str]:
    """Name what is serious or critical by ``rules``, or by all, and where the first of each stands."""
    page.evaluate(_script())
    options = {"resultTypes": ["violations"], **({"runOnly": [*rules]} if rules else {})}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"{fault['id']} ({fault['help']}) at {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in IMPACTS
    ]


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text()
