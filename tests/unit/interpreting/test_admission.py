"""Admission: as many speakers as the machine was measured to carry."""

from dragoman.interpreting.admission import Admission, Costs
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
