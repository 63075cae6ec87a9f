"""What a browser calls itself, in words that its owner knows it by: "Firefox on Linux". To sessions.py."""

import re

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+.*Safari/"),
)
"""The first that fits: most of them call themselves Chrome and Safari besides."""
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)
_LONGEST = 400


def describe_device(user_agent: str) -> str:
    """Name browser and system; empty for what is neither. None of the header's own text is in it."""
    text = user_agent[:_LONGEST]
    browser = _first(_BROWSERS, text)
    system = _first(_SYSTEMS, text)
    return f"{browser} on {system}" if browser and system else browser or system


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in patterns if re.search(pattern, text)), "")
