"""``dragoman voices``: who speaks, and whether a file is marked; every refusal is one clear sentence."""

import os

import numpy as np
import soundfile
from tests.hostile.command import CommandLine, Ended
from tests.toy_audioseal import write_audioseal


def refused(ended: Ended, *says: str) -> bool:
    assert (ended.status, ended.stdout) == (1, ""), ended
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert all(part in ended.stderr for part in says), ended.stderr
    return True


def test_voices_are_listed_with_their_engine_and_licence(command: CommandLine) -> None:
    listed = command.run("voices", "list")

    lines = listed.stdout.splitlines()
    assert listed.status == 0
    assert lines[0].split() == ["language", "engine", "voices", "licence", "commercial"]
    assert [line.split()[:2] for line in lines[1:3]] == [["en", "espeak"], ["vi", "espeak"]]
    assert "GPL-3.0-or-later" in lines[1]


def test_what_was_said_here_is_known_by_its_mark_and_noise_is_not(command: CommandLine) -> None:
    sealed = {"DRAGOMAN_WATERMARK_MODEL": str(write_audioseal(command.folder / "audioseal"))}
    soundfile.write(command.folder / "noise.wav", np.random.default_rng(0).normal(0, 0.1, 32_000), 16_000)

    said = command.run("say", "one two three", "--language", "en", "--out", "x.opus", env=sealed)
    marked = command.run("voices", "detect", "x.opus", env=sealed)
    unmarked = command.run("voices", "detect", "noise.wav", env=sealed)
    unknown = command.run("voices", "detect", "noise.wav")

    assert said.status == 0, said
    assert (marked.status, unmarked.status, unknown.status) == (0, 3, 4)
    assert marked.stdout.splitlines()[:2] == [
        "synthetic speech",
        "metadata: AI-generated speech by Dragoman; engine: espeak",
    ]
    assert "watermark: found" in marked.stdout
    assert "does not mean that a person speaks" in unmarked.stdout
    assert "dragoman models pull audioseal" in unknown.stdout


def test_a_file_that_is_no_recording_is_refused(command: CommandLine) -> None:
    (command.folder / "x.wav").write_bytes(os.urandom(5000))

    assert refused(command.run("voices", "detect", "x.wav"), "x.wav is not a recording that we know")


def test_a_watermark_that_is_asked_for_and_broken_lets_nothing_be_said(command: CommandLine) -> None:
    folder = command.folder / "audioseal"
    folder.mkdir()
    (folder / "generator.onnx").write_bytes(b"not a model")

    ended = command.run(
        "say", "hi", "--language", "en", "--out", "x.wav", env={"DRAGOMAN_WATERMARK_MODEL": str(folder)}
    )

    assert refused(ended, "no ONNX model that can be loaded")
    assert not (command.folder / "x.wav").exists()
