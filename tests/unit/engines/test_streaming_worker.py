"""Utterances that are dropped do not stay in the worker, whatever else it is at."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from dragoman.engines.speech_to_text.streaming_worker import StreamingWorker
from dragoman.engines.worker_process import WorkerProcess
from dragoman.wire.frames import Header


@pytest.fixture
def worker() -> Iterator[StreamingWorker]:
    worker = StreamingWorker(
        name="counting",
        module="tests.counting_worker",
        first={"do": "count"},
        deadline_s=0.5,
        decoding_factor=10.0,
    )
    yield worker
    worker.close()


def test_an_utterance_that_is_dropped_is_forgotten_at_once(worker: StreamingWorker) -> None:
    stream = worker.open_stream({})

    stream.cancel()
    stream.cancel()

    assert worker.ask({"do": "count"})["open"] == []


def test_an_utterance_that_is_dropped_while_the_worker_is_busy_is_forgotten_before_the_next_question(
    worker: StreamingWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, asked, ask = worker.open_stream({}), Event(), WorkerProcess.ask

    def asking(process: WorkerProcess, header: Header, payload: bytes = b"", *, deadline_s: float) -> Header:
        asked.set()
        return ask(process, header, payload, deadline_s=deadline_s)

    monkeypatch.setattr(WorkerProcess, "ask", asking)
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(worker.ask, {"do": "be slow"}, sound_s=3.0)
        asked.wait(10)
        stream.cancel()  # gives up before the worker is free
        before = busy.result(timeout=30)

    assert before["open"] == [1]
    assert worker.ask({"do": "count"})["open"] == []
