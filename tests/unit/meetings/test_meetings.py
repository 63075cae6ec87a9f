"""Rooms, ids and secrets, finals and allowances: all without a clock."""

import dataclasses
from pathlib import Path

import pytest

from dragoman.ground.captions import Caption
from dragoman.ground.errors import CapacityExhausted, WireError
from dragoman.ground.languages import Language
from dragoman.meetings.allowance import Allowance
from dragoman.meetings.caption_message import read_caption, write_caption
from dragoman.meetings.choices import Choices, choices_of
from dragoman.meetings.errors import NotAllowed, ParticipantNotFound, RoomFull, RoomLocked, RoomNotFound
from dragoman.meetings.finals import SETTLED_S, Final, FinalsMemory
from dragoman.meetings.invitations import Invitations
from dragoman.meetings.journal import Journal
from dragoman.meetings.meeting import JOINING_S, MAX_GONE, RELOADING_S, Member
from dragoman.meetings.meetings import UNUSED_S, Meetings

EN, VI = Language("en"), Language("vi")
CHOICES = Choices(speaks=VI, reads=EN, listens=None, consents=True)


def meetings(key: bytes = bytes(32), *, most_rooms: int = 10) -> Meetings:
    return Meetings(Invitations(key), most_members=2, most_rooms=most_rooms)


def member(identity: str, *, at_s: float = 0.0, present: bool = False) -> Member:
    return Member(identity=identity, name="An", choices=CHOICES, admitted_at_s=at_s, present=present)


def final(seq: int, language: Language = EN) -> Final:
    caption = Caption(
        segment=f"s{seq}",
        speaker="an",
        language=language,
        source_language=VI,
        text="hello",
        start_s=1.0,
        end_s=2.0,
        final=True,
        seq=seq,
    )
    return Final(caption=caption, epoch=1)


def test_ids_and_secrets_are_known_again_by_the_same_key_alone() -> None:
    ours, again, other = Invitations(bytes(32)), Invitations(bytes(32)), Invitations(bytes([1]) * 32)
    room = ours.new_room_id()
    secret = ours.participant_secret(room, "p-1")

    assert again.is_ours(room) and not other.is_ours(room)
    assert again.is_host(room, ours.host_secret(room)) and not other.is_host(room, ours.host_secret(room))
    assert again.identify(room, secret) == "p-1" and other.identify(room, secret) is None
    assert again.identify(ours.new_room_id(), secret) is None
    assert again.identify(room, "p-2." + secret.partition(".")[2]) is None


def test_what_an_older_key_made_is_known_and_what_is_new_is_made_by_the_first() -> None:
    before, first = Invitations(bytes([1]) * 32), Invitations(bytes(32))
    both = Invitations(bytes(32), bytes([1]) * 32)
    room = before.new_room_id()

    assert both.is_ours(room)
    assert both.is_host(room, before.host_secret(room))
    assert both.identify(room, before.participant_secret(room, "p-1")) == "p-1"
    assert both.identify_host(room, before.host_secret_of(room, "an")) == "an"
    assert first.is_ours(both.new_room_id()) and first.is_host(room, both.host_secret(room))
    assert both.key_for("tickets") == first.key_for("tickets")
    assert both.identify(room, "p-2." + before.participant_secret(room, "p-1").partition(".")[2]) is None


@pytest.mark.parametrize("room", ["", "A" * 24, "../../etc/passwd", "é" * 24, "A" * 23 + "\n", "A" * 5000])
def test_whatever_else_is_no_room_of_ours(room: str) -> None:
    assert not Invitations(bytes(32)).is_ours(room)


def test_a_key_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Invitations(b"short")
    with pytest.raises(ValueError, match="at least 32"):
        Invitations(bytes(32), b"short")


