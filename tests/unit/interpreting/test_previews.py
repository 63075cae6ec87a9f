"""StablePreview: what is shown of a growing sentence stays, and is right nearly always."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.interpreting.previews import StablePreview

EN, VI, ZH = Language("en"), Language("vi"), Language("zh")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MOST_ERASED = 0.2


def test_only_what_two_translations_agree_on_is_shown_and_the_last_words_are_held_back() -> None:
    preview = StablePreview(language=VI, hold_back_words=2)

    assert not preview.push("Tôi đã nói chuyện")
    assert preview.push("Tôi đã nói chuyện với James")
    assert preview.shown == "Tôi đã nói chuyện"


def test_what_was_shown_stays_whatever_comes_after() -> None:
    preview = StablePreview(language=EN, hold_back_words=0)
    preview.push("we will meet")
    preview.push("we will meet")

    for other in ("they met", "they met", "we", ""):
        assert not preview.push(other)
        assert preview.shown == "we will meet"


def test_languages_without_spaces_grow_by_characters() -> None:
    preview = StablePreview(language=ZH, hold_back_words=2)

    preview.push("我们今天讨论新的")
    preview.push("我们今天讨论新的预算")

    assert preview.shown == "我们今天讨论"


@given(st.lists(st.text(alphabet="ab ", max_size=12), max_size=8))
def test_shown_text_only_ever_grows(translations: Sequence[str]) -> None:
    preview = StablePreview(language=EN, hold_back_words=1)

    for translation in translations:
        before = preview.shown
        grew = preview.push(translation)
        assert preview.shown.startswith(before)
        assert grew == (preview.shown != before)


@pytest.fixture(scope="module")
def pico() -> Iterator[CTranslate2Translator]:
    engine = CTranslate2Translator(FIXTURES / "mt-pico")
    yield engine
    engine.close()


def _sentences() -> list[tuple[Language, list[str]]]:
    found = []
    for path in sorted((FIXTURES / "speech").glob("*-[1-6].json")):
        talk = json.loads(path.read_text(encoding="utf-8"))
        found += [(Language(talk["language"]), sentence["text"].split()) for sentence in talk["sentences"]]
    return found


def _agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@pytest.mark.parametrize("holds", [True, False], ids=["held to what is shown", "free, as Firefox's models are"])
def test_translations_of_growing_sentences_hardly_flicker(pico: CTranslate2Translator, *, holds: bool) -> None:
    """Normalised erasure: words taken off the screen, the final's doing included, for each word of the finals."""
    erased = shown = final_words = 0
    for source, words in _sentences():
        target = VI if source == EN else EN
        preview = StablePreview(language=target, hold_back_words=2)
        for count in range(1, len(words)):
            half = " ".join(words[:count])
            with suppress(EngineError):  # half a sentence often is none
                committed = preview.shown if holds else ""
                (partial,) = pico.translate([half], source=source, target=target, committed_prefix=committed)
                preview.push(partial.text)
        (final,) = pico.translate([" ".join(words)], source=source, target=target)
        stood, stays = preview.shown.split(), final.text.split()
        erased += len(stood) - _agreeing(stood, stays)
        shown += len(stood)
        final_words += len(stays)

    assert erased / final_words <= MOST_ERASED
    assert shown / final_words >= 0.4
