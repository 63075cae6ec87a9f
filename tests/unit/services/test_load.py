"""How busy an interpreting process says it is, whom it still takes, and what the services tell of their engines."""

import json
import socket
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.api_house import Clock

from dragoman.ground.engines import Engine, EngineKind
from dragoman.ground.errors import WireError
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.ladder import Level
from dragoman.services import load
from dragoman.services.calibration import UNKNOWN, make_admission
from dragoman.services.health import health_routes
from dragoman.services.load import LiveSpeakers, ProcessLoad, ask_costs, dearest, read_costs
from dragoman.services.remote_engines import ServiceAddress
from dragoman.testing.engines import FakeSpeechToText
from dragoman.wire.frames import JsonValue

EN, ES, VI = Language("en"), Language("es"), Language("vi")
STT = EngineKind.SPEECH_TO_TEXT


def health_of(engines: list[Engine], costs: dict[str, float]) -> JsonValue:
    """Ask a service how it is."""
    routes = health_routes(engines, is_ready=lambda: True, metrics=None, costs=costs)
    answer: JsonValue = json.loads(TestClient(Starlette(routes=routes)).get("/health").text)
    return answer


def test_the_dearest_engine_that_is_first_choice_for_a_language_counts() -> None:
    best, stand_in = FakeSpeechToText(languages=(EN, ES)), FakeSpeechToText(name="stand-in", languages=(EN,))
    vietnamese = FakeSpeechToText(name="vietnamese", languages=(VI,))
    costs = {best.info.label: 0.2, stand_in.info.label: 0.9, vietnamese.info.label: 0.4}

    told = dearest(read_costs(health_of([best, stand_in, vietnamese], costs), kind=STT))

    assert told == 0.4


def test_an_engine_that_was_not_measured_makes_the_cost_unknown() -> None:
    best, vietnamese = FakeSpeechToText(languages=(EN,)), FakeSpeechToText(name="vietnamese", languages=(VI,))

    assert dearest(read_costs(health_of([best, vietnamese], {best.info.label: 0.2}), kind=STT)) is None
    assert dearest(read_costs(health_of([], {}), kind=STT)) is None


@pytest.mark.parametrize("health", [None, [], {}, {"model_info": 7}, {"model_info": [7]}, {"model_info": [{}]}])
def test_an_answer_that_is_none_is_refused(health: JsonValue) -> None:
    with pytest.raises(WireError):
        read_costs(health, kind=STT)


@pytest.mark.parametrize("cost", [-1, "much", True])
def test_a_cost_that_cannot_be_is_refused(cost: JsonValue) -> None:
    health = health_of([FakeSpeechToText()], {})
    assert isinstance(health, dict) and isinstance(health["model_info"], list)
    engine = health["model_info"][0]
    assert isinstance(engine, dict)

    with pytest.raises(WireError, match="cost"):
        read_costs({"model_info": [{**engine, "cost": cost}]}, kind=STT)


def test_services_that_do_not_answer_cost_a_cautious_much() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = ServiceAddress(url=f"http://127.0.0.1:{listener.getsockname()[1]}", token=None)

    assert ask_costs([(STT, nowhere)]) == UNKNOWN


def test_a_recogniser_that_follows_along_takes_its_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    follows, looks = FakeSpeechToText(languages=(EN,)), FakeSpeechToText(name="looks", languages=(VI,))
    follows_info = replace(follows.info, streaming=True)
    told = [(follows_info, 0.3), (looks.info, 0.5)]
    monkeypatch.setattr(load, "_ask_engines", lambda kind, address: told if kind is STT else [])

    beside_another = ask_costs([(STT, ServiceAddress(url="http://nowhere", token=None))])
    told.remove((looks.info, 0.5))
    alone = ask_costs([(STT, ServiceAddress(url="http://nowhere", token=None))])

    assert (beside_another.recognition, beside_another.turn) == (0.5, 0.0)
    assert (alone.recognition, alone.turn) == (0.3, 0.3)


