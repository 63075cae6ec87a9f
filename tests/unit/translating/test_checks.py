"""check_translation: nothing, noise and loops are no translations."""

import pytest

from dragoman.ground.errors import EngineOutputInvalid
from dragoman.translating.checks import check_translation


@pytest.mark.parametrize(
    "target",
    ["", "  ", "a\x00b", "so " * 40, "and then and then and then and then and then and then and then", "x" * 2000],
)
def test_what_cannot_be_a_translation_is_refused(target: str) -> None:
    with pytest.raises(EngineOutputInvalid):
        check_translation("We will see you tomorrow at the market.", target, engine="some")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Good morning.", "Buenos días."),
        ("早上好。", "Good morning to all of you, ladies and gentlemen."),
        ("No, no, no, no.", "Không, không, không, không."),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_what_can_be_one_passes(source: str, target: str) -> None:
    check_translation(source, target, engine="some")
