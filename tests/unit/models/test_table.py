"""The model table: what is bundled, and what a broken one says."""

from pathlib import Path

import pytest

from dragoman.engines.translation import llama_cpp
from dragoman.engines.translation.conventions import madlad, nllb
from dragoman.ground.errors import ModelError, ModelNotFound
from dragoman.models.table import load_table

GOOD = """
hub = "https://hub.example"
[models.tiny]
engine = "ctranslate2"
source = { repo = "us/tiny", revision = "0123456789012345678901234567890123456789" }
files = [{ path = "model.bin", size = 3, sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }]
pairs = [["en", "vi"]]
licence = "MIT"
commercial = true
ram_mb = 1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_table_takes_vietnamese_and_english_both_ways() -> None:
    table = load_table()

    recommended = [entry for entry in table if entry.recommended and entry.commercial]

    assert {"vi", "en"} <= {code for entry in recommended for code in entry.languages}
    assert {("vi", "en"), ("en", "vi")} <= {pair for entry in recommended for pair in entry.pairs}


def test_what_is_recommended_is_the_default_profile() -> None:
    table = load_table()

    assert [entry.id for entry in table if entry.recommended] == [entry.id for entry in table.expand(["default"])]


def test_whisper_models_are_pinned_to_a_commit_and_hashes() -> None:
    table = load_table()

    pinned = {entry.id: entry.pinned for entry in table}

    sizes = ("tiny", "base", "small", "medium", "large-v3", "large-v3-turbo")
    assert all(pinned[f"whisper-{size}"] for size in sizes)
    assert table.entry("whisper-small").download_bytes == 486_212_372
    assert table.entry("whisper-large-v3").download_bytes == 3_090_835_702


def test_vietnamese_and_english_of_the_default_profile_are_pinned_to_published_hashes() -> None:
    table = load_table()

    default = {entry.id: entry for entry in table.expand(["default"])}

    assert all(entry.pinned for entry in default.values())
    assert default["firefox-vi-en"].download_bytes == 17_141_051 + 3_910_184 + 757_250
    assert default["firefox-vi-en"].revision != default["firefox-en-vi"].revision


@pytest.mark.parametrize("code", ["zh-TW", "ms", "tl", "lo", "my", "km"])
def test_each_neighbour_of_the_base_languages_is_translated_from_and_into_english_and_vietnamese(code: str) -> None:
    able = {pair for entry in load_table() if entry.commercial for pair in entry.pairs}
    noncommercial = load_table().entry("nllb-600m").pairs

    wanted = {(one, other) for language in ("en", "vi") for one, other in ((language, code), (code, language))}

    assert wanted <= able
    assert wanted <= set(noncommercial)


@pytest.mark.parametrize(
    ("model_id", "known"),
    [
        ("nllb-600m", frozenset(nllb.CODES)),
        ("madlad-400-3b", frozenset(madlad.CODES)),
        ("hy-mt2", llama_cpp._HY_MT_LANGUAGES),
    ],
)
def test_no_model_is_said_to_translate_what_its_engine_has_no_code_for(model_id: str, known: frozenset[str]) -> None:
    assert {language for pair in load_table().entry(model_id).pairs for language in pair} <= known


def test_the_hub_is_reached_over_https() -> None:
    table = load_table()

    assert table.hub.startswith("https://")


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    table = load_table()

    with pytest.raises(ModelNotFound, match="whisper-small"):
        table.entry("wisper")


def test_a_good_table_is_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)

    (entry,) = load_table(path)

    assert (entry.id, entry.repo, entry.pairs, entry.download_bytes) == ("tiny", "us/tiny", (("en", "vi"),), 3)
    assert entry.pinned


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"model.bin"', '"../model.bin"', "leads out"),
        ('"model.bin"', '"/etc/model.bin"', "leads out"),
        ('"model.bin"', '"pytorch_model.bin"', "pickle"),
        ('"model.bin"', '"weights.pt"', "pickle"),
        ('"model.bin"', '"run.sh"', "no model file"),
        ("0123456789012345678901234567890123456789", "main", "never a branch"),
        ('sha256 = "aaaa', 'sha256 = "AAAA', "lower-case"),
        ("size = 3", "size = -3", "whole number"),
        ("size = 3", 'size = "3"', "whole number"),
        ('"us/tiny"', '"tiny"', "OWNER/NAME"),
        ('[["en", "vi"]]', '[["en", "xx"]]', "no language xx"),
        ('[["en", "vi"]]', '[["en"]]', "pairs"),
        ("commercial = true", "", "commercial must be true or false, not absent"),
        ("commercial = true", "comercial = true", "unknown field comercial"),
        ("ram_mb = 1", 'ram_mb = 1\nlanguages = ["vi"]', "one of the two"),
        ("[models.tiny]", '[models."Tiny/../x"]', "an id has"),
        ("size = 3, ", "", "about_bytes"),
    ],
)
def test_a_broken_entry_is_named_with_its_field(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    path = write(tmp_path, GOOD.replace(right, wrong))

    with pytest.raises(ModelError, match=r"models\.toml: models: .*iny") as raised:
        load_table(path)

    assert said in str(raised.value)


def test_a_table_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "hub = ")

    with pytest.raises(ModelError, match="cannot be read"):
        load_table(path)


def test_the_default_profile_is_free_for_commercial_use_and_the_builtin_one_fetches_nothing() -> None:
    table = load_table()

    assert all(entry.commercial for entry in table.expand(["default"]))
    assert any(not entry.commercial for entry in table.expand(["noncommercial"]))
    assert table.expand(["builtin"]) == ()
    assert {profile.name for profile in table.profiles} == {"builtin", "default", "noncommercial", "quality"}


def test_profiles_and_ids_are_expanded_each_model_once() -> None:
    table = load_table()

    ids = [entry.id for entry in table.expand(["firefox-vi-en", "default", "firefox-vi-en"])]

    assert ids == ["firefox-vi-en", "whisper-small", "firefox-en-vi", "supertonic-3"]


def test_languages_between_which_a_model_translates_stand_for_all_their_pairs(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('pairs = [["en", "vi"]]', 'between = ["en", "vi", "fr"]'))

    (entry,) = load_table(path)

    assert len(entry.pairs) == 6
    assert ("vi", "fr") in entry.pairs


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('{ firefox = "vien" }', "names a pair, such as vi-en"),
        ('{ firefox = "../vi" }', "names a pair, such as vi-en"),
        ('{ firefox = "vi-en", repo = "us/tiny" }', "stands alone"),
    ],
)
def test_a_model_of_firefox_is_named_by_its_pair_alone(tmp_path: Path, source: str, said: str) -> None:
    text = GOOD.replace('{ repo = "us/tiny", revision = "0123456789012345678901234567890123456789" }', source)

    with pytest.raises(ModelError, match="firefox") as raised:
        load_table(write(tmp_path, text))

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ('[profiles.two]\nabout = ""\nmodels = ["tiny", "huge"]', "the profile two names huge"),
        ('[profiles.tiny]\nabout = ""\nmodels = []', "itself like a model"),
        ("[profiles.two]\nmodels = []", "about must be a text"),
        ('[profiles.two]\nabout = ""\nmodel = []', "unknown field model"),
    ],
)
def test_a_broken_profile_is_named(tmp_path: Path, profile: str, said: str) -> None:
    with pytest.raises(ModelError, match="models") as raised:
        load_table(write(tmp_path, f"{GOOD}\n{profile}\n"))

    assert said in str(raised.value)