def test_a_room_is_known_again_after_the_api_was_replaced_unless_it_is_over() -> None:
    before, after = meetings(), meetings()
    room = before.open(at_s=0.0).id

    revived = after.known_again(room, at_s=5.0)
    after.end(room)

    assert revived is not None
    assert after.known_again(room, at_s=6.0) is None
    assert after.known_again("somebody-elses-room-here", at_s=6.0) is None
    with pytest.raises(RoomNotFound):
        after.get(room)


def test_the_number_of_rooms_is_bounded() -> None:
    house = meetings(most_rooms=1)
    house.open(at_s=0.0)

    with pytest.raises(CapacityExhausted):
        house.open(at_s=0.0)


def test_members_are_kept_over_a_broken_connection_and_known_again_from_the_media_server() -> None:
    house = meetings()
    room = house.open(at_s=0.0)
    room.found([member("p-1", present=True)], at_s=10.0)

    room.found([], at_s=20.0)

    assert [it.identity for it in room.members(at_s=25.0)] == ["p-1"]
    assert room.members(at_s=21.0 + JOINING_S) == []
    assert room.member("p-1").choices == CHOICES


def test_the_seat_of_who_left_is_free_at_once_and_they_may_come_back() -> None:
    room = meetings().open(at_s=0.0)
    for identity in ("p-1", "p-2"):
        room.admit(member(identity))
    room.found([member("p-1", present=True), member("p-2", present=True)], at_s=1.0)

    room.found([member("p-2", present=True)], at_s=2.0, left={"p-1"})

    assert [it.identity for it in room.members(at_s=2.0)] == ["p-2"]
    assert room.member("p-1").choices == CHOICES
    room.admit(member("p-1", at_s=3.0), came_back=True)
    assert {it.identity for it in room.members(at_s=3.0)} == {"p-1", "p-2"}


def test_who_left_is_gone_whether_the_media_server_says_so_before_or_after_they_are_missed() -> None:
    room = meetings().open(at_s=0.0)
    room.admit(member("p-1"))
    room.found([member("p-1", present=True)], at_s=1.0)

    room.found([], at_s=2.0)
    room.found([], at_s=2.1, left={"p-1"})

    assert room.members(at_s=2.1) == []
    assert room.is_wanted(at_s=2.1), "who reloads the page finds their interpreter"
    assert not room.is_wanted(at_s=3.0 + RELOADING_S)


def test_who_is_let_in_again_is_on_the_way_although_their_old_connection_left() -> None:
    room = meetings().open(at_s=0.0)
    room.admit(member("p-1"))
    room.found([member("p-1", present=True)], at_s=1.0)

    room.admit(member("p-1", at_s=2.0), came_back=True)
    room.found([], at_s=2.1, left={"p-1"})

    assert [it.identity for it in room.members(at_s=3.0)] == ["p-1"]


def test_who_was_removed_stays_out() -> None:
    room = meetings().open(at_s=0.0)
    room.admit(member("p-1"))

    room.remove("p-1")
    room.found([member("p-1", present=True)], at_s=1.0)

    assert room.members(at_s=1.0) == []
    with pytest.raises(ParticipantNotFound):
        room.member("p-1")


def test_who_comes_back_passes_the_lock_and_has_their_seat_while_it_is_kept() -> None:
    room = meetings().open(at_s=0.0)
    for identity in ("p-1", "p-2"):
        room.admit(member(identity))
    room.found([member("p-1", present=True), member("p-2", present=True)], at_s=1.0)
    room.decided.locked = True

    room.admit(member("p-1", at_s=2.0), came_back=True)
    with pytest.raises(RoomLocked):
        room.admit(member("p-3", at_s=3.0))

    assert {it.identity for it in room.members(at_s=3.0)} == {"p-1", "p-2"}


def test_the_seat_of_who_is_gone_for_a_while_is_somebody_elses() -> None:
    room = meetings().open(at_s=0.0)
    room.admit(member("p-1"))
    room.admit(member("p-2"))
    room.found([member("p-2", present=True)], at_s=1.0)
    gone_s = JOINING_S + 1.0

    with pytest.raises(RoomFull):
        room.admit(member("p-3", at_s=gone_s - 2.0))
    room.admit(member("p-3", at_s=gone_s))
    with pytest.raises(RoomFull):
        room.admit(member("p-1", at_s=gone_s), came_back=True)

    assert {it.identity for it in room.members(at_s=gone_s)} == {"p-2", "p-3"}


