"""LineSource: lines as they come, in order, never many in memory."""

import io
import os

import pytest

from dragoman.services.translating_texts.lines import MAX_LINE_BYTES, LineSource, LineUnreadable


class Endless(io.RawIOBase):
    """Gives lines without an end, and counts them."""

    def __init__(self) -> None:
        self.lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.lines += 1
        return b"a line\n"


def take_all(source: LineSource, most: int = 3) -> list[str]:
    lines: list[str] = []
    while taken := source.take(most):
        assert len(taken) <= most
        lines += taken
    return lines


def test_lines_come_in_order_without_their_ends() -> None:
    source = LineSource(io.BytesIO("\ufeffmột\r\n\nhai\nba".encode()))

    assert take_all(source) == ["một", "", "hai", "ba"]
    assert source.take(3) == []


def test_a_line_is_given_before_the_next_one_is_there() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb", buffering=0) as typist:
        source = LineSource(stream)
        typist.write(b"first\n")

        first = source.take(8)
        typist.write(b"second\n")
        second = source.take(8)
        typist.close()
        assert source.take(8) == []

    assert (first, second) == (["first"], ["second"])


@pytest.mark.parametrize(("line", "says"), [(b"\xff\xfe", "line 3 is not UTF-8"), (b"a" * (MAX_LINE_BYTES + 1), "MiB")])
def test_what_is_no_line_is_told_of_behind_the_lines_before_it(line: bytes, says: str) -> None:
    source = LineSource(io.BytesIO(b"one\ntwo\n" + line + b"\nfour\n"))
    before: list[str] = []

    with pytest.raises(LineUnreadable, match=says):
        while True:
            before += source.take(8)

    assert before == ["one", "two"]


def test_little_is_read_ahead() -> None:
    stream = Endless()
    source = LineSource(stream)  # type: ignore[arg-type]

    taken = source.take(2)

    assert taken[0] == "a line"
    assert stream.lines <= 2 + 16 + 1
