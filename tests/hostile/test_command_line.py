"""``dragoman interpret`` on a bad day: every refusal is one clear sentence, and nothing half-written stays."""

import itertools
import json
import os
import resource
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.hostile.command import FILES, MT, PICO, SPEECH, WHISPER, CommandLine, without_rights
from tests.hostile.test_audio_files import wav_header, write_upload

from dragoman.services.calibration import IMPOSSIBLE

ENGLISH, VIETNAMESE = SPEECH / "en-6.wav", SPEECH / "vi-6.wav"


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"#!/bin/sh\necho hello\n", "is not a recording that we know; give WAV"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a recording that we know; give WAV"),
        (b"\0" + np.random.default_rng(1).bytes(50_000), "is not a recording that we know; give WAV"),
        (b"\x1a\x45\xdf\xa3" + np.random.default_rng(2).bytes(50_000), "is damaged or not a recording; give WAV"),
        (b"", "is empty; give WAV"),
    ],
    ids=["text", "picture", "noise", "webm of noise", "empty"],
)
def test_what_is_no_recording_is_refused_with_the_formats_that_work(
    command: CommandLine, content: bytes, says: str
) -> None:
    file = command.folder / "thing.wav"
    file.write_bytes(content)

    ended = command.interpret(file)

    command.expect_refused(ended, "thing.wav", says)


def test_a_missing_file_and_a_folder_are_refused(command: CommandLine) -> None:
    missing = command.interpret("missing.wav")
    folder = command.interpret(SPEECH)

    command.expect_refused(missing, "there is no file missing.wav")
    command.expect_refused(folder, "is a folder: name the recording in it")


def test_silence_ends_well_and_is_told(command: CommandLine) -> None:
    file = command.folder / "silence.wav"
    soundfile.write(file, np.zeros(32_000, np.int16), 16_000)

    ended = command.interpret(file, *PICO)

    assert (ended.status, ended.stdout.splitlines()[0][:10]) == (0, "0 captions")
    assert "no speech was recognised in it" in ended.stderr
    assert command.results() == [name for name in FILES if not name.startswith("dub")]
    assert (command.out / "vi.vtt").read_text().startswith("WEBVTT\n\n")
    assert json.loads((command.out / "report.json").read_text())["captions"] == 0


def test_a_header_that_promises_hours_is_told_and_what_is_there_is_interpreted(command: CommandLine) -> None:
    samples, rate = soundfile.read(ENGLISH, dtype="int16")
    file = command.folder / "liar.wav"
    file.write_bytes(wav_header(data_bytes=10 * 3600 * 2 * rate, rate=rate) + samples.tobytes())

    ended = command.interpret(file, *PICO)

    assert ended.status == 0
    assert "liar.wav is cut short: 4.9 s of it can be read" in ended.stderr
    assert command.results() == FILES


def test_a_file_longer_than_the_limit_is_refused(command: CommandLine) -> None:
    ended = command.interpret(ENGLISH, env={"DRAGOMAN_MAX_RECORDING_HOURS": "0.001"})

    command.expect_refused(ended, "en-6.wav is longer than the limit of 0.001 hours: cut it into shorter files")


def test_eight_channels_are_interpreted_as_one(command: CommandLine) -> None:
    samples, rate = soundfile.read(ENGLISH, dtype="float32")
    file = command.folder / "studio.wav"
    soundfile.write(file, np.repeat(samples[:, None], 8, axis=1), rate)

    ended = command.interpret(file, *PICO)

    assert ended.status == 0
    assert command.results() == FILES
    assert len(lines_of(command.out / "captions.jsonl")) >= 2


def test_a_browsers_recording_is_interpreted(command: CommandLine) -> None:
    file = command.folder / "call.webm"
    write_upload(file, "webm", "libopus", 2)

    ended = command.interpret(file, *PICO)

    assert ended.status == 0
    assert "the results lie in" in ended.stdout
    assert json.loads((command.out / "report.json").read_text())["audio_s"] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(("source", "target"), [("xx", "es"), ("en", "klingon"), ("", "es")])
def test_an_unknown_language_is_refused_with_the_choices(command: CommandLine, source: str, target: str) -> None:
    ended = command.interpret(ENGLISH, source=source, target=target)

    command.expect_refused(ended, "no language '", "en (English), vi (Vietnamese)")


