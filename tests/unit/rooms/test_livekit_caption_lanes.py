"""Captions into a room where LiveKit takes some of them late or not at all. In virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from livekit import rtc

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.livekit_caption_lanes import FINAL_WITHIN_S, MISSED, RETRY_S, SEND_S, CaptionLanes

BEN, EVA = frozenset({"ben"}), frozenset({"eva"})
GIVEN_UP_S = FINAL_WITHIN_S + SEND_S + RETRY_S


class FakeSender:
    """Takes no text that is to go to ``refused``, by an error at once or by no answer."""

    def __init__(self, *, refused: str = "", silent: bool = False) -> None:
        self.refused = refused
        self.silent = silent
        self.sent: list[tuple[str, str, str | None]] = []
        """Receivers, text and what was missed before."""

    async def send_text(
        self, text: str, *, topic: str, attributes: dict[str, str], destination_identities: list[str]
    ) -> None:
        if self.refused in destination_identities:
            if self.silent:
                await asyncio.Event().wait()
            raise rtc.StreamError("not taken")
        self.sent.append((" ".join(destination_identities), text, attributes.get(MISSED)))


def final(seq: int, language: str) -> Caption:
    return Caption(
        segment=f"an.{seq}",
        speaker="an",
        language=Language(language),
        source_language=Language("vi"),
        text=f"{language} {seq}",
        start_s=1.0,
        end_s=2.0,
        final=True,
        seq=seq,
    )


def sending(sender: FakeSender, what: Callable[[CaptionLanes, asyncio.Event], Awaitable[None]]) -> None:
    """Do ``what`` with lanes that run."""

    async def main() -> None:
        connected = asyncio.Event()
        connected.set()
        lanes = CaptionLanes(me=sender, epoch=1, connected=connected)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(lanes.run())
            await what(lanes, connected)
            running.cancel()

    run_in_virtual_time(main)


def texts(sender: FakeSender, receivers: str) -> list[str]:
    return [text for to, text, _ in sender.sent if to == receivers]


def put_all(lanes: CaptionLanes, seqs: Iterable[int]) -> None:
    for seq in seqs:
        lanes.put(final(seq, "en"), BEN)
        lanes.put(final(seq, "es"), EVA)


def test_readers_of_one_language_do_not_wait_for_those_whose_final_is_not_taken() -> None:
    sender = FakeSender(refused="ben", silent=True)

    async def speak(lanes: CaptionLanes, _: asyncio.Event) -> None:
        put_all(lanes, range(1, 4))
        await asyncio.sleep(0.1)

    sending(sender, speak)

    assert texts(sender, "eva") == ["es 1", "es 2", "es 3"]
    assert texts(sender, "ben") == []


def test_what_follows_a_final_that_is_not_taken_is_shown_soon_and_tells_what_is_missing() -> None:
    for silent in (True, False):
        sender = FakeSender(refused="ben", silent=silent)

        async def speak(lanes: CaptionLanes, _: asyncio.Event, sender: FakeSender = sender) -> None:
            put_all(lanes, range(1, 4))
            await asyncio.sleep(GIVEN_UP_S)
            sender.refused = ""
            await asyncio.sleep(SEND_S + RETRY_S)
            put_all(lanes, [4])
            await lanes.all_sent()

        sending(sender, speak)

        assert [it[1:] for it in sender.sent if it[0] == "ben"] == [("en 2", "1"), ("en 3", None), ("en 4", None)]
        assert {missed for to, _, missed in sender.sent if to == "eva"} == {None}


def test_the_oldest_of_several_missing_finals_is_told() -> None:
    sender = FakeSender(refused="ben")

    async def speak(lanes: CaptionLanes, _: asyncio.Event) -> None:
        put_all(lanes, [5, 6])
        await lanes.all_sent()
        sender.refused = ""
        put_all(lanes, [7])
        await lanes.all_sent()

    sending(sender, speak)

    assert [it[1:] for it in sender.sent if it[0] == "ben"] == [("en 7", "5")]


def test_a_lost_connection_loses_no_final_however_long_it_lasts() -> None:
    sender = FakeSender(refused="ben")

    async def speak(lanes: CaptionLanes, connected: asyncio.Event) -> None:
        put_all(lanes, [1])
        await asyncio.sleep(RETRY_S)
        connected.clear()
        put_all(lanes, [2])
        await asyncio.sleep(3600)
        sender.refused = ""
        connected.set()
        await lanes.all_sent()

    sending(sender, speak)

    assert [it[1:] for it in sender.sent if it[0] == "ben"] == [("en 1", None), ("en 2", None)]
