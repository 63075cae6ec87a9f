"""Who was refused, or got less than they need, gets it as soon as there is room, wherever that comes from."""

import asyncio
from typing import TYPE_CHECKING

from dragoman.ground.rooms import Notice, NoticeKind
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import LOOK_AGAIN_S
from dragoman.interpreting.ladder import Level
from dragoman.services.load import LiveSpeakers
from dragoman.testing.rooms import FakeDubTrack

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage

ONE_AT_A_TIME = Costs(recognition=0.4, voice=0.1)
"""What one of 0.7 cores has room for."""
ONE_VOICE = Costs(recognition=0.25, voice=0.15)
"""There is room for a second speaker, but not for the voice."""
TWO_WITH_ONE_VOICE = Costs(recognition=0.29, voice=0.1)
"""Of 0.7: two, one of them voiced."""


def enter(house: "House") -> None:
    house.join("an", speaks="vi")
    house.join("ben", speaks="en")
    house.join("eva", reads="es", listens="es")


def told_of(notices: list[Notice], speaker: str) -> list[tuple[str | None, Level]]:
    return [
        (notice.language, Level(notice.level))
        for notice in notices
        if notice.speaker == speaker and notice.kind in (NoticeKind.CAPACITY, NoticeKind.LADDER)
    ]


def test_a_refused_speaker_is_admitted_when_another_withdraws_consent(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        enter(house)
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await house.say("an", "mot hai ba")
        house.join("an", speaks="vi", consents=False)
        await asyncio.sleep(0.5)
        await house.say("ben", "one two three")

    house = stage(cores=1, costs=ONE_AT_A_TIME).play(scene)

    assert house.texts("es") == ["es:mot es:hai es:ba", "es:one es:two es:three"]
    assert told_of(house.room.notices, "ben") == [(None, Level.ORIGINAL_ONLY), (None, Level.FULL)]


def test_a_speaker_without_a_voice_gets_one_when_another_falls_silent(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        enter(house)
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await house.say("ben", "one two three", pause_s=2)
        await house.room.mute("an")
        await asyncio.sleep(2)
        before.extend(track.speaker for track in house.room.tracks)
        await house.say("ben", "four five six", pause_s=2)

    before: list[str] = []
    house = stage(cores=1, costs=ONE_VOICE).play(scene)

    assert house.texts("es") == ["es:one es:two es:three", "es:four es:five es:six"]
    assert before == []
    assert {track.speaker for track in house.room.tracks} == {"ben"}
    told = told_of(house.room.notices, "ben")
    assert told[0] == (None, Level.CAPTIONS_ONLY)
    assert dict(told) == {None: Level.FULL, "es": Level.FULL}


def test_who_is_only_captioned_beside_another_call_is_voiced_when_that_ends(stage: type["Stage"]) -> None:
    everybody = LiveSpeakers(Admission(cores=1, costs=ONE_AT_A_TIME))
    here, elsewhere = everybody.in_room(), everybody.in_room()
    elsewhere.admit("chi", voices=1)

    async def scene(house: "House") -> None:
        enter(house)
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba", pause_s=2)
        before.extend(house.texts("es"))
        unvoiced.extend(house.room.tracks)
        elsewhere.release("chi")
        await asyncio.sleep(LOOK_AGAIN_S)
        await house.say("an", "bon nam", pause_s=2)

    before: list[str] = []
    unvoiced: list[FakeDubTrack] = []
    house = stage(admission=here).play(scene)

    assert (before, unvoiced) == (["es:mot es:hai es:ba"], [])
    assert {track.speaker for track in house.room.tracks} == {"an"}
    assert dict(told_of(house.room.notices, "an")) == {None: Level.FULL, "es": Level.FULL}


def test_room_that_another_call_leaves_is_first_for_who_is_not_heard_at_all(stage: type["Stage"]) -> None:
    everybody = LiveSpeakers(Admission(cores=1, costs=TWO_WITH_ONE_VOICE))
    here, elsewhere = everybody.in_room(), everybody.in_room()
    elsewhere.admit("chi", voices=1)

    async def scene(house: "House") -> None:
        enter(house)
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await asyncio.sleep(3 * LOOK_AGAIN_S)
        before.extend(house.room.notices)
        elsewhere.release("chi")
        await asyncio.sleep(LOOK_AGAIN_S)
        await house.say("ben", "one two three")

    before: list[Notice] = []
    house = stage(admission=here).play(scene)

    assert told_of(before, "ben") == [(None, Level.ORIGINAL_ONLY)]
    assert house.texts("es") == ["es:one es:two es:three"]
    assert {track.speaker for track in house.room.tracks} == {"ben"}


def test_what_planned_meetings_leave_is_for_whoever_waits(stage: type["Stage"]) -> None:
    most = 1
    everybody = LiveSpeakers(Admission(cores=8, costs=ONE_AT_A_TIME))

    async def scene(house: "House") -> None:
        nonlocal most
        enter(house)
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await asyncio.sleep(LOOK_AGAIN_S)
        most = 2
        await asyncio.sleep(LOOK_AGAIN_S)
        await house.say("ben", "one two three")

    house = stage(admission=everybody.in_room(most=lambda: most)).play(scene)

    assert house.texts("es") == ["es:one es:two es:three"]
    assert told_of(house.room.notices, "ben") == [(None, Level.ORIGINAL_ONLY), (None, Level.FULL)]
