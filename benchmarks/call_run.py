"""One call measured from end to end through ``dragoman up``: one speaks, one real page listens. By ``latency.py``.

Two starts by ``make run`` are timed first, for the first one fills caches. Then the bundled talk is spoken; then the
speaker's picture flashes; then the page is opened a few times more, for how long joining takes.
"""

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from benchmarks.call_lags import (
    Clause,
    HeardDub,
    Level,
    delay_s,
    flash_delays,
    hear_dubs,
    place_clauses,
    rising_edges,
    seen_at,
)
from benchmarks.call_page import Listener, Watched, listening_page, running_browser
from benchmarks.call_people import Person, wait_for_interpreter, wait_for_the_last
from benchmarks.call_site import MAKE_RUN, Site, running_site, voices_begun
from benchmarks.call_speech import FRAME_S, Speech, loudness, read_talk
from benchmarks.machine import ProcessMemory, Spending, measure_memory, measure_spending
from playwright.async_api import Browser

from dragoman.rooms.livekit_participants import ORIGINAL

SETTLE_S = 3.0
"""Nobody talks the moment they join."""
AFTER_S = 8.0
"""The last dub has sounded, when there was no caption for so long."""
LATEST_S = 90.0
"""After the last word. What comes later, on a machine that is far too slow, is not waited for."""
SPARE_S = 300.0
"""For joining and leaving."""
MICROPHONE_PIECE_S = 0.02
SOURCE, TARGET = "en", "es"

MOUTH_TO_EAR = "mouth to ear, the original"
CAPTION_SEEN = "speech end -> caption seen in the page"
DUB_AUDIBLE = "clause end -> dub audible in the page"
PICTURE = "glass to glass, the SFU alone"
JOIN = "joining: click to in the call"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRun:
    """What one call took."""

    lags_s: dict[str, list[float]]
    sentences: int
    clauses: int
    clauses_within: int
    """Of them, those that end within a sentence: measured from where the engine says."""
    dubs_run_on: int
    """Dubs that followed the one before without a pause: their time is the interpreter's, with the usual way added."""
    first_start_s: float
    second_start_s: float
    audio_s: float
    spending: list[Spending]
    """CPU seconds while the talk was spoken and dubbed, by process."""
    memory: list[ProcessMemory]
    load: float = field(default_factory=lambda: os.getloadavg()[0])


def measure_call(seconds: float | None, *, flashes_s: float, joins: int) -> CallRun:
    """Measure one call with the built-in engines. ``seconds``: how much of the talk is spoken; None for all of it.

    Raises ``CallFailed``, and ``TimeoutError`` if it hangs.
    """
    load = os.getloadavg()[0]
    settings = {
        "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": "pocketsphinx",
        "DRAGOMAN_TRANSLATION_ENGINES": "apertium",
        "DRAGOMAN_TEXT_TO_SPEECH_ENGINES": "espeak",
    }
    with TemporaryDirectory(prefix="dragoman-benchmark-") as folder:
        starts_s = []
        for _ in ("first", "second"):
            with running_site(Path(folder), settings=settings, command=MAKE_RUN) as started:
                starts_s.append(started.start_s)
        with running_site(Path(folder), settings=settings) as site:
            spoken = asyncio.run(_call(site, read_talk(seconds), flashes_s=flashes_s, joins=joins))
    return CallRun(
        lags_s=spoken.lags_s,
        sentences=spoken.sentences,
        clauses=len(spoken.clauses),
        clauses_within=sum(clause.true_end_s is None for clause in spoken.clauses),
        dubs_run_on=sum(not dub.heard for dub in spoken.dubs),
        first_start_s=starts_s[0],
        second_start_s=starts_s[1],
        audio_s=spoken.audio_s,
        spending=spoken.spending,
        memory=spoken.memory,
        load=load,
    )


@dataclass(slots=True, kw_only=True)
class _Spoken:
    sentences: int
    clauses: list[Clause]
    dubs: list[HeardDub]
    lags_s: dict[str, list[float]]
    audio_s: float
    spending: list[Spending]
    memory: list[ProcessMemory]