def speakers(*, capacity: int) -> LiveSpeakers:
    return LiveSpeakers(make_admission(Costs(recognition=0.0, voice=0.0), cores=1, speakers_at_once=capacity))


def test_the_rooms_of_a_process_share_its_capacity() -> None:
    everybody = speakers(capacity=2)
    one, other = everybody.in_room(), everybody.in_room()

    levels = [one.admit("an", voices=1), one.admit("ben", voices=1), one.admit("eva", voices=1)]
    one.release("an")
    after = one.admit("eva", voices=1)

    assert levels == [Level.FULL, Level.FULL, Level.ORIGINAL_ONLY]
    assert after == Level.FULL
    assert other.speakers_at_once == 2


def test_who_speaks_alone_in_a_room_is_captioned_however_busy_the_others_are() -> None:
    everybody = speakers(capacity=1)
    one, other = everybody.in_room(), everybody.in_room()
    one.admit("an", voices=1)

    assert other.admit("an", voices=1) == Level.CAPTIONS_ONLY
    assert other.admit("an", voices=1) == Level.CAPTIONS_ONLY
    assert other.admit("ben", voices=1) == Level.ORIGINAL_ONLY


def test_who_is_admitted_is_never_refused_when_asking_for_more() -> None:
    most = 2
    everybody = LiveSpeakers(Admission(cores=1, costs=Costs(recognition=0.29, voice=0.1)))
    here, elsewhere = everybody.in_room(most=lambda: most), everybody.in_room()
    for identity in ("chi", "dan"):
        elsewhere.admit(identity, voices=1)
    alone = here.admit("an", voices=1)
    for identity in ("chi", "dan"):
        elsewhere.release(identity)
    beside = here.admit("ben", voices=1)
    most = 1

    again = [here.admit("an", voices=1), here.admit("ben", voices=1)]
    here.release("ben")

    assert (alone, beside) == (Level.CAPTIONS_ONLY, Level.FULL)
    assert again == [Level.CAPTIONS_ONLY, Level.FULL]
    assert here.admit("an", voices=1) == Level.FULL


def test_the_load_is_the_speakers_or_the_process_whichever_is_more() -> None:
    everybody = speakers(capacity=4)
    room = everybody.in_room()
    clock, cpu = Clock(), Clock()
    load = ProcessLoad(everybody, clock=clock, cpu_clock=cpu)

    idle = load.now()
    room.admit("an", voices=1)
    with_one = load.now()
    clock.now_s += 2.0
    cpu.now_s += 1.0
    computing = load.now()
    clock.now_s += 0.1
    cpu.now_s += 0.1
    just_after = load.now()
    clock.now_s += 10.0
    room.release("an")
    at_last = load.now()

    assert (idle, with_one, computing, just_after) == (0.0, 0.25, 0.5, 0.5)
    assert at_last < 0.05


def test_the_load_never_exceeds_one_and_dispatch_is_never_told_that_there_is_no_room() -> None:
    everybody = LiveSpeakers(Admission(cores=1, costs=Costs(recognition=5.0, voice=1.0)))
    for _ in range(3):
        everybody.in_room().admit("an", voices=1)
    load = ProcessLoad(everybody)

    assert load.now() == 1.0
    assert load.for_dispatch() < 0.7


def test_a_room_leaves_to_planned_meetings_what_they_have_reserved() -> None:
    everybody, most = speakers(capacity=4), 1
    room, planned = everybody.in_room(most=lambda: most), everybody.in_room()

    levels = [room.admit("an", voices=1), room.admit("ben", voices=1), room.admit("an", voices=1)]
    share = everybody.share
    planned.admit("eva", voices=1)
    most = 2
    after = room.admit("ben", voices=1)

    assert levels == [Level.FULL, Level.ORIGINAL_ONLY, Level.FULL]
    assert (share, after) == (0.25, Level.FULL)
