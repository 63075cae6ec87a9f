"""``dragoman transcribe`` on a bad day: every refusal is one clear sentence, and nothing half-written stays."""

import json
import shutil
import signal
import struct
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.hostile.command import MT, SPEECH, WHISPER, Argument, CommandLine, Ended, without_rights
from tests.hostile.test_audio_files import wav_header, write_upload

ENGLISH, VIETNAMESE = SPEECH / "en-6.wav", SPEECH / "vi-6.wav"


def transcribe(command: CommandLine, *arguments: Argument, model: Path | str | None = WHISPER) -> Ended:
    chosen = () if model is None else ("--model", str(model))
    return command.run("transcribe", *arguments, *chosen)


def refused(ended: Ended, *says: str) -> bool:
    """Say whether a command ended with one sentence that holds each of ``says``, and with nothing on its output."""
    assert (ended.status, ended.stdout) == (1, ""), ended
    assert all(part in ended.stderr for part in says), ended.stderr
    return True


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; give WAV"),
        (b"hello, this is text\n", "is not a recording that we know; give WAV"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "is damaged or not audio"),
        (b"fLaC" + b"\xff" * 10_000, "is damaged or not audio"),
        (wav_header(data_bytes=4 * 3600 * 32_000), "holds no sound"),
        (b"RIFF" + struct.pack("<I", 2**32 - 2) + b"WAVEfmt " + struct.pack("<I", 2**31) + bytes(5000), "is damaged"),
    ],
    ids=["empty", "text", "cut in the header", "flac of ones", "a promise of four hours", "a huge header"],
)
def test_what_is_no_recording_is_refused_with_the_formats_that_work(
    command: CommandLine, content: bytes, says: str
) -> None:
    file = command.folder / "thing.wav"
    file.write_bytes(content)

    assert refused(transcribe(command, file), "thing.wav", says)


def test_a_missing_file_and_a_folder_are_refused(command: CommandLine) -> None:
    assert refused(transcribe(command, "missing.wav"), "there is no file missing.wav")
    assert refused(transcribe(command, SPEECH), "is a folder: name the recording in it")


def test_a_recording_that_is_cut_short_is_read_as_far_as_it_goes(command: CommandLine) -> None:
    file = command.folder / "cut.wav"
    content = ENGLISH.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    ended = transcribe(command, file, "--language", "en")

    assert ended.status == 0
    assert "cut.wav is cut short" in ended.stderr
    assert ended.stdout.strip()


def test_four_hours_of_promised_silence_are_transcribed_for_what_they_are(command: CommandLine) -> None:
    file = command.folder / "liar.wav"
    file.write_bytes(wav_header(data_bytes=4 * 3600 * 32_000) + bytes(64_000))

    ended = transcribe(command, file)

    assert (ended.status, ended.stdout) == (0, "")
    assert "no speech was recognised" in ended.stderr


def test_what_is_longer_than_the_limit_is_refused(command: CommandLine) -> None:
    file = command.folder / "long.flac"
    soundfile.write(file, np.zeros(60 * 16_000, np.int16), 16_000)

    ended = command.run("transcribe", file, "--model", WHISPER, env={"DRAGOMAN_MAX_RECORDING_HOURS": "0.01"})

    assert refused(ended, "longer than the limit of 0.01 hours")


