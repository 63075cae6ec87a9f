"""Admission: as many speakers as the machine was measured to carry."""

from dragoman.interpreting.admission import MOST_COUNTED, Admission, Costs
from dragoman.interpreting.ladder import Level


def _admission(cores: int) -> Admission:
    return Admission(cores=cores, costs=Costs(recognition=0.6, voice=0.3))


def test_two_cores_carry_one_speaker_fully_and_refuse_the_next_a_place() -> None:
    admission = _admission(2)

    assert [admission.admit(speaker, voices=1) for speaker in "abc"] == [
        Level.FULL,
        Level.ORIGINAL_ONLY,
        Level.ORIGINAL_ONLY,
    ]


def test_a_speaker_for_whose_voice_there_is_no_room_gets_captions() -> None:
    admission = _admission(3)

    assert [admission.admit(speaker, voices=1) for speaker in "abc"] == [
        Level.FULL,
        Level.FULL,
        Level.ORIGINAL_ONLY,
    ]
    admission.release("a")
    assert admission.admit("c", voices=3) == Level.CAPTIONS_ONLY


def test_the_first_speaker_is_never_refused() -> None:
    assert Admission(cores=1, costs=Costs(recognition=5, voice=5)).admit("a", voices=1) == Level.FULL


def test_who_leaves_makes_room() -> None:
    admission = _admission(2)
    admission.admit("a", voices=1)

    admission.release("a")

    assert admission.admit("b", voices=1) == Level.FULL


def test_asking_again_takes_no_second_place() -> None:
    admission = _admission(3)

    for _ in range(5):
        assert admission.admit("a", voices=1) == Level.FULL
    assert admission.admit("b", voices=1) == Level.FULL


def test_work_around_the_engines_counts_too() -> None:
    admission = Admission(cores=2, costs=Costs(recognition=0.3, voice=0.0, room=0.1))

    before = admission.speakers_at_once
    admission.learn_room(0.4)

    assert (before, admission.speakers_at_once) == (3, 2)
    assert [admission.admit(speaker, voices=1) for speaker in "abc"] == [Level.FULL, Level.FULL, Level.ORIGINAL_ONLY]


def test_more_cores_do_not_help_a_recogniser_that_follows_one_after_the_other() -> None:
    admission = Admission(cores=16, costs=Costs(recognition=0.3, voice=0.0, turn=0.3))

    levels = [admission.admit(speaker, voices=1) for speaker in "abc"]

    assert admission.speakers_at_once == 2
    assert levels == [Level.FULL, Level.FULL, Level.ORIGINAL_ONLY]


def test_what_is_squeezed_in_takes_its_part_until_it_is_released() -> None:
    admission = _admission(3)
    for speaker in "ab":
        admission.admit(speaker, voices=1)

    squeezed = admission.squeeze_in("c")
    admission.release("a")
    beside = admission.admit("d", voices=1)
    admission.release("c")

    assert (squeezed, beside) == (Level.CAPTIONS_ONLY, Level.ORIGINAL_ONLY)
    assert admission.admit("d", voices=1) == Level.FULL


def test_people_of_one_room_take_turns_and_those_of_different_rooms_do_not() -> None:
    def admitted(rooms: str) -> int:
        admission = Admission(cores=2, costs=Costs(recognition=0.35, voice=0.0, turn=0.35, room=0.1), talks_beside=0.25)
        levels = [admission.admit(str(place), voices=1, room=room) for place, room in enumerate(rooms)]
        return levels.count(Level.FULL)

    assert (admitted("aaaaaaaa"), admitted("abcdefgh"), admitted("aabbccdd")) == (6, 2, 3)


def test_when_the_first_of_a_room_leaves_another_counts_as_the_one_who_talks() -> None:
    admission = Admission(cores=2, costs=Costs(recognition=0.6, voice=0.0), talks_beside=0.0)
    for speaker in "an", "ben":
        admission.admit(speaker, voices=1, room="a")
    admission.admit("chi", voices=1, room="b")

    admission.release("an")

    assert admission.admit("dan", voices=1, room="c") == Level.ORIGINAL_ONLY


def test_more_people_of_one_room_fit_than_may_talk_at_the_same_time() -> None:
    costs = Costs(recognition=0.3, voice=0.05, turn=0.3, room=0.05)
    admission = Admission(cores=2, costs=costs, talks_beside=0.25)

    fit = admission.taking_turns
    levels = [admission.admit(f"p{number}", voices=1, room="a") for number in range(fit + 1)]

    assert fit > admission.speakers_at_once == 2
    assert levels == [Level.FULL] * fit + [levels[-1]]
    assert levels[-1] != Level.FULL


def test_what_costs_nothing_is_counted_to_an_end() -> None:
    assert Admission(cores=1, costs=Costs(recognition=0.0, voice=0.0)).taking_turns == MOST_COUNTED
