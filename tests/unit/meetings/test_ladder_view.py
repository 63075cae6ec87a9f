"""How well a room is served, as its interpreter tells the API and an admin reads it."""

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice, NoticeKind, Participant
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.meetings.ladder_view import FULLY, LadderView, Served
from dragoman.meetings.warden import LEASE_S, NOBODY_HERE, Lease, Warden
from dragoman.testing.rooms import FakeRoom

DE = Language("de")
AN = Participant(identity="an", name="An", speaks=Language("vi"), reads=None, listens=None)
POOR = Served(level=3, reason="synthesis_gone")


def notice(level: int, reason: str, *, speaker: str = "an", language: Language | None = DE) -> Notice:
    return Notice(kind=NoticeKind.LADDER, speaker=speaker, language=language, level=level, reason=reason)


def lease(room: str, epoch: int, served: Served = FULLY, *, microphones: int = 0) -> Lease:
    return Lease(room=room, epoch=epoch, worker="w1", served=served, microphones=microphones)


def held(room: str) -> Warden:
    warden = Warden(first_epoch=1)
    warden.want(room, wanted=True, at_s=0.0)
    warden.due(at_s=0.0)
    return warden


def test_a_room_is_served_as_well_as_the_worst_of_its_speakers() -> None:
    view = LadderView()

    view.told(notice(1, "slow_voice"))
    view.told(notice(4, "translation_gone", speaker="binh"))

    assert view.worst == Served(level=4, reason="translation_gone")


def test_what_has_recovered_is_forgotten() -> None:
    view = LadderView()
    view.told(notice(4, "translation_gone"))

    view.told(notice(0, ""))

    assert view.worst == FULLY


def test_a_speaker_for_whom_there_is_room_again_counts_no_more() -> None:
    view = LadderView()
    view.told(notice(3, "capacity", language=None))

    view.told(Notice(kind=NoticeKind.CAPACITY, speaker="an", language=None, level=0, reason=""))

    assert view.worst == FULLY


def test_who_has_left_counts_no_more() -> None:
    view = LadderView()
    view.told(notice(4, "translation_gone"))
    view.told(notice(2, "fallback", language=None))

    view.left("an")

    assert view.worst == FULLY


def test_who_has_left_counts_no_more_while_their_last_words_are_interpreted_and_does_when_they_come_back() -> None:
    view = LadderView()
    view.left("an")

    view.told(notice(4, "translation_gone"))
    gone = view.worst
    view.came("an")
    view.told(notice(2, "fallback"))

    assert gone == FULLY
    assert view.worst == Served(level=2, reason="fallback")


def test_the_room_of_an_interpreter_knows_who_has_left_and_who_has_come_back() -> None:
    async def keep(caption: Caption) -> None: ...

    async def scene() -> list[int]:
        room = FakeRoom()
        continued = ContinuedRoom(room, epoch=1, last_seq=0, keep=keep)
        room.join(AN)
        await room.leave("an")
        room.join(AN)
        await room.end()
        levels = []
        async for _ in continued.events():
            await continued.tell(notice(4, "translation_gone"))
            levels.append(continued.ladder.worst.level)
        return levels

    assert run_in_virtual_time(scene) == [4, 0, 4]


def test_notices_of_voices_are_no_steps_of_the_ladder() -> None:
    view = LadderView()

    view.told(Notice(kind=NoticeKind.VOICE, speaker="an", language=DE, level=2, reason="quick"))

    assert view.worst == FULLY


def test_a_room_below_everything_is_listed_since_when_it_is() -> None:
    warden = held("r")
    warden.renew(lease("r", 2), at_s=1.0)
    warden.renew(lease("r", 2, POOR), at_s=2.0)
    warden.renew(lease("r", 2, POOR), at_s=3.0)

    (below,) = warden.below()

    assert (below.room, below.served, below.since_s) == ("r", POOR, 2.0)


def test_a_room_that_waits_for_an_interpreter_is_at_the_lowest_level() -> None:
    (below,) = held("r").below()

    assert below.served == NOBODY_HERE


def test_a_room_that_is_served_fully_or_is_empty_is_not_listed() -> None:
    warden = held("r")
    warden.renew(lease("r", 2), at_s=1.0)
    warden.want("empty", wanted=False, at_s=1.0)

    assert warden.below() == []


def test_microphones_of_an_interpreter_that_went_away_are_not_counted() -> None:
    warden = held("r")
    warden.renew(lease("r", 2, microphones=3), at_s=1.0)
    assert warden.microphones == 3

    warden.due(at_s=1.0 + LEASE_S + 1)

    assert warden.microphones == 0
