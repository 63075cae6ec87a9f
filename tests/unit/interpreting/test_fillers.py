"""Fillers: what a late dub can leave out without anybody missing it."""

import pytest

from dragoman.ground.languages import BASE_LANGUAGES, Language
from dragoman.interpreting.fillers import is_filler


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Uh-huh."),
        ("en", "Okay, I see."),
        ("en", "Mm… hmm"),
        ("vi", "Ừ ừ."),
        ("vi", "À, ra vậy."),
        ("fr", "D'accord."),
        ("es", "Ajá, ya veo."),
        ("ja", "なるほど。"),
        ("zh", "嗯，是吗？"),
        ("ko", "그렇군요."),
        ("hi", "अच्छा, ठीक है।"),
        ("th", "เข้าใจแล้ว"),
        ("ar", "طيب، فهمت"),
        ("ru", "Ну, понятно."),
    ],
)
def test_fillers_and_back_channels_are_known(language: str, text: str) -> None:
    assert is_filler(text, Language(language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "No!"),
        ("en", "Yes."),
        ("en", "I see her."),
        ("en", "Stop."),
        ("en", "..."),
        ("en", ""),
        ("vi", "Không."),
        ("vi", "Dạ dày."),
        ("es", "Es claro que no."),
        ("ja", "なるほどですが無理です。"),
    ],
)
def test_answers_and_sentences_are_none(language: str, text: str) -> None:
    assert not is_filler(text, Language(language))


def test_every_language_has_its_fillers() -> None:
    from dragoman.interpreting.fillers import _FILLERS

    assert {Language(code) for code in _FILLERS} == set(BASE_LANGUAGES)
    for code, words in _FILLERS.items():
        assert all(is_filler(word, Language(code)) for word in words.split("|")), code


def test_a_language_without_a_list_knows_the_sounds() -> None:
    assert is_filler("Hmm.", Language("ca"))