def test_what_is_spoken_already_is_captioned_and_not_dubbed_and_that_is_told(command: CommandLine) -> None:
    ended = command.interpret(ENGLISH, *PICO, target="en")

    assert ended.status == 0
    assert "English is what is spoken: captions of it, no translation and no dub" in ended.stderr
    assert command.results() == ["captions.jsonl", "en.vtt", "report.json", "source.en.vtt"]
    assert (command.out / "en.vtt").read_text() == (command.out / "source.en.vtt").read_text()


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("vi", "en", "nothing here recognises Vietnamese; what is here hears: en (English)"),
        ("en", "vi", "nothing here translates English to Vietnamese; from English there is: "),
    ],
)
def test_a_direction_that_is_not_here_is_refused_with_the_command_that_adds_it(
    command: CommandLine, source: str, target: str, says: str
) -> None:
    ended = command.interpret(ENGLISH, source=source, target=target)

    command.expect_refused(ended, says, "dragoman models pull whisper-small firefox-en-vi firefox-vi-en")


def test_a_language_that_is_only_to_be_captioned_asks_for_a_recogniser_alone(command: CommandLine) -> None:
    ended = command.interpret(VIETNAMESE, source="vi", target="vi")

    command.expect_refused(ended, "nothing here recognises Vietnamese", "dragoman models pull whisper-small\n")


def test_a_direction_that_no_model_of_the_table_adds_is_refused(command: CommandLine) -> None:
    ended = command.interpret(ENGLISH, source="th", target="id")

    command.expect_refused(ended, "nothing here recognises Thai", "dragoman models add FOLDER")


@contextmanager
def path_without(folder: Path, *names: str) -> Iterator[str]:
    """Give a PATH on which every program is to be found but those that begin with ``names``."""
    programs = folder / "programs"
    programs.mkdir()
    for place in ("/usr/local/bin", "/usr/bin", "/bin"):
        for program in Path(place).iterdir():
            if not program.name.startswith(names) and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    yield str(programs)


def test_without_its_voice_a_run_goes_on_with_captions_and_says_so_at_the_start(command: CommandLine) -> None:
    with path_without(command.folder, "espeak") as path:
        ended = command.interpret(ENGLISH, *PICO, env={"PATH": path})

    assert ended.status == 0
    assert ended.stderr.splitlines()[:2] == [
        "left out: espeak: the program espeak-ng is missing; apt-get install espeak-ng",
        "no voice here speaks Vietnamese: captions only",
    ]
    assert command.results() == [name for name in FILES if not name.startswith("dub")]


def test_without_its_translator_a_run_is_refused_with_the_packages_to_install(command: CommandLine) -> None:
    with path_without(command.folder, "apertium") as path:
        ended = command.interpret(ENGLISH, target="es", env={"PATH": path})

    command.expect_refused(ended, "nothing here translates English to Spanish", "apt-get install apertium apertium-eng")


@pytest.mark.parametrize(
    ("option", "choice", "says"),
    [
        ("--speech-to-text", "ears", "no speech-to-text engine 'ears'; there are: faster_whisper, pocketsphinx"),
        ("--translation", ":", "no translation engine ''; there are: apertium, ctranslate2"),
        ("--text-to-speech", "mouth", "no text-to-speech engine 'mouth'; there are: chatterbox, espeak"),
        ("--speech-to-text", "faster_whisper", "faster_whisper needs a model: faster_whisper:ID or"),
        ("--speech-to-text", "faster_whisper:./nowhere", "no model './nowhere' and no such folder; there are: whisper"),
        ("--speech-to-text", "faster_whisper:whisper-tiny", "not on this machine; fetch it: dragoman models pull"),
        ("--translation", "apertium:./mt", "apertium brings its own model and takes none, not './mt'"),
    ],
)
def test_an_engine_that_cannot_be_had_is_refused_with_what_can(
    command: CommandLine, option: str, choice: str, says: str
) -> None:
    ended = command.interpret(ENGLISH, option, choice)

    command.expect_refused(ended, says)


