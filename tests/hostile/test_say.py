"""``dragoman say`` on a bad day: every refusal is one clear sentence, and nothing half-written stays."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.hostile.command import Argument, CommandLine, Ended, without_rights


def say(command: CommandLine, text: str | bytes, *arguments: Argument, language: str = "vi") -> Ended:
    return command.run("say", *arguments, "--language", language, "--out", "x.wav", "--", text)


def say_from_file(command: CommandLine, content: bytes) -> Ended:
    """Give the text on standard input."""
    file = command.folder / "text"
    file.write_bytes(content)
    return command.run(
        "--language", "vi", "--out", "x.wav", "-", before=("sh", "-c", f'p=$1; shift; exec "$p" say "$@" < {file}', "-")
    )


def refused(command: CommandLine, ended: Ended, *says: str) -> bool:
    """Say whether a command ended with one sentence that holds each of ``says``, and wrote nothing."""
    assert (ended.status, ended.stdout) == (1, ""), ended
    assert all(part in ended.stderr for part in says), ended.stderr
    assert [entry for entry in command.folder.iterdir() if ".wav" in entry.name] == []
    return True


def seconds(file: Path) -> float:
    return float(soundfile.info(file).duration)


def test_a_text_is_written_as_a_marked_file_and_nothing_lies_beside_it(command: CommandLine) -> None:
    folder = command.folder / "sounds"
    folder.mkdir()
    (folder / "x.flac").write_text("old")

    ended = command.run("say", "Xin chào 😀 các bạn", "--language", "vi", "--out", folder / "x.flac")

    assert ended.status == 0, ended
    assert "spoken by espeak" in ended.stdout
    assert [entry.name for entry in folder.iterdir()] == ["x.flac"]
    with soundfile.SoundFile(folder / "x.flac") as file:
        assert "AI-generated speech" in file.comment
        assert float(np.abs(file.read()).max()) > 0.1


@pytest.mark.parametrize("name", ["x.wav", "x.mp3", "x.opus", "x.ogg", "x.flac"])
def test_the_name_of_the_file_says_the_format(command: CommandLine, name: str) -> None:
    ended = command.run("say", "one two three", "--language", "en", "--out", name)

    assert ended.status == 0, ended
    assert seconds(command.folder / name) > 0.5


def test_standard_input_is_read(command: CommandLine) -> None:
    ended = say_from_file(command, "Xin chào các bạn.\nHôm nay là thứ 4.".encode())

    assert ended.status == 0, ended
    assert seconds(command.folder / "x.wav") > 1.5


def test_speed_and_voice_are_honoured(command: CommandLine) -> None:
    text = "Chúng tôi sẽ gặp nhau vào ngày mai lúc tám giờ."

    plain = say(command, text)
    plain_s = seconds(command.folder / "x.wav")
    quick = say(command, text, "--speed", "2", "--voice", "vi+f2")

    assert (plain.status, quick.status) == (0, 0), quick
    assert seconds(command.folder / "x.wav") < 0.7 * plain_s


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        ("", (), ("nothing to speak",)),
        (" \n ", (), ("nothing to speak",)),
        ("😀🎉👩‍👩‍👧", (), ("nothing to speak", "pictures are not read")),
        ("?!...", (), ("nothing to speak",)),
        ("ab " * 33_333, (), ("99999 characters", "at most 5000", "max_say_characters")),
        ("你好世界", (), ("Vietnamese cannot read CJK letters", "name the language")),
        ("xin Привет", (), ("cannot read Cyrillic letters",)),
        ("xin chào", ("--voice", "nobody"), ("no voice 'nobody' for Vietnamese", "vi+m1", "dragoman models list")),
        ("xin chào", ("--voice", "en-us"), ("no voice 'en-us' for Vietnamese",)),
        ("xin chào", ("--engine", "piper"), ("no text-to-speech engine 'piper'", "espeak")),
        ("xin chào", ("--engine", "espeak:gone"), ("brings its own model and takes none",)),
        ("xin chào", ("--speed", "0"), ("speed is from 0.5 to 2",)),
        ("xin chào", ("--speed", "10"), ("speed is from 0.5 to 2",)),
        ("xin chào", ("--speed", "nan"), ("speed is from 0.5 to 2",)),
    ],
    ids=lambda value: " ".join(map(str, value))[:30] if isinstance(value, tuple) else str(value)[:12],
)
def test_what_cannot_be_spoken_is_refused_with_what_can(
    command: CommandLine, text: str, arguments: tuple[str, ...], says: tuple[str, ...]
) -> None:
    assert refused(command, say(command, text, *arguments), *says)


@pytest.mark.parametrize(
    ("language", "says"),
    [("tlh", "no language 'tlh'"), ("th", "nothing here speaks Thai"), ("zh", "nothing here speaks Chinese")],
)
def test_a_language_that_nothing_here_speaks_is_refused(command: CommandLine, language: str, says: str) -> None:
    assert refused(command, say(command, "123", language=language), says, "vi (Vietnamese)")


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("nowhere/x.wav", "there is no folder nowhere"),
        ("x.doc", "says no format that can be written: give .wav"),
        ("x", "says no format"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(command: CommandLine, out: str, says: str) -> None:
    assert refused(command, command.run("say", "chào", "--language", "vi", "--out", out), says)


def test_a_folder_that_may_not_be_written_is_refused(command: CommandLine) -> None:
    folder = command.folder / "theirs"
    folder.mkdir()
    folder.chmod(0o555)

    ended = command.run("say", "chào", "--language", "vi", "--out", folder / "x.wav", before=without_rights())

    folder.chmod(0o755)
    assert refused(command, ended, "is not ours to write")


def test_standard_input_that_is_no_text_or_too_much_is_refused(command: CommandLine) -> None:
    assert refused(command, say_from_file(command, b"\xff\xfe\x00x"), "no text in UTF-8")
    assert refused(command, say_from_file(command, b"x" * 100_000), "at most 5000")
    assert refused(command, say_from_file(command, "ế".encode() * 100_000), "at most 5000")
    assert refused(command, say_from_file(command, b""), "nothing to speak")


def test_bytes_that_are_no_text_do_no_harm(command: CommandLine) -> None:
    ended = say(command, b"xin ch\xff\xfeao")

    assert ended.status == 0, ended


def test_markup_and_commands_are_text(command: CommandLine) -> None:
    ended = say(command, "<speak>[[a]] $(rm -rf /) ; -w /tmp/y.wav</speak>", language="en")

    assert ended.status == 0, ended
    assert [entry.name for entry in command.folder.iterdir() if ".wav" in entry.name] == ["x.wav"]


def test_a_missing_option_is_named(command: CommandLine) -> None:
    process = command.start("say", "chào", stdout=subprocess.PIPE)

    ended = command.end(process)

    assert ended.status == 2
    assert "--language" in ended.stderr
