"""DubChannel and LanguageDubs: late dubs are sped up, then skipped; each wish is spoken once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.ground.audio import Audio
from dragoman.ground.errors import DragomanError, EngineCrashed, NothingToSpeak, RoomError, TextNotReadable
from dragoman.ground.events import VoiceEnded, VoiceSkipped
from dragoman.ground.languages import Language
from dragoman.ground.rooms import NoticeKind
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish
from dragoman.interpreting.dub_channel import DubChannel, DubItem
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.language_dubs import LanguageDubs
from dragoman.interpreting.pacer import MAX_BACKLOG_S
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.rooms import FakeDubTrack, FakeRoom

EN = Language("en")
RATE = 8_000
S_PER_CHARACTER = 0.065
BREATH_S = 0.2
"""How far the backlog may pass the limit: what a track takes before it is played."""


class Mouth:
    """``RoomVoices`` whose sound is silence of the right length."""

    def __init__(self, tier: VoiceTier = VoiceTier.QUICK) -> None:
        self.tier = tier
        self.spoken: list[tuple[str, VoiceWish, float]] = []
        self.begun: list[str] = []
        """Every segment's text; those of one breath have no space inside."""
        self.begun_s = 0.0
        """Seconds that all clauses take that were begun."""

    def hear(self, speaker: str, audio: Audio) -> None: ...

    def forget(self, speaker: str) -> None: ...

    async def prepare(self, language: Language) -> None: ...

    async def speak(
        self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
    ) -> AsyncIterator[VoicePiece]:
        self.spoken.append((text, wish, speed))
        left_s = S_PER_CHARACTER * len(text) / speed
        self.begun += text.split()
        self.begun_s += left_s
        while left_s > 1e-6:
            piece_s = left_s if left_s < 0.6 else 0.5
            samples = np.zeros(round(piece_s * RATE), np.float32)
            left_s -= piece_s
            yield VoicePiece(audio=Audio(samples=samples, sample_rate=RATE), tier=self.tier, second_best=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far things were at a moment."""

    at_s: float
    begun: int
    begun_s: float
    offered: int


class Stage:
    """One channel, or several, over a fake room."""

    def __init__(self) -> None:
        self.room = FakeRoom()
        self.mouth = Mouth()
        self.observer = RecordingObserver()
        self.outcomes: list[tuple[VoiceWish, VoicePiece | None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._number = 0

    def look(self) -> "Look":
        now_s = asyncio.get_running_loop().time()
        return Look(at_s=now_s, begun=len(self.mouth.begun), begun_s=self.mouth.begun_s, offered=self._number)

    def to_come_s(self, look: "Look", offered: list[DubItem]) -> float:
        """Seconds of voice that came after ``look``, of what was offered until then: what was skipped never came."""
        starts_s, ends_s = (
            np.array([getattr(played, edge) for track in self.room.tracks for played in track.played])
            for edge in ("starts_s", "ends_s")
        )
        sounded_s = np.clip(look.at_s - starts_s, 0, ends_s - starts_s).sum()
        skipped = {event.segment for event in self.observer.of(VoiceSkipped)}
        came = [item.text for item in offered[: look.offered] if item.segment not in skipped]
        return float(look.begun_s - sounded_s) + sum(S_PER_CHARACTER * len(text) for text in came[look.begun :])

    def channel(self, wish: VoiceWish = VoiceWish.NATURAL) -> DubChannel:
        channel = DubChannel(
            language=EN,
            wish=wish,
            room=self.room,
            voices=self.mouth,
            echo=EchoGuard(window_s=10.0),
            observer=self.observer,
            tuning=InterpretingTuning(),
        )
        self._tasks.append(asyncio.create_task(channel.run()))
        return channel

    def item(self, text: str) -> DubItem:
        self._number += 1
        now_s = asyncio.get_running_loop().time()

        async def outcome(wish: VoiceWish, piece: VoicePiece | None) -> None:
            self.outcomes.append((wish, piece))

        return DubItem(
            segment=f"an.{self._number}",
            speaker="an",
            text=text,
            ended_at_s=now_s,
            offered_at_s=now_s,
            outcome=outcome,
        )

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@settings(max_examples=8, deadline=None)
@given(st.integers(min_value=0, max_value=10_000), st.floats(min_value=1.0, max_value=2.5))
def test_ten_minutes_of_a_fast_speaker_never_leave_more_than_eight_seconds_waiting(seed: int, hurry: float) -> None:
    random = Random(seed)

    async def scene() -> tuple[Stage, list[Look], list[DubItem]]:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        clock = asyncio.get_running_loop().time
        ends_s, looks, offered = clock() + 600, [], []
        while clock() < ends_s:
            text = random.choice(["uh-huh", "w" * random.randint(10, 120)])
            await asyncio.sleep(S_PER_CHARACTER * len(text) / hurry)
            item = stage.item(text)
            offered.append(item)
            channel.offer(item)
            looks.append(stage.look())
        await channel.drain()
        await stage.end()
        return stage, looks, offered

    stage, looks, offered = run_in_virtual_time(scene)

    spoken = {event.segment for event in stage.observer.of(VoiceEnded)}
    skipped = {event.segment for event in stage.observer.of(VoiceSkipped)}
    backlogs = [stage.to_come_s(look, offered) for look in looks]
    assert max(backlogs) <= MAX_BACKLOG_S + BREATH_S
    assert spoken | skipped == {item.segment for item in offered}, "every clause is heard or shown with a mark"
    assert not spoken & skipped
    assert {segment for segment, _ in stage.room.unvoiced} == skipped
    # Flat: the last minutes are no later than the first ones.
    third = len(backlogs) // 3
    assert np.mean(backlogs[-third:]) <= np.mean(backlogs[third : 2 * third]) + 1.0


def test_what_a_voice_has_not_made_yet_of_its_clause_counts_as_voice_to_come() -> None:
    async def scene() -> tuple[list[float], list[float]]:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        item = stage.item("w" * 120)
        channel.offer(item)
        told, looks = [], []
        for _ in range(18):
            await asyncio.sleep(0.47)
            told.append(channel.backlog_s)
            looks.append(stage.look())
        await stage.end()
        return told, [stage.to_come_s(look, [item]) for look in looks]

    told, came = run_in_virtual_time(scene)

    assert told == pytest.approx(came, abs=0.01)
    assert came[0] > 7.0
    assert came[-1] == pytest.approx(0.0, abs=0.01)


def test_a_clause_that_breaks_off_or_gets_shorter_than_thought_leaves_no_voice_to_come() -> None:
    class Breaking(Mouth):
        async def speak(
            self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
        ) -> AsyncIterator[VoicePiece]:
            async for piece in super().speak(
                text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
            ):
                yield piece
                if "!" in text:
                    raise EngineCrashed("the voice is gone")
                return

    async def scene() -> list[float]:
        stage = Stage()
        stage.mouth = Breaking()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        left = []
        for text in ("w" * 60, "w" * 60 + "!"):
            channel.offer(stage.item(text))
            await asyncio.sleep(0.6)
            left.append(channel.backlog_s)
        await stage.end()
        return left

    assert run_in_virtual_time(scene) == pytest.approx([0.0, 0.0], abs=0.01)


def test_a_sentence_is_spoken_once_for_each_wish_and_each_listener_hears_one_track() -> None:
    async def scene() -> Stage:
        stage = Stage()
        dubs = LanguageDubs(open_channel=stage.channel)
        await dubs.set_listeners(
            "an", {VoiceWish.NATURAL: frozenset({"ben", "eva"}), VoiceWish.FAST: frozenset({"cuong"})}
        )
        dubs.offer(stage.item("hello there"))
        await dubs.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert sorted(wish for _, wish, _ in stage.mouth.spoken) == [VoiceWish.FAST, VoiceWish.NATURAL]
    assert {(track.wish, track.listeners) for track in stage.room.tracks} == {
        (VoiceWish.NATURAL, frozenset({"ben", "eva"})),
        (VoiceWish.FAST, frozenset({"cuong"})),
    }
    assert {wish for wish, _ in stage.outcomes} == {VoiceWish.FAST, VoiceWish.NATURAL}


def test_a_listener_who_wishes_for_another_voice_changes_tracks() -> None:
    async def scene() -> Stage:
        stage = Stage()
        dubs = LanguageDubs(open_channel=stage.channel)
        await dubs.set_listeners("an", {VoiceWish.NATURAL: frozenset({"ben"})})
        dubs.offer(stage.item("hello there"))
        await dubs.drain()
        await dubs.set_listeners("an", {VoiceWish.FAST: frozenset({"ben"})})
        dubs.offer(stage.item("good bye"))
        await dubs.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [(text, wish) for text, wish, _ in stage.mouth.spoken] == [
        ("hello there", VoiceWish.NATURAL),
        ("good bye", VoiceWish.FAST),
    ]


def test_two_speakers_may_get_listeners_with_other_wishes_at_the_same_time() -> None:
    class Slow(FakeRoom):
        async def set_listeners(
            self, *, speaker: str, language: Language, listeners: frozenset[str], wish: VoiceWish = VoiceWish.NATURAL
        ) -> None:
            await asyncio.sleep(0.1)
            await super().set_listeners(speaker=speaker, language=language, listeners=listeners, wish=wish)

    async def scene() -> Stage:
        stage = Stage()
        stage.room = Slow()
        dubs = LanguageDubs(open_channel=stage.channel)
        await asyncio.gather(
            dubs.set_listeners("an", {VoiceWish.NATURAL: frozenset({"ben"})}),
            dubs.set_listeners("cuong", {VoiceWish.FAST: frozenset({"ben"})}),
        )
        dubs.offer(stage.item("hello there"))
        await dubs.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [(text, wish) for text, wish, _ in stage.mouth.spoken] == [("hello there", VoiceWish.NATURAL)]


def test_a_track_gets_sound_in_chunks_of_a_tenth_to_a_fifth_of_a_second() -> None:
    async def scene() -> Stage:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for length in (5, 17, 40):
            channel.offer(stage.item("w" * length))
            await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    chunks_s = [played.audio.duration_s for track in stage.room.tracks for played in track.played]
    assert all(0.1 <= chunk_s <= 0.201 for chunk_s in chunks_s), chunks_s


def test_who_comes_back_is_told_again_which_voice_plays() -> None:
    async def scene() -> Stage:
        stage = Stage()
        channel = stage.channel()
        for listeners in (frozenset({"ben"}), frozenset(), frozenset({"ben"})):
            await channel.set_listeners("an", listeners)
            if listeners:
                channel.offer(stage.item("hello there"))
            await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert len(stage.room.tracks) == 2
    assert [notice.reason for notice in stage.room.notices] == ["quick", "quick"]


def test_people_are_told_which_voice_plays_once_until_it_changes() -> None:
    async def scene() -> Stage:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for tier in (VoiceTier.QUICK, VoiceTier.QUICK, VoiceTier.FALLBACK):
            stage.mouth.tier = tier
            channel.offer(stage.item("hello there"))
            await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [(it.kind, it.reason, it.wish) for it in stage.room.notices] == [
        (NoticeKind.VOICE, "quick", VoiceWish.NATURAL),
        (NoticeKind.VOICE, "fallback", VoiceWish.NATURAL),
    ]


def test_a_speaker_is_told_while_the_others_still_listen_and_waiting_clauses_share_a_breath() -> None:
    async def scene() -> Stage:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for text in ("so this is the first of four", "here is the second", "now the third", "and the last"):
            channel.offer(stage.item(text))
        await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [it.level for it in stage.room.notices if it.kind is NoticeKind.BEHIND] == [1, 0]
    assert any(" here is " in text for text, _, _ in stage.mouth.spoken)
    assert len(stage.observer.of(VoiceEnded)) + len(stage.observer.of(VoiceSkipped)) == 4


@pytest.mark.parametrize("error", [NothingToSpeak("pictures alone"), TextNotReadable("no voice knows these letters")])
def test_what_nobody_can_read_aloud_is_marked_and_counts_as_no_failure_of_the_voice(error: DragomanError) -> None:
    class Strict(Mouth):
        async def speak(
            self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
        ) -> AsyncIterator[VoicePiece]:
            if text == "東京":
                raise error
            async for piece in super().speak(
                text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
            ):
                yield piece

    async def scene() -> Stage:
        stage = Stage()
        stage.mouth = Strict()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for text in ("東京", "東京", "three four"):
            channel.offer(stage.item(text))
            await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [event.reason for event in stage.observer.of(VoiceSkipped)] == ["nothing_to_speak"] * 2
    assert [text for text, _, _ in stage.mouth.spoken] == ["three four"]
    assert len(stage.outcomes) == 1
    assert stage.outcomes[0][1] is not None


@pytest.mark.parametrize(
    ("error", "reason"),
    [(EngineCrashed("the voice is gone"), "voice_gone"), (RoomError("the call is away"), "room_gone")],
)
def test_captions_that_a_breath_did_not_reach_before_it_broke_off_are_marked(error: DragomanError, reason: str) -> None:
    class Breaking(Mouth):
        async def speak(
            self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
        ) -> AsyncIterator[VoicePiece]:
            left = 3
            async for piece in super().speak(
                text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
            ):
                if len(self.spoken) == 1 and not left:
                    raise error
                left -= 1
                yield piece

    async def scene() -> Stage:
        stage = Stage()
        stage.mouth = Breaking()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for text in ("so this is the first of four", "here is the second", "now the third", "and the last"):
            channel.offer(stage.item(text))
        await channel.drain()
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [text for text, _, _ in stage.mouth.spoken] == [
        "so this is the first of four here is the second now the third",
        "and the last",
    ]
    assert [segment for segment, _ in stage.room.unvoiced] == ["an.2", "an.3"]
    assert [(event.segment, event.reason) for event in stage.observer.of(VoiceSkipped)] == [
        ("an.2", reason),
        ("an.3", reason),
    ]
    ended = stage.observer.of(VoiceEnded)
    assert [event.segment for event in ended] == ["an.1", "an.4"]
    assert ended[0].duration_s == pytest.approx(1.5)


def test_a_voice_that_breaks_off_teaches_nothing_about_how_long_it_speaks() -> None:
    class Breaking(Mouth):
        async def speak(
            self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
        ) -> AsyncIterator[VoicePiece]:
            async for piece in super().speak(
                text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
            ):
                yield piece
                raise EngineCrashed("the voice is gone")

    async def scene() -> tuple[float, float]:
        stage = Stage()
        stage.mouth = Breaking()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        backlogs = []
        for text in ("w" * 60, "w" * 60):
            channel.offer(stage.item(text))
            backlogs.append(channel.backlog_s)
            await channel.drain()
        await stage.end()
        return backlogs[0], backlogs[1]

    before_s, after_s = run_in_virtual_time(scene)

    assert after_s == pytest.approx(before_s)


def test_a_track_may_be_closed_while_another_speaker_waits_for_it() -> None:
    class Telling(Mouth):
        def speak(
            self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
        ) -> AsyncIterator[VoicePiece]:
            if speaker == "cuong":
                last_begins.set()
            return super().speak(
                text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
            )

    last_begins = asyncio.Event()

    async def scene() -> list[str]:
        stage = Stage()
        stage.mouth = Telling()
        channel = stage.channel()
        for speaker in ("an", "ben", "cuong"):
            await channel.set_listeners(speaker, frozenset({"eva"}))
        for speaker, text in (("an", "hello there"), ("ben", "good bye now"), ("cuong", "see you all")):
            channel.offer(replace(stage.item(text), speaker=speaker))
        await last_begins.wait()
        await channel.set_listeners("an", frozenset())
        async with asyncio.timeout(60):
            await channel.drain()
        await stage.end()
        return [track.speaker for track in stage.room.tracks if track.played]

    assert run_in_virtual_time(scene) == ["an", "ben", "cuong"]


def test_who_is_done_while_another_one_still_sounds_is_heard_and_leaves_no_track_open() -> None:
    async def scene() -> tuple[list[str], list[str]]:
        stage = Stage()
        channel = stage.channel()
        for speaker in ("an", "ben"):
            await channel.set_listeners(speaker, frozenset({"eva"}))
        channel.offer(stage.item("w" * 20))
        await asyncio.sleep(S_PER_CHARACTER * 20 - 0.1)  # all is handed over, and sounds
        channel.offer(replace(stage.item("good bye"), speaker="ben"))
        channel.let_go("ben")
        async with asyncio.timeout(60):
            await channel.drain()
        open_tracks = [track.speaker for track in stage.room.open_tracks]
        await stage.end()
        return [text for text, _, _ in stage.mouth.spoken], open_tracks

    assert run_in_virtual_time(scene) == (["w" * 20, "good bye"], ["an"])


def test_who_is_done_while_the_track_of_another_one_is_closed_is_heard_and_leaves_no_track_open() -> None:
    class SlowToClose(FakeRoom):
        async def open_dub(
            self,
            *,
            speaker: str,
            language: Language,
            listeners: frozenset[str],
            wish: VoiceWish = VoiceWish.NATURAL,
        ) -> FakeDubTrack:
            track = await super().open_dub(speaker=speaker, language=language, listeners=listeners, wish=wish)
            close = track.close

            async def close_slowly() -> None:
                closing.set()
                await asyncio.sleep(1.0)
                await close()

            track.close = close_slowly  # type: ignore[method-assign]
            return track

    closing = asyncio.Event()

    async def scene() -> tuple[list[str], list[str]]:
        stage = Stage()
        stage.room = SlowToClose()
        channel = stage.channel()
        for speaker in ("an", "ben"):
            await channel.set_listeners(speaker, frozenset({"eva"}))
            channel.offer(replace(stage.item("hello"), speaker=speaker))
        await channel.drain()
        channel.let_go("an")
        await closing.wait()
        channel.offer(replace(stage.item("good bye"), speaker="ben"))
        channel.let_go("ben")
        async with asyncio.timeout(60):
            await channel.drain()
        open_tracks = [track.speaker for track in stage.room.open_tracks]
        await stage.end()
        return [text for text, _, _ in stage.mouth.spoken], open_tracks

    assert run_in_virtual_time(scene) == (["hello", "hello", "good bye"], [])


def test_a_track_that_the_call_took_no_more_of_is_opened_anew_for_the_next_sentence() -> None:
    async def scene() -> Stage:
        stage = Stage()
        channel = stage.channel()
        await channel.set_listeners("an", frozenset({"ben"}))
        for text in ("hello there", "good bye", "see you"):
            channel.offer(stage.item(text))
            await channel.drain()
            if text == "hello there":
                stage.room.tracks[0].failed = True
        await stage.end()
        return stage

    stage = run_in_virtual_time(scene)

    assert [len(track.played) > 0 for track in stage.room.tracks] == [True, True]
    assert [event.segment for event in stage.observer.of(VoiceEnded)] == ["an.1", "an.3"]
    assert [(event.segment, event.reason) for event in stage.observer.of(VoiceSkipped)] == [("an.2", "room_gone")]
