"""A person at a browser: opens the page, goes through the lobby, reads, speaks and hears. Over chromium.py.

Everything is found by its role and its words, as a person or a screen reader finds it.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect
from tests.browsers.chromium import WAIT_MS, Complaints
from tests.browsers.listening import HUM_HZ, HUM_LEVEL, Tape
from tests.browsers.texts import text

from dragoman.ground.audio import Audio, from_pcm16, to_pcm16

_WATCH_CAPTIONS = """section => {
  window.shownCaptions = [];
  const note = () => {
    const words = [...section.querySelectorAll('[data-testid=cue] p[lang]')].map((cue) => {
      const copy = cue.cloneNode(true);
      for (const word of copy.querySelectorAll('span > span')) word.textContent = `[${word.textContent}]`;
      return copy.textContent;
    });
    const shown = words.join(' | ');
    if (shown && shown !== window.shownCaptions.at(-1)) window.shownCaptions.push(shown);
  };
  new MutationObserver(note).observe(section, { childList: true, subtree: true, characterData: true });
}"""
_DUB_HAS_ENDED = """asked => {
  const now = ears.seconds();
  const last = Math.max(...ears.dubsLastLoud());
  return last > asked && now - last > 1.6;
}"""
_DUB_HAS_BEGUN = "() => ears.dubsLastLoud().length > 0"
_ONLY_THE_ORIGINAL = """asked => {
  const now = ears.seconds();
  return now - asked > 3 && ears.lastLoud().filter(loud => loud !== null && loud > now - 3).length === 1;
}"""
_SOON_MS = 20
MOST_TABS = 30
OWN_NAMES = {"en": "English", "vi": "Tiếng Việt", "es": "Español"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One page, and its words in the language of the page."""

    page: Page
    complaints: Complaints
    words: str = "en"

    def text(self, name: str, /, **values: str) -> str:
        return text(name, self.words, **values)

    # --- finding

    def button(self, name: str, /, **values: str) -> Locator:
        return self.page.get_by_role("button", name=self.text(name, **values), exact=True)

    def control(self, caption: str, name: str) -> Locator:
        """A button of the bar, which is called by its caption and what it does."""
        caption, name = self.text(caption), self.text(name)
        called = caption if caption == name else f"{caption}: {name}"
        return self.page.get_by_role("button", name=called, exact=True)

    def sees(self, name: str, /, **values: str) -> None:
        """Wait for words to be seen."""
        expect(self.page.get_by_text(self.text(name, **values)).first).to_be_visible()

    def waits_for_the_interpreter(self) -> None:
        """Wait until the room is interpreted, as the API tells everybody."""
        asked = "async room => (await (await fetch(`/api/v1/rooms/${room}`)).json()).interpreted"
        self.page.wait_for_function(asked, arg=self.page.url.rpartition("/")[2], polling=200, timeout=WAIT_MS)

    def tile(self, name: str) -> Locator:
        return self.page.get_by_role("listitem", name=re.compile(f"^{re.escape(name)}(,| \\()"))

    # --- before the call

    def open(self, address: str) -> None:
        self.page.goto(address)

    def start_a_call(self) -> str:
        """From the home page to the lobby; gives the link."""
        self.button("home.start").click()
        self.page.wait_for_url("**/r/*")
        return self.page.url

    def choose(self, field: str, option: str) -> None:
        """Choose in a list by the words that a person reads."""
        label = self.text(field)
        self.page.get_by_role("button", name=re.compile(f"{re.escape(label)}$")).click()
        self.page.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).first.click()
        expect(self.page.get_by_role("listbox")).to_have_count(0)

    def fill_in(self, name: str, *, speaks: str, reads: str) -> None:
        self.page.get_by_label(self.text("lobby.name")).fill(name)
        self.choose("lobby.iSpeak", OWN_NAMES[speaks])
        self.choose("lobby.iRead", OWN_NAMES[reads])

    def agree(self) -> None:
        """Let oneself be interpreted."""
        self.sees("lobby.noConsentHelp")
        self.page.get_by_text(self.text("lobby.consent"), exact=True).click()
        self.sees("lobby.consentHelp")

    def turn_camera_off(self) -> None:
        self.button("lobby.turnCameraOff").click()

    def join(self) -> None:
        """From the lobby into the call."""
        self.button("lobby.join").click()
        self.is_in_the_call()

    def is_in_the_call(self) -> None:
        expect(self.control("call.microphone", "call.mute")).to_be_visible()

    def tabs_to(self, wanted: Locator) -> None:
        """Press Tab until something has the focus, as who has no mouse does."""
        expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        expect(wanted).to_be_focused()

    # --- in the call

    def say(self, audio: Audio) -> float:
        """Begin to say something; gives its seconds."""
        letters = base64.b64encode(to_pcm16(audio.samples)).decode()
        seconds: float = self.page.evaluate("([said, rate]) => mouth.say(said, rate)", [letters, audio.sample_rate])
        return seconds

    def hum(self, *, on: bool, hertz: float = HUM_HZ) -> None:
        self.page.evaluate("([hertz, level]) => mouth.hum(hertz, level)", [hertz if on else None, HUM_LEVEL])

    def sees_person(self, name: str) -> None:
        expect(self.tile(name)).to_be_visible()

    def caption_words(self, language: str) -> Locator:
        """What stands above the controls in a language, provisional or final."""
        return self.page.get_by_test_id("cue").locator(f'p[lang="{language}"]')

    def history(self) -> Locator:
        """The finals in the drawer; open it first."""
        return self.page.get_by_role("list", name=self.text("captions.history")).get_by_role("listitem")

    def do(self, action: str) -> None:
        """Choose from the menu "More"."""
        self.control("call.more", "call.more").click()
        self.page.get_by_role("menuitem", name=self.text(action), exact=True).click()

    def finals(self, language: str) -> list[str]:
        """Read the open history: everything final in a language."""
        return self.history().locator(f'p[lang="{language}"]').all_inner_texts()

    def waits_for_finals(self, count: int, language: str) -> list[str]:
        """Wait until the open history has that many lines, and read them."""
        line = self.history().locator(f'p[lang="{language}"]').nth(count - 1)
        expect(line).to_be_visible(timeout=WAIT_MS)
        return self.finals(language)

    @contextmanager
    def options_of(self, name: str) -> Iterator[Locator]:
        """Open the menu of a tile, and close it at the end."""
        yield self.open_options_of(name)
        self.close_panel()

    def open_options_of(self, name: str) -> Locator:
        self.button("call.tileMenu", name=name).click()
        return self.page.get_by_role("dialog", name=name)

    @contextmanager
    def options_of_captions(self) -> Iterator[Locator]:
        """Open the panel of the bar that says how captions look, and close it at the end."""
        self.control("call.captions", "call.captions").click()
        yield self.page.get_by_role("dialog", name=self.text("captions.title"), exact=True)
        self.close_panel()

    def change_language(self, field: str, option: str) -> None:
        """Choose in the panel of the bar."""
        self.control("call.language", "call.language").click()
        self.choose(field, option)
        self.close_panel()

    def watch_captions(self) -> None:
        """Note everything that stands above the controls from now on."""
        self.page.get_by_role("region", name=self.text("captions.overlay"), exact=True).evaluate(_WATCH_CAPTIONS)

    def shown_captions(self) -> list[str]:
        """Give what was noted, step by step; provisional words stand in brackets."""
        shown: list[str] = self.page.evaluate("window.shownCaptions")
        return shown

    def close_panel(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    # --- hearing

    def listen(self) -> None:
        """Begin a new tape."""
        self.page.evaluate("ears.listen()")

    def waits_for_dub(self, *, on: bool) -> None:
        """Wait until a translated voice begins or has ended, as the page shows it."""
        wave = self.page.get_by_role("main").get_by_role("img", name=self.text("call.translatedVoice"))
        expect(wave).to_have_count(1 if on else 0, timeout=WAIT_MS)

    def hears_a_dub_begin(self) -> None:
        """Wait for the first sound of a dub on the tape; returns at once, while the word is being said."""
        self.page.wait_for_function(_DUB_HAS_BEGUN, polling=_SOON_MS, timeout=WAIT_MS)

    def waits_for_the_end_of_the_dub(self, *, after_s: float | None = None) -> None:
        """Wait until a dub has sounded after a moment of the tape (now) and is silent."""
        asked: float = self.page.evaluate("ears.seconds()") if after_s is None else after_s
        self.page.wait_for_function(_DUB_HAS_ENDED, arg=asked, timeout=WAIT_MS)

    def hears_only_the_original(self) -> None:
        """Wait until nothing but the original has sounded for three seconds: a late dub is over."""
        self.listen()
        self.page.wait_for_function(_ONLY_THE_ORIGINAL, arg=0, timeout=WAIT_MS)

    def seconds_heard(self) -> float:
        """Say how long the tape is now."""
        seconds: float = self.page.evaluate("ears.seconds()")
        return seconds

    def listens_on(self, seconds: float) -> None:
        """Let the tape run."""
        until_s = self.seconds_heard() + seconds
        self.page.wait_for_function("until => ears.seconds() > until", arg=until_s, timeout=WAIT_MS)

    def heard(self) -> Tape:
        """Give everything that the page sounded since ``listen``."""
        tape = self.page.evaluate("ears.heard()")
        channels = [from_pcm16(base64.b64decode(letters)) for letters in tape["channels"]]
        return Tape([Audio(samples=samples, sample_rate=tape["rate"]) for samples in channels])


def sit_down(visitor: BrowserContext, *, host: str, words: str = "en") -> Person:
    """Open an empty page and note what it complains about."""
    page = visitor.new_page()
    complaints = Complaints(page=page, host=host)
    complaints.listen()
    return Person(page=page, complaints=complaints, words=words)
