"""A listener of a measured call in a real, headless Chromium. ``call_probe.js`` watches it. To ``call_run.py``."""

import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.call_lags import Level, Shown
from benchmarks.call_site import CallFailed
from playwright.async_api import Browser, Error, Page, async_playwright

PROBE = Path(__file__).with_name("call_probe.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",  # it visits this machine alone, and root may not have one
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
)
WITHIN_MS = 30_000.0


class BrowserMissing(CallFailed):
    """There is no Chromium here."""


class PageStuck(CallFailed):
    """The page is not as expected, or does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the probe saw, in seconds of this machine's clock."""

    join_s: float
    """From the click on Join to the call's controls."""
    arrived: dict[str, list[Level]]
    """What came in, by track."""
    audible: dict[str, list[Level]]
    """What went to the loudspeakers, by track."""
    shown: list[Shown]
    brightness: list[tuple[float, float]]


class Listener:
    """A page in the call."""

    def __init__(self, page: Page, ahead_s: float) -> None:
        self._page = page
        self._ahead_s = ahead_s

    async def watched(self) -> Watched:
        """Give what was seen so far."""
        seen = await self._page.evaluate("() => window.__probe")

        def wall_s(at_ms: float) -> float:
            return at_ms / 1000 - self._ahead_s

        heard = {
            name: [Level(at_s=wall_s(at_ms), rms=rms) for at_ms, rms in levels]
            for name, levels in seen["heard"].items()
        }
        return Watched(
            join_s=(seen["enteredAt"] - seen["clickedAt"]) / 1000,
            arrived={name.removeprefix("arrived "): it for name, it in heard.items() if name.startswith("arrived ")},
            audible={name.removeprefix("audible "): it for name, it in heard.items() if name.startswith("audible ")},
            shown=[Shown(at_s=wall_s(at_ms), cues=tuple(cues)) for at_ms, cues in seen["shown"]],
            brightness=[(wall_s(at_ms), luma) for at_ms, luma in seen["brightness"]],
        )


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Start Chromium. Raises ``BrowserMissing``."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        raise BrowserMissing(f"no browser here (looked for {', '.join(BROWSERS)}); install chromium")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        except Error as error:
            raise BrowserMissing(f"{program} does not start: {error.message}") from error
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def listening_page(browser: Browser, address: str, room: str, *, language: str) -> AsyncIterator[Listener]:
    """Join ``room`` through the lobby as somebody who reads and hears ``language``, camera and microphone off.

    Raises ``PageStuck``.
    """
    choices = {
        "name": "Listener",
        "speaks": None,
        "reads": language,
        "listens": None,
        "chosen": True,
        "microphoneOn": False,
        "cameraOn": False,
    }
    context = await browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    try:
        kept = json.dumps(json.dumps(choices))
        await context.add_init_script(f"localStorage.setItem('dragoman.preferences', {kept})")
        await context.add_init_script(path=PROBE)
        yield await _join(await context.new_page(), f"http://{address}/r/{room}")
    finally:
        await context.close()


async def _join(page: Page, address: str) -> Listener:
    try:
        await page.goto(address, timeout=WITHIN_MS)
        join = page.locator("button[type=submit]")
        await join.wait_for(timeout=WITHIN_MS)
        ahead_s = await _clock_ahead_s(page)
        await join.click(timeout=WITHIN_MS)
        await page.wait_for_function("() => window.__probe.enteredAt !== null", timeout=WITHIN_MS)
    except Error as error:
        raise PageStuck(f"the page at {address} does not come into the call: {error.message}") from error
    return Listener(page, ahead_s)


async def _clock_ahead_s(page: Page) -> float:
    """Say how far the page's clock is ahead of ours: the question that was answered fastest tells best."""
    found = []
    for _ in range(20):
        asked_s = time.time()
        page_ms = await page.evaluate("() => performance.timeOrigin + performance.now()")
        answered_s = time.time()
        found.append((answered_s - asked_s, page_ms / 1000 - (asked_s + answered_s) / 2))
    return float(min(found)[1])
