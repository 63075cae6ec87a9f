"""``dragoman models`` and ``dragoman doctor``: what a person is told, and that half a model is never taken for one."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.hostile.command import LONGEST_S, MT, SPEECH, WHISPER, CommandLine, without_rights

from dragoman.testing.model_hub import ModelHub

WHISPER_TINY = ("Systran/faster-whisper-tiny", "d90ca5fe260221311c53c58e660288d3deb8d356")
TINY_CONFIG_BYTES = 2249
OPUS = "gaudi/opus-mt-en-vi-ctranslate2"
LANGUAGES = ("--languages", "vi", "--languages", "en")
PAIRS = ("--languages", "en:vi", "--languages", "vi:en")


def opus_folder(folder: Path) -> Path:
    """Give the small translator of the fixtures under the names of the table's files."""
    repo = folder / "repo"
    shutil.copytree(MT, repo)
    spm = repo / "sentencepiece.bpe.model"
    shutil.copy(spm, repo / "target.spm")
    spm.rename(repo / "source.spm")
    return repo


def test_models_are_listed_whole_for_a_program_and_for_a_narrow_window(command: CommandLine) -> None:
    listed = command.run("models", "list", env={"COLUMNS": "20"})

    lines = listed.stdout.splitlines()
    assert listed.status == 0
    assert lines[0].split() == ["id", "engine", "languages", "MB", "RAM", "licence", "commercial", "state"]
    assert lines[1].split()[:2] == ["whisper-small", "faster_whisper"]
    models, profiles = lines[1 : lines.index("")], lines[lines.index("") + 1 :]
    assert all(line.split()[-1] == "absent" for line in models)
    assert profiles[0].split() == ["profile", "models", "MB", "RAM", "licence", "commercial", "here"]
    assert [line.split()[0] for line in profiles[1:]] == ["builtin", "default", "noncommercial", "quality"]


def test_models_of_ones_own_are_used_without_being_named(command: CommandLine) -> None:
    whisper = command.run("models", "add", WHISPER, "--id", "my-whisper", *LANGUAGES, "--licence", "Apache-2.0")
    translator = command.run("models", "add", MT, "--id", "my-mt", *PAIRS, "--licence", "Apache-2.0")

    listed = command.run("models", "list")
    doctor = command.run("doctor")
    ended = command.interpret(SPEECH / "vi-1.wav", source="vi", target="en")

    assert (whisper.status, whisper.stdout) == (
        0,
        "my-whisper: added for faster_whisper; use it as faster_whisper:my-whisper\n",
    )
    assert (translator.status, translator.stdout) == (
        0,
        "my-mt: added for ctranslate2; use it as ctranslate2:my-mt\n",
    )
    models = listed.stdout.partition("\n\n")[0]
    assert [line.split()[0] for line in models.splitlines()[-2:]] == ["my-mt", "my-whisper"]
    assert doctor.status == 0
    assert "  Vietnamese -> English" in doctor.stdout
    assert "with 545 MB" not in doctor.stdout
    assert ended.status == 0
    assert (command.out / "en.vtt").read_text().count("-->") >= 2
    assert "ctranslate2:my-mt" in (command.out / "report.json").read_text()


def test_a_model_that_was_added_is_used_by_its_id(command: CommandLine) -> None:
    command.run("models", "add", MT, "--id", "my-mt", *PAIRS, "--licence", "Apache-2.0")

    ended = command.interpret(SPEECH / "en-6.wav", "--translation", "ctranslate2:my-mt")

    assert ended.status == 0
    assert (command.out / "vi.vtt").exists()


def test_a_model_that_was_damaged_since_is_left_out_and_told(command: CommandLine) -> None:
    command.run("models", "add", MT, "--id", "my-mt", *PAIRS)
    (command.models / "my-mt" / "model.bin").unlink()

    doctor = command.run("doctor")
    ended = command.interpret(SPEECH / "en-6.wav", "--translation", "ctranslate2:my-mt")

    assert doctor.status == 1
    assert "missing: my-mt: only a part of it is here; this completes it: dragoman models add FOLDER" in doctor.stdout
    command.expect_refused(ended, "model.bin missing or cut short")


@pytest.mark.parametrize(
    ("folder", "arguments", "says"),
    [
        (
            MT,
            ["--id", "mine"],
            "say what the model knows: --languages vi for a recogniser or a voice, en:vi for a translator",
        ),
        (MT, ["--id", "mine", "--languages", "en:en"], "en:en names one language twice; a pair is source:target"),
        (MT, ["--id", "mine", "--languages", "en:xx"], "no language 'xx'; there are: en (English)"),
        (MT, ["--id", "whisper-small", *PAIRS], "is the id of a model that can be pulled; give yours another one"),
        (MT, ["--id", "../mine", *PAIRS], "cannot be an id: lower-case letters"),
        (MT, ["--id", "mine", "--engine", "whisper", *PAIRS], "no engine 'whisper' takes a model; there are: faster"),
        (WHISPER, ["--id", "mine", "--engine", "ctranslate2", *PAIRS], "holds a model for faster_whisper"),
        (WHISPER, ["--id", "mine", "--engine", "sherpa", *PAIRS], "say which languages the model recognises"),
        (SPEECH, ["--id", "mine", *PAIRS], "has no model.bin; convert the model with dragoman models convert"),
        (SPEECH / "nowhere", ["--id", "mine", *PAIRS], "no folder"),
    ],
)
def test_a_folder_that_is_no_model_is_not_added(
    command: CommandLine, folder: Path, arguments: list[str], says: str
) -> None:
    ended = command.run("models", "add", folder, *arguments)

    command.expect_refused(ended, says)
    assert not command.models.exists() or list(command.models.iterdir()) == []


