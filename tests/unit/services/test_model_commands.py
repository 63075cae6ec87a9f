"""What the commands for models decide and say: machines, trials, profiles."""

import json
from pathlib import Path

import pytest

from dragoman.models.store import ModelState, StoredModel
from dragoman.models.table import ModelProfile, ModelTable
from dragoman.services.model_commands.machine import Machine, look_at_machine, read_features, read_free_mb
from dragoman.services.model_commands.probing import describe_trial, memory, processor
from dragoman.services.model_commands.profiles import summarise
from dragoman.services.model_commands.pulling import describe_plan, plan_pull
from dragoman.services.model_commands.trial import Trial, kind_of, read_trial
from dragoman.settings import Settings

MACHINE = Machine(free_mb=1000, features=("AVX2",), int8=True)


def test_free_memory_is_what_can_be_had_without_swapping() -> None:
    assert read_free_mb("MemTotal:  9 kB\nMemFree:  5 kB\nMemAvailable:    2097152 kB\n") == 2048
    assert read_free_mb("") == 0


def test_a_processor_is_told_by_what_makes_models_quick() -> None:
    assert read_features("processor : 0\nflags\t\t: fpu avx2 avx512f avx512_vnni avx_vnni\n") == (
        "AVX2",
        "AVX-512",
        "VNNI",
    )
    assert read_features("Features : fp asimd\n") == ("NEON",)
    assert read_features("flags : fpu\n") == ()


def test_this_machine_can_be_looked_at() -> None:
    machine = look_at_machine()

    assert machine.free_mb > 0
    assert machine.int8


@pytest.mark.parametrize(
    ("needed_mb", "good", "says"),
    [
        (900, True, "takes about 900 MB; 1000 MB are free"),
        (1100, False, "end other programs, or take a smaller model"),
        (0, True, "nobody measured what it takes; 1000 MB are free"),
    ],
)
def test_memory_is_compared_with_what_is_free(needed_mb: int, good: bool, says: str) -> None:
    finding = memory(needed_mb, MACHINE)

    assert (finding.good, says in finding.text) == (good, True)


def test_a_slow_processor_is_told_and_is_no_failure() -> None:
    finding = processor(Machine(free_mb=1, features=(), int8=True))

    assert finding.good
    assert finding.text == "no vector instructions that we know: it will be slow here"


def test_what_a_trial_wrote_is_read() -> None:
    told = {"opened": True, "load_s": 1.25, "peak_mb": 310.4, "problem": ""}

    trial = read_trial(json.dumps(told).encode(), status=0, last_words=b"")

    assert describe_trial(trial).text == "in 1.2 s, with 310 MB at most"


@pytest.mark.parametrize("stdout", [b"", b"{", b"{}", b"[]", b'{"opened": true}'])
def test_a_model_that_ends_its_process_is_told_with_the_last_words(stdout: bytes) -> None:
    trial = read_trial(stdout, status=-6, last_words=b"terminate called\n")

    assert trial == Trial(opened=False, problem="loading it ended the process (signal 6): terminate called")
    assert not describe_trial(trial).good


def test_engines_are_told_apart_by_what_they_do() -> None:
    assert kind_of("faster_whisper") == "speech-to-text"
    assert kind_of("ctranslate2") == "translation"
    assert kind_of("sherpa_voice") == kind_of("audioseal") == "text-to-speech"
    assert kind_of("an-engine-of-tomorrow") is None


def stored(model_id: str, state: ModelState, *, licence: str, commercial: bool) -> StoredModel:
    return StoredModel(
        id=model_id, engine="ctranslate2", state=state, size_bytes=5_000_000, languages=(), pairs=(), licence=licence,
        commercial=commercial, attribution="", ram_mb=10, recommended=False, own=False,
    )  # fmt: skip


def test_a_profile_is_the_sum_of_its_models() -> None:
    listed = [
        stored("a", ModelState.INSTALLED, licence="MIT", commercial=True),
        stored("b", ModelState.ABSENT, licence="CC-BY-NC-4.0", commercial=False),
    ]
    table = ModelTable(
        hub="",
        entries=(),
        profiles=(
            ModelProfile(name="none", about="", models=()),
            ModelProfile(name="both", about="", models=("a", "b")),
        ),
    )

    none, both = summarise(table, listed)

    assert (none.size_bytes, none.complete, none.commercial) == (0, True, True)
    assert (both.size_bytes, both.missing_bytes, both.ram_mb) == (10_000_000, 5_000_000, 20)
    assert (both.licences, both.commercial, both.complete) == (("MIT", "CC-BY-NC-4.0"), False, False)


def test_a_profile_says_what_it_takes_before_anything_is_fetched(tmp_path: Path) -> None:
    settings = Settings(models_dir=tmp_path)

    told = describe_plan(plan_pull(["default"], settings), settings)

    assert told == (
        "690 MB to fetch: whisper-small 486 MB, firefox-en-vi 37 MB, firefox-vi-en 22 MB, supertonic-3 145 MB"
    )
    assert describe_plan(plan_pull(["builtin"], settings), settings) == ""
