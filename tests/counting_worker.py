"""A worker process that follows utterances without hearing anything: it says which are open, and can take its time."""

import time

from dragoman.engines.worker_answers import answer_frames
from dragoman.wire.frames import Header, JsonValue

SLOW_S = 1.5

_open: set[int] = set()


def _answer(header: Header, _: bytes) -> Header:
    number = int(str(header.get("stream", 0)))
    match header.get("do"):
        case "open":
            _open.add(number)
        case "cancel" | "finish":
            _open.discard(number)
        case "be slow":
            time.sleep(SLOW_S)
    found: list[JsonValue] = [*sorted(_open)]
    return {"open": found}


if __name__ == "__main__":
    answer_frames(_answer)
