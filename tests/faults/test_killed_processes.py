"""Every process of a call dies or hangs in the middle of a sentence: the call goes on, nothing certain is lost.

Through ``dragoman up``, with real processes. What was said is compared with what was read; the recovery times and the
gaps are printed as a table at the end. The times are promised for a machine that has nothing else to do, so they are
asserted where others left this one alone meanwhile, and printed with what others took where they did not.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx2
import pytest
from tests.others_work import OthersWork
from tests.site import Caller, Site, call, missed, pico_site
from tests.talking import is_about, talk, translations

LIMITS_S = {
    "interpreter": 5.0,
    "speech-to-text": 10.0,
    "translation": 10.0,
    "text-to-speech": 10.0,
    "api": 10.0,
    "livekit-server": 10.0,
}
"""What we promise on a machine that has nothing else to do."""
BUSY_S = 60.0
"""What a machine that others use besides may need on top, so that a hang is still found there."""
SLACK_S = 5.0
"""What a slower machine may need on top, with nothing else to do."""
CALM_SHARE = 0.1
"""Of all cores: with others taking more than this, times say nothing about us."""
SAID_S = talk("vi-3", before_s=0.2).duration_s
READ_AFTER_S = 2 * SAID_S + 4.0
"""From ready again to words that were read: what is being said then may be cut, what comes next is read to its end."""

KEEP_THE_SENTENCE = ("speech-to-text", "translation", "text-to-speech")
"""Their end costs nothing of what is being said. The interpreter's costs what it heard; through the API passes the
signalling, so that with it, as with the media server, people connect anew, and what they say meanwhile reaches nobody.
"""
MOST_GAPS = 2

SIGNALS = (signal.SIGKILL, signal.SIGSTOP)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def starts(site: Site, process: str) -> int:
    return site.log().count(f"{process} is ready after")


async def everything(site: Site, caller: Caller, *, up_to: int) -> list[dict[str, object]]:
    """Fetch all finals of the room; an API that is just coming back gets them again from the interpreter."""
    async with asyncio.timeout(BUSY_S):
        while True:
            with suppress(httpx2.RequestError, KeyError):
                finals = await missed(site, caller, None)
                if len(finals) >= up_to:
                    return finals
            await asyncio.sleep(0.2)


def newest_seq(caller: Caller) -> int:
    return max((int(it.attributes["dragoman.seq"]) for it in caller.guest.finals), default=0)


def unrepeated(caller: Caller, finals: list[dict[str, object]]) -> None:
    """Check what one reader saw, with what was fetched: every number once, every segment once, nothing certain lost."""
    live = [(int(it.attributes["dragoman.seq"]), it.attributes["lk.segment_id"]) for it in caller.guest.finals]
    # What had to be shown untranslated may come once more, translated afterwards.
    first = [it for it in caller.guest.finals if it.attributes["dragoman.replaces"] == "false"]
    assert max(Counter(it.attributes["lk.segment_id"] for it in first).values(), default=1) == 1
    assert len({seq for seq, _ in live}) == len(live)
    seqs = [final["seq"] for final in finals]
    assert seqs == list(range(1, len(seqs) + 1))
    written = Counter((final["segment"], final["language"]) for final in finals if not final["replaces"])
    assert max(written.values(), default=1) == 1
    texts = {f"{final['segment']}.{final['language']}": str(final["text"]) for final in finals}
    for partial in caller.guest.captions:
        certain = partial.text[: int(partial.attributes["dragoman.committed_chars"])]
        if certain and not partial.final:
            assert texts[partial.attributes["lk.segment_id"]].startswith(certain)


async def say_until_read(speaker: Caller, reader: Caller, name: str) -> None:
    """Say something again and again until all of it is read in one piece: in an outage only the original is heard."""
    before = len(translated(reader))
    async with asyncio.timeout(BUSY_S + 30):
        while not was_read(translated(reader)[before:], name):
            await speaker.guest.speak(talk(name, before_s=0.2))


def was_read(texts: list[str], name: str) -> bool:
    """Say whether somewhere in ``texts``, one after the other, the translation of a fixture stands."""
    sentences = len(translations(name))
    return any(is_about(texts[first : first + sentences], name) for first in range(len(texts)))


def translated(reader: Caller) -> list[str]:
    """Give the finals that were really translated."""
    return [
        it.text
        for it in reader.guest.finals
        if it.attributes["dragoman.untranslated"] == "false" and it.attributes["dragoman.gap"] == "false"
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Of one process that was struck."""

    ready_s: float
    """Until it was ready again."""
    read_s: float
    """Until what was said afterwards was read in the other language."""
    others: float
    """What others took of the machine meanwhile, 0 to 1."""

    @property
    def is_calm(self) -> bool:
        return self.others < CALM_SHARE


