"""What is special to a room of recordings; the promises of every room are in ``tests/contract/test_room.py``."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import MicrophoneOpened, ParticipantChanged
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.rooms.audio_file import Recording, measure_recording
from dragoman.rooms.wav_room import FileSpeaker, Progress, RoomObservers, WavRoom, name_speakers

EN, ES, VI = Language("en"), Language("es"), Language("vi")
SPEECH = Path(__file__).parents[2] / "fixtures" / "speech"


def unmeasured(name: str) -> Recording:
    return Recording(path=Path(name), duration_s=1.0, cut_short=False)


def write_silence(path: Path, seconds: float) -> Recording:
    soundfile.write(path, np.zeros(round(seconds * 16_000), np.float32), 16_000)
    return measure_recording(path)


def speaker(recording: Recording, language: Language = EN, starts_at_s: float = 0.0) -> FileSpeaker:
    (named,) = name_speakers([recording], [language], [starts_at_s])
    return named


def final(seq: int, text: str = "Hola.") -> Caption:
    return Caption(
        segment=f"s{seq}",
        speaker="an",
        language=ES,
        source_language=EN,
        text=text,
        start_s=0,
        end_s=1,
        final=True,
        seq=seq,
    )


async def listen(room: WavRoom, identity: str) -> int:
    return len([frame async for frame in room.microphone(identity)])


async def attend(room: WavRoom) -> dict[str, int]:
    """Read every microphone that opens, and give the number of its frames."""
    tasks: dict[str, asyncio.Task[int]] = {}
    async with asyncio.TaskGroup() as group:
        async for event in room.events():
            if isinstance(event, MicrophoneOpened):
                tasks[event.identity] = group.create_task(listen(room, event.identity), name=event.identity)
    return {identity: task.result() for identity, task in tasks.items()}


def test_speakers_are_named_after_their_files() -> None:
    names = ["a/an.wav", "b/an.flac", "c/Bà Lê: 2.wav", "d/:.wav"]

    speakers = name_speakers([unmeasured(name) for name in names], [EN, VI, VI, EN])

    assert [one.identity for one in speakers] == ["an", "an-2", "Bà-Lê-2", "speaker"]
    assert [one.speaks for one in speakers] == [EN, VI, VI, EN]
    assert speakers[2].name == "Bà Lê: 2"


def test_what_was_translated_afterwards_takes_the_place_of_its_original(tmp_path: Path) -> None:
    untranslated = replace(final(1, "Hello."), untranslated=True)

    async def main() -> list[tuple[int, str]]:
        room = WavRoom.open(
            name="r", speakers=[speaker(write_silence(tmp_path / "an.wav", 0.1))], targets=[ES], work_folder=tmp_path
        )
        async with room:
            for caption in (untranslated, final(2), replace(final(3), segment="s1", replaces=True)):
                await room.publish(caption, readers=frozenset())
            return [(caption.seq, caption.text) for caption in room.record.finals]

    assert run_in_virtual_time(main) == [(2, "Hola."), (3, "Hola.")]


def test_each_target_has_a_listener_and_each_other_language_a_reader(tmp_path: Path) -> None:
    an, ben = write_silence(tmp_path / "an.wav", 0.1), write_silence(tmp_path / "ben.wav", 0.1)

    async def main() -> list[tuple[str, Language | None, Language | None, Language | None]]:
        room = WavRoom.open(
            name="r", speakers=name_speakers([an, ben], [VI, EN]), targets=[EN, ES, EN], work_folder=tmp_path
        )
        async with room:
            told = [event.participant async for event in room.events() if isinstance(event, ParticipantChanged)]
        return [(one.identity, one.speaks, one.reads, one.listens) for one in told]

    assert run_in_virtual_time(main) == [
        ("listener:en", None, EN, EN),
        ("listener:es", None, ES, ES),
        ("reader:vi", None, VI, None),
        ("an", VI, None, None),
        ("ben", EN, None, None),
    ]


def test_a_speaker_with_an_offset_begins_later_and_the_room_waits_for_the_last(tmp_path: Path) -> None:
    an, ben = write_silence(tmp_path / "an.wav", 1.0), write_silence(tmp_path / "ben.wav", 2.0)
    seen: list[Progress] = []

    async def main() -> tuple[dict[str, int], float]:
        room = WavRoom.open(
            name="r",
            speakers=name_speakers([an, ben], [EN, EN], [0.0, 10.0]),
            targets=[ES],
            work_folder=tmp_path,
            observers=RoomObservers(on_progress=seen.append),
        )
        async with room:
            frames = await attend(room)
            return frames, asyncio.get_running_loop().time() - room.opened_at_s

    frames, lasted_s = run_in_virtual_time(main)

    assert frames == {"an": 20, "ben": 40}
    assert lasted_s == pytest.approx(14.0, abs=0.1)
    assert [(round(one.played_s), one.total_s) for one in seen][-1] == (12, 12.0)


def test_two_minutes_of_speech_pass_in_a_moment_of_virtual_time(tmp_path: Path) -> None:
    recording = measure_recording(SPEECH / "en-long.wav")
    started = time.monotonic()

    async def main() -> tuple[int, float]:
        async with WavRoom.open(name="r", speakers=[speaker(recording)], targets=[ES], work_folder=tmp_path) as room:
            frames = await attend(room)
            return frames["en-long"], room.worst_lateness_s

    frames, worst_lateness_s = run_in_virtual_time(main)

    assert frames == -(-recording.duration_s // 0.05)
    assert worst_lateness_s < 0.5
    assert time.monotonic() - started < 20


def test_a_loop_that_was_held_up_catches_up_and_says_how_late_it_was(tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "an.wav", 2.0)

    async def main() -> tuple[int, float, float]:
        async with WavRoom.open(name="r", speakers=[speaker(recording)], targets=[ES], work_folder=tmp_path) as room:
            frames = 0
            async for _ in room.microphone("an"):
                frames += 1
                if frames == 10:
                    time.sleep(0.7)  # noqa: ASYNC251  # an engine that blocks the loop
            return frames, room.worst_lateness_s, asyncio.get_running_loop().time() - room.opened_at_s

    frames, worst_lateness_s, lasted_s = run_in_virtual_time(main)

    assert frames == 40
    assert worst_lateness_s == pytest.approx(0.65, abs=0.1)
    assert lasted_s == pytest.approx(2.0, abs=0.1)


def test_a_reader_that_is_cancelled_loses_no_frame_for_the_next(tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "an.wav", 1.0)

    async def main() -> int:
        async with WavRoom.open(name="r", speakers=[speaker(recording)], targets=[ES], work_folder=tmp_path) as room:
            heard = 0
            try:
                async with asyncio.timeout(0.32):
                    async for _ in room.microphone("an"):
                        heard += 1
            except TimeoutError:
                pass
            return heard + await listen(room, "an")

    assert run_in_virtual_time(main) == 20


def test_a_room_whose_speaker_nobody_reads_ends_all_the_same(tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "an.wav", 1.0)

    async def main() -> float:
        async with WavRoom.open(name="r", speakers=[speaker(recording)], targets=[ES], work_folder=tmp_path) as room:
            async for _ in room.events():
                pass
            return asyncio.get_running_loop().time() - room.opened_at_s

    assert run_in_virtual_time(main) == pytest.approx(3.0, abs=0.1)


def test_finals_and_left_out_voices_are_kept(tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "an.wav", 0.1)

    async def main() -> WavRoom:
        async with WavRoom.open(name="r", speakers=[speaker(recording)], targets=[ES], work_folder=tmp_path) as room:
            await room.publish(final(1), readers=frozenset({"listener:es"}))
            await room.mark_unvoiced(segment="s1", language=ES)
        return room

    room = run_in_virtual_time(main)

    assert room.record.finals == [final(1)]
    assert room.record.unvoiced == {("s1", ES)}
