"""``dragoman translate --glossary --context``: both are read before anything is translated, or refused by name."""

from pathlib import Path

import pytest

from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.glossary import NO_TERMS, GlossaryInvalid
from dragoman.services.translating_texts.command import OutputFormat, TranslateWish, make_translate_wish
from dragoman.translating.texts import MAX_CONTEXT_CHARACTERS


def wish(glossary: Path | None, *, context: str = "") -> TranslateWish:
    return make_translate_wish(
        text="x",
        source="en",
        target="vi",
        engine="",
        model="",
        output=OutputFormat.TXT,
        glossary=glossary,
        context=context,
    )


def test_terms_without_languages_are_for_the_direction_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_text("report,bản tin\nDragoman\n", encoding="utf-8")

    terms = wish(file).terms.terms

    assert [(it.source, it.source_language, it.target_language) for it in terms] == [
        ("report", "en", "vi"),
        ("Dragoman", None, None),
    ]
    assert wish(None).terms == NO_TERMS


@pytest.mark.parametrize("content", [None, b"", b"a,b,c,d,e", b"\xff\xff", b"x" * 2_000_000])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "terms.csv"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(GlossaryInvalid, match=r"terms\.csv"):
        wish(file)


@pytest.mark.parametrize("file", ["/dev/zero", "/"])
def test_what_is_no_file_is_refused_at_once(file: str) -> None:
    with pytest.raises(GlossaryInvalid):
        wish(Path(file))


def test_the_context_is_kept_as_text() -> None:
    assert wish(None, context=" An airport.\n").context == "An airport."
    assert wish(None, context="a\udcff").context.encode()


def test_a_context_that_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(SettingsInvalid, match=f"--context has .*{MAX_CONTEXT_CHARACTERS}"):
        wish(None, context="x" * (MAX_CONTEXT_CHARACTERS + 1))