async def strike(site: Site, process: str, number: signal.Signals, an: Caller, ben: Caller) -> Recovery:
    """Let ``process`` have a signal while An is in a sentence, and see it come back."""
    before = starts(site, process)
    shown = len(an.guest.captions)
    saying = asyncio.create_task(an.guest.speak(talk("vi-2")))
    await an.guest.wait_for(lambda: len(an.guest.captions) > shown, timeout_s=BUSY_S)
    others = OthersWork()
    os.kill(site.process_id(process), number)
    struck_s = time.monotonic()
    async with asyncio.timeout(LIMITS_S[process] + BUSY_S):
        while starts(site, process) == before:  # noqa: ASYNC110  # a file has no event
            await asyncio.sleep(0.05)
    ready_s = time.monotonic() - struck_s
    await saying
    await say_until_read(an, ben, "vi-3")
    return Recovery(ready_s=ready_s, read_s=time.monotonic() - struck_s, others=others.share())


def lost(finals: list[dict[str, object]]) -> Counter[str]:
    """Count the gaps in each language."""
    return Counter(str(final["language"]) for final in finals if final["gap"])


def in_english(finals: list[dict[str, object]]) -> list[str]:
    """Give what is known in English in the end: of each segment its last final."""
    return list({final["segment"]: str(final["text"]) for final in finals if final["language"] == "en"}.values())


@pytest.mark.parametrize("number", SIGNALS, ids=["kill", "stop"])
@pytest.mark.parametrize("process", LIMITS_S)
async def test_a_call_survives(site: Site, process: str, number: signal.Signals, recoveries: list[str]) -> None:
    interpreters = starts(site, "interpreter")
    async with call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben):
        recovery = await strike(site, process, number, an, ben)
        finals = await everything(site, an, up_to=max(newest_seq(an), newest_seq(ben)))

    replaced = starts(site, "interpreter") - interpreters
    gaps = lost(finals)
    recoveries.append(
        f"{process:15} {number.name:8} {recovery.ready_s:6.1f} s {recovery.read_s:6.1f} s {gaps.total():5}"
        f" {replaced:12} {recovery.others:7.0%}"
    )
    for caller in (an, ben):
        unrepeated(caller, finals)
    # On a machine that is busy enough the interpreter is taken for one that hangs, whatever else was struck; each one
    # loses at most what was being said, and what was said just before and not translated yet.
    assert all(count <= MOST_GAPS * replaced for count in gaps.values()), site.log()
    if process == "interpreter":
        assert set(gaps) == {"vi", "en"}
    # Whom nobody replaced hears again, from the last 30 s, what was being said.
    if process in KEEP_THE_SENTENCE and not replaced:
        assert was_read(in_english(finals)[:2], "vi-2"), in_english(finals)
    assert was_read(in_english(finals), "vi-3"), in_english(finals)
    if recovery.is_calm:
        assert replaced == (process == "interpreter")
        assert recovery.ready_s <= LIMITS_S[process] + SLACK_S
        assert recovery.read_s <= max(recovery.ready_s, talk("vi-2").duration_s) + READ_AFTER_S + SLACK_S
