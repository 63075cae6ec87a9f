"""A webhook does not lead inside: whatever its name says now, later, or to somebody else."""

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.certificates import make_pair
from tests.webhook_receiver import receiving

from dragoman.accounts.errors import WebhookAddressRefused
from dragoman.accounts.outgoing import MAX_ANSWER_BYTES, DeliveryFailed, post, resolve
from dragoman.accounts.webhook_addresses import read_target

HEADERS = {"Content-Type": "application/json"}


async def failure(url: str, *answers: str, allowed: Sequence[str] = (), within_s: float = 5.0) -> str:
    """Post to ``url``, whose name leads to ``answers``, and give why it failed."""

    async def resolved(host: str, port: int) -> Sequence[str]:
        return answers

    target = read_target(url, allowed_origins=allowed)
    with pytest.raises(DeliveryFailed) as failed:
        await post(target, b"{}", HEADERS, resolve=resolved if answers else resolve, within_s=within_s)
    return failed.value.reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1%lo",
        "224.0.0.1",
    ],
)
async def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    async with receiving() as receiver:
        assert await failure(f"https://hooks.example.org:{receiver.port}/", address) == "address_refused"
        assert receiver.received == []


async def test_a_name_with_one_address_inside_is_refused_whatever_the_others_are() -> None:
    assert await failure("https://hooks.example.org/", "1.1.1.1", "127.0.0.1") == "address_refused"


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "127.0.0.1."]
)
async def test_loopback_written_in_another_way_is_refused(host: str) -> None:
    try:
        reason = await failure(f"https://{host}/")
    except WebhookAddressRefused:
        return
    # Some systems do not know the older spellings at all.
    assert reason in ("address_refused", "unreachable")


async def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["1.1.1.1"] if len(asked) > 1 else ["127.0.0.1"]

    async with receiving() as receiver:
        url = f"http://hooks.example.org:{receiver.port}/in"
        target = read_target(url, allowed_origins=[f"http://hooks.example.org:{receiver.port}"])
        status = await post(target, b"{}", HEADERS, resolve=rebinding)

        assert (status, asked) == (204, ["hooks.example.org"])
        assert receiver.received[0].headers["host"] == f"hooks.example.org:{receiver.port}"


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as inside, receiving() as receiver:
        receiver.answer = f"HTTP/1.1 307 Over There\r\nLocation: {inside.origin}/\r\n\r\n".encode()
        target = read_target(f"{receiver.origin}/in", allowed_origins=[receiver.origin])

        assert await post(target, b"{}", HEADERS) == 307
        assert inside.received == []


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"\x00\xff" * 100,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (2 * MAX_ANSWER_BYTES),
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4000,
    ],
)
async def test_what_is_no_answer_of_http_within_64_kib_fails(answer: bytes) -> None:
    async with receiving() as receiver:
        receiver.answer = answer

        assert await failure(f"{receiver.origin}/", "127.0.0.1", allowed=[receiver.origin]) == "no_http"


async def test_a_receiver_that_never_answers_costs_its_deadline_only() -> None:
    async with receiving() as receiver:
        receiver.answer = b""

        reason = await failure(f"{receiver.origin}/", "127.0.0.1", allowed=[receiver.origin], within_s=0.2)

        assert reason == "too_slow"


async def test_a_certificate_of_nobody_we_know_is_not_trusted_and_one_for_the_name_is(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, host="hooks.example.org")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pair.certificate, pair.key)

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with receiving(theirs) as receiver:
        origins = [f"https://{host}:{receiver.port}" for host in ("hooks.example.org", "other.example.org")]
        own, other = (read_target(f"{origin}/in", allowed_origins=origins) for origin in origins)
        trust = ssl.create_default_context(cafile=str(pair.certificate))

        assert await failure(f"{origins[0]}/in", "127.0.0.1", allowed=origins) == "not_trusted"
        assert await post(own, b"{}", HEADERS, resolve=here, trust=trust) == 204
        with pytest.raises(DeliveryFailed, match="not_trusted"):
            await post(other, b"{}", HEADERS, resolve=here, trust=trust)


async def test_nobody_listening_is_unreachable() -> None:
    async with receiving() as receiver:
        gone = receiver.origin
    await asyncio.sleep(0)

    assert await failure(f"{gone}/", "127.0.0.1", allowed=[gone]) == "unreachable"