def test_whom_the_host_has_put_out_does_not_come_back() -> None:
    room = meetings().open(at_s=0.0)
    room.admit(member("p-1"))
    room.remove("p-1")

    with pytest.raises(NotAllowed, match="put you out"):
        room.admit(member("p-1", at_s=1.0), came_back=True)


def test_those_who_left_are_forgotten_when_they_become_too_many() -> None:
    room = meetings().open(at_s=0.0)
    for number in range(MAX_GONE + 2):
        room.admit(member(f"p-{number}", at_s=number * (JOINING_S + 1)))

    room.admit(member("p-new", at_s=(MAX_GONE + 2) * (JOINING_S + 1)))

    with pytest.raises(ParticipantNotFound):
        room.member("p-0")
    assert room.member(f"p-{MAX_GONE}").identity == f"p-{MAX_GONE}"


def test_the_secret_of_another_room_opens_nothing() -> None:
    house = meetings()
    one, other = house.open(at_s=0.0), house.open(at_s=0.0)
    one.admit(member("p-1"))

    secret = house.invitations.participant_secret(one.id, "p-1")

    assert house.check_participant(one.id, secret).identity == "p-1"
    with pytest.raises(NotAllowed):
        house.check_participant(other.id, secret)
    with pytest.raises(NotAllowed):
        house.check_host(other.id, house.invitations.host_secret(one.id))


def test_a_room_that_nobody_uses_ends_by_itself() -> None:
    house = meetings()
    used, unused = house.open(at_s=0.0), house.open(at_s=0.0)
    used.found([member("p-1", present=True)], at_s=UNUSED_S)

    assert house.end_unused(at_s=UNUSED_S + 1) == [unused.id]


def test_choices_survive_as_attributes_and_missing_consent_is_none() -> None:
    assert choices_of(CHOICES.attributes()) == CHOICES
    assert choices_of({}) == Choices(speaks=None, reads=None, listens=None, consents=False)


def test_finals_come_in_order_by_language_once_each_and_the_oldest_go() -> None:
    memory = FinalsMemory(most=3)
    taken = [memory.add(final(seq, VI if seq % 2 else EN)) for seq in (2, 1, 3, 3, 5, 1)]

    assert taken == [True, True, True, False, True, False]
    assert [it.caption.seq for it in memory.after(0, language=None, limit=10)] == [2, 3, 5]
    assert [it.caption.seq for it in memory.after(2, language=VI, limit=1)] == [3]
    assert memory.last_seq == 5


def test_the_last_finals_before_a_number_come_in_order_as_many_as_may() -> None:
    memory = FinalsMemory()
    for seq in (1, 2, 3, 4, 5):
        memory.add(final(seq))
    chars = len(final(1).caption.text)

    found = [
        [it.caption.seq for it in memory.before(seq, limit=limit, most_chars=most_chars)]
        for seq, limit, most_chars in ((5, 3, 1000), (2, 3, 1000), (1, 3, 1000), (9, 3, 2 * chars), (9, 3, 0))
    ]

    assert found == [[2, 3, 4], [1], [], [4, 5], [5]]


def test_what_nobody_had_translated_stands_in_the_speakers_own_words_marked() -> None:
    memory = FinalsMemory()
    own, translated, only_own = final(1, VI), final(2), final(3, VI)
    for it in (own, dataclasses.replace(translated, caption=dataclasses.replace(translated.caption, segment="s1"))):
        memory.add(it)
    memory.add(only_own)

    read = memory.readable(0, language=EN, at_s=SETTLED_S, limit=10)
    own_words = memory.readable(0, language=VI, at_s=SETTLED_S, limit=10)
    other = memory.readable(1, language=Language("es"), at_s=SETTLED_S, limit=1)

    assert [(it.caption.seq, it.caption.untranslated) for it in read] == [(2, False), (3, True)]
    assert {it.caption.language for it in read} == {EN}
    assert [(it.caption.seq, it.caption.untranslated) for it in own_words] == [(1, False), (3, False)]
    assert [(it.caption.seq, it.caption.language, it.caption.source_language) for it in other] == [(3, "es", VI)]