@pytest.mark.parametrize(
    ("option", "engine", "model", "damage", "says"),
    [
        ("--speech-to-text", "faster_whisper", MT, "", "which the translation engine ctranslate2 takes"),
        ("--translation", "ctranslate2", WHISPER, "", "which the speech-to-text engine faster_whisper takes"),
        ("--speech-to-text", "faster_whisper", WHISPER, "tokenizer.json", "lacks tokenizer.json"),
        ("--translation", "ctranslate2", MT, "shared_vocabulary.json", "lacks shared_vocabulary.json"),
        ("--speech-to-text", "faster_whisper", WHISPER, "model.bin", "model.bin is cut short at 5000"),
        ("--translation", "ctranslate2", MT, "model.bin", "model.bin is cut short at 5000"),
    ],
)
def test_a_model_that_is_not_the_engines_or_not_whole_is_refused(
    command: CommandLine, option: str, engine: str, model: Path, damage: str, says: str
) -> None:
    folder = command.folder / "model"
    shutil.copytree(model, folder)
    if damage == "model.bin":
        os.truncate(folder / damage, 5000)
    elif damage:
        (folder / damage).unlink()

    ended = command.interpret(ENGLISH, option, f"{engine}:{folder}")

    command.expect_refused(ended, says)


@contextmanager
def full_disk(folder: Path) -> Iterator[tuple[str, ...]]:
    """Make ``folder`` hold a megabyte; where nothing may be mounted give a command that limits files to that."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        yield ("prlimit", f"--fsize={1 << 20}", "--")
        return
    try:
        yield ()
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("file", "start"), [("en-long.wav", "0"), ("en-6.wav", "30")], ids=["while dubbing", "while the mix is written"]
)
def test_a_full_disk_is_told_and_nothing_half_written_stays(command: CommandLine, file: str, start: str) -> None:
    with full_disk(command.out.parent) as before:
        ended = command.interpret(SPEECH / file, *PICO, "--start", start, before=before)

        command.expect_refused(ended, "the disk of", "is full", "make room, or choose another --out")


def test_results_go_neither_over_other_files_nor_below_a_file(command: CommandLine) -> None:
    command.out.mkdir(parents=True)
    (command.out / "mine.txt").write_text("mine")

    taken = command.interpret(ENGLISH)
    file = command.run("interpret", "--from", "en", "--to", "es", "--out", command.out / "mine.txt", ENGLISH)
    below = command.run("interpret", "--from", "en", "--to", "es", "--out", command.out / "mine.txt" / "b", ENGLISH)

    assert (taken.status, file.status, below.status) == (1, 1, 1)
    assert "is not empty; choose another --out or empty it" in taken.stderr
    assert "mine.txt is a file; choose another --out" in file.stderr
    assert "is a file, so there can be no folder" in below.stderr
    assert command.results() == ["mine.txt"]


@pytest.mark.parametrize(
    "out", ["/proc/results", "/dev/null/results", "n" * 300], ids=["no folders there", "below a device", "long name"]
)
def test_a_place_that_takes_no_folder_is_refused(command: CommandLine, out: str) -> None:
    ended = command.run("interpret", "--from", "en", "--to", "es", "--out", out, ENGLISH)

    command.expect_refused(ended, "choose another --out")


def test_a_folder_that_is_not_ours_to_write_is_refused(command: CommandLine) -> None:
    command.out.parent.mkdir()
    command.out.parent.chmod(0o555)

    ended = command.interpret(ENGLISH, before=without_rights())

    command.out.parent.chmod(0o755)
    command.expect_refused(ended, "is not ours to write (Permission denied): choose another --out")


NAMES = [
    b"two\nlines.wav",
    b"red\x1b[31m\x07.wav",
    b"00:00 --> 00:01.wav",
    b"<b>[red]bold[/red]&amp;.wav".replace(b"/", b"|"),
    b"n" * 251 + b".wav",
    b"\xff\xfe.wav",
    "\u202egnp.wav".encode(),
    b"-dash.wav",
]


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name[:16]) for name in NAMES])
def test_a_file_and_a_folder_may_have_any_name(command: CommandLine, name: bytes) -> None:
    shutil.copy(ENGLISH, command.folder / os.fsdecode(name))
    shutil.copy(SPEECH / "en-4.wav", command.folder / "other.wav")
    out = b"results/" + name
    arguments: list[str | bytes] = [
        "interpret",
        "--from",
        "en",
        "--to",
        "vi",
        "--out",
        out,
        "--fast",
        *PICO,
        "--",
        name,
        "other.wav",
    ]

    ended = command.run(*arguments)
    missing = command.run("interpret", "--from", "en", "--to", "vi", "--out", "none", "--", b"no" + name[2:])

    assert (ended.status, missing.status) == (0, 1)
    assert [os.fsencode(entry) for entry in os.listdir(command.out.parent)] == [name]  # noqa: PTH208
    folder = command.out.parent / os.fsdecode(name)
    assert sorted(entry.name for entry in folder.iterdir()) == FILES
    cues = (folder / "vi.vtt").read_text().split("\n\n")[2:]
    assert cues
    assert all(cue.count("-->") == 1 and cue.strip().count("\n") == 2 for cue in cues)
    assert {line["speaker"] for line in lines_of(folder / "captions.jsonl")} >= {"other"}


def test_two_files_of_one_name_are_two_speakers(command: CommandLine) -> None:
    for folder, file in (("a", ENGLISH), ("b", SPEECH / "en-4.wav")):
        (command.folder / folder).mkdir()
        shutil.copy(file, command.folder / folder / "speech.wav")

    ended = command.interpret("a/speech.wav", "b/speech.wav", *PICO, env={"DRAGOMAN_SPEAKERS_AT_ONCE": "2"})

    assert ended.status == 0
    assert {line["speaker"] for line in lines_of(command.out / "captions.jsonl")} == {"speech", "speech-2"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "en", "--from", "es"], "1 files and 3 --from: give one for all, or one for each"),
        (["--start", "0", "--start", "1"], "1 files and 2 --start: give at most one for each"),
        (["--start", "-1"], "--start is in seconds from the beginning, 0 or more"),
        (["--start", "nan"], "--start is in seconds from the beginning, 0 or more"),
        (["--start", "inf"], "--start is in seconds from the beginning, 0 or more"),
        (["--start", "1e12"], "--start 1e+12 is after the limit of 4 hours: begin earlier"),
    ],
)
def test_options_that_do_not_fit_are_refused(command: CommandLine, arguments: list[str], says: str) -> None:
    ended = command.interpret(ENGLISH, *arguments)

    command.expect_refused(ended, says)


def test_a_cache_that_may_not_be_written_is_no_problem(command: CommandLine) -> None:
    cache = command.folder / "cache"
    cache.mkdir(mode=0o555)

    ended = command.interpret(ENGLISH, *PICO, env={"XDG_CACHE_HOME": str(cache)}, before=without_rights())

    assert (ended.status, ended.stderr) == (0, "")
    assert command.results() == FILES
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    "contents",
    [(b"{", b"\0", b"nan"), (b"[" * 100_000, b"-1", b"1e99"), (b"", b"\xff\xfe", b"inf")],
    ids=["no number", "no cost", "no text"],
)
def test_a_cache_of_garbage_is_measured_anew(command: CommandLine, contents: tuple[bytes, ...]) -> None:
    cache = command.folder / "cache"
    first = command.interpret(ENGLISH, *PICO, env={"XDG_CACHE_HOME": str(cache)})
    shutil.rmtree(command.out)
    remembered = sorted((cache / "dragoman" / "costs").iterdir())
    for file, content in zip(remembered, itertools.cycle(contents), strict=False):
        file.write_bytes(content)

    ended = command.interpret(ENGLISH, *PICO, env={"XDG_CACHE_HOME": str(cache)})

    assert [(it.status, it.stderr) for it in (first, ended)] == [(0, "")] * 2
    assert len(remembered) == len(contents)
    assert sorted((cache / "dragoman" / "costs").iterdir()) == remembered
    assert all(0 <= float(file.read_text()) < IMPOSSIBLE for file in remembered)


def test_a_header_of_a_wav_without_any_sound_is_refused(command: CommandLine) -> None:
    file = command.folder / "hollow.wav"
    file.write_bytes(struct.pack("<4sI4s", b"RIFF", 4, b"WAVE"))

    ended = command.interpret(file)

    command.expect_refused(ended, "hollow.wav is damaged or not audio", "give WAV")


def test_a_run_reports_to_nobody_and_keeps_no_name_of_this_machine(command: CommandLine) -> None:
    cache = command.folder / "cache"

    ended = command.interpret(ENGLISH, *PICO, env={"XDG_CACHE_HOME": str(cache)})

    assert ended.status == 0
    assert [entry.name for entry in cache.iterdir()] == ["dragoman"]
    assert [entry.name for entry in (command.folder / "home").iterdir()] == ["config"]


def test_few_open_files_are_enough(command: CommandLine) -> None:
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    ended = command.interpret(ENGLISH, *PICO, before=("prlimit", f"--nofile={min(64, few)}", "--"))

    assert ended.status == 0
    assert command.results() == FILES
