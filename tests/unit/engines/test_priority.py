"""Priority in the queues of engines: within one kind the larger first, no kind before another, and nobody starves."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from dragoman.engines.batches import MOST_WAITING, Batches, Lost, Wanted
from dragoman.engines.broker import AGED_AFTER_S, Broker, Job, Outcome, Urgency, Verdict
from dragoman.engines.priority_turn import PriorityTurn
from dragoman.engines.ranked_threads import RankedThreads, urgency_here
from dragoman.engines.waiting_line import WaitingLine
from dragoman.ground.precedence import HIGHEST, priority_now, working_for

FINAL, PARTIAL, RECORDING = Urgency
EVERY = tuple(product(Urgency, (0, 10, 20)))
"""Each kind with each priority."""
EXPECTED = [(FINAL, 20), (FINAL, 10), (FINAL, 0), (PARTIAL, 20), (PARTIAL, 10), (PARTIAL, 0)]
EXPECTED += [(RECORDING, 20), (RECORDING, 10), (RECORDING, 0)]
WITHIN_S = 20.0


def job(urgency: Urgency, priority: int = 0, *, owner: object = None) -> Job:
    return Job(urgency=urgency, engine="e", owner=owner or object(), waits_s=10.0, priority=priority)


def wanted(urgency: Urgency, priority: int = 0) -> Wanted:
    return Wanted(urgency=urgency, lane="model", group=object(), priority=priority)


def taken(verdicts: list[Verdict]) -> list[Job]:
    return [verdict.job for verdict in verdicts if verdict.outcome is Outcome.TAKEN]


def by_broker(jobs: list[tuple[Urgency, int]]) -> list[tuple[Urgency, int]]:
    broker, order = Broker(at_once=1), []
    (running,) = taken(broker.push(job(FINAL), at_s=0.0))
    for urgency, priority in jobs:
        broker.push(job(urgency, priority), at_s=0.0)
    while started := taken(broker.end(running, at_s=0.1)):
        (running,) = started
        order.append((running.urgency, running.priority))
    return order


def by_batches(jobs: list[tuple[Urgency, int]]) -> list[tuple[Urgency, int]]:
    batches, order = Batches(), []
    for urgency, priority in jobs:
        batches.push(wanted(urgency, priority), at_s=0.0)
    while due := batches.due(at_s=0.1):
        (batch,) = due
        order.append((batch.urgency, batch.priority))
        batches.end(batch, took_s=0.0, at_s=0.1)
    return order


def by_line(jobs: list[tuple[Urgency, int]]) -> list[tuple[Urgency, int]]:
    line, order = WaitingLine[str](), []
    for urgency, priority in jobs:
        line.join("", urgency=urgency, priority=priority, at_s=0.0)
    while (first := line.call(at_s=0.1)) is not None:
        order.append((first.urgency, first.priority))
    return order


@pytest.mark.parametrize("queue", [by_broker, by_batches, by_line])
@pytest.mark.parametrize("step", [1, 2, 4, 5, 7, 8])
def test_every_kind_goes_before_the_next_and_within_it_the_larger_priority_goes_first(
    queue: Callable[[list[tuple[Urgency, int]]], list[tuple[Urgency, int]]], step: int
) -> None:
    came = [EVERY[place * step % len(EVERY)] for place in range(len(EVERY))]

    assert queue(came) == EXPECTED


@pytest.mark.parametrize("queue", [by_broker, by_batches, by_line])
def test_without_plans_all_go_in_the_order_of_their_coming(
    queue: Callable[[list[tuple[Urgency, int]]], list[tuple[Urgency, int]]],
) -> None:
    assert queue([(PARTIAL, 0), (FINAL, 0), (PARTIAL, 0), (FINAL, 0)]) == [(FINAL, 0)] * 2 + [(PARTIAL, 0)] * 2


@pytest.mark.parametrize("urgency", Urgency)
def test_however_many_pay_more_a_job_is_next_once_it_has_waited(urgency: Urgency) -> None:
    broker, mine = Broker(at_once=1), job(urgency)
    (running,) = taken(broker.push(job(urgency, 20), at_s=0.0))
    broker.push(mine, at_s=0.0)
    step, began_at_s = 0, None

    while began_at_s is None and step < 100:
        step += 1
        broker.push(job(urgency, 20), at_s=step * 0.25)
        (running,) = taken(broker.end(running, at_s=step * 0.25))
        began_at_s = step * 0.25 if running is mine else None

    assert began_at_s == AGED_AFTER_S


@pytest.mark.parametrize("urgency", Urgency)
def test_however_many_pay_more_a_sentence_is_translated_next_once_it_has_waited(urgency: Urgency) -> None:
    batches, mine, began_at_s = Batches(), wanted(urgency), None
    batches.push(mine, at_s=0.0)

    for step in range(100):
        batches.push(wanted(urgency, 20), at_s=step * 0.25)
        for batch in batches.due(at_s=step * 0.25 + 0.1):
            if mine in batch.wanted:
                began_at_s = step * 0.25
            batches.end(batch, took_s=0.0, at_s=step * 0.25 + 0.1)
        if began_at_s is not None:
            break

    assert began_at_s == AGED_AFTER_S


@pytest.mark.parametrize("gives_up", [False, True], ids=["replaced", "given up"])
def test_a_speaker_whose_looks_are_made_anew_again_and_again_waits_on_for_the_first(gives_up: bool) -> None:
    broker, me = Broker(at_once=1), object()
    (running,) = taken(broker.push(job(PARTIAL, 20), at_s=0.0))
    step, began_at_s = 0, None

    while began_at_s is None and step < 100:
        at_s = step * 0.25
        mine = job(PARTIAL, owner=me)
        broker.push(mine, at_s=at_s)
        broker.push(job(PARTIAL, 20), at_s=at_s)
        (running,) = taken(broker.end(running, at_s=at_s))
        began_at_s = at_s if running is mine else None
        if gives_up and began_at_s is None:
            broker.end(mine, at_s=at_s)
        step += 1

    assert began_at_s == AGED_AFTER_S


def test_a_speaker_who_had_a_look_has_not_waited() -> None:
    broker, me = Broker(at_once=1), object()
    first = job(PARTIAL, owner=me)
    broker.push(first, at_s=0.0)
    broker.push(job(PARTIAL, owner=me), at_s=1.9)
    dear = job(PARTIAL, 20)
    broker.push(dear, at_s=2.0)

    assert taken(broker.end(first, at_s=2.0)) == [dear]


def test_aged_looks_do_not_go_before_last_words() -> None:
    broker = Broker(at_once=1)
    (running,) = taken(broker.push(job(FINAL), at_s=0.0))
    broker.push(job(PARTIAL, HIGHEST), at_s=0.0)
    last = job(FINAL)
    broker.push(last, at_s=9.9)

    assert taken(broker.end(running, at_s=10.0)) == [last]


def test_those_who_are_heard_together_are_the_first_in_line() -> None:
    broker = Broker(at_once=1, together=2)
    (running,) = taken(broker.push(job(FINAL), at_s=0.0))
    low, middle, high = (replace(job(FINAL, priority), shape="window") for priority in (0, 10, 20))
    for each in (low, middle, high):
        broker.push(each, at_s=0.0)

    assert taken(broker.end(running, at_s=0.1)) == [high, middle]


def test_where_too_many_wait_a_final_takes_the_place_of_the_preview_with_the_least_priority() -> None:
    batches, previews = Batches(), [wanted(PARTIAL, 10 if number else 0) for number in range(MOST_WAITING)]
    previews[0], previews[5] = previews[5], previews[0]
    for preview in previews:
        batches.push(preview, at_s=0.0)

    assert batches.push(wanted(FINAL), at_s=0.0) == {previews[5]: Lost.DISPLACED}


def test_a_text_that_waited_long_is_spoken_before_what_is_said_in_calls() -> None:
    line = WaitingLine[str]()
    line.join("text", urgency=RECORDING, priority=0, at_s=0.0)
    line.join("call", urgency=FINAL, priority=20, at_s=4.5)

    assert [place.what for place in (line.call(at_s=5.0), line.call(at_s=5.0)) if place] == ["text", "call"]


def test_threads_do_what_is_most_urgent_and_work_with_the_priority_it_was_asked_with() -> None:
    threads, busy, done = RankedThreads(workers=1, name="t"), threading.Event(), list[tuple[Urgency, int]]()
    running = threads.submit(lambda: busy.wait(WITHIN_S))
    waiting = []
    for urgency, priority in [(RECORDING, 20), (FINAL, 0), (PARTIAL, 10), (FINAL, 20)]:
        with working_for(lambda priority=priority: priority):  # type: ignore[misc]
            work = threads.submit(lambda: done.append((urgency_here(), priority_now())), urgency=urgency)
            waiting.append(work)

    busy.set()
    running.result(WITHIN_S)
    for future in waiting:
        future.result(WITHIN_S)
    threads.close()

    assert done == [(FINAL, 20), (FINAL, 0), (PARTIAL, 10), (RECORDING, 20)]


def test_closed_threads_finish_what_runs_and_cancel_what_waits() -> None:
    threads, begun, busy = RankedThreads(workers=1, name="t"), threading.Event(), threading.Event()

    def run() -> bool:
        begun.set()
        return busy.wait(WITHIN_S)

    running = threads.submit(run)
    begun.wait(WITHIN_S)
    waiting = threads.submit(lambda: None)
    closing = threading.Thread(target=threads.close)

    closing.start()
    busy.set()
    closing.join(WITHIN_S)

    assert running.result(0) is True
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        threads.submit(lambda: None)


def test_a_voice_model_is_given_to_the_most_urgent_that_waits_and_to_nobody_who_gave_up() -> None:
    turn, order, there = PriorityTurn(), list[str](), threading.Semaphore(0)
    turn.acquire()
    gave_up = turn.acquire(timeout_s=0.0, priority=HIGHEST)

    def speak(name: str, urgency: Urgency, priority: int) -> None:
        there.release()
        if turn.acquire(timeout_s=WITHIN_S, urgency=urgency, priority=priority):
            order.append(name)
            turn.release()

    speakers: list[threading.Thread] = []
    for at, (name, urgency, priority) in enumerate([("text", RECORDING, 20), ("free", FINAL, 0), ("pro", FINAL, 20)]):
        speakers.append(threading.Thread(target=speak, args=(name, urgency, priority)))
        speakers[-1].start()
        while len(turn) <= at:
            there.acquire(timeout=0.01)
    turn.release()
    for speaker in speakers:
        speaker.join(WITHIN_S)

    assert gave_up is False
    assert order == ["pro", "free", "text"]
    assert turn.acquire(timeout_s=0.0)


def test_a_priority_is_never_out_of_bounds_and_ends_with_what_was_inside() -> None:
    with working_for(lambda: 10**9):
        most = priority_now()
    with working_for(lambda: -5):
        least = priority_now()

    assert (least, most, priority_now()) == (0, HIGHEST, 0)
