"""Chromium as people have it, driven by Playwright, and what it has to say against the page. To person.py."""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

PROGRAM = "/usr/bin/chromium"
WAIT_MS = 30_000
"""For whatever should be seen in the page: long, for slow and loaded machines."""
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
MOUTH_AND_EARS = Path(__file__).with_name("mouth_and_ears.js")
FAKE_DEVICES = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
expect.set_options(timeout=WAIT_MS)
_ALONE = ("--no-sandbox", "--disable-component-update", "--disable-background-networking")
"""Root has no sandbox, and a test browser asks nobody for anything."""


@contextmanager
def chromium(*switches: str) -> Iterator[Browser]:
    """Run the system's Chromium without a window; ``switches`` say which devices it has."""
    with sync_playwright() as playwright, launched(playwright.chromium, *switches) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *switches: str, program: str | Path = PROGRAM) -> Iterator[Browser]:
    """Run one more: ``kind`` is the ``browser_type`` of the first, for there is one Playwright in a process."""
    browser = kind.launch(
        executable_path=program, args=[*_ALONE, "--autoplay-policy=no-user-gesture-required", *switches]
    )
    try:
        yield browser
        for page in [page for visitor in browser.contexts for page in visitor.pages]:
            # Whoever goes elsewhere leaves the call; a browser that is killed keeps the media server waiting.
            page.goto("about:blank")
    finally:
        browser.close()


def program_at(there: Sequence[str], folder: Path) -> Path:
    """Write the command of a Chromium that runs on another machine (tests/lan.py); Playwright drives it by pipes."""
    program = folder / f"chromium-{len(list(folder.glob('chromium-*')))}"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(there)} {PROGRAM} "$@"\n')
    program.chmod(0o755)
    return program


@dataclass(slots=True, kw_only=True)
class Complaints:
    """What a page did that it should not: see ``all``."""

    page: Page
    host: str
    """The page's own host and port."""
    errors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    """Of everything that was asked for, WebSockets included."""

    def listen(self) -> None:

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("websocket", lambda socket: self.addresses.append(socket.url))

    @property
    def strangers(self) -> list[str]:
        """Addresses that lead to another host; what is made inside the page leads nowhere."""
        inside = ("data:", "blob:")
        return [url for url in self.addresses if not url.startswith(inside) and urlsplit(url).netloc != self.host]

    @property
    def foreign_servers(self) -> list[str]:
        """STUN and TURN servers other than the page's own machine."""
        servers: list[str] = self.page.evaluate("window.iceServers")
        own = re.compile(f"(stuns?|turns?):{re.escape(self.host.partition(':')[0])}[:?]")
        return [server for server in servers if not own.match(server)]

    def all(self) -> list[str]:
        """Give all of them, to be compared with an empty list."""
        violations: list[str] = self.page.evaluate("window.violations")
        return [*self.errors, *violations, *self.strangers, *self.foreign_servers]


def new_visitor(
    browser: Browser,
    *,
    language: str = "en-US",
    colours: Literal["light", "dark"] = "light",
    size: ViewportSize = DESKTOP,
    with_mouth: bool = True,
    may_use_devices: bool = True,
    accepts_certificates: bool = False,
) -> BrowserContext:
    """Give a browser of its own to a person who has never been here; Playwright closes it with the browser."""
    visitor = browser.new_context(
        locale=language,
        color_scheme=colours,
        viewport=size,
        has_touch=size == PHONE,
        permissions=["microphone", "camera", "clipboard-read", "clipboard-write"] if may_use_devices else [],
        ignore_https_errors=accepts_certificates,
    )
    visitor.set_default_timeout(WAIT_MS)
    if with_mouth:
        visitor.add_init_script(path=MOUTH_AND_EARS)
    return visitor
