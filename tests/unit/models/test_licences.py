"""Licences that forbid commercial use: accepted by name, by somebody, at a time."""

from datetime import datetime
from pathlib import Path

import pytest

from dragoman.ground.errors import LicenceNotAccepted, ModelCorrupt, ModelError, SettingsInvalid
from dragoman.models.licences import ACCEPTED_NAME, Licences, Noncommercial, check_accepted_names

NC = "CC-BY-NC-4.0"


@pytest.fixture
def licences(tmp_path: Path) -> Licences:
    return Licences(models_dir=tmp_path)


def test_a_commercial_licence_needs_no_consent(licences: Licences) -> None:
    licences.require("whisper", "MIT", commercial=True)

    assert licences.accepted() == {}


def test_a_noncommercial_licence_is_refused_with_the_command_that_accepts_it(licences: Licences) -> None:
    with pytest.raises(LicenceNotAccepted, match=f"dragoman models pull nllb --accept-licence {NC}"):
        licences.require("nllb", NC, commercial=False)


def test_who_accepted_which_licence_and_when_is_written_down(licences: Licences) -> None:
    licences.accept("nllb", NC, by="An")

    known = licences.accepted()["nllb"]
    assert (known.licence, known.by) == (NC, "An")
    assert datetime.fromisoformat(known.at).utcoffset() is not None
    assert licences.allows("nllb", NC, commercial=False)


def test_consent_to_one_model_is_none_to_another(licences: Licences) -> None:
    licences.accept("nllb", NC)

    assert not licences.allows("other", NC, commercial=False)


def test_another_licence_of_the_same_model_is_accepted_anew(licences: Licences) -> None:
    licences.accept("nllb", NC)

    assert not licences.allows("nllb", "CC-BY-NC-ND-4.0", commercial=False)


def test_consents_add_up(licences: Licences) -> None:
    licences.accept("one", NC)
    licences.accept("two", NC)

    assert set(licences.accepted()) == {"one", "two"}


def test_the_setting_can_refuse_what_was_accepted(tmp_path: Path) -> None:
    Licences(models_dir=tmp_path).accept("nllb", NC)

    with pytest.raises(LicenceNotAccepted, match="noncommercial_models"):
        Licences(models_dir=tmp_path, rule=Noncommercial.REFUSED).require("nllb", NC, commercial=False)


def test_the_setting_can_accept_for_everybody(tmp_path: Path) -> None:
    assert Licences(models_dir=tmp_path, rule=Noncommercial.ALLOWED).allows("nllb", NC, commercial=False)


def test_what_somebody_brought_himself_he_has_accepted_unless_all_are_refused(tmp_path: Path) -> None:
    assert Licences(models_dir=tmp_path).allows("own", NC, commercial=False, own=True)
    refusing = Licences(models_dir=tmp_path, rule=Noncommercial.REFUSED)
    assert not refusing.allows("own", NC, commercial=False, own=True)


def test_a_damaged_file_of_consents_is_told_and_counts_for_none(licences: Licences, tmp_path: Path) -> None:
    (tmp_path / ACCEPTED_NAME).write_text('{"nllb": {"licence": 3}}', encoding="utf-8")

    with pytest.raises(ModelCorrupt, match="licence must be a text"):
        licences.allows("nllb", NC, commercial=False)


def test_a_folder_that_takes_no_consent_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ModelError, match="cannot be written"):
        Licences(models_dir=tmp_path / "file" / "models").accept("nllb", NC)


def test_consent_to_a_misspelt_licence_is_none() -> None:
    with pytest.raises(SettingsInvalid, match=f"none of these models has the licence CC-BY-NC; they have: {NC}, MIT"):
        check_accepted_names({"nllb": NC, "whisper": "MIT"}, frozenset({"CC-BY-NC"}))
