"""What a speaker costs around the engines is learned while people speak, and known at the next start."""

from pathlib import Path

import pytest
from tests.api_house import Clock

from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.ladder import Level
from dragoman.services.calibration import remembered_room_cost
from dragoman.services.load import LiveSpeakers, ProcessLoad
from dragoman.services.room_cost import ENOUGH, MOST_ROOM, UNKNOWN_ROOM, RoomCost


def test_too_few_measurements_say_nothing_and_silence_does_not_hide_what_speech_costs() -> None:
    cost = RoomCost()

    first = cost.per_speaker
    for _ in range(ENOUGH - 1):
        cost.took(0.4, speakers=2)
    too_few = cost.per_speaker
    for _ in range(4 * ENOUGH):
        cost.took(0.1, speakers=2)
    for _ in range(ENOUGH):
        cost.took(0.4, speakers=2)

    assert (first, too_few, cost.per_speaker) == (UNKNOWN_ROOM, UNKNOWN_ROOM, 0.2)


def test_nobody_interpreted_teaches_nothing() -> None:
    cost = RoomCost()

    for _ in range(2 * ENOUGH):
        cost.took(0.5, speakers=0)

    assert cost.learned is None


def test_what_was_learned_is_known_at_the_next_start(tmp_path: Path) -> None:
    with remembered_room_cost(tmp_path) as first:
        for _ in range(ENOUGH):
            first.took(0.25, speakers=1)
    with remembered_room_cost(tmp_path):
        pass
    with remembered_room_cost(tmp_path) as last:
        remembered = last.per_speaker

    assert remembered == 0.25


def test_a_process_that_takes_more_for_each_speaker_carries_fewer() -> None:
    clock, cpu = Clock(), Clock()
    everybody = LiveSpeakers(Admission(cores=2, costs=Costs(recognition=0.2, voice=0.0)), room_cost=RoomCost())
    load = ProcessLoad(everybody, clock=clock, cpu_clock=cpu)
    before = everybody.capacity

    everybody.in_room().admit("an", voices=1)
    for _ in range(ENOUGH):
        clock.now_s += 1.0
        cpu.now_s += 0.25
        load.now()

    assert (before, everybody.capacity) == (4, 3)


def test_open_microphones_that_were_refused_make_nobody_else_dearer() -> None:
    clock, cpu = Clock(), Clock()
    cost = RoomCost()
    everybody = LiveSpeakers(Admission(cores=1, costs=Costs(recognition=0.5, voice=0.0)), room_cost=cost)
    load, room = ProcessLoad(everybody, clock=clock, cpu_clock=cpu), everybody.in_room()
    levels = [room.admit(speaker, voices=1) for speaker in ("an", "ben")]

    for _ in range(ENOUGH):
        clock.now_s += 1.0
        cpu.now_s += 0.1
        load.now()

    assert levels == [Level.FULL, Level.ORIGINAL_ONLY]
    assert cost.per_speaker == pytest.approx(0.05)


def test_a_busy_hour_makes_no_machine_small_for_ever() -> None:
    cost = RoomCost()

    for _ in range(ENOUGH):
        cost.took(2.0, speakers=1)

    assert cost.per_speaker == MOST_ROOM
