"""The child's side of ``worker_process.py``: read frames from stdin, answer each on stdout, end when stdin does."""

import os
import sys
from collections.abc import Callable

from dragoman.wire.frames import Header, pack_frame, read_frame


def answer_frames(answer: Callable[[Header, bytes], Header]) -> None:
    """Answer until nobody asks any more, so that a worker never outlives its parent."""
    questions = sys.stdin.buffer
    # What a library writes to stdout must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (frame := read_frame(questions)) is not None:
        header, payload = frame
        answers.write(pack_frame(answer(header, payload) | {"question": header.get("question")}))
        answers.flush()
