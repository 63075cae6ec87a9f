"""CPU time of threads that Python knows nothing of."""

import threading
from pathlib import Path

import ctranslate2
import numpy as np

from dragoman.engines.native_threads import NativeThreads

MODEL = Path(__file__).parent.parent.parent / "fixtures" / "whisper-pico"


def test_it_counts_the_work_of_threads_that_a_library_started() -> None:
    sound = ctranslate2.StorageView.from_array(np.zeros((1, 80, 500), np.float32))
    with NativeThreads() as threads:
        model = ctranslate2.models.Whisper(str(MODEL), device="cpu", compute_type="int8", intra_threads=1)
        model.encode(sound)
    before_s = threads.cpu_s()

    model.encode(sound)

    assert threads.cpu_s() > before_s > 0
    model.unload_model()


def test_it_leaves_out_the_threads_of_python() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)

    with NativeThreads() as threads:
        thread.start()

    assert threads.cpu_s() == 0
    done.set()
    thread.join()
