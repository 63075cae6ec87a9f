"""PocketSphinx's worker process dies, hangs and ends; the engine outlives it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman.engines.speech_to_text import pocketsphinx_worker
from dragoman.engines.speech_to_text.pocketsphinx import ENGLISH, PocketSphinx
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable
from dragoman.ground.steady_streams import RehearingStream

NO_CONTEXT = RecognitionContext()
TALK = Path(__file__).parents[3] / "src" / "dragoman" / "samples" / "talk.flac"


@pytest.fixture
def engine() -> Iterator[PocketSphinx]:
    engine = PocketSphinx()
    yield engine
    engine.close()


def worker_of(engine: PocketSphinx) -> int:
    engine.warm_up()
    assert engine.worker_pid is not None
    return engine.worker_pid


def is_gone(pid: int) -> bool:
    """Say whether the system has forgotten the process: a zombie is not gone."""
    return not Path(f"/proc/{pid}").exists()


def own_memory_kib(pid: int) -> int:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1])


def hum(duration_s: float) -> Audio:
    times = np.arange(round(duration_s * RECOGNITION_RATE)) / RECOGNITION_RATE
    return Audio(samples=(0.1 * np.sin(2 * np.pi * 150 * times)).astype(np.float32), sample_rate=RECOGNITION_RATE)


def test_after_its_worker_was_killed_the_next_call_works(engine: PocketSphinx) -> None:
    killed = worker_of(engine)
    os.kill(killed, signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        engine.transcribe(hum(1.0), language=ENGLISH, context=NO_CONTEXT)

    engine.transcribe(hum(1.0), language=ENGLISH, context=NO_CONTEXT)
    assert engine.worker_pid not in {None, killed}
    assert is_gone(killed)


def test_a_worker_that_hangs_is_replaced_after_the_deadline() -> None:
    engine = PocketSphinx(deadline_s=1.0)
    hanging = worker_of(engine)
    os.kill(hanging, signal.SIGSTOP)

    with pytest.raises(EngineTimeout):
        engine.open_stream(language=ENGLISH, context=NO_CONTEXT)

    assert is_gone(hanging)
    engine.transcribe(hum(1.0), language=ENGLISH, context=NO_CONTEXT)
    assert engine.worker_pid not in {None, hanging}
    engine.close()


def test_a_worker_that_stops_reading_is_given_up_too() -> None:
    engine = PocketSphinx(deadline_s=1.0, decoding_factor=0.0)
    stream = engine.open_stream(language=ENGLISH, context=NO_CONTEXT)
    hanging = engine.worker_pid
    assert hanging is not None
    os.kill(hanging, signal.SIGSTOP)

    with pytest.raises(EngineTimeout):
        stream.accept(hum(10.0))  # more than a pipe holds

    assert is_gone(hanging)
    engine.close()


def test_the_streams_of_a_dead_worker_say_that_they_are_lost(engine: PocketSphinx) -> None:
    first, second = (engine.open_stream(language=ENGLISH, context=NO_CONTEXT) for _ in range(2))
    os.kill(worker_of(engine), signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        first.accept(hum(0.05))
    engine.warm_up()
    with pytest.raises(EngineCrashed, match="lost"):
        second.finish()

    first.cancel()
    second.cancel()
    third = engine.open_stream(language=ENGLISH, context=NO_CONTEXT)
    assert third.finish().words == ()


def test_no_process_is_left_after_close(engine: PocketSphinx) -> None:
    worker = worker_of(engine)

    engine.close()

    assert is_gone(worker)
    assert engine.worker_pid is None


def test_closing_frees_a_thread_that_waits_for_the_worker(engine: PocketSphinx) -> None:
    worker = worker_of(engine)
    os.kill(worker, signal.SIGSTOP)
    asking = threading.Event()

    def ask() -> None:
        asking.set()
        engine.transcribe(hum(1.0), language=ENGLISH, context=NO_CONTEXT)

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(ask)
        asking.wait(5)
        engine.close()

        with pytest.raises(EngineUnavailable):
            answer.result(timeout=10)
    assert is_gone(worker)


def test_the_worker_ends_when_nobody_holds_its_pipe_any_more() -> None:
    command = [sys.executable, "-m", pocketsphinx_worker.__name__]

    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_too_many_open_utterances_are_refused_and_the_others_go_on(engine: PocketSphinx) -> None:
    streams = [engine.open_stream(language=ENGLISH, context=NO_CONTEXT) for _ in range(8)]

    with pytest.raises(EngineUnavailable, match="8 utterances"):
        engine.open_stream(language=ENGLISH, context=NO_CONTEXT)

    assert all(stream.finish().words == () for stream in streams)


def test_an_utterance_can_be_finished_without_hearing_it_once_more(engine: PocketSphinx) -> None:
    spoken, _ = soundfile.read(TALK, frames=4 * RECOGNITION_RATE, dtype="float32")
    talk = Audio(samples=spoken, sample_rate=RECOGNITION_RATE)
    costs, words = [], []
    for quick in (False, False, True):  # the first one finds the microphone's mean
        stream = engine.open_stream(language=ENGLISH, context=NO_CONTEXT)
        stream.accept(talk)
        before_s = engine.cpu_s()
        assert isinstance(stream, RehearingStream)
        words.append((stream.finish_at_once() if quick else stream.finish()).text)
        costs.append(engine.cpu_s() - before_s)

    assert words[2]
    assert costs[2] < costs[1] / 2


def test_cpu_time_of_dead_workers_still_counts(engine: PocketSphinx) -> None:
    engine.transcribe(hum(1.0), language=ENGLISH, context=NO_CONTEXT)
    before_s = engine.cpu_s()

    engine.close()

    assert engine.cpu_s() >= before_s > 0


def test_one_speaker_takes_the_memory_of_one_decoder(engine: PocketSphinx) -> None:
    with_one_kib = own_memory_kib(worker_of(engine))
    spoken, _ = soundfile.read(TALK, frames=2 * RECOGNITION_RATE, dtype="float32")

    stream = engine.open_stream(language=ENGLISH, context=NO_CONTEXT)
    stream.accept(Audio(samples=spoken, sample_rate=RECOGNITION_RATE))
    heard = stream.finish()  # recognised once more as a whole

    assert heard.words
    assert own_memory_kib(worker_of(engine)) < 1.5 * with_one_kib