async def _call(site: Site, speech: Speech, *, flashes_s: float, joins: int) -> _Spoken:
    async with (
        asyncio.timeout(speech.audio.duration_s + flashes_s + SPARE_S),
        httpx2.AsyncClient(base_url=f"http://{site.address}", timeout=30.0) as client,
        running_browser() as browser,
    ):
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        speaker = Person("Ada", speaks=SOURCE, reads=SOURCE, hears=ORIGINAL, chunk_s=MICROPHONE_PIECE_S)
        await speaker.join(client, room, listens=False)
        try:
            async with listening_page(browser, site.address, room, language=TARGET) as listener:
                await wait_for_interpreter([speaker])
                spoken = await _speak(site, speech, speaker, client, listener)
                flips = await speaker.flash(flashes_s)
                watched = await listener.watched()
            spoken.lags_s[PICTURE] = flash_delays(flips, watched.brightness)
            spoken.lags_s[JOIN] = [watched.join_s, *await _join_again(browser, site, room, joins)]
        finally:
            await speaker.leave()
    return spoken


async def _speak(
    site: Site, speech: Speech, speaker: Person, client: httpx2.AsyncClient, listener: Listener
) -> _Spoken:
    await asyncio.sleep(SETTLE_S)
    log_at = site.log_bytes()
    before = measure_spending(site.pid)
    began_s = await speaker.say(speech.audio)
    await asyncio.sleep(max(0.0, began_s + speech.audio.duration_s - time.time()))
    await wait_for_the_last([speaker], quiet_s=AFTER_S, at_most_s=LATEST_S)
    spending = measure_spending(site.pid, since=before)
    memory = measure_memory(site.pid)
    watched = await listener.watched()
    finals = [(final.text, final.engine_end_s) for final in await speaker.journal(client, TARGET)]
    clauses = place_clauses(finals, [began_s + sentence.end_s for sentence in speech.sentences])
    voices = voices_begun(site.events(since_bytes=log_at), room=speaker.room, language=TARGET)
    # The microphone was there when the page came; the track of a dub is made when it first speaks.
    original = next(iter(watched.arrived), "")
    dubbed = [level for track, levels in watched.audible.items() if track != original for level in levels]
    dubs = hear_dubs(clauses, voices, rising_edges(sorted(dubbed, key=lambda level: level.at_s)))
    return _Spoken(
        sentences=len(speech.sentences),
        clauses=clauses,
        dubs=dubs,
        lags_s={
            MOUTH_TO_EAR: _original_lags(speech, began_s, watched.arrived.get(original, [])),
            CAPTION_SEEN: _caption_lags(clauses, watched),
            DUB_AUDIBLE: [dub.lag_s for dub in dubs],
        },
        audio_s=speech.audio.duration_s,
        spending=spending,
        memory=memory,
    )


def _original_lags(speech: Speech, began_s: float, heard: list[Level]) -> list[float]:
    levels = loudness(speech.audio)
    lags = []
    for sentence in speech.sentences:
        first, last = round(sentence.start_s / FRAME_S) - 20, round(sentence.end_s / FRAME_S) + 20
        first = max(0, first)
        starts_s = began_s + first * FRAME_S
        within = [level for level in heard if starts_s - 1.0 <= level.at_s <= starts_s + (last - first) * FRAME_S + 2.0]
        lag_s = delay_s(levels[first:last], starts_s, within)
        if lag_s is not None:
            lags.append(lag_s)
    return lags


def _caption_lags(clauses: list[Clause], watched: Watched) -> list[float]:
    lags = []
    for clause in clauses:
        at_s = seen_at(clause.text, watched.shown, after_s=clause.end_s)
        if clause.true_end_s is not None and at_s is not None:
            lags.append(at_s - clause.true_end_s)
    return lags


async def _join_again(browser: Browser, site: Site, room: str, times: int) -> list[float]:
    taken = []
    for _ in range(times):
        async with listening_page(browser, site.address, room, language=TARGET) as listener:
            taken.append((await listener.watched()).join_s)
    return taken
