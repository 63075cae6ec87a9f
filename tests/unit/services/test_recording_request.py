"""What a person typed is fitted together, or refused with what would fit."""

from math import inf, nan
from pathlib import Path

import pytest

from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.services.assembly import EngineWishes
from dragoman.services.recording_request import RecordingRequest, make_request

EN, ES, CA = Language("en"), Language("es"), Language("ca")


def request(
    *,
    files: int = 1,
    sources: tuple[Language, ...] = (EN,),
    targets: tuple[Language, ...] = (ES,),
    starts_at_s: tuple[float, ...] = (),
) -> RecordingRequest:
    return make_request(
        files=tuple(Path(f"{number}.wav") for number in range(files)),
        sources=sources,
        targets=targets,
        out=Path("out"),
        fast=True,
        dub_only=False,
        starts_at_s=starts_at_s,
        wishes=EngineWishes(),
    )


def test_one_language_is_that_of_all_files() -> None:
    assert request(files=3).sources == (EN, EN, EN)


def test_each_file_may_have_its_own_language() -> None:
    made = request(files=2, sources=(EN, CA), targets=(ES,))

    assert made.sources == (EN, CA)
    assert made.languages == {EN, CA, ES}


def test_a_target_that_was_named_twice_counts_once_and_the_order_stays() -> None:
    assert request(targets=(ES, CA, ES)).targets == (ES, CA)


def test_beginnings_that_are_left_out_stay_left_out() -> None:
    assert request(files=3, starts_at_s=(0.0, 2.5)).starts_at_s == (0.0, 2.5)


@pytest.mark.parametrize("start_s", [-0.1, nan, inf, -inf])
def test_a_beginning_that_is_no_time_is_refused(start_s: float) -> None:
    with pytest.raises(SettingsInvalid, match="in seconds from the beginning, 0 or more"):
        request(starts_at_s=(start_s,))


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(SettingsInvalid, match="3 files and 2 --from: give one for all, or one for each"):
        request(files=3, sources=(EN, ES))
    with pytest.raises(SettingsInvalid, match="1 files and 2 --start: give at most one for each"):
        request(starts_at_s=(0.0, 1.0))
    with pytest.raises(SettingsInvalid, match="give at least one recording"):
        request(files=0)
    with pytest.raises(SettingsInvalid, match="say which language is spoken: --from en"):
        request(sources=())
    with pytest.raises(SettingsInvalid, match="say which language it is to be interpreted into: --to es"):
        request(targets=())