def test_words_just_said_are_left_to_their_translation() -> None:
    memory = FinalsMemory()
    memory.add(dataclasses.replace(final(1, VI), kept_at_s=100.0))

    assert memory.readable(0, language=EN, at_s=100.0 + SETTLED_S - 0.1, limit=10) == []
    assert len(memory.readable(0, language=EN, at_s=100.0 + SETTLED_S, limit=10)) == 1


def test_the_page_asks_again_once_words_just_said_are_given_out() -> None:
    page = (Path(__file__).parents[3] / "web" / "src" / "call" / "missedCaptions.ts").read_text(encoding="utf-8")

    assert f"export const SETTLED_MS = {round(SETTLED_S * 1000):_};" in page


def test_a_journal_sends_again_what_was_lost_and_everything_to_an_api_without_memory() -> None:
    journal = Journal(keep=4)
    for seq in (1, 2, 3):
        journal.add(final(seq).caption)
    first = journal.next_delivery()
    journal.delivered(first[:2])

    left = [it.seq for it in journal.next_delivery()]
    journal.start_over()
    everything = [it.seq for it in journal.next_delivery()]
    for seq in (4, 5):
        journal.add(final(seq).caption)

    assert (left, everything) == ([3], [1, 2, 3])
    assert [it.seq for it in journal.next_delivery()] == [2, 3, 4, 5]


def test_a_journal_sends_what_it_inherited_only_to_an_api_that_forgot_and_lets_go_of_it_first() -> None:
    journal = Journal(keep=4)
    journal.add(final(5).caption)

    room_for_more = [journal.inherit([final(seq).caption for seq in seqs]) for seqs in ((3, 4), (1, 2))]
    unasked = [it.seq for it in journal.next_delivery()]
    journal.start_over()
    everything = [it.seq for it in journal.next_delivery()]
    journal.delivered(journal.next_delivery())
    journal.add(final(6).caption)
    journal.start_over()

    assert room_for_more == [True, False]
    assert (unasked, everything) == ([5], [2, 3, 4, 5])
    assert [it.seq for it in journal.next_delivery()] == [3, 4, 5, 6]


def test_a_journal_that_inherits_what_it_is_about_to_send_sends_it() -> None:
    journal = Journal()
    journal.add(final(1).caption)

    journal.inherit([final(1).caption])

    assert [it.seq for it in journal.next_delivery()] == [1]


def test_an_address_gets_its_burst_then_its_rate_and_neighbours_are_not_touched() -> None:
    allowance = Allowance(burst=2, per_minute=60)

    waits = [allowance.wait_s("10.0.0.1", at_s=at_s) for at_s in (0.0, 0.0, 0.0, 1.0)]

    assert waits == [0.0, 0.0, 1.0, 0.0]
    assert allowance.wait_s("10.0.0.2", at_s=0.0) == 0.0


def test_all_addresses_of_one_household_are_one() -> None:
    allowance = Allowance(burst=1, per_minute=1)
    allowance.wait_s("2001:db8:1:2::1", at_s=0.0)

    assert allowance.wait_s("2001:db8:1:2:ffff::9", at_s=0.0) > 0
    assert allowance.wait_s("2001:db8:1:3::1", at_s=0.0) == 0


def test_captions_travel_as_json_and_back() -> None:
    caption = dataclasses.replace(final(4).caption, text="<b>--> xin chào</b>", committed_chars=3, untranslated=True)

    assert read_caption(write_caption(caption)) == caption
    with pytest.raises(WireError, match="surprise"):
        read_caption({**write_caption(caption), "surprise": 1})
