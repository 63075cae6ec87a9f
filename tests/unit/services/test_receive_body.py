"""The body of a request: whole, within its size and its time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.types import Message

from dragoman.ground.errors import AudioTooLong, EngineTimeout
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.services.web import RECEIVE_WITHIN_S, receive_body

TOO_MUCH = AudioTooLong("send it in pieces")


def request(receive: Callable[[], Awaitable[Message]]) -> Request:
    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def arriving(*pieces: bytes) -> Request:
    left = list(pieces)

    async def receive() -> Message:
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return request(receive)


async def test_pieces_are_put_together() -> None:
    assert (
        await receive_body(arriving(b"Xin ", b"", b"ch\xc3\xa0o"), max_bytes=100, too_much=TOO_MUCH)
        == "Xin chào".encode()
    )


async def test_a_body_of_the_very_size_is_taken_and_one_byte_more_is_not() -> None:
    assert len(await receive_body(arriving(b"x" * 60, b"x" * 40), max_bytes=100, too_much=TOO_MUCH)) == 100
    with pytest.raises(AudioTooLong, match="send it in pieces"):
        await receive_body(arriving(b"x" * 60, b"x" * 41, b"x" * 10_000), max_bytes=100, too_much=TOO_MUCH)


def test_a_body_that_stops_coming_is_given_up() -> None:
    async def never() -> Message:
        await asyncio.sleep(10 * RECEIVE_WITHIN_S)
        raise AssertionError("waited for too long")

    async def receive() -> bytes:
        return await receive_body(request(never), max_bytes=100, too_much=TOO_MUCH)

    with pytest.raises(EngineTimeout, match="did not arrive within 60 s"):
        run_in_virtual_time(receive)
