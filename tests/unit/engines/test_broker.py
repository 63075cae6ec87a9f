"""Whose turn it is: last words before looks before recordings, one call of a model at a time, nobody forgotten."""

from dataclasses import replace

from dragoman.engines.broker import MOST_WAITING, PATIENCE_S, Broker, Job, Outcome, Urgency, Verdict


def job(urgency: Urgency, owner: str, *, engine: str = "whisper") -> Job:
    return Job(urgency=urgency, engine=engine, owner=owner, waits_s=10.0)


def taken(verdicts: list[Verdict]) -> list[object]:
    return [verdict.job.owner for verdict in verdicts if verdict.outcome is Outcome.TAKEN]


def test_last_words_go_before_looks_and_looks_before_recordings() -> None:
    broker = Broker(at_once=1)
    running = job(Urgency.PARTIAL, "running")
    jobs = [job(Urgency.RECORDING, "upload"), job(Urgency.PARTIAL, "an"), job(Urgency.FINAL, "binh")]

    order = taken(broker.push(running, at_s=0.0))
    for waiting in jobs:
        order += taken(broker.push(waiting, at_s=0.0))
    order += taken(broker.end(running, at_s=1.0))
    order += taken(broker.end(jobs[2], at_s=2.0))
    order += taken(broker.end(jobs[1], at_s=3.0))

    assert order == ["running", "binh", "an", "upload"]


def test_a_newer_look_takes_the_place_of_the_one_that_waits() -> None:
    broker = Broker(at_once=1)
    broker.push(job(Urgency.PARTIAL, "running"), at_s=0.0)
    old, new = job(Urgency.PARTIAL, "an"), job(Urgency.FINAL, "an")
    broker.push(old, at_s=0.1)

    verdicts = broker.push(new, at_s=0.2)

    assert verdicts == [Verdict(job=old, outcome=Outcome.REPLACED)]
    assert broker.waiting == 1


def test_speakers_take_turns() -> None:
    broker = Broker(at_once=1)
    running, order = job(Urgency.PARTIAL, "an"), []
    broker.push(running, at_s=0.0)
    broker.push(job(Urgency.PARTIAL, "binh"), at_s=0.1)
    broker.push(job(Urgency.PARTIAL, "chi"), at_s=0.2)

    for step in range(6):
        [started] = broker.end(running, at_s=step + 1.0)
        order.append(started.job.owner)
        broker.push(job(Urgency.PARTIAL, str(running.owner)), at_s=step + 1.1)
        running = started.job

    assert order == ["binh", "chi", "an", "binh", "chi", "an"]


def test_a_recording_is_not_starved_by_people_who_never_pause() -> None:
    broker = Broker(at_once=1)
    running = job(Urgency.PARTIAL, "an")
    broker.push(running, at_s=0.0)
    broker.push(job(Urgency.RECORDING, "upload"), at_s=0.0)
    broker.push(job(Urgency.PARTIAL, "binh"), at_s=0.0)

    patient = Broker(at_once=1)
    patient.push(running, at_s=0.0)
    patient.push(job(Urgency.RECORDING, "upload"), at_s=0.0)
    patient.push(job(Urgency.PARTIAL, "binh"), at_s=0.0)

    assert taken(broker.end(running, at_s=PATIENCE_S)) == ["upload"]
    assert taken(patient.end(running, at_s=PATIENCE_S - 0.1)) == ["binh"]


def test_a_model_hears_one_thing_at_a_time_and_another_model_does_not_wait_for_it() -> None:
    broker = Broker(at_once=2)

    first = broker.push(job(Urgency.FINAL, "an"), at_s=0.0)
    same = broker.push(job(Urgency.FINAL, "binh"), at_s=0.0)
    other = broker.push(job(Urgency.PARTIAL, "chi", engine="base"), at_s=0.0)

    assert (taken(first), taken(same), taken(other)) == (["an"], [], ["chi"])


def test_last_words_run_beside_a_look_of_their_engine_where_it_can_and_a_place_is_free() -> None:
    def start(at_once: int) -> tuple[Broker, list[Job]]:
        broker = Broker(at_once=at_once)
        look = job(Urgency.PARTIAL, "an")
        broker.push(look, at_s=0.0)
        return broker, [look, *[replace(job(Urgency.FINAL, owner), beside=True) for owner in ("an", "binh")]]

    broker, (look, last, other) = start(at_once=2)
    assert taken(broker.push(last, at_s=0.1)) == ["an"]
    assert taken(broker.push(other, at_s=0.2)) == []
    assert taken(broker.end(look, at_s=0.3)) == ["binh"]
    alone, (_, last, _) = start(at_once=1)
    assert taken(alone.push(last, at_s=0.1)) == []


