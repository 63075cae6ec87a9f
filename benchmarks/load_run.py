"""One load: so many rooms with so many people each, who speak in turn, through ``dragoman up``. By ``load.py``.

In each room one person speaks at a time, the next one second later; the rooms speak at the same time. Everybody's
microphone is open all the while, everybody gets captions and the dub in a language of their own. Only one person a
room and language measures the sound of the dubs: to decode all of them would cost more than what is measured.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from benchmarks.call_lags import hear_dubs, place_clauses, rising_edges
from benchmarks.call_people import Person, SeenFinal, wait_for_interpreter, wait_for_the_last
from benchmarks.call_site import LogEvent, Site, running_site, voices_begun
from benchmarks.call_speech import Speech, read_fixture, read_talk_pieces
from benchmarks.machine import ProcessMemory, Spending, machine_cpu_s, measure_memory, measure_spending
from benchmarks.scenes import FIXTURES

from dragoman.rooms.livekit_participants import ORIGINAL

SETTLE_S = 3.0
"""Nobody talks the moment they join."""
AFTER_S = 10.0
"""The last dub has sounded, when there was no caption for so long."""
LATEST_S = 60.0
"""After the last word. What comes later counts as missing."""
BETWEEN_TURNS_S = 1.0
MEDIA_SERVER = "livekit-server"
MICROPHONE_PIECE_S = 0.1
"""Fewer pieces cost the load generator less; captions wait up to 0.1 s longer for them."""
SPARE_S = 240.0
"""For joining, the last captions, and leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What the people on this seat speak, read and hear; the seats of a kind are taken in turn."""

    speaks: str
    reads: str
    hears: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A set of engines and who uses them."""

    name: str
    title: str
    settings: dict[str, str]
    seats: tuple[Seat, ...]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="builtin",
            title="built-in engines; all speak English, every other one reads and hears Spanish, the others Catalan",
            settings={
                "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": "pocketsphinx",
                "DRAGOMAN_TRANSLATION_ENGINES": "apertium",
                "DRAGOMAN_TEXT_TO_SPEECH_ENGINES": "espeak",
            },
            seats=(Seat(speaks="en", reads="es", hears="es"), Seat(speaks="en", reads="ca", hears="ca")),
        ),
        Kind(
            name="fixtures",
            title="tiny fixture models and espeak; every other one speaks English, the others Vietnamese",
            settings={
                "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": f"faster_whisper:{FIXTURES / 'whisper-pico'}",
                "DRAGOMAN_TRANSLATION_ENGINES": f"ctranslate2:{FIXTURES / 'mt-pico'}",
                "DRAGOMAN_TEXT_TO_SPEECH_ENGINES": "espeak",
            },
            seats=(Seat(speaks="en", reads="en", hears="en"), Seat(speaks="vi", reads="vi", hears="vi")),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is asked."""

    kind: str
    rooms: int
    people: int
    """In each room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRun:
    """What came of it."""

    load: Load
    sentences: int
    caption_lags_s: list[float]
    """From the true end of a sentence to the final at each reader in another language."""
    dub_lags_s: list[float]
    """From the end of a clause to its dub at the ear."""
    captions_expected: int
    """Sentences times their readers in another language."""
    speakers_refused: int
    """Who spoke while the machine had no room to interpret them, and they were told so."""
    captions_refused: int
    """Of what was expected, that of their sentences which never came."""
    captions_missing: int
    """Of the others, those without a final that ends where the sentence does."""
    finals_lost: int
    """Finals that the API has and a reader did not get."""
    voices_skipped: dict[str, int]
    """By reason."""
    ladder: dict[str, int]
    """How often each level above 0 was told since people joined, by level and reason."""
    engine_failures: dict[str, int]
    spoke_s: float
    """How long it was measured: from the first word until the last dub."""
    talk_s: float
    """Of it, until the last word was said."""
    machine_cpu_s: float
    """Of everything on the machine meanwhile, whoever ran it."""
    cores: int
    spending: list[Spending]
    generator_cpu_s: float
    """Of the people, who are no part of the product."""
    cpu_s_by_group: dict[str, float]
    """The same in three: ours, the media server's, the people's."""
    memory: list[ProcessMemory]
    start_s: float
    load_before: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A sentence of somebody."""

    speaker: Person
    end_s: float
    refused: bool
    """Its speaker was told that there is no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What was found out in one room."""

    sentences: int
    caption_lags_s: list[float]
    expected: int
    refused: int
    """Of those expected, sentences of refused speakers that never came."""
    speakers_refused: int
    lost: int
    dub_lags_s: list[float]


def measure_load(load: Load, *, seconds: float) -> LoadRun:
    """Measure one load; ``seconds`` is how long people go on taking turns. Raises ``CallFailed``, ``TimeoutError``."""
    kind = KINDS[load.kind]
    load_before = os.getloadavg()[0]
    with (
        TemporaryDirectory(prefix="dragoman-benchmark-") as folder,
        running_site(Path(folder), settings=kind.settings) as site,
    ):
        return asyncio.run(_in_time(site, load, kind, seconds, load_before))


async def _in_time(site: Site, load: Load, kind: Kind, seconds: float, load_before: float) -> LoadRun:
    async with (
        asyncio.timeout(seconds + SPARE_S),
        httpx2.AsyncClient(base_url=f"http://{site.address}", timeout=30.0) as client,
    ):
        rooms = [await _fill_room(client, load, kind) for _ in range(load.rooms)]
        everybody = [person for people in rooms for person in people]
        try:
            await wait_for_interpreter(everybody)
            await asyncio.sleep(SETTLE_S)
            log_at, before, own_s, began_s, machine_s = (
                site.log_bytes(),
                measure_spending(site.pid),
                time.process_time(),
                time.time(),
                machine_cpu_s(),
            )
            said = await asyncio.gather(
                *(_take_turns(people, kind, first=number, seconds=seconds) for number, people in enumerate(rooms))
            )
            talk_s, machine_s = time.time() - began_s, machine_cpu_s() - machine_s
            await wait_for_the_last(everybody, quiet_s=AFTER_S, at_most_s=LATEST_S)
            spending, own_s = measure_spending(site.pid, since=before), time.process_time() - own_s
            spoke_s, memory = time.time() - began_s, measure_memory(site.pid)
            events, since_joining = site.events(since_bytes=log_at), site.events()
            heard = [
                await _find_out(client, people, sentences, events)
                for people, sentences in zip(rooms, said, strict=True)
            ]
        finally:
            await asyncio.gather(*(person.leave() for person in everybody))
    caption_lags_s = [lag_s for room in heard for lag_s in room.caption_lags_s]
    expected, refused = sum(room.expected for room in heard), sum(room.refused for room in heard)
    return LoadRun(
        load=load,
        sentences=sum(room.sentences for room in heard),
        caption_lags_s=caption_lags_s,
        dub_lags_s=[lag_s for room in heard for lag_s in room.dub_lags_s],
        captions_expected=expected,
        speakers_refused=sum(room.speakers_refused for room in heard),
        captions_refused=refused,
        captions_missing=expected - refused - len(caption_lags_s),
        finals_lost=sum(room.lost for room in heard),
        voices_skipped=_count(events, "voice_skipped", "reason"),
        ladder=dict(
            Counter(
                f"{event.text('ladder_level')} ({event.text('reason')})"
                for event in since_joining
                if event.name == "ladder_changed" and event.number("ladder_level") > 0
            )
        ),
        engine_failures=_count(events, "engine_failed", "code"),
        spoke_s=spoke_s,
        talk_s=talk_s,
        machine_cpu_s=machine_s,
        cores=len(os.sched_getaffinity(0)),
        spending=spending,
        generator_cpu_s=own_s,
        cpu_s_by_group=_in_groups(spending, own_s),
        memory=memory,
        start_s=site.start_s,
        load_before=load_before,
    )


async def _fill_room(client: httpx2.AsyncClient, load: Load, kind: Kind) -> list[Person]:
    room = (await client.post("/api/v1/rooms", json={})).json()["room"]
    people, with_ears = [], set[str]()
    for number in range(load.people):
        seat = kind.seats[number % len(kind.seats)]
        person = Person(
            f"P{number}", speaks=seat.speaks, reads=seat.reads, hears=seat.hears, chunk_s=MICROPHONE_PIECE_S
        )
        await person.join(client, room, listens=seat.hears != ORIGINAL and seat.hears not in with_ears)
        with_ears.add(seat.hears)
        people.append(person)
    return people


async def _take_turns(people: Sequence[Person], kind: Kind, *, first: int, seconds: float) -> list[_Said]:
    """Let one after the other speak, as long as ``seconds`` last; room ``first`` begins elsewhere in the texts."""
    until_s = time.time() + seconds
    said: list[_Said] = []
    for turn in count():
        speaker = people[turn % len(people)]
        speech = _speech(kind, speaker, first + turn)
        if turn > 0 and time.time() + speech.audio.duration_s > until_s:
            return said
        began_s, refused = await speaker.say(speech.audio), speaker.is_refused()
        said += [
            _Said(speaker=speaker, end_s=began_s + sentence.end_s, refused=refused) for sentence in speech.sentences
        ]
        await asyncio.sleep(max(0.0, began_s + speech.audio.duration_s + BETWEEN_TURNS_S - time.time()))
    return said


def _speech(kind: Kind, speaker: Person, turn: int) -> Speech:
    if kind.name == "builtin":
        pieces = read_talk_pieces(2)
        return pieces[turn % len(pieces)]
    return read_fixture(f"{speaker.speaks}-{turn % 6 + 1}")


async def _find_out(
    client: httpx2.AsyncClient, people: Sequence[Person], said: Sequence[_Said], events: Sequence[LogEvent]
) -> _Heard:
    """Compare what was said in a room with what came."""
    lags_s: list[float] = []
    dub_lags_s: list[float] = []
    expected = refused = lost = 0
    journals = {language: await people[0].journal(client, language) for language in {one.reads for one in people}}
    with_ears = set[str]()
    for reader in people:
        got = {final.segment: final for final in reader.finals if final.language == reader.reads}
        foreign = [one for one in said if one.speaker is not reader and one.speaker.speaks != reader.reads]
        expected += len(foreign)
        lost += sum(final.speaker != reader.identity and final.segment not in got for final in journals[reader.reads])
        came = _caption_lags_s(foreign, list(got.values()))
        lags_s += came.values()
        refused += sum(one.refused and one.end_s not in came for one in foreign)
        if reader.hears not in with_ears and reader.levels:
            with_ears.add(reader.hears)
            dub_lags_s += _dub_lags_s(reader, foreign, journals[reader.hears], events)
    return _Heard(
        sentences=len(said),
        caption_lags_s=lags_s,
        expected=expected,
        refused=refused,
        speakers_refused=len({one.speaker.identity for one in said if one.refused}),
        lost=lost,
        dub_lags_s=dub_lags_s,
    )


def _in_groups(spending: Sequence[Spending], generator_cpu_s: float) -> dict[str, float]:
    media_server = sum(one.cpu_s for one in spending if one.name == MEDIA_SERVER)
    ours = sum(one.cpu_s for one in spending) - media_server
    return {"dragoman": ours, "media server": media_server, "people": generator_cpu_s}


def _caption_lags_s(said: Sequence[_Said], finals: Sequence[SeenFinal]) -> dict[float, float]:
    """Of each sentence, by its end, until the last final that ends with it came."""
    ended: dict[float, float] = {}
    for speaker in {one.speaker.identity for one in said}:
        of_speaker = [final for final in finals if final.speaker == speaker]
        ends_s = [one.end_s for one in said if one.speaker.identity == speaker]
        clauses = place_clauses([(final.text, final.engine_end_s) for final in of_speaker], ends_s)
        for final, clause in zip(of_speaker, clauses, strict=True):
            if clause.true_end_s is not None:
                ended[clause.true_end_s] = max(final.at_s, ended.get(clause.true_end_s, 0.0))
    return {end_s: at_s - end_s for end_s, at_s in ended.items()}


def _dub_lags_s(
    ear: Person, said: Sequence[_Said], journal: Sequence[SeenFinal], events: Sequence[LogEvent]
) -> list[float]:
    others = [final for final in journal if final.speaker != ear.identity]
    clauses = place_clauses([(final.text, final.engine_end_s) for final in others], [one.end_s for one in said])
    voices = voices_begun(list(events), room=ear.room, language=ear.hears)
    levels = sorted(ear.levels, key=lambda level: level.at_s)
    return [dub.lag_s for dub in hear_dubs(clauses, voices, rising_edges(levels))]


def _count(events: Sequence[LogEvent], name: str, field: str) -> dict[str, int]:
    return dict(Counter(event.text(field) for event in events if event.name == name))