def test_an_upload_of_a_browser_is_read(command: CommandLine) -> None:
    file = command.folder / "call.webm"
    write_upload(file, "webm", "libopus", 2.0)

    ended = transcribe(command, file)

    assert (ended.status, ended.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--language", "tlh"), ("no language 'tlh'", "vi (Vietnamese)")),
        (("--language", "eo"), ("nothing here recognises Esperanto", "what is here hears")),
        (("--engine", "nobody"), ("no speech-to-text engine 'nobody'", "faster_whisper, pocketsphinx")),
        (("--engine", "pocketsphinx"), ("brings its own model and takes none",)),
        (("--fast",), ("--fast belongs to --live",)),
        (("--live", "--format", "srt"), ("--live writes one JSON object a line",)),
        (("--out", "nowhere/out.txt"), ("there is no folder nowhere",)),
        (("--out", "."), ("is a folder",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_does_not_fit_is_refused_with_what_does(
    command: CommandLine, arguments: tuple[str, ...], says: tuple[str, ...]
) -> None:
    assert refused(transcribe(command, ENGLISH, *arguments), *says)


def test_an_unknown_format_is_a_wrong_option_with_the_choices(command: CommandLine) -> None:
    ended = transcribe(command, ENGLISH, "--format", "docx")

    assert (ended.status, ended.stdout) == (2, "")
    assert all(known in ended.stderr for known in ("txt", "json", "srt", "vtt"))


def test_models_that_are_none_are_refused(command: CommandLine) -> None:
    empty = command.folder / "empty"
    empty.mkdir()
    damaged = Path(shutil.copytree(WHISPER, command.folder / "damaged"))
    (damaged / "model.bin").write_bytes((damaged / "model.bin").read_bytes()[:100_000])

    assert refused(transcribe(command, ENGLISH, model="whisper-99"), "no model 'whisper-99'", "whisper-small")
    assert refused(transcribe(command, ENGLISH, model="whisper-small"), "dragoman models pull whisper-small")
    assert refused(transcribe(command, ENGLISH, model=empty), "has no model.bin")
    assert refused(transcribe(command, ENGLISH, model=damaged), "cut short")
    assert refused(transcribe(command, ENGLISH, model=MT), "recognises no speech", "whisper-small")


def test_an_engine_without_a_model_says_how_to_get_one(command: CommandLine) -> None:
    ended = transcribe(command, ENGLISH, "--engine", "faster_whisper", model=None)

    assert refused(ended, "needs a model", "dragoman models pull whisper-small")


def test_a_language_that_nothing_installed_hears_is_refused_with_what_would_add_it(command: CommandLine) -> None:
    ended = transcribe(command, VIETNAMESE, "--language", "vi", model=None)

    assert refused(ended, "nothing here recognises Vietnamese", "dragoman models pull")


def test_a_folder_that_may_not_be_written_is_refused_before_anything_is_computed(command: CommandLine) -> None:
    folder = command.folder / "theirs"
    folder.mkdir()
    folder.chmod(0o555)

    ended = command.run("transcribe", ENGLISH, "--model", WHISPER, "--out", folder / "out.txt", before=without_rights())

    folder.chmod(0o755)
    assert refused(ended, "is not ours to write: choose another --out")


@pytest.mark.parametrize("how", [(), ("--live", "--fast")], ids=["file", "live"])
def test_a_recording_is_never_written_over_by_what_is_heard_in_it(command: CommandLine, how: tuple[str, ...]) -> None:
    file = Path(shutil.copy(ENGLISH, command.folder / "talk.wav"))
    link = command.folder / "also-talk.wav"
    link.symlink_to(file)

    ended = transcribe(command, file, "--language", "en", *how, "--out", link)

    assert refused(ended, "also-talk.wav is the recording itself: name another file with --out")
    assert file.read_bytes() == ENGLISH.read_bytes()


def test_a_file_is_replaced_whole_and_nothing_lies_beside_it(command: CommandLine) -> None:
    folder = command.folder / "texts"
    folder.mkdir()
    (folder / "talk.srt").write_text("old")

    ended = transcribe(command, VIETNAMESE, "--language", "auto", "--format", "srt", "--out", folder / "talk.srt")

    assert (ended.status, ended.stdout) == (0, "")
    assert [entry.name for entry in folder.iterdir()] == ["talk.srt"]
    assert (folder / "talk.srt").read_text().startswith("1\n00:00:0")


def test_live_writes_a_line_for_every_event_and_every_word_once(command: CommandLine) -> None:
    ended = transcribe(command, VIETNAMESE, "--language", "vi", "--live", "--fast")
    plain = transcribe(command, VIETNAMESE, "--language", "vi", "--format", "json")

    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {line["event"] for line in lines} <= {"partial", "committed", "final"}
    assert [line["emitted"] for line in lines] == sorted(line["emitted"] for line in lines)
    assert all(line["emitted"] >= word["start"] for line in lines for word in line["words"])
    assert all(line["failure"] is None for line in lines)
    for_good = [word["text"] for line in lines if line["event"] != "partial" for word in line["words"]]
    assert for_good == [word["text"] for word in json.loads(plain.stdout)["words"]]


def test_live_finds_out_what_is_spoken_and_says_so(command: CommandLine) -> None:
    ended = transcribe(command, VIETNAMESE, "--live", "--fast", "--out", "lines.jsonl")

    assert (ended.status, ended.stdout) == (0, "")
    assert "the language is taken for vi" in ended.stderr
    assert (command.folder / "lines.jsonl").read_text().count("\n") >= 2


def test_live_looks_for_the_language_behind_a_long_silence(command: CommandLine) -> None:
    file = command.folder / "late.flac"
    talk, rate = soundfile.read(VIETNAMESE, dtype="float32")
    soundfile.write(file, np.concatenate([np.zeros(65 * rate, np.float32), talk]), rate)

    ended = transcribe(command, file, "--language", "auto", "--live", "--fast")

    assert "the language is taken for vi" in ended.stderr
    assert {json.loads(line)["language"] for line in ended.stdout.splitlines()} == {"vi"}


def test_live_says_when_nothing_tells_the_language(command: CommandLine) -> None:
    file = command.folder / "quiet.flac"
    soundfile.write(file, np.zeros(5 * 16_000, np.int16), 16_000)

    ended = transcribe(command, file, "--live", "--fast")

    assert (ended.status, ended.stdout) == (0, "")
    assert "nothing in it tells the language" in ended.stderr
    assert "--language says what is spoken" in ended.stderr


def test_ctrl_c_ends_it_with_nothing_left(command: CommandLine) -> None:
    folder = command.folder / "texts"
    folder.mkdir()
    arguments = ("--model", WHISPER, "--language", "en", "--live", "--out", folder / "lines.jsonl")
    process = command.start("transcribe", SPEECH / "en-long.wav", *arguments)
    until_written = folder / "lines.jsonl"
    while not (until_written.exists() and until_written.stat().st_size):
        assert process.poll() is None
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    ended = command.end(process)

    assert ended.status == 130
    assert "interrupted" in ended.stderr
    assert all(json.loads(line)["event"] for line in until_written.read_text().splitlines())