def test_recordings_leave_a_place_for_those_who_speak() -> None:
    broker = Broker(at_once=2)

    recording = broker.push(job(Urgency.RECORDING, "upload"), at_s=0.0)
    another = broker.push(job(Urgency.RECORDING, "other", engine="base"), at_s=0.0)
    spoken = broker.push(job(Urgency.PARTIAL, "an", engine="base"), at_s=0.0)

    assert (taken(recording), taken(another), taken(spoken)) == (["upload"], [], ["an"])


def test_beyond_its_bound_the_queue_refuses() -> None:
    broker = Broker(at_once=1)
    for number in range(MOST_WAITING + 1):
        broker.push(job(Urgency.FINAL, f"speaker {number}"), at_s=0.0)

    [verdict] = broker.push(job(Urgency.FINAL, "one too many"), at_s=0.0)

    assert verdict.outcome is Outcome.REFUSED
    assert broker.waiting == MOST_WAITING


def test_what_is_given_up_while_it_waits_gets_no_turn() -> None:
    broker = Broker(at_once=1)
    running, given_up = job(Urgency.FINAL, "an"), job(Urgency.FINAL, "binh")
    broker.push(running, at_s=0.0)
    broker.push(given_up, at_s=0.0)

    broker.end(given_up, at_s=0.5)

    assert broker.end(running, at_s=1.0) == []


def shaped(urgency: Urgency, owner: str, shape: str | None, *, engine: str = "whisper") -> Job:
    return Job(urgency=urgency, engine=engine, owner=owner, waits_s=10.0, shape=shape)


def test_what_waits_at_the_same_moment_and_has_one_shape_is_one_call() -> None:
    broker = Broker(at_once=1, together=2)
    running = shaped(Urgency.PARTIAL, "running", "short")
    jobs = [
        shaped(Urgency.PARTIAL, "an", "short"),
        shaped(Urgency.PARTIAL, "binh", "long"),
        shaped(Urgency.PARTIAL, "chi", "short"),
        shaped(Urgency.PARTIAL, "dung", "short"),
    ]

    order = [taken(broker.push(running, at_s=0.0))]
    order += [taken(broker.push(waiting, at_s=0.0)) for waiting in jobs]
    verdicts = broker.end(running, at_s=1.0)
    after_an = taken(broker.end(jobs[0], at_s=2.0))
    after_chi = taken(broker.end(jobs[2], at_s=2.0))

    assert order == [["running"], [], [], [], []]
    assert taken(verdicts) == ["an", "chi"]
    assert all(verdict.together == (jobs[0], jobs[2]) for verdict in verdicts)
    assert (after_an, after_chi) == ([], ["binh"])


def test_last_words_are_never_one_call_with_looks_nor_with_what_has_no_shape_or_another_engine() -> None:
    broker = Broker(at_once=1, together=4)
    running = shaped(Urgency.FINAL, "running", None)
    final = shaped(Urgency.FINAL, "an", "short")
    others = [
        shaped(Urgency.PARTIAL, "binh", "short"),
        shaped(Urgency.FINAL, "chi", None),
        shaped(Urgency.FINAL, "dung", "short", engine="base"),
        shaped(Urgency.FINAL, "em", "short"),
    ]
    for waiting in [running, final, *others]:
        broker.push(waiting, at_s=0.0)

    assert taken(broker.end(running, at_s=1.0)) == ["an", "em"]


def test_a_call_for_several_takes_one_place() -> None:
    broker = Broker(at_once=2, together=2)
    running = shaped(Urgency.FINAL, "running", "short")
    for waiting in [running, shaped(Urgency.FINAL, "an", "short"), shaped(Urgency.FINAL, "binh", "short")]:
        broker.push(waiting, at_s=0.0)

    both = taken(broker.end(running, at_s=1.0))
    other = taken(broker.push(shaped(Urgency.PARTIAL, "chi", "short", engine="base"), at_s=1.0))

    assert (both, other) == (["an", "binh"], ["chi"])


def test_nothing_waits_to_be_one_call_with_what_comes_later() -> None:
    broker = Broker(at_once=1, together=4)

    [verdict] = broker.push(shaped(Urgency.PARTIAL, "an", "short"), at_s=0.0)

    assert (verdict.outcome, verdict.together) == (Outcome.TAKEN, (verdict.job,))