def test_a_models_folder_that_may_not_be_written_is_told(command: CommandLine) -> None:
    command.models.mkdir(parents=True)
    command.models.chmod(0o555)

    with ModelHub() as hub:
        added = command.run("models", "add", MT, "--id", "my-mt", *PAIRS, before=without_rights())
        pulled = command.run(
            "models", "pull", "opus-mt-en-vi", env={"DRAGOMAN_MODEL_HUB": hub.endpoint}, before=without_rights()
        )

    command.models.chmod(0o755)
    command.expect_refused(added, str(command.models), "Permission denied")
    command.expect_refused(pulled, str(command.models), "Permission denied")
    assert list(command.models.iterdir()) == []


def test_a_model_is_pulled_once_and_is_there_the_second_time(command: CommandLine) -> None:
    with ModelHub() as hub:
        hub.add_repo(OPUS, opus_folder(command.folder))
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        first = command.run("models", "pull", "opus-mt-en-vi", env=environment)
        second = command.run("models", "pull", "opus-mt-en-vi", env=environment)

    assert (first.status, second.status) == (0, 0)
    assert "MB fetched; it lies in" in first.stdout
    assert "was here already; it lies in" in second.stdout
    assert "installed" in command.run("models", "list").stdout


def test_an_unknown_id_is_refused_before_anything_is_fetched(command: CommandLine) -> None:
    with ModelHub() as hub:
        hub.add_repo(OPUS, opus_folder(command.folder))
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        ended = command.run("models", "pull", "opus-mt-en-vi", "whisper-huge", env=environment)
        asked = list(hub.requests)

    command.expect_refused(ended, "no model 'whisper-huge' to fetch; there are: whisper-small")
    assert asked == []


def test_a_hub_that_is_away_is_told(command: CommandLine) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        hub = f"http://127.0.0.1:{unused.getsockname()[1]}"
        ended = command.run("models", "pull", "whisper-tiny", env={"DRAGOMAN_MODEL_HUB": hub})

    command.expect_refused(ended, "127.0.0.1 cannot be reached")
    assert not (command.models / "whisper-tiny").exists()


def test_a_hub_that_has_no_such_model_is_told(command: CommandLine) -> None:
    with ModelHub() as hub:
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        pinned = command.run("models", "pull", "whisper-tiny", env=environment)
        unpinned = command.run("models", "pull", "opus-mt-en-vi", env=environment)

    command.expect_refused(pinned, f"{hub_host(environment)}", "has no")
    command.expect_refused(unpinned, "has no gaudi/opus-mt-en-vi-ctranslate2; set another hub, or add a folder")


def hub_host(environment: dict[str, str]) -> str:
    return environment["DRAGOMAN_MODEL_HUB"].removeprefix("http://")


def test_other_bytes_than_were_published_are_refused_and_not_kept(command: CommandLine) -> None:
    repo = command.folder / "repo"
    repo.mkdir()
    (repo / "config.json").write_bytes(bytes(TINY_CONFIG_BYTES))

    with ModelHub() as hub:
        hub.add_repo(WHISPER_TINY[0], repo, revision=WHISPER_TINY[1])
        ended = command.run("models", "pull", "whisper-tiny", env={"DRAGOMAN_MODEL_HUB": hub.endpoint})

    command.expect_refused(ended, "config.json", "what had arrived was deleted, so pull again")
    assert not (command.models / "whisper-tiny").exists()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def test_a_disk_without_room_is_told_before_anything_is_fetched(command: CommandLine) -> None:
    with small_disk(command.models), ModelHub() as hub:
        ended = command.run("models", "pull", "whisper-tiny", env={"DRAGOMAN_MODEL_HUB": hub.endpoint})
        asked = list(hub.requests)

    command.expect_refused(ended, "whisper-tiny needs", "are free; make room, or set another models folder")
    assert asked == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_pull_goes_on_from_there(command: CommandLine, number: signal.Signals) -> None:
    with ModelHub() as hub:
        hub.add_repo(OPUS, opus_folder(command.folder))
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        hub.faults.stall_after_bytes = 5
        process = command.start("models", "pull", "opus-mt-en-vi", env=environment)
        until = time.monotonic() + LONGEST_S
        while not any(seen.path.startswith("/cdn/") for seen in list(hub.requests)):
            assert time.monotonic() < until
            time.sleep(0.01)

        process.send_signal(number)
        ended = command.end(process)

    assert ended.status == 130
    assert "interrupted; what has arrived is kept, and the same command goes on from there" in ended.stderr
    assert "incomplete" in command.run("models", "list").stdout
    assert not (command.models / "opus-mt-en-vi").exists()


