"""What a page leans on is killed in a call: it comes back by itself and goes on, and its history has nothing twice."""

import os
import signal
import time
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser
from tests.acceptance.commands import SPEECH
from tests.acceptance.hearing import load
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.faults.struck_call import times_translated
from tests.site import Site, pico_site
from tests.talking import translations

BACK_S = 90.0
"""From the end of a process to what is said being read again, on a machine that others use besides."""
LINES = """list => [...list].map(line => {
  const words = line.querySelector('p[lang]').cloneNode(true);
  for (const mark of words.querySelectorAll('span')) mark.remove();
  return words.textContent.trim();
})"""
"""What stands in the history, without the marks of words that were lost."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


def come(site: Site, browser: Browser, name: str, language: str, link: str = "") -> Person:
    """Let somebody into a call, their own if there is no ``link``, with the history open."""
    person = sit_down(new_visitor(browser), host=site.address)
    person.open(link or f"http://{site.address}/")
    if not link:
        person.start_a_call()
    person.turn_camera_off()
    person.fill_in(name, speaks=language, reads=language)
    person.agree()
    person.join()
    person.do("call.history")
    person.page.evaluate("window.stays = true")
    return person


def kill(site: Site, process: str) -> None:
    """End one of the processes, and wait until it is there again."""
    started = f"{process} is ready after"
    before = site.log().count(started)
    os.kill(site.process_id(process), signal.SIGKILL)
    until_s = time.monotonic() + BACK_S
    while site.log().count(started) == before:
        assert time.monotonic() < until_s, site.log()
        time.sleep(0.05)


def say_until_read(speaker: Person, reader: Person, name: str, language: str) -> bool:
    """Say something again and again until all of it is read; gives whether a caption stood above the controls."""
    before = len(reader.finals(language))
    until_s, seen = time.monotonic() + BACK_S, False
    while not is_read(reader.finals(language)[before:], name):
        assert time.monotonic() < until_s, reader.finals(language)
        said_s = time.monotonic() + speaker.say(load(SPEECH / f"{name}.wav")) + 1.0
        while time.monotonic() < said_s or not_silent(reader, language):
            seen = seen or not_silent(reader, language)
            reader.page.wait_for_timeout(200)
            if time.monotonic() > until_s:
                break
    return seen


def not_silent(reader: Person, language: str) -> bool:
    return reader.caption_words(language).count() > 0


def is_read(finals: list[str], name: str) -> bool:
    return all(times_translated(sentence, finals) for sentence in translations(name))


def comes_late(site: Site, room: str, language: str) -> dict[str, str]:
    """Give what proves somebody who comes now and reads a language."""
    choices = {"name": "Late", "speaks": language, "reads": language, "listens": language, "consent": False}
    answer = httpx2.post(f"http://{site.address}/api/v1/rooms/{room}/join", json=choices, trust_env=False)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['secret']}"}


def kept(site: Site, room: str, language: str, proof: dict[str, str]) -> list[str]:
    """Ask for what was said: of each segment the last final."""
    address = f"http://{site.address}/api/v1/rooms/{room}/captions"
    answer = httpx2.get(address, params={"language": language}, headers=proof, trust_env=False)
    captions = answer.json()["captions"]
    seqs = [caption["seq"] for caption in captions]
    assert seqs == sorted(set(seqs)), seqs
    return list({caption["segment"]: str(caption["text"]).strip() for caption in captions}.values())


def waits_for_history(person: Person, site: Site, room: str, language: str) -> tuple[list[str], list[str]]:
    """Give what stands in somebody's history and what is kept for them, once they agree, or after a while."""
    proof = comes_late(site, room, language)
    until_s = time.monotonic() + BACK_S / 3
    while True:
        shown, wanted = person.history().evaluate_all(LINES), kept(site, room, language, proof)
        if sorted(shown) == sorted(wanted) or time.monotonic() > until_s:
            return sorted(shown), sorted(wanted)
        person.page.wait_for_timeout(1_000)


@pytest.mark.parametrize("process", ["api", "livekit-server"])
def test_a_page_comes_back_by_itself_and_reads_everything_once(site: Site, browser: Browser, process: str) -> None:
    an = come(site, browser, "An", "vi")
    room = an.page.url.rpartition("/")[2]
    ben = come(site, browser, "Ben", "en", an.page.url)
    ben.waits_for_the_interpreter()
    say_until_read(an, ben, "vi-1", "en")
    before = ben.finals("en")

    kill(site, process)
    seen = say_until_read(an, ben, "vi-3", "en")
    for person, other in ((an, "Ben"), (ben, "An")):
        person.is_in_the_call()
        person.sees_person(other)
    histories = [waits_for_history(person, site, room, reads) for person, reads in ((an, "vi"), (ben, "en"))]
    finals, stays = ben.finals("en"), [person.page.evaluate("window.stays ?? false") for person in (an, ben)]
    for person in (an, ben):
        person.page.context.close()

    assert stays == [True, True], "nobody loaded the page again"
    assert seen
    assert [finals.count(text) for text in before] == [before.count(text) for text in before]
    for is_shown, is_kept in histories:
        assert is_shown == is_kept