def test_what_is_wrong_with_a_model_is_named_with_what_mends_it(command: CommandLine) -> None:
    command.run("models", "add", MT, "--id", "my-mt", *PAIRS)
    broken = command.models / "my-mt" / "config.json"
    broken.unlink()  # it is a second name of the fixture
    broken.write_text("{}", encoding="utf-8")

    verified = command.run("models", "verify")
    examined = command.run("models", "doctor", "my-mt")

    assert (verified.status, examined.status) == (1, 1)
    assert "my-mt: config.json has another size (2 bytes instead of 223)" in verified.stderr
    assert "my-mt: this mends it: dragoman models add FOLDER --id my-mt" in verified.stderr
    assert "my-mt: does not work here" in examined.stdout
    command.expect_refused(command.run("models", "verify", "whisper-tiny"), "whisper-tiny is not on this machine")


def test_a_model_travels_in_a_file_and_is_removed_when_that_is_said(command: CommandLine) -> None:
    bundle = command.folder / "models.tar"
    command.run("models", "add", MT, "--id", "my-mt", *PAIRS)
    exported = command.run("models", "export", "my-mt", "--to", bundle)
    unasked = command.run("models", "remove", "my-mt")

    removed = command.run("models", "remove", "my-mt", "--yes")
    gone = not (command.models / "my-mt").exists()
    imported = command.run("models", "import", bundle)
    examined = command.run("models", "doctor")

    assert (exported.status, removed.status, imported.status, gone) == (0, 0, 0, True)
    command.expect_refused(unasked, "nobody is here to be asked; --yes removes without asking")
    assert examined.status == 0
    assert "my-mt: works here" in examined.stdout
    assert "opens: in " in examined.stdout


def test_a_noncommercial_licence_is_accepted_in_so_many_words(command: CommandLine) -> None:
    with ModelHub() as hub:
        hub.add_repo("skywood/nllb-200-distilled-600M-ct2-int8", MT)
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        refused = command.run("models", "pull", "nllb-600m", env=environment)
        asked = list(hub.requests)
        pulled = command.run("models", "pull", "nllb-600m", "--accept-licence", "CC-BY-NC-4.0", env=environment)

    command.expect_refused(refused, "forbids commercial use", "--accept-licence CC-BY-NC-4.0")
    assert asked == []
    assert pulled.status == 0
    assert "nllb-600m: the licence CC-BY-NC-4.0 is accepted by " in pulled.stdout


def test_a_pull_that_was_killed_goes_on_from_there(command: CommandLine) -> None:
    with ModelHub() as hub:
        hub.add_repo(OPUS, opus_folder(command.folder))
        environment = {"DRAGOMAN_MODEL_HUB": hub.endpoint}
        hub.faults.stall_after_bytes = 100
        process = command.start("models", "pull", "opus-mt-en-vi", env=environment)
        until = time.monotonic() + LONGEST_S
        while not any(part.stat().st_size for part in command.models.rglob("*.part")):
            assert time.monotonic() < until
            time.sleep(0.01)
        process.kill()
        command.end(process)
        hub.faults.stall_after_bytes = None
        ended = command.run("models", "pull", "opus-mt-en-vi", env=environment)
        asked = hub.ranges_of("config.json")

    assert ended.status == 0
    assert asked == ["", "bytes=100-"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", SPEECH / "en-1.wav"), "no bundle"),
        (("convert", SPEECH, "--to", "made"), "has neither config.json nor decoder.yml"),
        (("pull", "whisper-tiny", "--mirror", "/nowhere"), "is no folder; give a folder, or an address"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_would_work(
    command: CommandLine, arguments: tuple[str | Path, ...], says: str
) -> None:
    command.expect_refused(command.run("models", *arguments), says)


def test_the_doctor_says_what_works_and_what_a_download_adds(command: CommandLine) -> None:
    ended = command.run("doctor")

    lines = ended.stdout.splitlines()
    assert (ended.status, ended.stderr, lines[0]) == (0, "", "works now:")
    assert lines[1].startswith("  English -> French, Spanish")
    assert lines[2] == "hears English: pocketsphinx"
    assert lines[3].startswith("speaks espeak: ")
    assert lines[5].startswith(
        "with 545 MB more: Vietnamese <-> English: dragoman models pull whisper-small firefox-en-vi firefox-vi-en"
    )


def test_the_doctor_names_the_packages_of_programs_that_are_missing(command: CommandLine) -> None:
    empty = command.folder / "empty"
    empty.mkdir()

    ended = command.run("doctor", env={"PATH": str(empty)})

    assert ended.status == 1
    assert ended.stdout.splitlines()[:2] == ["works now:", "  nothing"]
    assert "missing: apertium: the program apertium is missing; apt-get install apertium" in ended.stdout
    assert "missing: espeak: the program espeak-ng is missing; apt-get install espeak-ng" in ended.stdout
